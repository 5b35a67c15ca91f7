"""The template on a real server: whatever shape an event has, it is taken, and its values are found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.engines.server import Server

from remit.targets.elastic.template import index_template

pytestmark = pytest.mark.elasticsearch

READS = [("a.b", ""), *[("a.b.c", sub_field) for sub_field in ("", "lc", "num", "ip", "date")], ("l.m.n", "lc")]

SHAPES: dict[str, Any] = {
    "nested": {"a": {"b": {"c": "V"}}},
    "dotted": {"a.b.c": "V"},
    "dotted below": {"a": {"b.c": "V"}},
    "dotted above": {"a.b": {"c": "V"}},
    "both": {"a.b.c": "W", "a": {"b": {"c": "V"}}},
    "list of objects": {"a": [{"b": [{"c": "W"}, {"c": "V"}]}]},
    "list of lists": {"a": {"b": {"c": [["W"], [["V"]]]}}},
    "objects among scalars": {"a": ["s", 5, None, {"b": {"c": "V"}}, [{"b": 1}]]},
}
OTHERS: dict[str, Any] = {
    "scalar above": {"a": "V"},
    "scalar at the parent": {"a": {"b": "V"}},
    "object at the leaf": {"a": {"b": {"c": {"d": "V"}}}},
    "empty object": {"a": {"b": {"c": {}}}},
    "null": {"a": {"b": {"c": None}}},
    "no number": {"a": {"b": {"c": "99999-99-99T"}}},
    "too large a number": {"a": {"b": {"c": 10**400}}},
    "boolean": {"a": {"b": {"c": True}}},
    "long text": {"a": {"b": {"c": "x" * 100_000}}},
    "long text above": {"a": "x" * 100_000},
    "odd names": {"u": {"": 1, " ": {"": 2}, ".": 3, "a..b": 4}, "x.": 5, ".y": 6, "k" * 70_000: 7},
    "deep": json.loads('{"a":' * 90 + "1" + "}" * 90),
    "deep lists": {"a": json.loads("[" * 90 + "1" + "]" * 90)},
    "unknown": {"zz": [{"y": [{"d": [1]}]}], "q": {"w": 1}},
}


@pytest.fixture(scope="module")
def index(elasticsearch: Server) -> str:
    name = elasticsearch.index_name("remit-raw-shapes-*")
    template = json.loads(index_template([name], READS))
    elasticsearch.put_template(name, template)
    elasticsearch.create(name)
    elasticsearch.load(name, {shape: json.dumps(event).encode() for shape, event in (SHAPES | OTHERS).items()})
    return name


def test_a_value_is_found_however_the_event_is_shaped(elasticsearch: Server, index: str) -> None:
    assert elasticsearch.lucene(index, 'a.b.c:"V"') == set(SHAPES)
    assert elasticsearch.lucene(index, 'a.b.c.lc:"v"') == set(SHAPES)
    assert elasticsearch.esql(f'FROM {index} METADATA _id | WHERE QSTR("a.b.c:V")') == set(SHAPES)


def test_a_parent_that_is_a_value_in_some_events_is_found_too(elasticsearch: Server, index: str) -> None:
    assert "scalar at the parent" in elasticsearch.lucene(index, 'a.b:"V"')


def test_lists_of_objects_are_lost_without_the_names_above_them(elasticsearch: Server) -> None:
    """Why the template maps more than what is read."""
    name = elasticsearch.index_name("remit-raw-shapes-*")
    template = json.loads(index_template([name], READS))
    for above in ("a", "l", "l.m"):
        del template["template"]["mappings"]["properties"][above]
    elasticsearch.put_template(name, template)
    elasticsearch.create(name)
    elasticsearch.load(name, {"list": b'{"a":[{"b":{"c":"V"}}]}', "nested": b'{"a":{"b":{"c":"V"}}}'})

    assert elasticsearch.lucene(name, 'a.b.c:"V"') == {"nested"}

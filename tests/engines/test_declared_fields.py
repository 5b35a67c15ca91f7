"""A vendor's keyword fields, as a pipeline declares them: letter classes and lower-case normalizers are exact too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.engines.random_rules import NUMBER_FIELDS, TEXT_FIELDS, draw, rule_of
from tests.engines.server import Server

from remit.content import Rule
from remit.meaning import matcher
from remit.targets import Query, Refused, targets

pytestmark = pytest.mark.elasticsearch

SEEDS = range(4)
RULES, EVENTS = 120, 60
SAYABLE = {"keyword": {"", "i", "s", "m", "cased", "contains", "startswith", "endswith", "all", "neq", "exists", "re"},
           "normalized": {"", "contains", "startswith", "endswith", "all", "neq", "exists"}}  # fmt: skip


def _pipeline(folder: Path, **more: str) -> Path:
    file = folder / "vendor.yml"
    fields = {name: {"type": "keyword", **more} for name in TEXT_FIELDS}
    index = {"id": "i", "type": "set_state", "key": "index", "val": "vendor-*"}
    content = {"name": "vendor", "vars": {"elastic_fields": fields}, "transformations": [index]}
    file.write_text(json.dumps(content))
    return file


def _mappings(**more: str) -> dict[str, Any]:
    """Keyword fields without sub-fields. Events are random in shape, which a vendor's are not; hence no objects."""
    above = {".".join(path.split(".")[:n]) for path in TEXT_FIELDS for n in range(1, path.count(".") + 1)}
    stubs: dict[str, Any] = {path: {"type": "keyword", "index": False, "doc_values": False} for path in above}
    return {
        "subobjects": False,
        "dynamic": False,
        "properties": stubs | {path: {"type": "keyword", **more} for path in TEXT_FIELDS},
    }


def _rules(seed: int, sayable: set[str]) -> tuple[list[Rule], list[dict[str, Any]]]:
    detections, events = draw(seed, RULES, EVENTS)
    loaded = [rule for number, detection in enumerate(detections) if (rule := rule_of(detection, number)) is not None]
    text_only = [
        rule
        for rule in loaded
        if all(item.field in TEXT_FIELDS and set(item.modifiers) <= sayable for item in rule.items())
        and not any(isinstance(value, (int, float)) for item in rule.items() for value in item.values)
    ]
    for event in events:
        for field in [*NUMBER_FIELDS, "t", "ip", "o"]:
            event.pop(field, None)
    return text_only, events


@pytest.mark.parametrize(("kind", "more"), [("keyword", {}), ("normalized", {"normalizer": "lowercase"})])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_rules_mean_the_same_on_declared_fields(
    elasticsearch: Server, tmp_path: Path, seed: int, kind: str, more: dict[str, str]
) -> None:
    rules, events = _rules(seed, SAYABLE[kind])
    pipeline = _pipeline(tmp_path, **more)
    index = elasticsearch.index_name("vendor-*")
    elasticsearch.create(index, _mappings(**more))
    elasticsearch.load(index, {str(number): json.dumps(event).encode() for number, event in enumerate(events)})
    queries = [(rule, query) for rule in rules if (query := _compiled(rule, pipeline, index)) is not None]

    for rule, query in queries:
        holds = matcher(rule)
        expected = {str(number) for number, event in enumerate(events) if holds(event)}
        assert elasticsearch.lucene(index, query.query) == expected, query.query

    assert len(queries) >= 8
    elasticsearch.delete(index)


def _compiled(rule: Rule, pipeline: Path, index: str) -> Query | None:
    """None where the rule would take an expression that is too long or too much work."""
    try:
        return targets()["elasticsearch"].compile(rule, pipeline=pipeline, index=index, language="lucene")
    except Refused as refused:
        if refused.construct in ("long text", "re"):
            return None
        raise

"""A compiler that made one mistake would be found out: by the events of a feature, or by those made from its rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lark.exceptions import LarkError
from tests.conformance.features import features
from tests.conformance.spl.evaluator import matches
from tests.conformance.spl.grammar import parse
from tests.conformance.spl.mutants import events, mutants

from remit.content import Rule, load_rules
from remit.meaning import matcher
from remit.targets import Refused
from remit.targets.splunk import TARGET

CAUGHT = 0.98
LONGEST = 20_000
"""Of a query: the lists of 1,500 values have 3,000 mutants each, all of one kind."""
EQUIVALENT = {
    "three_conditions": "(x and y) or z or (not x and not z): what is widened in one alternative lies in another",
    "list_equals_all": "one value alone cannot be a and b, so its names never decide",
    "all_with_null": "a value that is there is not absent, so the value never decides",
    "list_exists_false_through_objects": "objects in a list are read from their JSON as well",
}
"""Features whose surviving mutants mean the same, and why."""


def test_mistakes_are_caught() -> None:
    caught, survivors = 0, []
    for name, rule, seeds in _rules():
        query = TARGET.compile(rule, pipeline="raw", index=None, language=None).query
        meant = matcher(rule)
        asked = [(json.dumps(one).encode(), meant(one)) for one in events(rule, query, seeds)]
        # Without those outside of the domain of exactness, on which the query itself differs (test_features.py).
        answers = [(event, answer) for event, answer in asked if matches(query, event) is answer]
        assert len(answers) > 0.9 * len(asked) - 3
        for what, mistaken in mutants(query):
            if not _documented(mistaken) or any(matches(mistaken, event) is not answer for event, answer in answers):
                caught += 1
            else:
                survivors.append((name, what, mistaken))

    assert caught > 1500
    assert caught / (caught + len(survivors)) >= CAUGHT
    assert [survivor for survivor in survivors if survivor[0] not in EQUIVALENT] == []


def _rules() -> Iterator[tuple[str, Rule, list[dict[str, Any]]]]:
    """Our own rules, and the features, with their events."""
    found: list[tuple[str, Rule, list[dict[str, Any]]]] = [(rule.title, rule, []) for rule in load_rules()]
    plain = [feature for feature in features() if feature.refused is None and not feature.placeholders]
    found += [(feature.name, feature.rule(), list(feature.events)) for feature in plain]
    for name, rule, seeds in found:
        try:
            query = TARGET.compile(rule, pipeline="raw", index=None, language=None).query
        except Refused:
            continue
        if len(query) <= LONGEST:
            yield name, rule, seeds


def _documented(query: str) -> bool:
    try:
        parse(query)
    except LarkError:
        return False
    return True

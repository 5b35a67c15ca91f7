"""Random rules and events: the oracle, hunt, Lucene and ES|QL on a real server say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engines.asking import Answers, ask
from tests.engines.random_rules import Detection, Event, draw, rule_of
from tests.engines.server import Server

from remit.content import Rule
from remit.targets import Refused

pytestmark = pytest.mark.elasticsearch

RULES, EVENTS, EXAMPLES = 25, 65, 32
"""52,000 pairs."""
MOST_STEPS = 200
KNOWN_REFUSALS = {"fieldref", "time part", "re", "wildcards"}


# A difference is made small by `smallest`, which asks about one rule and one event and not about all again.
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, phases=[Phase.generate], database=None)
@given(st.integers(0, 2**32))
def test_random_rules_mean_the_same_everywhere(elasticsearch: Server, seed: int) -> None:
    detections, events = draw(seed, RULES, EVENTS)
    loaded = [(d, rule) for n, d in enumerate(detections) if (rule := rule_of(d, n)) is not None]
    documents = {str(number): event for number, event in enumerate(events)}

    answers = ask(elasticsearch, [rule for _, rule in loaded], documents)

    for (detection, _), answer in zip(loaded, answers, strict=True):
        assert answer.refusals() <= KNOWN_REFUSALS
        if answer.differ():
            pytest.fail(_told(elasticsearch, detection, documents, answer), pytrace=False)


def _told(server: Server, detection: Detection, documents: dict[str, Event], answer: Answers) -> str:
    event = deepcopy(documents[answer.disputed()])

    def differ(rule: Rule, smaller: Event) -> Answers | None:
        found = ask(server, [rule], {"event": smaller})[0]
        return found if found.differ() else None

    detection, event, answer = smallest(deepcopy(detection), event, differ) or (detection, event, answer)
    said = {name: "match" if isinstance(a, frozenset) and a else str(a) for name, a in answer.by_name().items()}
    return f"{json.dumps(detection, ensure_ascii=False)}\n{json.dumps(event, ensure_ascii=False)}\n{said}"


def smallest(
    detection: Detection, event: Event, differ: Callable[[Rule, Event], Answers | None]
) -> tuple[Detection, Event, Answers] | None:
    """Leave out of a rule and an event what is not needed for a difference; None where there is none any more."""
    rule = rule_of(detection)
    found = differ(rule, event) if rule else None
    if found is None:
        return None
    steps = 0
    progress = True
    while progress and steps < MOST_STEPS:
        progress = False
        for smaller_detection, smaller_event in _smaller(detection, event):
            steps += 1
            rule = rule_of(smaller_detection)
            answers = differ(rule, smaller_event) if rule else None
            if answers is not None:
                detection, event, found, progress = smaller_detection, smaller_event, answers, True
                break
    return detection, event, found


def _smaller(detection: Detection, event: Event) -> Iterator[tuple[Detection, Event]]:
    for name in [key for key in detection if key != "condition"]:
        for condition in (name, f"not {name}"):
            if len(detection) > 2:
                yield {name: detection[name], "condition": condition}, event
    for less in _without_a_part(event):
        yield detection, less
    for name in [key for key in detection if key != "condition"]:
        for less in _without_a_part(detection[name]):
            yield detection | {name: less}, event


def _without_a_part(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key in value:
            yield {other: child for other, child in value.items() if other != key}
        for key, child in value.items():
            for less in _without_a_part(child):
                yield value | {key: less}
    elif isinstance(value, list):
        for at in range(len(value)):
            yield value[:at] + value[at + 1 :]
        for at, child in enumerate(value):
            for less in _without_a_part(child):
                yield [*value[:at], less, *value[at + 1 :]]


def test_a_difference_is_told_with_the_smallest_rule_and_event() -> None:
    wrong = Answers(oracle=frozenset(), hunt=frozenset(), lucene=frozenset({"event"}), esql=Refused("a", "b", "c", "d"))

    def differ(rule: Rule, event: Event) -> Answers | None:
        reads_x = any(item.field == "x" for item in rule.items())
        return wrong if reads_x and "x" in event else None

    detection = {"a": {"x": ["1", "2"], "y": "3"}, "b": {"z": "4"}, "condition": "a and not b"}
    found = smallest(detection, {"x": "1", "y": ["2", {"z": 3}]}, differ)

    assert found == ({"a": {"x": ["2"]}, "condition": "a"}, {"x": "1"}, wrong)

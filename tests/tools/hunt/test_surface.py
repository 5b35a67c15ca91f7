"""A line is passed over only when no rule can match it; whatever is odd about it, it is opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.alerts import Alert
from remit.cli import cli
from remit.content import Expression, load_rules
from remit.hunt.matching import Matching
from remit.hunt.reading import tagged
from remit.hunt.run import Ruleset, Tally, Window, hunt
from remit.hunt.surface import Surface
from remit.meaning import matcher
from remit_enrichment.document import decode

from .conftest import rule
from .test_index import EVENTS, EXPRESSIONS, rule_of

NHI = {"event": {"id": "e", "time": "2026-05-12T13:00:00.000Z"}, "verdict": {"intent": "aligned", "reasons": []}}
NAMED = rule("a", "s: {eventName: Wanted, userIdentity.type: Root}")


def line(**members: Any) -> bytes:
    return json.dumps({"nhi": NHI, **members}, separators=(",", ":")).encode()


def test_the_surface_tells_what_cannot_match() -> None:
    surface = Surface([NAMED], {})
    no, maybe = surface.of(line(eventName="Other", x=1)), surface.of(line(eventName="Wanted"))

    assert surface.tells
    assert no is not None
    assert not surface.can_fire(no)
    assert maybe is not None
    assert surface.can_fire(maybe)


def test_a_rule_that_looks_everywhere_leaves_nothing_to_tell() -> None:
    assert not Surface([NAMED, rule("b", "s: [needle]")], {}).tells


def test_members_are_read_where_only_they_tell() -> None:
    surface = Surface([rule("a", "s: {userIdentity.type: Root}")], {})
    seen = surface.of(line(eventName="x", userIdentity={"type": "AssumedRole"}))

    assert surface.tells
    assert seen is not None
    assert not surface.can_fire(seen)


@pytest.mark.parametrize(
    "raw",
    [
        line(eventName="Other").replace(b"eventName", b"event\\u004eame"),
        line(eventName="Other").replace(b"Other", b"Oth\\u0065r"),
        line(eventName="Othér").replace(b"\\u00e9", "é".encode()),
        line(eventName="Other", _raw="{}"),
        line(eventName="Other", event={"original": "{}"}),
        line(eventName="Other", **{"nhi.verdict": 1}),
        line(eventName="Other", x={"nhi": 1}),
        line(eventName="Other", **{"userIdentity.type": "Root"}),
        line(eventName="Other", x=[[[[]]]] * 40),
        line(eventName="Other")[:-1],
        b" " + line(eventName="Other"),
        line(eventName="Other").replace(b'{"event"', b'["event"', 1),
        json.dumps({"eventName": "Other", "nhi": NHI}).encode(),
        b'{"nhi":5,"eventName":"Other"}',
    ],
)
def test_an_odd_line_goes_the_whole_way(raw: bytes) -> None:
    surface = Surface([rule("a", "s: {eventName: Wanted}"), rule("b", "s: {userIdentity.type: Root}")], {})

    assert surface.of(raw) is None


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=3), EVENTS)
def test_what_is_passed_over_matches_nothing(expressions: list[Expression], event: dict[str, Any]) -> None:
    rules = [rule_of(expression) for expression in expressions]
    surface = Surface(rules, {})
    raw = msgspec.json.encode({"nhi": NHI, **event})

    seen = surface.of(raw)

    if seen is not None and not surface.can_fire(seen):
        assert not any(matcher(each)(decode(raw)) for each in rules)


def test_a_hunt_finds_and_counts_the_same_with_it_and_without(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    from examples.acme.generate import write

    write(tmp_path / "logs", root / "tests" / "acme" / "tasks" / "2026-05-12.jsonl")
    out = tmp_path / "enriched.jsonl"
    enrich = ["enrich", str(tmp_path / "logs"), "--registry", str(root / "tests/acme/registry"), "-o", str(out)]
    assert CliRunner().invoke(cli, enrich, standalone_mode=False).exception is None
    rules = tuple(load_rules())
    matching = Matching(rules)

    def found(surface: Surface | None) -> tuple[list[Alert], Tally, int]:
        tally = Tally()
        events = list(tagged([str(out)], tally, surface))
        return hunt(events, Ruleset(rules), matching, Window(), tally), tally, sum(each.useless for each in events)

    alerts, tally, passed_over = found(Surface(rules, {}))

    assert (alerts, tally, 0) == found(None)
    assert passed_over > 0.8 * tally.read

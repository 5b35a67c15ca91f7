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
from remit_enrichment.logsources import recognise

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


@pytest.mark.parametrize("keyword", ["7", "'1e5'", '"/"', "'*'"])
def test_a_keyword_that_may_stand_there_in_other_words_leaves_nothing_to_tell(keyword: str) -> None:
    surface = Surface([NAMED, rule("b", f"s: [{keyword}]")], {})

    assert not surface.tells
    assert not surface.tells_keywords


@pytest.mark.parametrize("text", ["a NEEDLE: b", "needle/pin", 'needle"pin'])
def test_a_line_that_may_hold_a_keyword_goes_the_whole_way(text: str) -> None:
    keywords = rule("b", "s: ['needle:', 'needle/p', 'e\"pi', '\u017feen']")
    surface = Surface([NAMED, keywords], {})

    assert surface.tells
    assert surface.of(line(eventName="Other", x="hay")) is not None
    assert matcher(keywords)(decode(line(x=[{"y": text}])))
    assert surface.of(line(eventName="Other", x=[{"y": text}])) is None
    assert surface.of(line(eventName="Other", x=text).replace(b"/", b"\\/")) is None


def test_more_keywords_than_an_automaton_holds_leave_every_line_to_be_opened() -> None:
    many = ", ".join(f"needle{number:08}-{'x' * 900}" for number in range(2_000))

    assert Surface([rule("b", f"s: [{many}]")], {}).of(line(x="hay")) is None


def test_the_log_source_is_that_of_the_line_and_not_of_another_one_like_it() -> None:
    surface = Surface([rule("a", "s: {eventName: Wanted}")], {})
    cloudtrail = line(eventName="Other", eventSource="sts.amazonaws.com", awsRegion="x")
    others = [line(eventName="Other", eventSource="aws:s3", awsRegion="x"), line(verb="get", kind="Event", level="x")]

    for raw in (cloudtrail, *others, cloudtrail):
        document = decode(raw)
        document.pop("nhi")
        module = recognise(document, raw)
        seen = surface.of(raw)
        assert seen is not None
        assert surface.source(seen, raw) == (module and module.NAME)


def test_the_last_of_two_equal_members_is_read() -> None:
    surface = Surface([NAMED], {})
    last = surface.of(line(eventName="Other")[:-1] + b',"eventName":"Wanted"}')
    first = surface.of(line(eventName="Wanted")[:-1] + b',"eventName":"Other"}')

    assert last is not None
    assert surface.can_fire(last)
    assert first is not None
    assert not surface.can_fire(first)


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
        line(message="{}"),
        line(eventName="Other").replace(b'{"event"', b'{"event.id":1,"event"'),
        line(eventName="Other", event={"original": "{}"}),
        line(eventName="Other", **{"nhi.verdict": 1}),
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
    asked = ("{eventName: Wanted}", "{userIdentity.type: Root}", "{eventName: x, nhi.event.id: x}")
    surface = Surface([rule(name, f"s: {detection}") for name, detection in zip("abc", asked, strict=True)], {})

    assert surface.of(raw) is None


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=3), EVENTS)
def test_what_is_passed_over_matches_nothing(expressions: list[Expression], event: dict[str, Any]) -> None:
    rules = [rule_of(expression) for expression in expressions]
    surface = Surface(rules, {})
    raw = msgspec.json.encode({"nhi": NHI, **event})

    surface.of(raw)
    seen = surface.of(raw)  # the second time, what its members say is known

    if seen is not None and not surface.can_fire(seen):
        assert not any(matcher(each)(decode(raw)) for each in rules)


SNIPPETS = st.sampled_from(
    [b'"', b"\\", b"\\u004e", b"\\ud800", b"\\/", b"\\q", b"\xff", "\u212a".encode(), b"{", b"}", b"[" * 101,
     b",", b":", b"7", b"7.0", b"1e999", b"NaN", b"true", b"null", b"needle", b"NEE\\dle", b"Wanted",
     b'"eventName":"Wanted",', b'"nhi.x":1,', b'"nhi":{},', b'"a.b":"Wanted",', b'"a":{"b":"Wanted"},',
     b'"a":[{"b":["x","Wanted"]}],', b'"message":"{}",', b"\x00", b""]
)  # fmt: skip
ASKED = [
    NAMED,
    rule("b", "s: {a.b: Wanted, eventName|endswith: r}"),
    rule("c", "s: [needle, 'e/d']"),
    rule("d", "s: {nhi.verdict.intent: aligned, userIdentity.type|exists: false, eventName: Wanted}"),
]
SURFACE, MATCHING = Surface(ASKED, {}), Matching(ASKED, any_source=True)
BASE = line(eventName="Other", eventSource="a.b", awsRegion="x", a={"b": "c"}, n=[7, {"x": "y"}])


@settings(max_examples=1500, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(7, len(BASE)), SNIPPETS, st.integers(0, 3)), min_size=1, max_size=3))
def test_whatever_is_done_to_a_line_it_is_passed_over_only_where_it_reads_and_matches_nothing(
    edits: list[tuple[int, bytes, int]],
) -> None:
    raw = BASE
    for place, snippet, removed in edits:
        raw = raw[:place] + snippet + raw[place + removed :]

    seen = SURFACE.of(raw)

    if seen is not None:
        document = decode(raw)
        matched = tuple(each for each in ASKED if matcher(each)(document))
        assert SURFACE.tells_keywords
        assert MATCHING.fired(document, None, keywords=False) == matched
        assert not matched or SURFACE.can_fire(seen)
        assert document["nhi"].get("event") == seen.tags.get("event")


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

"""What hunt runs is what the oracle says: on every feature, on random rules and events, and all rules at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance.features import Feature, features

from remit.content import And, Expression, Item, LogSource, Not, Or, Place, Rule
from remit.content.modifiers import complaint_about_chain, complaint_about_values
from remit.hunt.index import MOST_REMEMBERED, Index
from remit.meaning import matcher
from remit.meaning.regex import Unsupported

ANSWERED = [feature for feature in features() if feature.refused is None]
PLACE = Place("random.yml", 1, 1)


@pytest.mark.parametrize("feature", ANSWERED, ids=lambda feature: feature.name)
def test_a_feature_means_the_same_to_hunt(feature: Feature) -> None:
    index = Index([feature.rule()], feature.placeholders)

    assert [number for number, event in enumerate(feature.events) if index.fired(event)] == list(feature.expect)


def test_all_features_at_once_stay_apart() -> None:
    """Every rule is asked about the events of every other one: facts are shared, answers are not."""
    short = [feature for feature in ANSWERED if not feature.placeholders and not feature.name.startswith("long")]
    rules = [feature.rule() for feature in short]
    index = Index(rules, {})
    oracle = {rule.title: matcher(rule) for rule in rules}

    for feature in short:
        for event in feature.events[:3]:
            expected = [title for title, holds in oracle.items() if holds(event)]
            assert [rule.title for rule in index.fired(event)] == expected, (feature.name, event)


def test_what_is_remembered_is_bounded() -> None:
    index = Index([rule_of(Item("x", ("contains",), ("7",), "x|contains", PLACE))], {})

    for number in range(MOST_REMEMBERED + 10):
        assert bool(index.fired({"x": f"a{number}"})) is ("7" in str(number))
    assert len(index._root.children["x"].seen_texts) <= MOST_REMEMBERED


def test_more_needles_than_an_automaton_holds_are_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(pattern: str, flags: object) -> None:
        raise Unsupported("pattern too large")

    monkeypatch.setattr("remit.hunt.index.searcher", too_large)
    index = Index([rule_of(Item("x", ("contains",), ("needle", "pin"), "x|contains", PLACE))], {})

    assert index.fired({"x": "a PIN b"})
    assert not index.fired({"x": "hay"})


# --- random rules and events ------------------------------------------------------------------------------------------

FIELDS = st.sampled_from(["x", "y", "a.b", "a.c", "a.b.d", "l{}.m"])
TEXTS = st.sampled_from(
    [
        "",
        "a",
        "A",
        "ab",
        "*",
        "a*",
        "?b",
        "k",
        "\u212a",
        "ß",
        "İ",
        "7",
        "7.0",
        "true",
        "null",
        "10.0.0.1",
        "\\*",
        "a\nb",
    ]
)
SCALARS = st.one_of(TEXTS, st.none(), st.booleans(), st.sampled_from([0, 1, 7, 7.5, -1, 7.0]))
MODIFIERS = st.sampled_from(
    [(), ("contains",), ("startswith",), ("endswith",), ("cased",), ("contains", "cased"), ("contains", "all"),
     ("all",), ("neq",), ("contains", "neq"), ("exists",), ("gt",), ("lte",), ("gt", "neq"), ("fieldref",),
     ("cidr",), ("re",), ("re", "i"), ("hour",), ("hour", "gte")]
)  # fmt: skip
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "exists": st.booleans(),
    "gt": st.sampled_from([0, 1, 7, 7.5]),
    "lte": st.sampled_from([0, 1, 7, 7.5]),
    "hour": st.sampled_from([0, 3]),
    "cidr": st.sampled_from(["10.0.0.0/8", "::/0"]),
    "re": st.sampled_from(["a", "^a", "b$", "^k+$", "[0-9]"]),
    "fieldref": st.sampled_from(["x", "y", "a.b"]),
}


@st.composite
def items(draw: st.DrawFn) -> Item:
    modifiers = draw(MODIFIERS)
    special = next((VALUES[name] for name in modifiers if name in VALUES), TEXTS if modifiers else SCALARS)
    most = 1 if "exists" in modifiers else 3
    values = tuple(draw(st.lists(special, min_size=1, max_size=most)))
    field = None if draw(st.integers(0, 9)) == 0 and not {"exists", "fieldref"} & set(modifiers) else draw(FIELDS)
    if field is None:
        values = tuple("" if value is None else value for value in values)
    assert complaint_about_chain(modifiers) is None
    assert complaint_about_values(modifiers, values) is None
    return Item(field, modifiers, values, "|".join((field or "", *modifiers)), PLACE)


def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), inner.map(Not))


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(items(), joined, max_leaves=5)
EVENT_VALUES = st.recursive(
    st.one_of(SCALARS, st.just("2026-11-01T03:10:00Z"), st.just(1793502600)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["b", "c", "d", "m", "b.d"]), inner, max_size=3),
    ),
    max_leaves=6,
)
EVENTS = st.dictionaries(st.sampled_from(["x", "y", "a", "l", "a.b", "a.b.d", "l.m"]), EVENT_VALUES, max_size=5)


def rule_of(expression: Expression) -> Rule:
    return Rule(
        id="i", title="t", level="high", status=None, file="random.yml", place=PLACE, logsource=LogSource(product="x"),
        detections={}, condition=expression, condition_place=PLACE,
    )  # fmt: skip


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=4), st.lists(EVENTS, min_size=1, max_size=6))
def test_random_rules_mean_the_same_to_hunt(expressions: list[Expression], events: list[dict[str, Any]]) -> None:
    rules = [rule_of(expression) for expression in expressions]
    index = Index(rules, {})
    oracle = [matcher(rule) for rule in rules]

    for event in [*events, *events]:  # twice: what was remembered is true too
        fired = index.fired(event)
        assert [any(found is rule for found in fired) for rule in rules] == [holds(event) for holds in oracle]

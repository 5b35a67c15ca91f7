"""Correlations in one pass find what the oracle finds window by window."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from remit.content import And, Correlation, Expression, Not, Or, Place, Ref, Threshold
from remit.content.rule import CorrelationType
from remit.hunt.correlating import correlate_fast, fields_asked, only
from remit.meaning.correlation import Hit, correlate

PLACE = Place("random.yml", 1, 1)
REFS = ("a", "b", "c")
MINUTE = 60_000


def correlation(
    kind: CorrelationType, condition: Threshold | Expression, group_by: tuple[str, ...] = ("k",)
) -> Correlation:
    return Correlation(
        id="i", title="t", level="high", status=None, file="random.yml", place=PLACE, type=kind, refs=REFS,
        group_by=group_by, timespan=10 * MINUTE, condition=condition, condition_place=PLACE,
    )  # fmt: skip


def hits(seed: int) -> list[Hit]:
    """Many events of six keys on a coarse grid of time, so that ties and windows of exactly one span are common."""
    draw = random.Random(seed)
    grid = draw.choice([1, 1000, MINUTE, 5 * MINUTE])
    found = []
    for order in range(draw.randrange(5, 80)):
        time = 10**12 + draw.randrange(0, 60 * MINUTE // grid + 1) * grid
        document = {
            "k": draw.choice(["1", "2", 3, ["1", "2"], None, "x", ["y", "y"]]),
            "v": draw.choice([1, 2, -3, "2", [1, 9], None, "text", 0.5]),
            "w": draw.choice(["p", "q", ["p", "r"]]),
        }
        for ref in draw.sample(REFS, draw.choice([1, 1, 1, 2])):
            found.append(Hit(time, order, ref, document))
    return found


BOUNDS = [
    (("gte", 2),),
    (("gte", 3),),
    (("gt", 1.5),),
    (("eq", 2),),
    (("neq", 2),),
    (("lt", 3),),
    (("gt", 1), ("lte", 3)),
]
LOGIC: list[Expression] = [
    And((Ref("a"), Or((Ref("b"), Ref("c"))))),
    And((Ref("a"), Not(Ref("b")))),
    Or((And((Ref("a"), Ref("b"))), And((Ref("c"), Not(Ref("a")))))),
    Not(And((Not(Ref("a")), Ref("b")))),
]


def correlations() -> list[Correlation]:
    found: list[Correlation] = [correlation("temporal", logic) for logic in LOGIC]
    found.append(correlation("temporal_ordered", Threshold((("gte", 3),))))
    for kind in get_args(CorrelationType):
        if kind == "temporal_ordered":
            continue
        for bounds in BOUNDS:
            fields = () if kind in ("event_count", "temporal") else ("v",)
            percentile = 75.0 if kind == "value_percentile" else None
            found.append(correlation(kind, Threshold(bounds, fields, percentile)))
    found.append(correlation("value_count", Threshold((("gte", 3),), ("v", "w"))))
    found.append(correlation("event_count", Threshold((("gte", 3),)), ()))
    found.append(correlation("event_count", Threshold((("gte", 2),)), ("k", "w")))
    return found


@pytest.mark.parametrize("each", correlations(), ids=lambda each: f"{each.type}-{each.condition}"[:60])
def test_random_hits_give_the_same_firings(each: Correlation) -> None:
    for seed in range(40):
        found = hits(seed)
        random.Random(seed).shuffle(found)
        until = max(hit.time for hit in found)

        assert correlate_fast(each, found, until) == correlate(each, found, until), seed


def test_the_random_hits_make_something_fire() -> None:
    for each in correlations():
        assert any(correlate(each, hits(seed)) for seed in range(40)), each


def test_only_what_is_asked_for_is_kept() -> None:
    each = correlation("value_count", Threshold((("gte", 3),), ("v",)), ("who.id",))

    kept = only({"who": [{"id": "a"}, {"id": "b"}], "v": 1, "x": "long"}, fields_asked(each, "a"))

    assert kept == {"who.id": ["a", "b"], "v": [1]}

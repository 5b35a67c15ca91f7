"""What a correlation means: windows that end at an event.

At each matching event of time t the window of a key holds the matching events with t - T <= time <= t, both ends
included; events of one millisecond are all in it, and none of them comes before another. The correlation fires at the
window where its condition starts to hold for the key, and again after it ceased to. A condition with `not` can be said
only when the window is over: such windows begin at an event and close T later, if what was observed goes that far.

Written to be read: every window is looked at by itself. Hunt does the same in one pass (`hunt/correlating.py`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from msgspec import Struct

from remit.content import And, Correlation, Expression, Not, Or, Ref, Threshold
from remit.meaning.items import number_of
from remit.meaning.values import path_of, scalars_at, text_of
from remit.targets import Refused

Key = tuple[str, ...]
"""Canonical texts of the group-by fields, in their order; compared exactly."""

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le, "eq": operator.eq, "neq": operator.ne,
}  # fmt: skip


class Hit(Struct, frozen=True):
    """One rule of a correlation matched one event."""

    time: int
    """Milliseconds."""
    order: int
    """What tells two events apart, and their order of reading."""
    ref: str
    """The rule, as the correlation calls it."""
    document: Mapping[str, Any]


class Firing(Struct, frozen=True):
    """A window in which the condition starts to hold."""

    key: Key
    close: int
    """The time of the event that ends the window; with `not` in the condition the end of the window itself."""
    hits: tuple[Hit, ...]
    """What fell into the window, in order."""


def check(correlation: Correlation) -> None:
    """Refuse what has no meaning on events alone.

    Raises:
        Refused: by the name of the reason.
    """
    condition = correlation.condition
    if isinstance(condition, Threshold):
        if correlation.type in ("event_count", "value_count") and not any(holds(condition, n) for n in _ABOVE_ZERO):
            raise _refused(correlation, "CORR_ABSENCE", "only absence can satisfy it, and no event marks when",
                           "look for what should be there in an inventory, not in events")  # fmt: skip
        if correlation.type == "temporal_ordered" and condition.bounds != (("gte", len(correlation.refs)),):
            raise _refused(correlation, "CORR_PARTIAL_ORDER", "an order of only some of the rules is not settled",
                           "write one correlation for each order that is meant")  # fmt: skip
    elif correlation.type == "temporal_ordered":
        raise _refused(
            correlation, "CORR_ORDERED_LOGIC", "logic over rules has no order", "use temporal, or list rules"
        )
    elif not anchors(correlation):
        raise _refused(correlation, "CORR_NEGATED_TEMPORAL", "no rule has to fire, so no event says where to look",
                       "name a rule that fires without `not`")  # fmt: skip


_ABOVE_ZERO = (0.5, *range(1, 1001), 1e9)


def _refused(correlation: Correlation, name: str, why: str, way_out: str) -> Refused:
    return Refused(name, str(correlation.condition_place), why, way_out)


def correlate(correlation: Correlation, hits: Iterable[Hit], observed_until: int | None = None) -> list[Firing]:
    """Return every firing, by close and key. `observed_until`: the time of the last event of all, in milliseconds."""
    by_key: dict[Key, list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: (hit.time, hit.order)):
        for key in keys_of(correlation, hit):
            by_key.setdefault(key, []).append(hit)
    found = [firing for key, own in by_key.items() for firing in _firings(correlation, key, own, observed_until)]
    return sorted(found, key=lambda firing: (firing.close, firing.key))


def keys_of(correlation: Correlation, hit: Hit) -> tuple[Key, ...]:
    """Return the keys that an event belongs to: a list gives one for each element, a missing field none at all."""
    return tuple(dict.fromkeys(product(*(_texts(correlation, hit, name) for name in correlation.group_by))))


def _texts(correlation: Correlation, hit: Hit, name: str) -> list[str]:
    field = correlation.aliases.get(name, {}).get(hit.ref, name)
    return [text_of(value) for value in scalars_at(hit.document, path_of(field))]


def _firings(correlation: Correlation, key: Key, hits: Sequence[Hit], until: int | None) -> Iterator[Firing]:
    forward = is_negated(correlation)
    held_until: int | None = None
    for start, close in _windows(correlation, hits, forward):
        if forward and until is not None and close > until:
            return
        window = [hit for hit in hits if start <= hit.time <= close]
        if not satisfied(correlation, window):
            held_until = None
            continue
        if held_until is None or close - held_until > correlation.timespan:
            yield Firing(key, close, tuple(window))
        held_until = close


def _windows(correlation: Correlation, hits: Sequence[Hit], forward: bool) -> Iterator[tuple[int, int]]:
    span = correlation.timespan
    if forward:
        begin = anchors(correlation)
        for time in sorted({hit.time for hit in hits if hit.ref in begin}):
            yield time, time + span
    else:
        for time in sorted({hit.time for hit in hits}):
            yield time - span, time


def satisfied(correlation: Correlation, window: Sequence[Hit]) -> bool:
    """Say whether the condition holds for what fell into one window."""
    condition = correlation.condition
    present = {hit.ref for hit in window}
    if not isinstance(condition, Threshold):
        return logic_holds(condition, present)
    if correlation.type == "temporal_ordered":
        return in_order(correlation.refs, window)
    if correlation.type == "temporal":
        return holds(condition, len(present))
    if correlation.type == "event_count":
        return holds(condition, len({hit.order for hit in window}))
    if correlation.type == "value_count":
        return holds(condition, len({value for hit in window for value in counted_values(correlation, hit)}))
    numbers = [number for hit in window for number in summed_values(correlation, hit)]
    return bool(numbers) and holds(condition, aggregate(correlation, numbers))


def counted_values(correlation: Correlation, hit: Hit) -> set[tuple[str, ...]]:
    """Return what value_count counts in an event: every element of a list, case kept; of several fields the tuples."""
    return set(product(*(_texts(correlation, hit, name) for name in threshold_of(correlation).fields)))


def summed_values(correlation: Correlation, hit: Hit) -> list[float]:
    """Return the numbers of an event: every element of a list that is a number or a text that is a JSON number."""
    [name] = threshold_of(correlation).fields
    field = correlation.aliases.get(name, {}).get(hit.ref, name)
    numbers = [number_of(value) for value in scalars_at(hit.document, path_of(field))]
    return [number for number in numbers if number is not None]


def threshold_of(correlation: Correlation) -> Threshold:
    """Return the condition of a type that counts."""
    assert isinstance(correlation.condition, Threshold)  # noqa: S101 - the loader has seen to it
    return correlation.condition


def aggregate(correlation: Correlation, numbers: Sequence[float]) -> float:
    """Return sum, mean, or percentile (linear between the two nearest) of at least one number."""
    if correlation.type == "value_sum":
        return sum(numbers)
    if correlation.type == "value_avg":
        return sum(numbers) / len(numbers)
    asked = threshold_of(correlation).percentile
    percentile = 50.0 if asked is None else asked
    ordered = sorted(numbers)
    rank = percentile / 100 * (len(ordered) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def holds(threshold: Threshold, number: float) -> bool:
    """Say whether every bound holds."""
    return all(COMPARE[name](number, bound) for name, bound in threshold.bounds)


def in_order(refs: Sequence[str], hits: Iterable[Hit]) -> bool:
    """Say whether the rules fired one after the other, each later than the one before by a millisecond at least.

    The earliest next step is the best one, for it leaves the most to come.
    """
    step, last = 0, None
    for hit in hits:
        if step < len(refs) and refs[step] == hit.ref and (last is None or hit.time > last):
            step, last = step + 1, hit.time
    return step == len(refs)


def logic_holds(condition: Expression, present: set[str]) -> bool:
    """Say whether logic over rules holds where these have fired."""
    match condition:
        case Ref(name):
            return name in present
        case Not(arg):
            return not logic_holds(arg, present)
        case And(args):
            return all(logic_holds(arg, present) for arg in args)
        case Or(args):
            return any(logic_holds(arg, present) for arg in args)
        case _:
            raise AssertionError("a correlation's logic holds no item")


def is_negated(correlation: Correlation) -> bool:
    """Say whether the condition is logic with a `not`, which can be said only when a window is over."""
    return not isinstance(correlation.condition, Threshold) and _has_not(correlation.condition)


def _has_not(condition: Expression) -> bool:
    match condition:
        case Not():
            return True
        case And(args) | Or(args):
            return any(_has_not(arg) for arg in args)
        case _:
            return False


def anchors(correlation: Correlation) -> frozenset[str]:
    """Return the rules that serve the condition by firing: windows of a condition with `not` begin at them."""
    condition = correlation.condition
    return frozenset(correlation.refs) if isinstance(condition, Threshold) else _positive(condition, True)


def _positive(condition: Expression, wanted: bool) -> frozenset[str]:
    match condition:
        case Ref(name):
            return frozenset({name}) if wanted else frozenset()
        case Not(arg):
            return _positive(arg, not wanted)
        case And(args) | Or(args):
            return frozenset().union(*(_positive(arg, wanted) for arg in args))
        case _:
            return frozenset()

"""Correlations in one pass over their hits: what the oracle finds window by window, found by moving both ends.

Of an event only the fields that a correlation asks for are kept: memory grows with the matches, not with the log.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from remit.content import Correlation, Threshold
from remit.meaning.correlation import (
    Firing,
    Hit,
    Key,
    aggregate,
    anchors,
    counted_values,
    holds,
    is_negated,
    keys_of,
    logic_holds,
    summed_values,
    threshold_of,
)
from remit.meaning.values import path_of, scalars_at


def fields_asked(correlation: Correlation, ref: str) -> frozenset[str]:
    """Return the fields of one rule's events that a correlation asks for."""
    names = [*correlation.group_by]
    if isinstance(correlation.condition, Threshold):
        names += correlation.condition.fields
    return frozenset(correlation.aliases.get(name, {}).get(ref, name) for name in names)


def only(document: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Return a document of these fields alone."""
    return {field: list(scalars_at(document, path_of(field))) for field in fields}


def correlate_fast(correlation: Correlation, hits: Iterable[Hit], observed_until: int | None = None) -> list[Firing]:
    """Return what `remit.meaning.correlation.correlate` returns."""
    by_key: dict[Key, list[Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda hit: (hit.time, hit.order)):
        for key in keys_of(correlation, hit):
            by_key[key].append(hit)
    run = _forward if is_negated(correlation) else _backward
    found = [firing for key, own in by_key.items() for firing in run(correlation, key, own, observed_until)]
    return sorted(found, key=lambda firing: (firing.close, firing.key))


def _backward(correlation: Correlation, key: Key, hits: Sequence[Hit], until: int | None) -> Iterator[Firing]:
    """Windows that end at an event: all of one millisecond enters, then what is too old leaves."""
    window = _window(correlation)
    first, last = 0, 0
    held_until: int | None = None
    for close, entering in groupby(hits, key=lambda hit: hit.time):
        arrived = list(entering)
        window.enter(arrived)
        last += len(arrived)
        begin = first
        while hits[first].time < close - correlation.timespan:
            first += 1
        window.leave(hits[begin:first])
        if not window.holds(close - correlation.timespan):
            held_until = None
            continue
        if held_until is None or close - held_until > correlation.timespan:
            yield Firing(key, close, tuple(hits[first:last]))
        held_until = close


def _forward(correlation: Correlation, key: Key, hits: Sequence[Hit], until: int | None) -> Iterator[Firing]:
    """Windows that begin at an event and are over a span later."""
    assert not isinstance(correlation.condition, Threshold)  # noqa: S101 - only logic has a `not`
    begin = anchors(correlation)
    present: Counter[str] = Counter()
    first, last = 0, 0
    held_until: int | None = None
    for start in sorted({hit.time for hit in hits if hit.ref in begin}):
        close = start + correlation.timespan
        if until is not None and close > until:
            return
        while last < len(hits) and hits[last].time <= close:
            present[hits[last].ref] += 1
            last += 1
        while hits[first].time < start:
            present[hits[first].ref] -= 1
            first += 1
        if not logic_holds(correlation.condition, {ref for ref, count in present.items() if count}):
            held_until = None
            continue
        if held_until is None or close - held_until > correlation.timespan:
            yield Firing(key, close, tuple(hits[first:last]))
        held_until = close


class _Window(Protocol):
    """What is known about the hits between both ends."""

    def enter(self, hits: Sequence[Hit]) -> None: ...
    def leave(self, hits: Sequence[Hit]) -> None: ...
    def holds(self, start: int) -> bool: ...


def _window(correlation: Correlation) -> _Window:
    if correlation.type == "temporal_ordered":
        return _Order(correlation)
    if correlation.type in ("event_count", "value_count", "temporal"):
        return _Distinct(correlation)
    return _Numbers(correlation)


class _Distinct:
    """How many different things are in the window: events, values or rules."""

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation
        self._things: Counter[object] = Counter()

    def enter(self, hits: Sequence[Hit]) -> None:
        for hit in hits:
            self._things.update(self._of(hit))

    def leave(self, hits: Sequence[Hit]) -> None:
        for hit in hits:
            for thing in self._of(hit):
                self._things[thing] -= 1
                if not self._things[thing]:
                    del self._things[thing]

    def holds(self, start: int) -> bool:
        condition = self._correlation.condition
        if isinstance(condition, Threshold):
            return holds(condition, len(self._things))
        return logic_holds(condition, {str(ref) for ref in self._things})

    def _of(self, hit: Hit) -> Iterable[object]:
        if self._correlation.type == "value_count":
            return counted_values(self._correlation, hit)
        return (hit.order,) if self._correlation.type == "event_count" else (hit.ref,)


class _Numbers:
    """Sum, mean, percentile: computed anew at each window, for a running sum of fractions would drift."""

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation
        self._hits: list[list[float]] = []
        self._first = 0

    def enter(self, hits: Sequence[Hit]) -> None:
        self._hits += [summed_values(self._correlation, hit) for hit in hits]

    def leave(self, hits: Sequence[Hit]) -> None:
        self._first += len(hits)

    def holds(self, start: int) -> bool:
        numbers = [number for own in self._hits[self._first :] for number in own]
        return bool(numbers) and holds(threshold_of(self._correlation), aggregate(self._correlation, numbers))


class _Order:
    """For each step the latest start from which the rules up to it fired in order."""

    def __init__(self, correlation: Correlation) -> None:
        self._steps = {ref: step for step, ref in enumerate(correlation.refs)}
        self._starts: list[int | None] = [None] * len(correlation.refs)

    def enter(self, hits: Sequence[Hit]) -> None:
        # Steps of one millisecond have no order, so all of them build on what was before it.
        before = list(self._starts)
        for hit in hits:
            step = self._steps[hit.ref]
            start = hit.time if step == 0 else before[step - 1]
            if start is not None:
                self._starts[step] = max(start, self._starts[step] or start)

    def leave(self, hits: Sequence[Hit]) -> None:
        """A start that is too old is told by `holds`."""

    def holds(self, start: int) -> bool:
        latest = self._starts[-1]
        return latest is not None and latest >= start

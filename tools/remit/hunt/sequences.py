"""Collect what correlations are about while events pass, and say at the end what they found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from remit.alerts import MAX_EVENTS, EventPlace
from remit.content import Correlation, Rule
from remit.hunt.alerting import Fired, tag
from remit.hunt.correlating import correlate_fast, fields_asked, only
from remit.meaning.correlation import Firing, Hit
from remit.meaning.sequences import as_document

_FIRST_INNER = 1 << 60
"""Orders from here on are firings of inner correlations, not records."""


class Sequences:
    """The hits of all correlations of a run."""

    def __init__(self, correlations: Sequence[Correlation]) -> None:
        self._correlations = correlations
        self._asking: dict[str, list[tuple[Correlation, str]]] = defaultdict(list)
        for correlation in correlations:
            for ref, base in zip(correlation.refs, correlation.bases, strict=True):
                self._asking[base.id].append((correlation, ref))
        self._hits: dict[str, list[Hit]] = defaultdict(list)
        self._events: dict[int, tuple[EventPlace, Mapping[str, Any]]] = {}
        self._inner: dict[int, tuple[int, ...]] = {}
        """Firing of an inner correlation -> the records in its window."""
        self._seen: set[tuple[str, str | None, int]] = set()

    def add(
        self,
        rule: Rule,
        moment: int,
        order: int,
        document: Mapping[str, Any],
        place: EventPlace,
        nhi: Mapping[str, Any],
        *,
        repeated: bool = False,
    ) -> None:
        """Keep what the correlations need of an event that a rule matched.

        `repeated`: it was delivered before. That may have been in another run, so what counts is whether it was here.
        """
        if rule.id not in self._asking or (repeated and (rule.id, place.id, moment) in self._seen):
            return
        self._seen.add((rule.id, place.id, moment))
        for correlation, ref in self._asking[rule.id]:
            kept = only(document, fields_asked(correlation, ref))
            self._hits[correlation.id].append(Hit(moment, order, ref, kept))
            self._events[order] = place, nhi

    def fired(self, observed_until: int | None) -> Iterator[Fired]:
        """Yield what every correlation found, inner ones before those that are about them."""
        for correlation in self._correlations:
            for firing in correlate_fast(correlation, self._hits[correlation.id], observed_until):
                orders = self._orders(firing.hits)
                self._pass_on(correlation, firing, orders)
                yield self._fired(correlation, firing, orders)

    def _orders(self, hits: Iterable[Hit]) -> tuple[int, ...]:
        """The records of a window, once each."""
        return tuple(dict.fromkeys(order for hit in hits for order in self._inner.get(hit.order, (hit.order,))))

    def _pass_on(self, correlation: Correlation, firing: Firing, orders: tuple[int, ...]) -> None:
        for outer, ref in self._asking.get(correlation.id, ()):
            order = _FIRST_INNER + len(self._inner)
            self._inner[order] = orders
            self._hits[outer.id].append(Hit(firing.close, order, ref, as_document(correlation, firing)))

    def _fired(self, correlation: Correlation, firing: Firing, orders: tuple[int, ...]) -> Fired:
        events = [self._events[order] for order in orders]
        identities = {tag(nhi, "identity", "id") for _, nhi in events}
        return Fired(
            rule=correlation,
            time=firing.close,
            moment=firing.close,
            places=tuple(place for place, _ in events[:MAX_EVENTS]),
            event_count=len(events),
            order=orders[0],
            nhi=events[0][1],
            group=dict(zip(correlation.group_by, firing.key, strict=True)),
            one_identity=len(identities) == 1,
        )

"""A correlation over events: which rules match them, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from msgspec import Struct

from remit.content import Correlation, Rule
from remit.meaning import Document, matcher
from remit.meaning.correlation import Firing, Hit, check, correlate
from remit.meaning.items import Placeholders


class Event(Struct, frozen=True):
    time: int
    """Milliseconds."""
    document: Document


Asked = Callable[[Rule, int], bool]
"""Whether a rule is asked about the event of this number (its log source may be another one)."""


def firings(
    correlation: Correlation,
    events: Sequence[Event],
    placeholders: Placeholders | None = None,
    asked: Asked = lambda rule, number: True,
) -> list[Firing]:
    """Return every firing of a correlation over events.

    What an inner correlation found is an event at its close, with the group-by fields as its members.

    Raises:
        Refused: the correlation or one of its rules has no settled meaning.
    """
    observed = max((event.time for event in events), default=None)
    return _firings(correlation, events, placeholders or {}, asked, observed, count(len(events)))


def _firings(
    correlation: Correlation,
    events: Sequence[Event],
    placeholders: Placeholders,
    asked: Asked,
    observed: int | None,
    numbers: count[int],
) -> list[Firing]:
    check(correlation)
    hits: list[Hit] = []
    for ref, base in zip(correlation.refs, correlation.bases, strict=True):
        if isinstance(base, Rule):
            matches = matcher(base, placeholders)
            hits += [
                Hit(event.time, number, ref, event.document)
                for number, event in enumerate(events)
                if asked(base, number) and matches(event.document)
            ]
        else:
            inner = _firings(base, events, placeholders, asked, observed, numbers)
            hits += [Hit(found.close, next(numbers), ref, as_document(base, found)) for found in inner]
    return correlate(correlation, hits, observed)


def as_document(correlation: Correlation, firing: Firing) -> dict[str, str]:
    """Return what an outer correlation sees of an inner one: its group-by fields."""
    return dict(zip(correlation.group_by, firing.key, strict=True))

"""Where a hunt's events come from: raw logs through the enrichment, or files that carry their tags already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remit.hunt.run import Event, Tally
from remit_enrichment.document import decode
from remit_enrichment.enricher import Enricher, recognise
from remit_enrichment.errors import Quarantine
from remit_enrichment.logsources import sources
from remit_enrichment.readers import Record, read_paths
from remit_enrichment.readers.order import STDIN, TIME_KEYS
from remit_enrichment.times import read_time


def enriched(paths: Sequence[str], enricher: Enricher, tally: Tally, *, source: str | None = None) -> Iterator[Event]:
    """Yield the records of logs with the tags that the enrichment gives them."""
    learn_ahead(paths, enricher, source)
    for record in _readable(paths, tally):
        tagged = enricher.enrich(
            record.inner,
            raw=record.raw,
            source=source,
            channel=record.channel,
            line=record.line,
            record=record.record,
        )
        yield Event(
            document=record.inner | {"nhi": tagged.tags},
            source=tagged.source,
            time=tagged.time if tagged.recognised else unrecognised_time(record.inner),
            file=record.file,
            line=record.line,
            record=record.record,
        )


def learn_ahead(paths: Sequence[str], enricher: Enricher, source: str | None = None) -> None:
    """Collect who minted which credential from all files first, so that their order decides nothing."""
    if STDIN in paths:
        return  # it can be read only once
    needles = tuple(needle for module in sources() for needle in module.ISSUES)
    for record in read_paths(paths):
        if record.problem is None and any(needle in record.raw for needle in needles):
            enricher.learn_issuance(record.inner, raw=record.raw, source=source, channel=record.channel)


def tagged(paths: Sequence[str], tally: Tally) -> Iterator[Event]:
    """Yield the records of files that were enriched before, with the tags that they carry."""
    for record in _readable(paths, tally):
        nhi = _own_tags(record)
        module = recognise(record.inner, record.raw)
        time = _time(nhi)
        yield Event(
            document=record.inner | {"nhi": nhi} if nhi else record.inner,
            source=None if module is None else module.NAME,
            time=unrecognised_time(record.inner) if time is None else time,
            file=record.file,
            line=record.line,
            record=record.record,
        )


def unrecognised_time(document: Mapping[str, Any]) -> int | None:
    """Return the event time of a record of no known log source: the first usual key that reads as a time."""
    return next((at for key in TIME_KEYS if (at := read_time(document.get(key))) is not None), None)


def _readable(paths: Sequence[str], tally: Tally) -> Iterator[Record]:
    for record in read_paths(paths):
        tally.read += 1
        if record.problem is None:
            yield record
        else:
            tally.unreadable += 1


def _own_tags(record: Record) -> dict[str, Any]:
    """Return the tags that stand in the file; the reader leaves them out, because elsewhere they are hostile."""
    try:
        nhi = decode(record.chunk.raw).get("nhi")
    except Quarantine:
        return {}
    return nhi if isinstance(nhi, dict) else {}


def _time(nhi: Mapping[str, Any]) -> int | None:
    event = nhi.get("event")
    return read_time(event.get("time")) if isinstance(event, dict) else None

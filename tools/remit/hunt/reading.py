"""Where a hunt's events come from: raw logs through the enrichment, or files that carry their tags already."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from remit.hunt.run import Event, Tally, cannot_read
from remit.hunt.surface import OURS, Surface
from remit_enrichment.document import decode
from remit_enrichment.enricher import Enricher
from remit_enrichment.errors import Quarantine
from remit_enrichment.logsources import recognise, sources
from remit_enrichment.readers import Chunk, Record, read_paths
from remit_enrichment.readers.archive import Archive
from remit_enrichment.readers.files import documents, readable
from remit_enrichment.readers.lines import Blocks, lines
from remit_enrichment.readers.order import STDIN, TIME_KEYS
from remit_enrichment.readers.record import records_of
from remit_enrichment.readers.unwrap import unwrap
from remit_enrichment.splice import is_ours, may_hold_nhi
from remit_enrichment.state import SqliteStore, copy_state, temporary_store
from remit_enrichment.times import read_time

COMMIT_AFTER = 10_000
"""Changed entries of the state after which they go to disk, so that they do not pile up in memory."""


@contextmanager
def opened_state(path: str | None) -> Iterator[SqliteStore]:
    """Open a copy of a state, or an empty one; what the hunt remembers ends with it.

    Raises:
        BadInput: the state is missing, damaged or of another format.
    """
    if path is None:
        with temporary_store() as store:
            yield store
        return
    with TemporaryDirectory(prefix="remit-") as folder:
        copy = os.path.join(folder, "state")
        copy_state(path, copy)
        store = SqliteStore(copy, durable=False)
        try:
            yield store
        finally:
            store.close()


def enriched(
    paths: Sequence[str],
    enricher: Enricher,
    tally: Tally,
    *,
    source: str | None = None,
    store: SqliteStore | None = None,
) -> Iterator[Event]:
    """Yield the records of logs with the tags that the enrichment gives them.

    `store`: the enricher's own where it is on disk, so that it can be kept small in memory.
    """
    learn_ahead(paths, enricher, source, store)
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
        _keep_small(enricher, store)


def learn_ahead(
    paths: Sequence[str], enricher: Enricher, source: str | None = None, store: SqliteStore | None = None
) -> None:
    """Collect who minted which credential from all files first, so that their order decides nothing."""
    needles = [needle for module in sources() for needle in module.ISSUES]
    for record in Archive([path for path in paths if path != STDIN]).with_bytes(needles):
        enricher.learn_issuance(record.inner, raw=record.raw, source=source, channel=record.channel)
        _keep_small(enricher, store)


def _keep_small(enricher: Enricher, store: SqliteStore | None) -> None:
    if store is not None and store.pending >= COMMIT_AFTER:
        enricher.save()
        store.commit()


def tagged(paths: Sequence[str], tally: Tally, surface: Surface | None = None) -> Iterator[Event]:
    """Yield the records of files that were enriched before, with the tags that they carry.

    With a `surface` those that no rule can match are not opened.
    """
    for path in paths:
        with readable(path), open(0 if path == STDIN else path, "rb", closefd=path != STDIN) as stream:
            blocks = Blocks(stream)
            last = 1
            for chunk in documents(lines(blocks)):
                last = chunk.end_line
                own = _own_line(chunk, path, surface) if chunk.raw.startswith(OURS) else None
                if own is None:
                    yield from _without_tags(chunk, path, tally)
                else:
                    tally.read += 1
                    yield own
            if blocks.trouble:
                tally.read += 1
                cannot_read(tally, path, last, blocks.trouble)


def _own_line(chunk: Chunk, path: str, surface: Surface | None) -> Event | None:
    """Read a line that the enrichment wrote; elsewhere a member `nhi` is hostile, and the reader removes it."""
    seen = surface.of(chunk.raw) if surface is not None and surface.tells else None
    if surface is None or seen is None:
        return _opened(chunk, path)
    if not surface.can_fire(seen):
        time = _time(seen.tags)
        source = None if time is None else surface.source(seen, chunk.raw)
        if source is not None:
            return Event({"nhi": seen.tags}, source, time, path, chunk.line, 0, useless=True)
    return _opened(chunk, path, keywords=not surface.tells_keywords)


def _opened(chunk: Chunk, path: str, *, keywords: bool = True) -> Event | None:
    try:
        document = decode(chunk.raw)
    except Quarantine:
        return None
    nhi = document.pop("nhi")
    if not isinstance(nhi, dict) or (may_hold_nhi(chunk.raw[len(OURS) :]) and any(map(is_ours, document))):
        return None
    inner, _ = unwrap(document)
    module = recognise(inner, chunk.raw)
    time = _time(nhi)
    source = None if module is None else module.NAME
    inner = {"nhi": nhi, **inner}
    return Event(
        document=inner,
        source=source,
        time=unrecognised_time(inner) if time is None else time,
        file=path,
        line=chunk.line,
        record=0,
        keywords=keywords,
    )


def _without_tags(chunk: Chunk, path: str, tally: Tally) -> Iterator[Event]:
    for record in records_of(chunk, path):
        tally.read += 1
        if record.problem is not None:
            cannot_read(tally, record.file, record.line, record.problem)
            continue
        module = recognise(record.inner, record.raw)
        yield Event(
            document=record.inner,
            source=None if module is None else module.NAME,
            time=unrecognised_time(record.inner),
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
            cannot_read(tally, record.file, record.line, record.problem)


def _time(nhi: Mapping[str, Any]) -> int | None:
    event = nhi.get("event")
    return read_time(event.get("time")) if isinstance(event, dict) else None

"""The enrichment job: records in, lines with `nhi` first out, in order, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from remit_enrichment.quarantine import quarantine_line
from remit_enrichment.readers.record import Record
from remit_enrichment.sinks import Sink
from remit_enrichment.splice import splice
from remit_enrichment.summary import Summary

BATCH = 5000
"""Records that are written and committed together."""
BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of records after which a batch ends earlier, so that large records do not pile up."""


class Tagged(Protocol):
    """What the chain says of one record."""

    @property
    def nhi(self) -> bytes:
        """The value of `nhi`: one JSON object."""
        ...

    @property
    def source(self) -> str | None:
        """Name of the log source, None where it was not recognised."""
        ...

    @property
    def time(self) -> int | None:
        """When the event happened, in milliseconds."""
        ...

    @property
    def duplicate(self) -> bool: ...

    @property
    def late(self) -> bool: ...

    @property
    def agent(self) -> bool:
        """Whether an AI agent acted."""
        ...

    @property
    def level(self) -> str:
        """Evidence for the task: L4 to L0, or none."""
        ...


Chain = Callable[[Record], Tagged]
"""Enrich one record; `enricher.Enricher` behind a record's place and source."""


class Job:
    """Takes records from a reader, through the chain, into the sinks, batch by batch."""

    def __init__(
        self,
        chain: Chain,
        sink: Sink,
        quarantine: Sink,
        summary: Summary,
        *,
        show: Callable[[Record], bytes] = quarantine_line,
        commit: Callable[[], None] = lambda: None,
    ) -> None:
        """`show` makes the line of a record that cannot be read; `commit` is called when a batch has been written."""
        self._chain, self._sink, self._quarantine = chain, sink, quarantine
        self._summary, self._show, self._commit = summary, show, commit
        self._lines: list[bytes] = []
        self._aside: list[bytes] = []

    def run(self, records: Iterable[Record], stopped: Callable[[], bool] = lambda: False) -> None:
        """Enrich and write every record, or end after a batch when `stopped` says so.

        Raises:
            BadInput: a sink cannot be written; every batch before is committed.
        """
        count = size = 0
        for record in records:
            if record.problem is not None:
                self._aside.append(self._show(record))
            else:
                self._lines.append(enriched_line(record, self._chain, self._summary))
            count += 1
            size += len(record.raw)
            if count >= BATCH or size >= BATCH_BYTES:
                self.hand_on()
                count = size = 0
                if stopped():
                    return
        self.hand_on()

    def hand_on(self) -> None:
        """Write and commit what is finished. A reader that waits for input calls it too."""
        summary, lines, aside = self._summary, self._lines, self._aside
        self._sink.write(lines)
        self._quarantine.write(aside)
        self._sink.flush()
        self._quarantine.flush()
        summary.read += len(lines) + len(aside)
        summary.written += len(lines)
        summary.quarantined += len(aside)
        lines.clear()
        aside.clear()
        self._commit()


def enriched_line(record: Record, chain: Chain, summary: Summary) -> bytes:
    """Return the output line of one readable record and count it."""
    tagged = chain(record)
    if tagged.source is None:
        summary.unrecognised += 1
    else:
        summary.by_source[tagged.source] += 1
    if tagged.time is not None and (summary.newest is None or tagged.time > summary.newest):
        summary.newest = tagged.time
    if tagged.duplicate:
        summary.duplicates += 1
    if tagged.late:
        summary.late += 1
    if tagged.agent:
        summary.agent_actions += 1
        if tagged.level in ("L3", "L4"):
            summary.agent_actions_attested += 1
    return splice(tagged.nhi, record.raw, empty=not record.document)

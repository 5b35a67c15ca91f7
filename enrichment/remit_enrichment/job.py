"""The enrichment job: records in, lines with `nhi` first out, in order, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from remit_enrichment.quarantine import quarantine_line
from remit_enrichment.readers.record import Record
from remit_enrichment.sinks import Sink
from remit_enrichment.splice import splice
from remit_enrichment.summary import Summary

BATCH = 1000
"""Records whose lines are handed on together."""


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


def run(
    records: Iterable[Record],
    chain: Chain,
    sink: Sink,
    quarantine: Sink,
    summary: Summary,
    *,
    show: Callable[[Record], bytes] = quarantine_line,
) -> None:
    """Enrich every record and write it; `show` makes the line of one that cannot be read.

    Raises:
        BadInput: a sink cannot be written.
    """
    lines: list[bytes] = []
    aside: list[bytes] = []
    for record in records:
        summary.read += 1
        if record.problem is not None:
            aside.append(show(record))
            summary.quarantined += 1
        else:
            lines.append(enriched_line(record, chain, summary))
        if len(lines) + len(aside) >= BATCH:
            _hand_on(lines, aside, sink, quarantine, summary)
    _hand_on(lines, aside, sink, quarantine, summary)
    sink.flush()
    quarantine.flush()


def enriched_line(record: Record, chain: Chain, summary: Summary) -> bytes:
    """Return the output line of one readable record and count it."""
    tagged = chain(record)
    if tagged.source is None:
        summary.unrecognised += 1
    else:
        summary.by_source[tagged.source] += 1
    if tagged.duplicate:
        summary.duplicates += 1
    if tagged.late:
        summary.late += 1
    if tagged.agent:
        summary.agent_actions += 1
        if tagged.level in ("L3", "L4"):
            summary.agent_actions_attested += 1
    return splice(tagged.nhi, record.raw, empty=not record.document)


def _hand_on(lines: list[bytes], aside: list[bytes], sink: Sink, quarantine: Sink, summary: Summary) -> None:
    sink.write(lines)
    quarantine.write(aside)
    summary.written += len(lines)
    lines.clear()
    aside.clear()

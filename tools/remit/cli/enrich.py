"""Write each event with `nhi` in front: who acted, for which task, and whether it fits."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from remit_enrichment import job
from remit_enrichment.enricher import Enricher
from remit_enrichment.errors import BadInput
from remit_enrichment.logsources import sources
from remit_enrichment.quarantine import masked_line, quarantine_line
from remit_enrichment.readers import expand, read_paths
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.sinks.jsonl import JsonLines, cannot_write
from remit_enrichment.store import MemoryStore
from remit_enrichment.summary import Summary

STDOUT = "-"


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...|-]")
@click.option("--registry", type=click.Path(path_type=Path), help="Folder or built snapshot of the registry.")
@click.option("--tasks", type=click.Path(path_type=Path), multiple=True, help="The task broker's feed, JSON lines.")
@click.option("-o", "--output", default=STDOUT, show_default=True, help="Where the lines go; - is standard output.")
@click.option("--quarantine", help="Where unreadable records go.  [default: <output>.quarantine.jsonl, or stderr]")
@click.option("--source", metavar="NAME", help="Read every record as this log source, such as aws.cloudtrail.")
@click.option("--summary", "summary_file", help="Write what the run did to this file, as JSON.")
@click.option("--strict", is_flag=True, help="Exit 1 when a record had to be quarantined.")
def command(
    files: tuple[str, ...],
    registry: Path | None,
    tasks: Sequence[Path],
    output: str,
    quarantine: str | None,
    source: str | None,
    summary_file: str | None,
    strict: bool,
) -> int:
    """Write one line per record: the record's own bytes with `nhi` first.

    FILE is a log file, a folder, a quoted glob, or - for standard input; gzip and pretty-printed documents are opened.
    """
    if not files and sys.stdin.isatty():
        raise BadInput("no FILE given", where="remit enrich", todo="name log files or pipe events in with -")
    known = [each.NAME for each in sources()]
    if source is not None and source not in known:
        raise BadInput(f"no log source has this name; there are {', '.join(known)}", where=f"--source {source}")
    if quarantine is None and output != STDOUT:
        quarantine = f"{output}.quarantine.jsonl"
    outputs = [path for path in (output, quarantine, summary_file) if path not in (None, STDOUT)]
    paths = expand(files or (STDOUT,), leave_out=outputs)
    clash = {os.path.realpath(path) for path in outputs} & {os.path.realpath(path) for path in paths if path != "-"}
    if clash:
        raise BadInput("is both read and written", where=clash.pop(), todo="write the output to another file")
    enricher = Enricher(load_registry(registry, tasks), MemoryStore())
    summary = Summary()
    started = time.monotonic()
    with opened(output) as out, opened_quarantine(quarantine) as aside:
        job.run(
            read_paths(paths),
            lambda record: enricher.enrich(
                record.inner,
                raw=record.raw,
                source=source,
                channel=record.channel,
                line=record.line,
                record=record.record,
            ),
            JsonLines(out, output),
            JsonLines(aside, quarantine or "standard error"),
            summary,
            show=masked_line if quarantine is None else quarantine_line,
        )
    if summary_file is not None:
        write_summary(summary, summary_file)
    click.echo(f"remit: {summary.sentence(time.monotonic() - started)}", err=True)
    return 1 if strict and summary.quarantined else 0


@contextlib.contextmanager
def opened(output: str) -> Iterator[BinaryIO]:
    """Open the output; standard output stays open for the process."""
    if output == STDOUT:
        yield sys.stdout.buffer
        return
    try:
        stream = open(output, "wb")
    except OSError as error:
        raise cannot_write(output, error) from error
    with stream:
        yield stream


@contextlib.contextmanager
def opened_quarantine(path: str | None) -> Iterator[BinaryIO]:
    """Open the quarantine, readable by its owner alone: what could not be read may hold secrets."""
    if path is None:
        yield sys.stderr.buffer
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    with open(descriptor, "wb") as stream:
        yield stream


def write_summary(summary: Summary, path: str) -> None:
    """Write the summary whole or not at all."""
    text = msgspec.json.format(msgspec.json.encode(summary.as_json()), indent=2) + b"\n"
    if path == STDOUT:
        raise BadInput("standard output belongs to the events", where="--summary -", todo="name a file")
    try:
        partial = Path(f"{path}.part")
        partial.write_bytes(text)
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error

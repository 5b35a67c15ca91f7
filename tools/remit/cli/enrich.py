"""Write each event with `nhi` in front: who acted, for which task, and whether it fits."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import click

from remit.enriching import STD, Options, enrich
from remit_enrichment.errors import BadInput
from remit_enrichment.logsources import sources

FOUND, INTERRUPTED = 1, 130


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...|-]")
@click.option("--follow", is_flag=True, help="Go on with files as they grow and rotate, and folders as they get more.")
@click.option("--registry", type=click.Path(path_type=Path), help="Folder or built snapshot of the registry.")
@click.option("--tasks", type=click.Path(path_type=Path), multiple=True, help="The task broker's feed, JSON lines.")
@click.option("--state", metavar="FILE", help="Remember what was seen and how far was read; run again for what is new.")
@click.option("-o", "--output", default=STD, show_default=True, help="Where the lines go; - is standard output.")
@click.option("--quarantine", metavar="FILE", help="For unreadable records.  [<output>.quarantine.jsonl, else stderr]")
@click.option("--source", metavar="NAME", help="Read every record as this log source, such as aws.cloudtrail.")
@click.option("--summary", metavar="FILE", help="Write what the run did to this file, as JSON.")
@click.option("--metrics", type=int, metavar="PORT", help="Show a live run's metrics to Prometheus on 127.0.0.1.")
@click.option("--strict", is_flag=True, help="Exit 1 when a record had to be quarantined.")
def command(
    files: tuple[str, ...],
    follow: bool,
    registry: Path | None,
    tasks: tuple[Path, ...],
    state: str | None,
    output: str,
    quarantine: str | None,
    source: str | None,
    summary: str | None,
    metrics: int | None,
    strict: bool,
) -> int:
    """Write one line per record: the record's own bytes with `nhi` first.

    FILE is a log file, a folder, a quoted glob, or - for standard input; gzip and pretty-printed documents are opened.
    """
    if not files and sys.stdin.isatty():
        raise BadInput("no FILE given", where="remit enrich", todo="name log files, or pipe events in")
    known = [each.NAME for each in sources()]
    if source is not None and source not in known:
        raise BadInput(f"no log source has this name; there are {', '.join(known)}", where=f"--source {source}")
    if quarantine is None and output != STD:
        quarantine = f"{output}.quarantine.jsonl"
    started = time.monotonic()
    files = files or (STD,)
    if follow and STD in files:
        raise BadInput("a pipe needs no --follow", where="remit enrich -", todo="leave it out, or name files to follow")
    options = Options(files, registry, tasks, state, output, quarantine, source, summary, follow, metrics)
    done, stop = enrich(options)
    click.echo(f"remit: {done.sentence(time.monotonic() - started)}", err=True)
    if stop() and not (options.is_live and stop.signal == signal.SIGTERM):
        return INTERRUPTED
    return FOUND if strict and done.quarantined else 0

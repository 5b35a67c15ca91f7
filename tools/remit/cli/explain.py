"""Explain how one event was judged: evidence, task and charter, the step that decided, what would have been aligned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from remit.alerts import Alert
from remit.explaining import Explanation, as_text, explain
from remit.hunt.reading import learn_ahead
from remit_enrichment.enricher import Enriched, Enricher
from remit_enrichment.errors import BadInput
from remit_enrichment.readers import Record, expand, read_paths
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.store import MemoryStore

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<record>\d+))?")


class Where(msgspec.Struct, frozen=True):
    """The place of an event in a log."""

    file: str
    line: int
    record: int = 0


@click.command()
@click.argument("event", metavar="EVENT|ALERT")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--registry", type=click.Path(path_type=Path), help="Folder or built snapshot of the registry.")
@click.option("--tasks", type=click.Path(path_type=Path), multiple=True, help="The task broker's feed, JSON lines.")
@click.option("--source", metavar="NAME", help="Read every record as this log source, such as aws.cloudtrail.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    event: str, files: tuple[str, ...], registry: Path | None, tasks: Sequence[Path], source: str | None, form: str
) -> int:
    """Say how an event was judged, and what would have made it aligned.

    EVENT is a place in a log, FILE:LINE or FILE:LINE:RECORD; ALERT the place of an alert in a file that `hunt` wrote,
    whose events are then explained. FILE are the logs that come with it, for sessions are minted in one and used in
    another; without them only the event's own file is read.
    """
    wanted = places(event)
    paths = expand(files or tuple(dict.fromkeys(place.file for place in wanted)))
    enricher = Enricher(load_registry(registry, tasks), MemoryStore())
    learn_ahead(paths, enricher, source)
    missing = {(place.file, place.line, place.record) for place in wanted}
    for record, found in _enriched(paths, enricher, source):
        place = (record.file, record.line, record.record)
        if place not in missing:
            continue
        missing.discard(place)
        click.echo(shown(Where(*place), explain(found), form))
        if not missing:
            return 0
    file, line, number = min(missing)
    raise BadInput("no such record in the logs", where=f"{file}:{line}:{number}", todo="name its file among FILE...")


def places(text: str) -> list[Where]:
    """Return the place that is meant, or those of the alert that stands there.

    Raises:
        BadInput: the text is no place, or there is no such file.
    """
    match = _PLACE.fullmatch(text)
    if match is None:
        raise BadInput("names no line of a log", where=f"remit explain {text}", todo="write FILE:LINE")
    place = Where(match["file"], int(match["line"]), int(match["record"] or 0))
    if not Path(place.file).is_file():
        raise BadInput("there is no such file", where=place.file)
    return _events_of_alert(place) or [place]


def _events_of_alert(place: Where) -> list[Where]:
    with open(place.file, "rb") as stream:
        line = next((text for number, text in enumerate(stream, 1) if number == place.line), b"")
    try:
        alert = msgspec.json.decode(line, type=Alert)
    except msgspec.MsgspecError:
        return []
    return [Where(event.file, event.line, event.record) for event in alert.events]


def _enriched(paths: Sequence[str], enricher: Enricher, source: str | None) -> Iterator[tuple[Record, Enriched]]:
    for record in read_paths(paths):
        if record.problem is None:
            yield (
                record,
                enricher.enrich(
                    record.inner,
                    raw=record.raw,
                    source=source,
                    channel=record.channel,
                    line=record.line,
                    record=record.record,
                ),
            )


def shown(place: Where, explanation: Explanation | None, form: str) -> str:
    """Return what is printed for one event."""
    if form == "json":
        return msgspec.json.encode({"place": place, "explanation": explanation}).decode()
    heading = f"{place.file}:{place.line}:{place.record}"
    if explanation is None:
        return f"{heading}\n  not judged: no log source knows this record, or it broke the enrichment"
    return "\n  ".join((heading, *as_text(explanation)))

"""`remit demo`: the whole way on a made-up company, from its logs to cards and a report."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import click
import msgspec
from rich.console import Console

from remit.content import load_rules
from remit.content.root import content_root
from remit.hunt.matching import Matching
from remit.hunt.reading import enriched
from remit.hunt.run import Ruleset, Tally, Window, hunt
from remit.reports.card import show
from remit.reports.html import report
from remit.reports.incidents import incidents
from remit_enrichment.enricher import Enricher
from remit_enrichment.errors import BadInput
from remit_enrichment.readers import expand
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.store import MemoryStore

WIDTH = 110
"""Of the cards where standard output is no terminal."""


@click.command(short_help="See it work on a made-up company's day.")
@click.option(
    "-o", "output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default="remit-demo",
    show_default=True, help="Where logs, alerts and report go.",
)  # fmt: skip
def command(output: Path) -> int:
    """Write a day of a made-up company's CloudTrail, hunt in it, print a card for each incident and make a report.

    The last line is the report's path. The exit code is 0 although there are incidents: they are what the demo is to
    show; `remit hunt` on the same logs gives 1. Nothing is read but what came with Remit, nothing leaves the machine.
    """
    acme = content_root() / "tests" / "acme"
    registry, feed = acme / "registry", acme / "tasks" / "2026-05-12.jsonl"
    logs, alert_file, page = output / "logs", output / "alerts.jsonl", output / "report.html"
    try:
        count = _generator()(logs, feed)
        click.echo(f"Acme's synthetic day: {count:,} CloudTrail events in {logs}", err=True)
        rules = load_rules(())
        tally = Tally()
        events = enriched(
            expand([str(logs / "AWSLogs")]), Enricher(load_registry(registry, [feed]), MemoryStore()), tally
        )
        alerts = hunt(events, Ruleset(tuple(rules)), Matching(rules), Window(), tally)
        alert_file.write_bytes(b"".join(msgspec.json.encode(alert) + b"\n" for alert in alerts))
        page.write_text(report(alerts), "utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot be written: {error.strerror}", where=str(output), todo="name a folder with -o"
        ) from error
    found = incidents(alerts)
    click.echo(
        f"{tally.read:,} events judged, {len(rules)} rules asked: {len(alerts)} alerts, {len(found)} incidents",
        err=True,
    )
    click.echo(f"The same by hand: remit hunt {logs / 'AWSLogs'} --registry {registry} --tasks {feed}", err=True)
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    with console.capture() as cards:  # so that click writes them: it knows what to do when the reader went away
        show(found, console)
    click.echo(cards.get())
    click.echo("The report, to open in a browser:")
    click.echo(str(page.resolve()))
    return 0


def _generator() -> Callable[[Path, Path], int]:
    """Return the script that writes the day: an example and no part of the package, so it is loaded from its file."""
    folder = content_root() / "examples" / "acme"
    name = "remit_example_acme"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise BadInput("the example is missing", where=str(folder), todo="install Remit again")
        sys.modules[name] = importlib.util.module_from_spec(spec)
    return cast(Callable[[Path, Path], int], importlib.import_module(f"{name}.generate").write)

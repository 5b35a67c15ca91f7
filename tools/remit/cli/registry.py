"""Check a registry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from remit.registry.hints import hints
from remit_enrichment.registry.loading import Loaded, inspect_registry
from remit_enrichment.registry.problems import Problem

GOOD, REFUSED = 0, 2

_tasks = click.option(
    "--tasks",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="The task broker's feed, JSON lines.",
)
_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What to print."
)


@click.group()
def command() -> None:
    """The registry: owners, identities, charters, tasks and who may speak for them."""


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@_tasks
@_format
def check(path: Path, tasks: Sequence[Path], form: str) -> int:
    """Load the registry at PATH (a folder or a snapshot) strictly and say all that is wrong or looks wrong.

    Exit code 0: it loads, perhaps with warnings. 2: it is refused.
    """
    loaded = inspect_registry(path, tasks)
    warnings = sorted((*loaded.warnings, *hints(loaded.placed)))
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(_report(loaded, warnings)), indent=2).decode())
    else:
        _tell(loaded, warnings)
    return REFUSED if loaded.problems else GOOD


def _report(loaded: Loaded, warnings: Sequence[Problem]) -> dict[str, Any]:
    return {
        "status": "refused" if loaded.problems else "good",
        "version": None if loaded.problems else loaded.registry.version,
        "objects": loaded.registry.counts(),
        "problems": loaded.problems,
        "warnings": warnings,
    }


def _tell(loaded: Loaded, warnings: Sequence[Problem]) -> None:
    for problem in loaded.problems:
        click.echo(str(problem))
    for warning in warnings:
        click.echo(f"warning: {warning}")
    counts = ", ".join(f"{count} {name}" for name, count in loaded.registry.counts().items() if count)
    if loaded.problems:
        click.echo(
            f"refused: {_number(len(loaded.problems), 'problem')}, {_number(len(warnings), 'warning')}", err=True
        )
    else:
        click.echo(
            f"good: {counts or 'nothing'}; {_number(len(warnings), 'warning')}; version {loaded.registry.version}",
            err=True,
        )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""Check a registry, build a snapshot of it, and show what it says about an id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
import yaml

from remit.cli import FINDINGS
from remit.overwriting import files_below, refuse_overwriting
from remit.registry.hints import hints
from remit.registry.opening import tell_trust
from remit.registry.showing import as_lists, as_yaml, find
from remit_enrichment.errors import BadInput
from remit_enrichment.registry import times
from remit_enrichment.registry.loading import Loaded, inspect_registry, load_registry
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.objects import InMemory
from remit_enrichment.registry.problems import Problem, shown
from remit_enrichment.registry.snapshot import build as write_snapshot

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
    tell_trust(loaded.registry, tasks)
    warnings = sorted((*loaded.warnings, *hints(loaded.placed)))
    if form == "json":
        click.echo(_json(_report(loaded, warnings)))
    else:
        _tell(loaded, warnings)
    return REFUSED if loaded.problems else GOOD


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The snapshot.")
def build(path: Path, output: Path) -> int:
    """Write the registry at PATH as one read-only file, for --registry. Its id is the hash of what the registry says.

    Exit code 2: the registry is refused, and nothing is written.
    """
    refuse_overwriting([output], files_below([path]))
    loaded = inspect_registry(path)
    if loaded.problems:
        _tell(loaded, ())
        return REFUSED
    if not isinstance(loaded.objects, InMemory):
        raise BadInput("is a snapshot already", where=str(path), todo="give the folder it was built from")
    write_snapshot(loaded.objects, output)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(loaded.registry.version)
    return GOOD


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--at", metavar="TIME", help="Only the versions that hold then, such as 2026-01-31T09:00:00Z.")
@_tasks
@_format
def show(path: Path, ids: Sequence[str], at: str | None, tasks: Sequence[Path], form: str) -> int:
    """Show what the registry at PATH says about each ID: an identity with its owner, charter and tasks, an owner, a
    charter or a task. An identity is also found by platform:alias, such as aws:AROAEXAMPLEID.

    Without an ID: the version of the registry and how much is in it. Exit code 1: an ID is not registered.
    """
    registry = load_registry(path, tasks)
    moment = None if at is None else _moment(at)
    if not ids:
        summary = {"version": registry.version, "objects": registry.counts()}
        click.echo(_json(summary) if form == "json" else yaml.safe_dump(summary, sort_keys=False), nl=form == "json")
        return GOOD
    found = {id: find(registry, id, moment) for id in ids}
    things = list(dict.fromkeys(thing for some in found.values() for thing in some))
    if things:
        click.echo(_json(as_lists(things)) if form == "json" else as_yaml(things), nl=form == "json")
    missing = [id for id, some in found.items() if not some]
    for id in missing:
        click.echo(
            f"not registered{'' if at is None else ' at that time'}: {id!a}{_look_alike(registry, id)}", err=True
        )
    return FINDINGS if missing else GOOD


def _moment(text: str) -> int:
    try:
        return times.read_day(text)
    except times.NoTime as error:
        raise BadInput(f"{shown(text)} {error.args[0]}", where="--at", todo=error.args[1]) from None


def _look_alike(registry: Registry, id: str) -> str:
    other = registry.confusable(id)
    return f"; it looks like {other!a}, which is" if other else ""


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


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

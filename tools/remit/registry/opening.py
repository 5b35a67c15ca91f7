"""Load a registry for a run and say on standard error what looks wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from remit_enrichment.registry.loading import load_registry
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.problems import clean

MOST_SHOWN = 10


def open_registry(path: Path | None, tasks: Sequence[Path]) -> Registry:
    """Return the registry of `path` with the feeds of `tasks` over it, as `load_registry` does, and tell its warnings.

    Raises:
        RegistryRefused: all that is wrong with it.
        BadInput: there is nothing to read at a path.
    """
    registry = load_registry(path, tasks)
    tell_trust(registry, tasks)
    for warning in registry.warnings[:MOST_SHOWN]:
        click.echo(f"remit: warning: {warning}", err=True)
    if (more := len(registry.warnings) - MOST_SHOWN) > 0:
        click.echo(f"remit: {more} more warnings; see them all with `remit registry check`", err=True)
    return registry


def tell_trust(registry: Registry, tasks: Sequence[Path]) -> None:
    """Say so where a feed is taken as given, for the registry names nobody who may register tasks."""
    if tasks and not registry.registrars:
        what = "nobody is named in `registrars`, so whoever can write this feed gives tasks to any identity"
        click.echo(f"remit: warning: {clean(str(tasks[0]))}: {what}; name who may in the registry", err=True)

"""Load a registry from a folder of YAML and JSON lines or from a snapshot, and a broker's feed beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from remit_enrichment.registry.lookup import Registry


def load_registry(path: Path | None, tasks: Sequence[Path] = ()) -> Registry:
    """Return the registry of `path` with the feeds of `tasks` over it; without a path nothing is registered.

    Raises:
        BadInput: what is wrong, each as `file:line: what; what to do`, all of them at once.
    """
    if path is None and not tasks:
        return Registry.empty()
    raise NotImplementedError

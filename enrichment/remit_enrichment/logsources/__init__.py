"""Log sources, one module each, found by this folder: to add one, add a file.

A module is a log source when it has these names (see `LogSource`); nothing else has to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

from remit_enrichment.activity import Activity


class LogSource(Protocol):
    """What a log source module must offer (modules satisfy it structurally)."""

    NAME: str
    """`aws.cloudtrail`: the name of `--source`, of `nhi`-rules' log source and of the docs page."""
    PLATFORM: str
    """Platform of the identities it shows: `aws`."""
    CLAIMS: tuple[str, ...]
    """Dotted paths by which a caller can speak about identity or task. Property tests overwrite them."""
    ISSUES: tuple[bytes, ...]
    """Byte needles; a line without any of them mints no credential."""
    SIGMA: Mapping[str, str]
    """The Sigma `logsource` that rules of this source carry: `{"product": "aws", "service": "cloudtrail"}`."""

    def looks_like(self, line: bytes) -> bool:
        """Bounded sniff that only orders the tries; never decides."""
        ...

    def recognises(self, document: Mapping[str, Any]) -> bool:
        """Decide by decoded top-level discriminators whether this document is of this source."""
        ...

    def read(self, document: Mapping[str, Any]) -> Activity:
        """Read one recognised document. A wrong type makes that field unknown and is listed in `Activity.errors`."""
        ...


@cache
def sources() -> tuple[LogSource, ...]:
    """Every log source of this folder, ordered by name."""
    found = [
        cast(LogSource, importlib.import_module(f"{__name__}.{module.name}"))
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    ]
    return tuple(sorted(found, key=lambda source: source.NAME))


def recognise(document: Mapping[str, Any], raw: bytes, source: str | None = None) -> LogSource | None:
    """Return the log source of a document: decided by its decoded members, tried first where the bytes look like it."""
    if source is not None:
        named = (module for module in sources() if module.NAME == source)
        return next((module for module in named if module.recognises(document)), None)
    passed_over: list[LogSource] = []
    for module in sources():
        if not module.looks_like(raw):
            passed_over.append(module)
        elif module.recognises(document):
            return module
    return next((module for module in passed_over if module.recognises(document)), None)

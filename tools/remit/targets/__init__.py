"""Targets, one folder each, found by this folder: to add a SIEM, add a folder.

A folder is a target when its package has `TARGET`, an object with the members of `Target`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from remit.content import Correlation, Rule

Proof = Literal["run", "documented", "conditional"]


class Refused(Exception):
    """A rule that this target cannot say exactly: the construct, where it stands and a way out."""

    def __init__(self, construct: str, where: str, why: str, way_out: str) -> None:
        self.construct, self.where, self.why, self.way_out = construct, where, why, way_out
        super().__init__(f"{where} {construct}: {why}; {way_out}")


class Query(Struct, frozen=True, kw_only=True):
    """One compiled query."""

    query: str
    language: str
    index: str
    pipeline: str
    proof: Proof
    conditions: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    """Fields that the query stands on, each with the kind that the target needs it to be."""


class Target(Protocol):
    @property
    def NAME(self) -> str: ...

    @property
    def LANGUAGES(self) -> tuple[str, ...]:
        """Their names are also the endings of the files that queries are written to."""
        ...

    def compile(
        self, rule: Rule | Correlation, *, pipeline: str | Path, index: str | None, language: str | None
    ) -> Query:
        """Return the query that means exactly what the rule says.

        Raises `Refused` where that cannot be said, and `remit_enrichment.errors.BadInput` for an unusable option."""
        ...

    def companions(self, queries: list[Query]) -> dict[str, str]:
        """Files that belong beside the queries (`index-template.json`), by file name."""
        ...


@cache
def targets() -> dict[str, Target]:
    """Every target of this folder by its name."""
    found: dict[str, Target] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            target: Target = importlib.import_module(f"{__name__}.{module.name}").TARGET
            found[target.NAME] = target
    return found

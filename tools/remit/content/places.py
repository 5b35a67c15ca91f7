"""Where something stands in a file, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from remit_enrichment.errors import BadInput


class Place(Struct, frozen=True, order=True):
    """A position in a content file, as it is printed: `rules/aws/x.yml:14:5`."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(Struct, frozen=True, order=True):
    """One thing that must be mended before a file can be used."""

    place: Place
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.todo}"


class ContentError(BadInput):
    """Every problem of a run at once, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

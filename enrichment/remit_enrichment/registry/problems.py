"""What the loader refuses or warns of, each with its place and with what to do."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from remit_enrichment.errors import BadInput

MAX_SHOWN = 80
"""Characters of a value that a message quotes."""


class Problem(Struct, frozen=True, order=True):
    """One refusal or warning."""

    file: str
    line: int
    """From 1; 0 where the whole file is meant."""
    code: str
    """What kind of problem, for machines: `unknown_key`, `wider`, `self_issued`."""
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{clean(self.file)}:{self.line}: {self.what}; {self.todo}"


class RegistryRefused(BadInput):
    """The registry or the feed is refused: every problem of the run, in the order of files and lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"the registry is refused, {count} problem{'s' if count > 1 else ''}:\n{lines}")


def shown(value: object) -> str:
    """Return a value as a message may quote it: escaped and cut."""
    text = ascii(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def clean(name: str) -> str:
    """Return a file name without characters that a terminal would obey."""
    return name if name.isprintable() else ascii(name)[1:-1]

"""Objects with the place where they were written, from raw entries to objects of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from remit_enrichment.registry.problems import Problem, clean, shown
from remit_enrichment.registry.reading import Path, Record

Refuse = Callable[[Problem], None]
"""Takes one refusal or warning."""


class Place(Struct, frozen=True, gc=False):
    """Where an object stands."""

    file: str
    line: int
    lines: dict[Path, int] | None = None
    """Lines of the values inside, by their path in the file; None where all stand on one line."""
    path: Path = ()
    """Path of the object in its file."""

    def line_of(self, path: Path) -> int:
        """Return the line of the value at this path of the object, or of the nearest thing around it."""
        if self.lines is None:
            return self.line
        whole = (*self.path, *path)
        for length in range(len(whole), 0, -1):
            if whole[:length] in self.lines:
                return self.lines[whole[:length]]
        return self.line

    def problem(self, path: Path, code: str, what: str, todo: str) -> Problem:
        """Return what is wrong with the value at this path of the object."""
        return Problem(self.file, self.line_of(path), code, what, todo)

    def __str__(self) -> str:
        return f"{clean(self.file)}:{self.line}"


class Entry(Struct, frozen=True, gc=False):
    """One object as it was written."""

    type: str
    """Singular, as in JSON lines."""
    value: dict[str, Any]
    place: Place


class Placed(Struct, frozen=True, gc=False):
    """An object of the model with its place."""

    thing: Any
    place: Place


def make(
    entries: Iterable[Entry], records: Mapping[str, Record], refuse: Refuse, refused_ids: set[str]
) -> Iterator[Placed]:
    """Yield the model's object of each entry; one that has any problem is reported, left out, and its id noted."""
    for entry in entries:
        good = True

        def report(path: Path, code: str, what: str, todo: str, entry: Entry = entry) -> None:
            nonlocal good
            good = False
            refuse(entry.place.problem(path, code, f"{_title(entry)}{what}", todo))

        thing = records[entry.type].read(entry.value, (), report)
        if good:
            yield Placed(thing, entry.place)
        elif isinstance(entry.value.get("id"), str):
            refused_ids.add(entry.value["id"])


def _title(entry: Entry) -> str:
    """Return the name of an object for the head of a message."""
    id = entry.value.get("id") or entry.value.get("name") or entry.value.get("task")
    return f"{entry.type} {shown(id)}: " if isinstance(id, str) else f"{entry.type}: "

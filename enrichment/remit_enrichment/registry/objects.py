"""Where the objects of a registry lie, and by what they are found: one shape for memory and for a snapshot file."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from remit_enrichment.registry.confusables import skeleton
from remit_enrichment.registry.model import (
    Binding,
    Channel,
    Charter,
    Coverage,
    Environment,
    Identity,
    Issuer,
    Owner,
    Registrar,
    Revocation,
    Task,
    Tool,
)

NAMED: tuple[type[Any], ...] = (Owner, Identity, Charter, Task)
"""Objects that have an id and versions."""
LISTED: tuple[type[Any], ...] = (Issuer, Registrar, Channel, Environment, Coverage, Tool, Binding, Revocation)


class Objects(Protocol):
    """Where the objects lie. Both answers are in a stable order."""

    version: str
    """Hash of the canonical source, as hex."""

    def versions(self, kind: type[Any], id: str) -> tuple[Any, ...]:
        """Return all versions of the object of one kind of `NAMED`, oldest first; empty where there is none."""
        ...

    def ids(self, index: str, key: str) -> tuple[str, ...]:
        """Return the ids of the objects that an index of `INDEXES` leads to."""
        ...

    def listed(self, kind: type[Any]) -> tuple[Any, ...]:
        """Return the whole list of one kind of `LISTED`, in the order of the source."""
        ...

    def count(self, kind: type[Any]) -> int:
        """Return how many objects of one kind there are, versions of one id counted once."""
        ...


def alias_key(platform: str, alias: str) -> str:
    """Return the key of an alias, which holds only within its platform."""
    return f"{platform}\0{alias}"


def skeleton_key(id: str) -> str:
    """Return a short stand-in for the skeleton: one is as long as an id, and every identity has one."""
    return hashlib.blake2b(skeleton(id).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Index(NamedTuple):
    """A way besides the id by which objects of one kind are found."""

    kind: type[Any]
    keys: Callable[[tuple[Any, ...]], Iterable[str]]
    """Everything by which an object with these versions is found."""


def _aliases(versions: tuple[Identity, ...]) -> list[str]:
    return [alias_key(version.platform, alias) for version in versions for alias in version.aliases]


def _roles(versions: tuple[Identity, ...]) -> list[str]:
    """Return `account/name` of an AWS role."""
    fields = versions[0].id.split(":", 7)
    if fields[:3] != ["aws", "role", "arn"] or len(fields) < 8 or not fields[7].startswith("role/"):
        return []
    return [f"{fields[6]}/{fields[7].rpartition('/')[2]}"]


def _bound(versions: tuple[Task, ...]) -> list[str]:
    return [handle for task in versions for handle in (*task.bind.credential_ids, *task.bind.sessions)]


INDEXES: dict[str, Index] = {
    "alias": Index(Identity, _aliases),
    "role": Index(Identity, _roles),
    "skeleton": Index(Identity, lambda versions: [skeleton_key(versions[0].id)]),
    "owner": Index(Owner, lambda versions: [alias for owner in versions for alias in owner.aliases]),
    "tasks_of": Index(Task, lambda versions: [task.identity for task in versions]),
    "bound": Index(Task, _bound),
    "source_identity": Index(
        Task, lambda versions: [t.bind.source_identity for t in versions if t.bind.source_identity]
    ),
}


class InMemory:
    """Objects of a registry that was loaded whole."""

    def __init__(self, things: Iterable[Any] = (), version: str = "") -> None:
        self.version = version
        self._named: dict[type[Any], dict[str, tuple[Any, ...]]] = {kind: {} for kind in NAMED}
        self._listed: dict[type[Any], tuple[Any, ...]] = dict.fromkeys(LISTED, ())
        self._index: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in INDEXES}
        self.add(things)

    def add(self, things: Iterable[Any]) -> None:
        """Put more objects beside those that are there."""
        named: dict[type[Any], dict[str, list[Any]]] = {kind: defaultdict(list) for kind in NAMED}
        listed: dict[type[Any], list[Any]] = {kind: [] for kind in LISTED}
        for thing in things:
            kind = type(thing)
            if kind in listed:
                listed[kind].append(thing)
            else:
                named[kind][thing.id].append(thing)
        for kind, some in listed.items():
            self._listed[kind] += tuple(some)
        for kind, table in named.items():
            for id, versions in table.items():
                self._named[kind][id] = tuple(sorted((*self.versions(kind, id), *versions), key=begin))
            self._add_to_indexes(kind, table)

    def _add_to_indexes(self, kind: type[Any], ids: Iterable[str]) -> None:
        """Put the objects into every index of their kind, ids in order."""
        for name, index in INDEXES.items():
            if index.kind is not kind:
                continue
            found: dict[str, set[str]] = defaultdict(set)
            for id in ids:
                for key in index.keys(self.versions(kind, id)):
                    found[key].add(id)
            table = self._index[name]
            for key, some in found.items():
                table[key] = tuple(sorted(some.union(table.get(key, ()))))

    def versions(self, kind: type[Any], id: str) -> tuple[Any, ...]:
        return self._named[kind].get(id, ())

    def ids(self, index: str, key: str) -> tuple[str, ...]:
        return self._index[index].get(key, ())

    def listed(self, kind: type[Any]) -> tuple[Any, ...]:
        return self._listed[kind]

    def count(self, kind: type[Any]) -> int:
        return len(self._named[kind] if kind in self._named else self._listed[kind])

    def all(self, kind: type[Any]) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """Return id and versions of every object of one kind of `NAMED`, ordered by id."""
        return sorted(self._named[kind].items())

    def entries(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield index, key and the ids that it leads to."""
        for name, table in self._index.items():
            for key, ids in table.items():
                yield name, key, ids


def begin(version: Any) -> tuple[bool, int]:
    """Return what versions of one object are ordered by."""
    return (version.valid_from is not None, version.valid_from or 0)

"""What a registry says about an id: the object itself and what it leads to, in the registry's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from msgspec import Struct

from remit.registry.writing import as_written
from remit_enrichment.registry.keys import LISTS
from remit_enrichment.registry.lookup import Registry, holds
from remit_enrichment.registry.model import Binding, Charter, Identity, Owner, Revocation, Task

_PLURALS = {
    **{singular: plural for plural, singular in LISTS.items()},
    "binding": "bindings",
    "revocation": "revocations",
}


def find(registry: Registry, handle: str, at: int | None) -> list[Struct]:
    """Return the versions of everything that has this id, and of what an identity leads to; of all times or as of `at`.

    `handle` is the id of an identity, owner, charter or task, an owner's alias, or `platform:alias` of an identity.
    """
    found: list[Struct] = []
    platform, _, alias = handle.partition(":")
    identities = registry.identities_ever(platform, handle) or registry.identities_ever(platform, alias)
    for identity in _as_of(identities, at):
        found += _with_relations(registry, identity)
    found += registry.owners_ever(handle)
    found += registry.charters_ever(handle)
    tasks = [task for task in registry.referenced(handle) if task.id == handle]
    for task in tasks:
        found += [task, *_bound(registry, task)]
    return list(dict.fromkeys(_as_of(found, at)))


def _with_relations(registry: Registry, identity: Identity) -> list[Struct]:
    found: list[Struct] = [identity]
    for id in dict.fromkeys((identity.owner, identity.sponsor)):
        found += registry.owners_ever(id) if id else ()
    found += registry.charters_ever(identity.charter) if identity.charter else ()
    for task in registry.tasks_of(identity.id):
        found += [task, *_bound(registry, task)]
    return found


def _bound(registry: Registry, task: Task) -> list[Struct]:
    return [*registry.bindings_of(task.id), *registry.revocations(task.id)]


def _as_of(things: Iterable[Any], at: int | None) -> list[Any]:
    return [t for t in things if at is None or isinstance(t, (Binding, Revocation)) or holds(t, at)]


def as_lists(things: Sequence[Struct]) -> dict[str, list[dict[str, Any]]]:
    """Return objects under the names of their lists, as a YAML file of the registry has them."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for thing in sorted(things, key=lambda t: _ORDER.index(type(t))):
        lists.setdefault(_PLURALS[type(thing).__name__.lower()], []).append(as_written(thing))
    return lists


_ORDER: list[type[Struct]] = [Identity, Owner, Charter, Task, Binding, Revocation]


def as_yaml(things: Sequence[Struct]) -> str:
    """Return objects as YAML, with a comment for each that never counts. Characters beyond ASCII are escaped."""
    comments = [f"# {_title(thing)} never counts\n" for thing in things if getattr(thing, "counts", True) is False]
    return "".join(comments) + yaml.safe_dump(as_lists(things), sort_keys=False, width=120)


def _title(thing: Any) -> str:
    name = type(thing).__name__.lower()
    return f"{name} {thing.id!a}" if hasattr(thing, "id") else f"{name} for task {thing.task!a}"

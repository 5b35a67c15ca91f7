"""What must hold between objects: ids and aliases unique at any one time, references that lead somewhere, tasks no
wider than their charters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from remit_enrichment import globs
from remit_enrichment.registry.model import Charter, Identity, Owner, Registrar, Task, Tool
from remit_enrichment.registry.objects import Objects, alias_key
from remit_enrichment.registry.places import Placed, Refuse
from remit_enrichment.registry.problems import shown


def check_all(placed: Sequence[Placed], objects: Objects, refuse: Refuse, refused_ids: Set[str]) -> None:
    """Report everything that does not fit together among the objects of a registry.

    `refused_ids` are of objects that are there but wrong in themselves: a reference to one of them leads somewhere.
    """
    by_kind: dict[type[Any], list[Placed]] = defaultdict(list)
    for one in placed:
        by_kind[type(one.thing)].append(one)
    for kind in (Owner, Identity, Charter, Task, Registrar, Tool):
        check_versions(by_kind[kind], refuse)
    for kind in (Owner, Identity):
        _check_aliases(by_kind[kind], objects, refuse)
    for one in by_kind[Identity]:
        _check_identity(one, objects, refuse, refused_ids)
    for one in by_kind[Task]:
        check_task(one, objects, refuse, refused_ids)


def check_versions(placed: Iterable[Placed], refuse: Refuse) -> None:
    """Report versions of one id (of one name, for tools) that hold at the same time."""
    groups: dict[str, list[Placed]] = defaultdict(list)
    for one in placed:
        groups[_id(one.thing)].append(one)
    for id, versions in groups.items():
        if len(versions) > 1:
            for later, earlier in _overlaps(versions):
                what = f"{_kind(later.thing)} {shown(id)} stands twice: {earlier.place} holds at the same time"
                todo = "remove one, or let one end (valid_to) where the next begins (valid_from)"
                refuse(later.place.problem(("id",), "overlap", what, todo))


def _overlaps(versions: list[Placed]) -> Iterator[tuple[Placed, Placed]]:
    """Yield each version that begins before an earlier one ended, with that earlier one."""
    versions = sorted(versions, key=lambda one: (one.thing.valid_from is not None, one.thing.valid_from or 0))
    longest = versions[0]
    for one in versions[1:]:
        if overlap(longest.thing, one.thing):
            yield one, longest
        if longest.thing.valid_to is not None and (
            one.thing.valid_to is None or one.thing.valid_to > longest.thing.valid_to
        ):
            longest = one


def _check_aliases(placed: Iterable[Placed], objects: Objects, refuse: Refuse) -> None:
    """Report an alias that leads to two objects at one time, or that is the id of another."""
    shared: dict[str, list[Placed]] = defaultdict(list)
    for one in placed:
        thing = one.thing
        for alias in thing.aliases:
            if alias != thing.id and objects.versions(type(thing), alias):
                what = f"alias {shown(alias)} is the id of another {_kind(thing)}"
                refuse(one.place.problem(("aliases",), "alias", what, "remove the alias"))
            index, key = (
                ("alias", alias_key(thing.platform, alias)) if isinstance(thing, Identity) else ("owner", alias)
            )
            if len(objects.ids(index, key)) > 1:
                shared[key].append(one)
    for key, users in shared.items():
        for place, one in enumerate(users):
            other = next((o for o in users[:place] if o.thing.id != one.thing.id and overlap(o.thing, one.thing)), None)
            if other:
                alias = shown(key.rpartition("\0")[2])
                what = f"alias {alias} belongs to {shown(other.thing.id)} at the same time ({other.place})"
                refuse(one.place.problem(("aliases",), "alias", what, "keep it at one of them"))


def _check_identity(one: Placed, objects: Objects, refuse: Refuse, refused_ids: Set[str]) -> None:
    identity: Identity = one.thing

    def refer(path: tuple[str, ...], kind: type[Any], id: str | None) -> None:
        if id not in refused_ids:
            _refer(one, path, kind, id, objects, refuse)

    refer(("owner",), Owner, identity.owner)
    refer(("sponsor",), Owner, identity.sponsor)
    refer(("charter",), Charter, identity.charter)
    if identity.agent:
        refer(("agent", "parent"), Identity, identity.agent.parent)


def check_task(one: Placed, objects: Objects, refuse: Refuse, refused_ids: Set[str] = frozenset()) -> None:
    """Report a task of nobody, and every entry of a task that its charter does not contain."""
    task: Task = one.thing
    if task.identity not in refused_ids:
        _refer(one, ("identity",), Identity, task.identity, objects, refuse)
    begin, end = max(task.start, _begin(task)), min(task.end, _end(task))
    for identity in objects.versions(Identity, task.identity):
        if identity.charter is None or not _within(identity, begin, end):
            continue
        first, last = max(begin, _begin(identity)), min(end, _end(identity))
        for charter in objects.versions(Charter, identity.charter):
            if _within(charter, first, last):
                _check_width(one, charter, refuse)


def _check_width(one: Placed, charter: Charter, refuse: Refuse) -> None:
    task: Task = one.thing
    for name, index, entry, outer in wider(task, charter):
        what = (
            f"task {shown(task.id)}: allow.{name}[{index}] {shown(entry)} is wider than its charter {shown(charter.id)}"
        )
        todo = f"keep within one of {shown(list(outer))}" if outer else f"the charter allows no {name}: remove it"
        refuse(one.place.problem(("allow", name, index), "wider", what, todo))


def wider(task: Task, charter: Charter) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """Yield list, index and entry of what the task allows and no single entry of its charter's list contains, with that
    list. An absent list of the charter restricts nothing, one of the task inherits."""
    fold = globs.folds_actions(task.identity.partition(":")[0])
    for name in ("classes", "actions", "resources"):
        inner, outer = getattr(task.allow, name), getattr(charter.allow, name)
        if inner is None or outer is None:
            continue
        for index, entry in enumerate(inner):
            if not any(globs.covers(own, entry, fold and name == "actions") for own in outer):
                yield name, index, entry, outer


def _refer(
    one: Placed, path: tuple[str, ...], kind: type[Any], id: str | None, objects: Objects, refuse: Refuse
) -> None:
    if id is not None and not objects.versions(kind, id):
        word = kind.__name__.lower()
        what = f"{'.'.join(path)}: there is no {word} {shown(id)}"
        refuse(one.place.problem(path, "dangling", what, f"correct the id, or register the {word}"))


_EVER = 2**63


def _begin(version: Any) -> int:
    return -_EVER if version.valid_from is None else version.valid_from


def _end(version: Any) -> int:
    return _EVER if version.valid_to is None else version.valid_to


def overlap(one: Any, other: Any) -> bool:
    """Say whether two versions hold at the same time, at any time."""
    return max(_begin(one), _begin(other)) < min(_end(one), _end(other))


def _within(version: Any, begin: int, end: int) -> bool:
    """Say whether the version holds at any time from `begin` to `end`, both included."""
    return begin <= end and _begin(version) <= end and begin < _end(version)


def _id(thing: Any) -> str:
    return str(thing.name if isinstance(thing, Tool) else thing.id)


def _kind(thing: Any) -> str:
    return type(thing).__name__.lower()

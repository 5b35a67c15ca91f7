"""Registry: every question the judgement asks of the registry, answered as of a time.

The objects lie in memory (objects.py) or in a snapshot file (snapshot.py); the feed lies over them.
Versions are half-open: an object holds from its `valid_from` until before its `valid_to`. Times are milliseconds UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

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
from remit_enrichment.registry.objects import LISTED, NAMED, InMemory, Objects, alias_key, begin, skeleton_key
from remit_enrichment.registry.problems import Problem
from remit_enrichment.registry.reading import MAX_NAME
from remit_enrichment.registry.windows import Windows

_T = TypeVar("_T")

_MAX_WINDOWS = 200_000
"""Entries of task windows that are kept; some 30 MB."""


class Registry:
    """The registry as of any time: base objects (a folder or a snapshot) with the broker's feed over them."""

    def __init__(
        self,
        base: Objects,
        feed: Objects | None = None,
        *,
        version: str | None = None,
        warnings: tuple[Problem, ...] = (),
    ) -> None:
        self._base = base
        self.warnings = warnings
        """What loading did not refuse but wants to be told: tasks and lines that never count, missing coverage."""
        self._feed: Objects = feed if feed is not None else InMemory()
        self.version: str = version if version is not None else base.version
        """Hash of the canonical source, feed included, as hex."""
        self.issuers: tuple[Issuer, ...] = base.listed(Issuer)
        self.registrars: tuple[Registrar, ...] = base.listed(Registrar)
        self.channels: tuple[Channel, ...] = base.listed(Channel)
        self.environments: tuple[Environment, ...] = base.listed(Environment)
        """In the order of the source: the first that fits decides."""
        self.coverage: tuple[Coverage, ...] = base.listed(Coverage)
        self.tools: tuple[Tool, ...] = base.listed(Tool)
        self._windows: dict[tuple[str, int], Windows] = {}
        self._kept = 0
        self._bindings: dict[str, list[Binding]] = defaultdict(list)
        for binding in self._feed.listed(Binding):
            self._bindings[binding.handle].append(binding)
        self._revocations: dict[str, list[Revocation]] = defaultdict(list)
        for revocation in self._feed.listed(Revocation):
            self._revocations[revocation.task].append(revocation)

    @classmethod
    def empty(cls) -> Registry:
        """A registry in which nothing is registered and nothing is covered."""
        return cls(InMemory())

    @classmethod
    def of(cls, *things: Any, version: str = "") -> Registry:
        """A registry of exactly these objects (bindings and revocations as if a feed had brought them), unchecked."""
        feed = [thing for thing in things if isinstance(thing, (Binding, Revocation))]
        base = [thing for thing in things if not isinstance(thing, (Binding, Revocation))]
        return cls(InMemory(base, version), InMemory(feed))

    def identity(self, platform: str, handle: str, at: int) -> Identity | None:
        """Return the version at `at` of the identity with this id, else with this alias, on this platform."""
        if handle.partition(":")[0] == platform:
            found = at_time(self._versions(Identity, handle), at)
            if found:
                return found
        for id in self._base.ids("alias", alias_key(platform, handle)):
            found = at_time(self._versions(Identity, id), at)
            if found and handle in found.aliases:
                return found
        return None

    def identities_ever(self, platform: str, handle: str) -> tuple[Identity, ...]:
        """Return every version of whatever ever had this id or alias on this platform, whenever it was valid."""
        ids = list(self._base.ids("alias", alias_key(platform, handle)))
        if handle.partition(":")[0] == platform and handle not in ids:
            ids.insert(0, handle)
        return tuple(version for id in ids for version in self._versions(Identity, id))

    def aws_roles(self, account: str, name: str, at: int) -> tuple[Identity, ...]:
        """Return the AWS roles of that account and name (paths are not part of the name) that are registered then."""
        found = (at_time(self._versions(Identity, id), at) for id in self._base.ids("role", f"{account}/{name}"))
        return tuple(identity for identity in found if identity)

    def owner(self, id: str, at: int) -> Owner | None:
        """Return the owner as of then."""
        return at_time(self._versions(Owner, id), at)

    def owner_by_handle(self, handle: str, at: int) -> Owner | None:
        """Return the owner with this id or alias: whether a person in a log is one of ours."""
        found = self.owner(handle, at)
        if found:
            return found
        for id in self._base.ids("owner", handle):
            found = self.owner(id, at)
            if found and handle in found.aliases:
                return found
        return None

    def owners_ever(self, handle: str) -> tuple[Owner, ...]:
        """Return every version of whoever ever had this id or alias."""
        ids = dict.fromkeys((handle, *self._base.ids("owner", handle)))
        return tuple(version for id in ids for version in self._versions(Owner, id))

    def charters_ever(self, id: str) -> tuple[Charter, ...]:
        """Return every version of the charter, oldest first."""
        return self._versions(Charter, id)

    def charter(self, id: str, at: int) -> Charter | None:
        """Return the charter as of then."""
        return at_time(self._versions(Charter, id), at)

    def task(self, id: str, at: int | None) -> Task | None:
        """Return the task as of then; its latest version where `at` is None. Its window is judgement's business."""
        versions = self._versions(Task, id)
        if at is None:
            return versions[-1] if versions else None
        return at_time(versions, at)

    def tasks_of(self, identity_id: str) -> tuple[Task, ...]:
        """Return every version of every task of this identity, whatever its window, ordered by id and validity."""
        ids = sorted({*self._base.ids("tasks_of", identity_id), *self._feed.ids("tasks_of", identity_id)})
        return tuple(t for id in ids for t in self._versions(Task, id) if t.identity == identity_id)

    def tasks_open(self, identity_id: str, at: int, slack: int) -> tuple[Task, ...]:
        """Return the tasks of this identity that hold at `at` and whose window, widened by `slack` milliseconds on both
        sides, has `at` in it; ordered by id. The cost does not grow with the number of tasks long past."""
        return tuple(
            task
            for task in self.tasks_near(identity_id, at, slack)
            if holds(task, at) and task.start - slack <= at <= task.end + slack
        )

    def tasks_near(self, identity_id: str, at: int, slack: int) -> tuple[Task, ...]:
        """Return every version of the tasks of this identity whose widened window may touch the UTC day of `at`,
        ordered by id: on that day no other task opens or closes."""
        windows = self._windows.get((identity_id, slack))
        if windows is None:
            windows = Windows(self.tasks_of(identity_id), slack)
            self._kept += windows.entries + 1
            if self._kept > _MAX_WINDOWS:
                self._windows.clear()
                self._kept = windows.entries + 1
            self._windows[identity_id, slack] = windows
        versions = (task for id in sorted(windows.ids(at)) for task in self._versions(Task, id))
        return tuple(task for task in versions if task.identity == identity_id)

    def referenced(self, reference: str) -> tuple[Task, ...]:
        """Return every version of the tasks that a reference names: by their id, or by their `bind.source_identity`."""
        by_name = {*self._base.ids("source_identity", reference), *self._feed.ids("source_identity", reference)}
        ids = [reference, *sorted(by_name - {reference})]
        versions = [t for id in ids for t in self._versions(Task, id)]
        return tuple(t for t in versions if reference in (t.id, t.bind.source_identity))

    def bindings(self, handle: str) -> tuple[Binding, ...]:
        """Return what binds this credential or session handle to a task: the feed's bindings and the tasks' `bind`."""
        ids = sorted({*self._base.ids("bound", handle), *self._feed.ids("bound", handle)})
        own = (_own_bindings(task, handle) for id in ids for task in self._versions(Task, id))
        return (*(binding for some in own for binding in some), *self._bindings.get(handle, ()))

    def bindings_of(self, task_id: str) -> tuple[Binding, ...]:
        """Return what the feed binds to this task, in the order of handles."""
        found = (binding for _, some in sorted(self._bindings.items()) for binding in some)
        return tuple(binding for binding in found if binding.task == task_id)

    def revocations(self, task_id: str) -> tuple[Revocation, ...]:
        """Return the revocations of this task, in the order of the feed."""
        return tuple(self._revocations.get(task_id, ()))

    def confusable(self, id: str) -> str | None:
        """Return the registered id of which this unregistered id is a look-alike (case, width, letters), if any."""
        if len(id) > MAX_NAME or self._versions(Identity, id):
            return None
        look = skeleton(id)
        return next((found for found in self._base.ids("skeleton", skeleton_key(id)) if skeleton(found) == look), None)

    def counts(self) -> dict[str, int]:
        """Return how many objects of each kind there are, the feed's included, by the kind's name."""
        kinds = (*NAMED, *LISTED)
        return {kind.__name__.lower(): self._base.count(kind) + self._feed.count(kind) for kind in kinds}

    def _versions(self, kind: type[_T], id: str) -> tuple[_T, ...]:
        base: tuple[_T, ...] = self._base.versions(kind, id)
        if kind is Task:
            feed: tuple[_T, ...] = self._feed.versions(kind, id)
            return tuple(sorted((*base, *feed), key=begin)) if base and feed else base or feed
        return base


def at_time(versions: tuple[_T, ...], at: int) -> _T | None:
    """Return the version that holds at `at`; they do not overlap, so there is at most one."""
    for version in reversed(versions):
        if holds(version, at):
            return version
    return None


def holds(thing: Any, at: int) -> bool:
    """Say whether `at` lies within `valid_from` (included) and `valid_to` (excluded)."""
    begin, end = thing.valid_from, thing.valid_to
    return (begin is None or begin <= at) and (end is None or at < end)


def _own_bindings(task: Task, handle: str) -> Iterable[Binding]:
    for kind, handles in (("credential_id", task.bind.credential_ids), ("session", task.bind.sessions)):
        if handle in handles:
            yield Binding(
                task=task.id,
                handle=handle,
                kind=kind,
                bound_at=task.registered_at,
                bound_step=1000 if task.registered_at % 1000 == 0 else 1,
                received_at=task.received_at,
                by=task.registered_by,
                counts=task.counts,
            )

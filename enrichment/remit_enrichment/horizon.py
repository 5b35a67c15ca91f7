"""Horizon: a registry that notes until when its answers stay the same.

Every answer as of a time holds between two moments at which something it looked at begins or ends. What was attributed
within those two moments need not be attributed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from remit_enrichment.constants import DAY, SECOND, SKEW
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Binding, Charter, Identity, Owner, Revocation, Task

FOREVER = 1 << 63


class Horizon(Registry):
    """Answers as the registry does, as of one time, and keeps the span in which all its answers hold."""

    def __init__(self, registry: Registry, at: int) -> None:
        self._of, self._at = registry, at
        self.version = registry.version
        self.issuers, self.coverage = registry.issuers, registry.coverage
        self.since, self.until = -FOREVER, FOREVER
        """The answers hold from `since` until before `until`."""
        self._note_versions((*registry.issuers, *registry.coverage, *registry.environments))
        for entry in registry.coverage:
            self.note(entry.identities, entry.agents, entry.tasks)

    def note(self, *moments: int | None) -> None:
        """Note moments at which an answer may change; those that logs cut to the second count from there."""
        for moment in moments:
            if moment is None:
                continue
            for change in (moment, moment - moment % SECOND):
                if change <= self._at:
                    self.since = max(self.since, change)
                else:
                    self.until = min(self.until, change)

    def identity(self, platform: str, handle: str, at: int) -> Identity | None:
        self._note_versions(self._of.identities_ever(platform, handle))
        return self._of.identity(platform, handle, at)

    def aws_roles(self, account: str, name: str, at: int) -> tuple[Identity, ...]:
        self.note(self._at, self._at + 1)  # which roles had that name when is not asked
        return self._of.aws_roles(account, name, at)

    def owner(self, id: str, at: int) -> Owner | None:
        versions = self._of.owners_ever(id)
        self._note_versions(versions)
        self.note(*(version.departed_at for version in versions))
        return self._of.owner(id, at)

    def owner_by_handle(self, handle: str, at: int) -> Owner | None:
        self._note_versions(self._of.owners_ever(handle))
        return self._of.owner_by_handle(handle, at)

    def charter(self, id: str, at: int) -> Charter | None:
        versions = self._of.charters_ever(id)
        self._note_versions(versions)
        for version in versions:
            self.note(version.review_due, None if version.review_due is None else version.review_due + 1)
        return self._of.charter(id, at)

    def task(self, id: str, at: int | None) -> Task | None:
        found = self._of.task(id, at)
        # Another version may begin or end: what it says then is another answer.
        self._note_tasks(version for version in self._of.referenced(id) if version.id == id)
        return found

    def tasks_open(self, identity_id: str, at: int, slack: int) -> tuple[Task, ...]:
        day = self._at - self._at % DAY
        near = self._of.tasks_near(identity_id, self._at, slack)
        self._note_tasks(near)
        self.note(day, day + DAY)
        return self._of.tasks_open(identity_id, at, slack)

    def referenced(self, reference: str) -> tuple[Task, ...]:
        return self._of.referenced(reference)

    def bindings(self, handle: str) -> tuple[Binding, ...]:
        found = self._of.bindings(handle)
        self.note(*(binding.bound_at for binding in found), *(binding.received_at for binding in found))
        return found

    def revocations(self, task_id: str) -> tuple[Revocation, ...]:
        found = self._of.revocations(task_id)
        self.note(*(revocation.at for revocation in found))
        return found

    def confusable(self, id: str) -> str | None:
        return self._of.confusable(id)

    def _note_versions(self, versions: Iterable[Any]) -> None:
        for version in versions:
            self.note(version.valid_from, version.valid_to)

    def _note_tasks(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            self.note(
                task.valid_from,
                task.valid_to,
                task.registered_at,
                task.received_at,
                task.start - SKEW,
                task.end + SKEW + 1,
            )

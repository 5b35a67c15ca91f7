"""What was seen before: duplicates, lateness and the use of a task's limits. All of it lies in the store."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec
from msgspec import Struct

from remit_enrichment.constants import DUPLICATE_HOURS, HOUR, LATE
from remit_enrichment.judgement import Classified, Usage
from remit_enrichment.registry.model import Limits, Task
from remit_enrichment.store import Store


def mark(*parts: str | bytes | int) -> int:
    """Return a 64-bit mark of some values: what is remembered in place of the values themselves."""
    digest = blake2b(digest_size=8)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    return int.from_bytes(digest.digest(), "big")


# --- duplicates, late events ------------------------------------------------------------------------------------------


class _Clock(Struct):
    newest: int = 0
    hours: list[int] = []
    """Hours of event time whose ids are held, the one touched last at the end."""


class Arrivals:
    """Which events came before, and how far the log has come."""

    def __init__(self, store: Store) -> None:
        self._store = store
        held = store.get("arrivals", "clock")
        self._clock = _Clock() if held is None else msgspec.msgpack.decode(held, type=_Clock)
        self._seen: dict[int, set[int]] = {}

    def is_duplicate(self, time: int, event: int) -> bool:
        """Say whether an event with this mark came before, and remember it."""
        seen = self._hour(time // HOUR)
        if event in seen:
            return True
        seen.add(event)
        return False

    def is_late(self, time: int) -> bool:
        """Say whether the log had come far beyond this time already."""
        late = time < self._clock.newest - LATE
        self._clock.newest = max(self._clock.newest, time)
        return late

    def save(self) -> None:
        """Write what changed to the store: one value an hour of events, not one an event."""
        for hour, seen in self._seen.items():
            self._store.put("arrivals", f"{hour:012d}", msgspec.msgpack.encode(sorted(seen)))
        self._store.put("arrivals", "clock", msgspec.msgpack.encode(self._clock))

    def _hour(self, hour: int) -> set[int]:
        hours = self._clock.hours
        if hours and hours[-1] == hour and hour in self._seen:
            return self._seen[hour]
        if hour in hours:
            hours.remove(hour)
        hours.append(hour)
        if hour not in self._seen:
            held = self._store.get("arrivals", f"{hour:012d}")
            self._seen[hour] = set() if held is None else msgspec.msgpack.decode(held, type=set[int])
        if len(hours) > DUPLICATE_HOURS:
            oldest = hours.pop(0)
            self._seen.pop(oldest, None)
            self._store.delete("arrivals", f"{oldest:012d}")
        return self._seen[hour]


# --- use of a task's limits -------------------------------------------------------------------------------------------


class _Used(Struct, array_like=True):
    actions: int = 0
    deletes: int = 0
    resources: list[int] = []


_decode_used = msgspec.msgpack.Decoder(_Used).decode


def is_limited(limits: Limits) -> bool:
    """Say whether a task has any limit to be counted against."""
    return (limits.max_actions, limits.max_deletes, limits.max_distinct_resources) != (None, None, None)


class TaskUse:
    """How much of its limits each task has used up."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def with_this(self, task: Task, classified: Classified, resources: Iterable[str], *, counted: bool) -> Usage:
        """Return what the task would have used up, as far as this action adds to it.

        Args:
            counted: the event is no duplicate and succeeded.
        """
        used = self._used(task)
        if not counted:
            return Usage()
        deletes = classified.action_class == "delete"
        marks = {mark(resource) for resource in resources} - set(used.resources)
        return Usage(
            used.actions + 1,
            used.deletes + 1 if deletes else 0,
            len(used.resources) + len(marks) if marks else 0,
        )

    def count(self, task: Task, classified: Classified, resources: Iterable[str]) -> None:
        """Add an action that was within scope and limits."""
        used = self._used(task)
        used.actions += 1
        used.deletes += classified.action_class == "delete"
        if task.limits.max_distinct_resources is not None:
            used.resources = sorted({*used.resources, *(mark(resource) for resource in resources)})
        self._store.put("task_use", task.id, msgspec.msgpack.encode(used))

    def _used(self, task: Task) -> _Used:
        held = self._store.get("task_use", task.id)
        return _Used() if held is None else _decode_used(held)

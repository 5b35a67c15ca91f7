"""Tasks by the days on which their windows are open, for an identity may have had tens of thousands of tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from remit_enrichment.registry.model import Task

DAY = 24 * 60 * 60 * 1000
LONG = 31
"""Days from which on a task is looked at for every event, instead of being entered for each of its days."""


class Windows:
    """The ids of tasks by day, each window widened by `slack` milliseconds on both sides."""

    def __init__(self, tasks: Iterable[Task], slack: int) -> None:
        self._long: list[str] = []
        self._days: dict[int, list[str]] = defaultdict(list)
        self.entries = 0
        """How much is kept, to bound memory by."""
        for task in tasks:
            first, last = (task.start - slack) // DAY, (task.end + slack) // DAY
            if last - first >= LONG:
                self._long.append(task.id)
                self.entries += 1
                continue
            for day in range(first, last + 1):
                self._days[day].append(task.id)
                self.entries += 1

    def ids(self, at: int) -> set[str]:
        """Return the ids of all tasks that may be open at `at`, and of some others."""
        return {*self._long, *self._days.get(at // DAY, ())}

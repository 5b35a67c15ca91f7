"""A broker's feed: tasks, bindings and revocations that lie over the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from remit_enrichment.registry.keys import FEED
from remit_enrichment.registry.model import Binding, Revocation, Task
from remit_enrichment.registry.objects import InMemory, Objects
from remit_enrichment.registry.places import Entry, Placed, Refuse, make
from remit_enrichment.registry.problems import shown
from remit_enrichment.registry.references import check_task, check_versions, overlap
from remit_enrichment.registry.sources import read_jsonl
from remit_enrichment.registry.trust import judged_line, judged_task, line_warning, task_warnings

_ELSEWHERE = "; owners, identities, charters and the rest belong in the registry's folder"


def read_feed(paths: Sequence[Path], base: Objects, refuse: Refuse, warn: Refuse) -> InMemory:
    """Return what the feeds say, checked against the registry `base` and decided whether each line counts.

    Lines may come in any order; a line that is repeated as it was is one line.
    """
    lines = list(make(_once(_entries(paths, refuse)), FEED, refuse, set()))
    feed = InMemory(_tasks([one for one in lines if isinstance(one.thing, Task)], base, refuse, warn))
    feed.add(_others([one for one in lines if not isinstance(one.thing, Task)], base, feed, warn))
    return feed


def _entries(paths: Sequence[Path], refuse: Refuse) -> Iterator[Entry]:
    for path in paths:
        yield from read_jsonl(path, tuple(FEED), _ELSEWHERE, refuse)


def _once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Leave out what was said before in the same words, in whatever order of keys and in whichever file."""
    seen: set[bytes] = set()
    for entry in entries:
        content = msgspec.json.encode((entry.type, entry.value), order="deterministic")
        if content not in seen:
            seen.add(content)
            yield entry


def _tasks(lines: Sequence[Placed], base: Objects, refuse: Refuse, warn: Refuse) -> Iterator[Task]:
    check_versions(lines, refuse)
    for one in lines:
        if any(overlap(version, one.thing) for version in base.versions(Task, one.thing.id)):
            what = f"task {shown(one.thing.id)} stands in the registry too, for the same time"
            refuse(one.place.problem(("id",), "overlap", what, "give it another id"))
        check_task(one, base, refuse)
        task = judged_task(one.thing, one.place.file, base)
        for problem in task_warnings(task, one.place, base):
            warn(problem)
        yield task


def _others(lines: Sequence[Placed], base: Objects, feed: Objects, warn: Refuse) -> Iterator[Binding | Revocation]:
    for one in lines:
        tasks = (*base.versions(Task, one.thing.task), *feed.versions(Task, one.thing.task))
        line = judged_line(one.thing, one.place.file, tasks, base)
        if not line.counts:
            warn(line_warning(line, one.place, known=bool(tasks)))
        yield line

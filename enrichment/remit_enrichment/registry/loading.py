"""Load a registry from a folder or from a snapshot, and a broker's feed over it: right as a whole, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from remit_enrichment.errors import BadInput
from remit_enrichment.registry.canonical import fingerprint
from remit_enrichment.registry.collector import without_collector
from remit_enrichment.registry.feed import read_feed
from remit_enrichment.registry.folder import ENDINGS, registry_files
from remit_enrichment.registry.keys import REGISTRY
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Coverage, Task
from remit_enrichment.registry.objects import InMemory, Objects
from remit_enrichment.registry.places import Entry, Placed, Refuse, make
from remit_enrichment.registry.problems import Problem, RegistryRefused
from remit_enrichment.registry.references import check_all
from remit_enrichment.registry.snapshot import Snapshot, is_snapshot
from remit_enrichment.registry.sources import read_jsonl, read_yaml
from remit_enrichment.registry.trust import judged_task, task_warnings

_ELSEWHERE = "; bindings and revocations belong in a feed (--tasks)"


class Loaded(Struct, frozen=True):
    """What came of loading: with any problem the registry must not be used."""

    registry: Registry
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    objects: Objects
    """The registry without the feed."""
    placed: tuple[Placed, ...]
    """The objects of the folder with their places; none of a snapshot, which has no places."""


def load_registry(path: Path | None, tasks: Sequence[Path] = ()) -> Registry:
    """Return the registry of `path` with the feeds of `tasks` over it; without a path nothing is registered.

    Raises:
        RegistryRefused: all that is wrong, each as `file:line: what; what to do`.
        BadInput: there is nothing to read at a path.
    """
    loaded = inspect_registry(path, tasks)
    if loaded.problems:
        raise RegistryRefused(loaded.problems)
    return loaded.registry


def inspect_registry(path: Path | None, tasks: Sequence[Path] = ()) -> Loaded:
    """Load, and return all problems and warnings instead of raising at the first.

    Raises:
        BadInput: there is nothing to read at a path.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for feed in tasks:
        if not feed.is_file():
            raise BadInput("there is no such file", where=str(feed), todo="give a feed of JSON lines to --tasks")
    base: Objects = InMemory()
    placed: tuple[Placed, ...] = ()
    if path is not None:
        if is_snapshot(path):
            base = Snapshot(path)
        else:
            base, placed = read_folder(path, problems.append, warnings.append)
        if not base.listed(Coverage):
            what = "there is no coverage, so nothing that is missing from this registry is ever a finding"
            warnings.append(Problem(str(path), 0, "no_coverage", what, "say in `coverage` what is complete since when"))
    lines = read_feed(tasks, base, problems.append, warnings.append)
    version = fingerprint(lines, over=base.version) if tasks else base.version
    registry = Registry(base, lines, version=version, warnings=tuple(sorted(warnings)))
    return Loaded(registry, tuple(sorted(problems)), registry.warnings, base, placed)


def read_folder(path: Path, refuse: Refuse, warn: Refuse) -> tuple[InMemory, tuple[Placed, ...]]:
    """Return the registry of a folder, or of one of its files, and the same objects with their places.

    Raises:
        BadInput: there is no registry at the path.
    """
    with without_collector():
        refused_ids: set[str] = set()
        placed = tuple(make(_entries(_files(path, refuse), refuse), REGISTRY, refuse, refused_ids))
        objects = _decided(placed, warn)
        check_all(placed, objects, refuse, refused_ids)
        objects.version = fingerprint(objects)
    return objects, placed


def _files(path: Path, refuse: Refuse) -> list[Path]:
    if path.is_dir():
        refused: list[Problem] = []
        files = registry_files(path, refused.append)
        for problem in refused:
            refuse(problem)
        if files or refused:
            return files
        raise BadInput("no *.yml and no *.jsonl below this folder", where=str(path), todo="check the path")
    if path.suffix in ENDINGS and path.is_file():
        return [path]
    raise BadInput("there is no registry", where=str(path), todo="give a folder of *.yml or *.jsonl, or a snapshot")


def _entries(files: Iterable[Path], refuse: Refuse) -> Iterator[Entry]:
    for file in files:
        try:
            if file.suffix == ".yml":
                yield from read_yaml(file, refuse)
            else:
                yield from read_jsonl(file, tuple(REGISTRY), _ELSEWHERE, refuse)
        except OSError as error:
            refuse(Problem(str(file), 0, "not_read", f"cannot be read: {error.strerror}", "let it be read"))


def _decided(placed: Iterable[Placed], warn: Refuse) -> InMemory:
    """Return the objects with each task decided, which takes the registrars and the identities."""
    objects = InMemory(one.thing for one in placed if not isinstance(one.thing, Task))
    tasks = []
    for one in placed:
        if isinstance(one.thing, Task):
            task = judged_task(one.thing, one.place.file, objects)
            tasks.append(task)
            for problem in task_warnings(task, one.place, objects):
                warn(problem)
    objects.add(tasks)
    return objects

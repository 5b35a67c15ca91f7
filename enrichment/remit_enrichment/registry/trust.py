"""Who may speak for a task: registrars, and identities that must not register tasks for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from remit_enrichment import globs
from remit_enrichment.registry.lookup import holds
from remit_enrichment.registry.model import BACKDATE_GRACE, Binding, Identity, Owner, Registrar, Revocation, Task
from remit_enrichment.registry.objects import Objects
from remit_enrichment.registry.places import Place
from remit_enrichment.registry.problems import Problem, shown


def judged_task(task: Task, file: str, objects: Objects) -> Task:
    """Return the task with `counts` and `self_issued` decided; `file` is where it was written."""
    when = _known_since(task.registered_at, task.received_at)
    counts = may_speak(objects.listed(Registrar), task.registered_by, task.identity, when, file)
    self_issued = _is_own(task, objects)
    return msgspec.structs.replace(task, counts=counts and not self_issued, self_issued=self_issued)


def judged_line(line: Binding | Revocation, file: str, tasks: Sequence[Task], objects: Objects) -> Any:
    """Return a binding or revocation with `counts` decided; `tasks` are the versions of the task that it names.

    It counts if its task is known, and whoever says it may speak for the identity of every version of that task and is
    not that identity.
    """
    said = line.bound_at if isinstance(line, Binding) else line.at
    when = _known_since(said, line.received_at)
    registrars = objects.listed(Registrar)
    counts = bool(tasks) and all(
        may_speak(registrars, line.by, task.identity, when, file)
        and not (isinstance(line, Binding) and line.by in _handles(task.identity, objects))
        for task in tasks
    )
    return msgspec.structs.replace(line, counts=counts)


def may_speak(registrars: Sequence[Registrar], by: str | None, identity: str, at: int, file: str) -> bool:
    """Say whether `by` may register tasks for the identity at that time.

    Without registrars everything counts. Where nobody is named, the registrars whose feed the file is speak.
    """
    if not registrars:
        return True
    speaking = [
        registrar
        for registrar in registrars
        if (registrar.id == by if by is not None else registrar.feed and globs.matches_path(registrar.feed, file))
    ]
    return any(
        holds(registrar, at) and (registrar.identities is None or globs.matches_any(registrar.identities, identity))
        for registrar in speaking
    )


def _known_since(said: int, received: int | None) -> int:
    """Return when it was said: the writer's own time, unless the receipt shows that it was written later."""
    return received if received is not None and received > said + BACKDATE_GRACE else said


def _is_own(task: Task, objects: Objects) -> bool:
    handles = _handles(task.identity, objects)
    return task.registered_by in handles or (task.delegator is not None and task.delegator.id in handles)


def _handles(identity_id: str, objects: Objects) -> set[str]:
    """Return everything by which the identity was ever known: its id, native id, aliases and credentials."""
    handles = {identity_id, identity_id.split(":", 2)[-1]}
    for version in objects.versions(Identity, identity_id):
        handles.update(version.aliases)
        handles.update(credential.id for credential in version.credentials)
    return handles


def task_warnings(task: Task, place: Place, objects: Objects) -> Iterator[Problem]:
    """Yield why a decided task will never count, and whom it names that nobody registered."""
    if task.self_issued:
        what = f"task {shown(task.id)} was asked for or registered by its own identity and never counts"
        yield place.problem(("id",), "self_issued", what, "let a person or a broker register it")
    elif not task.counts:
        who = f"by {shown(task.registered_by)}" if task.registered_by else "by nobody whose feed this is"
        what = f"task {shown(task.id)} was registered {who}, no registrar for {shown(task.identity)}; it never counts"
        yield place.problem(("registered_by",), "no_registrar", what, "list the registrar in `registrars`")
    if task.delegator and not _is_registered(task.delegator.id, objects):
        what = f"task {shown(task.id)}: the delegator {shown(task.delegator.id)} is not registered"
        yield place.problem(("delegator", "id"), "unknown_delegator", what, "add an owner with this id or alias")


def line_warning(line: Binding | Revocation, place: Place, known: bool) -> Problem:
    """Return why a binding or revocation will never count."""
    word = "binding" if isinstance(line, Binding) else "revocation"
    if not known:
        what = f"{word} to the unknown task {shown(line.task)}; it never counts"
        return place.problem(("task",), "unknown_task", what, "register the task first, or correct its id")
    who = shown(line.by) if line.by else "nobody whose feed this is"
    what = f"{word} for task {shown(line.task)} by {who}, who may not speak for its identity; it never counts"
    return place.problem(("by",), "no_registrar", what, "list the registrar in `registrars`")


def _is_registered(handle: str, objects: Objects) -> bool:
    return bool(objects.versions(Owner, handle) or objects.ids("owner", handle) or objects.versions(Identity, handle))

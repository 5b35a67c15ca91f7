"""Does an action fit the lists of a task and its charter? Class, action, every resource; deny before allow.

An absent list restricts nothing, an empty one allows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec import Struct

from remit_enrichment.activity import Activity
from remit_enrichment.globs import matches, matches_action
from remit_enrichment.judgement import Classified
from remit_enrichment.registry.model import Allow, Charter, Task


def any_action(globs: tuple[str, ...], activity: Activity) -> bool:
    """Say whether one of the globs names the action."""
    return matches_action(globs, activity.action, activity.platform)


def any_resource(globs: tuple[str, ...], resource: str) -> bool:
    """Say whether one of the globs names the resource."""
    return any(matches(glob, resource) for glob in globs)


# --- resources --------------------------------------------------------------------------------------------------------


def resources_of(
    activity: Activity, task: Task | None, charter: Charter | None, arguments: tuple[str, ...] = ()
) -> tuple[str, ...] | None:
    """Return the resources that count under a task and charter, None where the log names none.

    An agent's tool call names every argument; only those that the lists, or the registry's entry of the tool
    (`arguments`), speak of are resources.
    """
    resources = activity.resources
    if not resources:
        return None
    if activity.platform != "otel":
        return resources
    lists: list[tuple[str, ...] | None] = [arguments]
    if task is not None:
        lists += [task.allow.resources, task.deny.resources]
    if charter is not None:
        lists += [charter.allow.resources, charter.deny.resources]
    named = {entry.split("=", 1)[0] for entry in chain.from_iterable(entries or () for entries in lists)}
    kept = tuple(r for r in resources if any(matches(name, r.split("=", 1)[0]) for name in named))
    return kept or None


# --- a task -----------------------------------------------------------------------------------------------------------


class Fit(Struct, frozen=True):
    """How an action fits a task."""

    codes: tuple[str, ...] = ()
    """Why it does not; none where it does."""
    resource_unknown: bool = False
    """The task restricts resources and the log names none."""


def fit(
    activity: Activity,
    classified: Classified,
    task: Task,
    charter: Charter | None,
    acting: Charter | None,
    arguments: tuple[str, ...] = (),
) -> Fit:
    """Hold an action against a task and the charter of the task's identity.

    Args:
        acting: the charter of the identity that acts; in a chain its deny counts too.
    """
    resources = resources_of(activity, task, charter, arguments)
    charters = [c for c in dict.fromkeys((charter, acting)) if c is not None]
    codes = dict.fromkeys(
        chain(
            *(_denied_by_charter(activity, classified, c, resources) for c in charters),
            _denied(activity, classified, task, resources),
            _not_allowed(activity, classified, task, charter, resources),
        )
    )
    restricted = allowance(task, charter).resources is not None or any(
        deny.resources for deny in (task.deny, *(c.deny for c in charters))
    )
    return Fit(tuple(codes), resources is None and restricted)


def _denied(
    activity: Activity, classified: Classified, holder: Task | Charter, resources: tuple[str, ...] | None
) -> Iterator[str]:
    deny = holder.deny
    if classified.action_class in deny.classes:
        yield "CLASS_NOT_IN_TASK"
    if deny.actions and any_action(deny.actions, activity):
        yield "ACTION_NOT_IN_TASK"
    if deny.resources and any(any_resource(deny.resources, r) for r in resources or ()):
        yield "RESOURCE_NOT_IN_TASK"


def _denied_by_charter(
    activity: Activity, classified: Classified, charter: Charter, resources: tuple[str, ...] | None
) -> Iterator[str]:
    for code in _denied(activity, classified, charter, resources):
        yield code
        yield "RESOURCE_OUT_OF_BOUNDARY" if code == "RESOURCE_NOT_IN_TASK" else "ACTION_OUT_OF_BOUNDARY"


def _not_allowed(
    activity: Activity, classified: Classified, task: Task, charter: Charter | None, resources: tuple[str, ...] | None
) -> Iterator[str]:
    allow = allowance(task, charter)
    if allow.classes is not None and classified.action_class not in allow.classes:
        yield "CLASS_NOT_IN_TASK"
    if allow.actions is not None and not any_action(allow.actions, activity):
        yield "ACTION_NOT_IN_TASK"
    if allow.resources is not None and not all(any_resource(allow.resources, r) for r in resources or ()):
        yield "RESOURCE_NOT_IN_TASK"


def allowance(task: Task, charter: Charter | None) -> Allow:
    """Return what a task allows: an absent list of a task is its charter's."""
    if charter is None:
        return task.allow
    own, inherited = task.allow, charter.allow
    return Allow(
        classes=inherited.classes if own.classes is None else own.classes,
        actions=inherited.actions if own.actions is None else own.actions,
        resources=inherited.resources if own.resources is None else own.resources,
    )

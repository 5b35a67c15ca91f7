"""What the task allowed beside what was done, point by point."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from remit.reports import facts
from remit.reports.incidents import Incident, many, tag

MAX_ITEMS = 6


class Row(Struct, frozen=True):
    label: str
    allowed: tuple[str, ...]
    did: tuple[str, ...]
    mark: str
    """`no` where a reason code says so, `yes` where it was judged and none does, `open` where it was not judged."""
    note: str = ""


def rows(incident: Incident) -> tuple[Row, ...]:
    """Return the points of comparison; none where no task was chosen."""
    nhi, codes = incident.lead.nhi, set(incident.reasons)
    if tag(nhi, "task.id") is None:
        return ()
    # The window is judged before the scope: of a task that had ended, nobody asked what it allowed.
    scope = "yes" if incident.lead.verdict in ("aligned", "out_of_scope", "unattested") else "open"
    did = [str(tag(deed.nhi, "action.class") or "?") for deed in incident.deeds]
    touched = [resource for deed in incident.deeds for resource in deed.resources]
    found = [
        Row(
            "Window",
            _some([facts.task_window(nhi)]),
            (facts.span(incident),),
            _mark(codes, "yes", "TASK_WINDOW_CLOSED", "TASK_NOT_STARTED"),
        ),
        Row(
            "Actions",
            many(tag(nhi, "task.allowed_actions")),
            _first(name for name, _ in incident.actions),
            _mark(codes, scope, "ACTION_NOT_IN_TASK", "ACTION_OUT_OF_BOUNDARY"),
        ),
        Row(
            "Classes",
            many(tag(nhi, "scope.boundary.classes")),
            _first(did),
            _mark(codes, scope, "CLASS_NOT_IN_TASK"),
            "of the charter",
        ),
        Row(
            "Resources",
            many(tag(nhi, "task.allowed_resources")),
            _first(touched, 3),
            _mark(codes, scope if touched else "open", "RESOURCE_NOT_IN_TASK", "RESOURCE_OUT_OF_BOUNDARY"),
        ),
        Row("Proof", ("L3 or better for a change",), (facts.evidence_level(nhi),), _proof(incident)),
    ]
    if "LIMIT_EXCEEDED" in codes:
        found.append(Row("Limits", (), (f"{len(incident.deeds)} events that alerted",), "no"))
    return tuple(found)


def _proof(incident: Incident) -> str:
    nhi = incident.lead.nhi
    if tag(nhi, "attribution.level") in ("L3", "L4"):
        return "yes"
    return "no" if tag(nhi, "action.mutating") or tag(nhi, "action.sensitive") else "open"


def _mark(codes: set[str], otherwise: str, *against: str) -> str:
    return "no" if codes.intersection(against) else otherwise


def _some(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _first(values: Iterable[str], limit: int = MAX_ITEMS) -> tuple[str, ...]:
    """Return the first few different values, and how many more there are."""
    different = list(dict.fromkeys(values))
    more = len(different) - limit
    return (*different[:limit], *((f"and {more} more",) if more > 0 else ()))

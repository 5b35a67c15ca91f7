"""Put alerts together: which of them one person should look at as one thing, and which say less than another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from remit.alerts import INCIDENT_KINDS, Alert
from remit.hunt.alerting import digest, tag

GAP = 60 * 60 * 1000
"""Milliseconds between two alerts of one incident, at most."""
SPAN = 24 * 60 * 60 * 1000
"""Milliseconds from the first to the last alert of one incident, at most."""


def supersede(alerts: Sequence[Alert], supersedes: Mapping[str, Sequence[str]]) -> list[Alert]:
    """Mark every alert that another one on the same event says better; `supersedes` names rules by rule."""
    if not any(supersedes.values()):
        return list(alerts)
    on_event: dict[tuple[str, int, int], list[Alert]] = defaultdict(list)
    for alert in alerts:
        for event in alert.events:
            on_event[event.file, event.line, event.record].append(alert)
    better: dict[str, str] = {}
    for alert in alerts:
        for event in alert.events:
            for other in on_event[event.file, event.line, event.record]:
                if other.rule.id in supersedes.get(alert.rule.id, ()):
                    better.setdefault(other.id, alert.id)
    return [msgspec.structs.replace(alert, superseded_by=better.get(alert.id)) for alert in alerts]


def assign(alerts: Sequence[tuple[int, Alert]]) -> list[Alert]:
    """Give every alert to page or queue its incident: same identity and task-or-session, close in time.

    The alerts are in their order, each with its moment. An incident is named after its first alert, so it keeps its id
    when it grows.
    """
    open_incidents: dict[tuple[str, str], tuple[str, int, int]] = {}
    found: list[Alert] = []
    for moment, alert in alerts:
        if alert.rule.alert not in INCIDENT_KINDS:
            found.append(alert)
            continue
        key = _key(alert)
        incident, first, last = open_incidents.get(key, ("", 0, 0))
        if not incident or moment - last > GAP or moment - first > SPAN:
            incident, first = digest("incident", alert.id), moment
        open_incidents[key] = incident, first, moment
        found.append(msgspec.structs.replace(alert, incident=incident))
    return found


def _key(alert: Alert) -> tuple[str, str]:
    if alert.identity is None:
        return "", alert.id
    return alert.identity.id, tag(alert.nhi, "task", "id") or tag(alert.nhi, "session", "id") or ""

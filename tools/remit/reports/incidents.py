"""Alerts put together into what an analyst works on: one incident, its deeds in order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from remit.alerts import INCIDENT_KINDS, Alert, AlertIdentity, AlertOwner, AlertRule, EventPlace

SEVERITIES = ("informational", "low", "medium", "high", "critical")


class Deed(Struct, frozen=True, kw_only=True):
    """One event of an incident, and the rules that it fired."""

    time: str | None
    nhi: dict[str, Any]
    place: EventPlace | None
    level: str
    rules: tuple[AlertRule, ...]
    reasons: tuple[str, ...]
    more: int = 0
    """Further events of a correlation, of which only the first is described."""

    @property
    def action(self) -> str:
        return str(tag(self.nhi, "action.name") or "?")

    @property
    def resources(self) -> tuple[str, ...]:
        return many(tag(self.nhi, "resource.id"))


class Incident(Struct, frozen=True, kw_only=True):
    """One identity, one task or session, one span of time."""

    id: str
    alerts: tuple[Alert, ...]
    """In order of time; superseded ones are in it too."""
    deeds: tuple[Deed, ...]
    level: str
    lead: Alert
    """The gravest alert, the first of them: what the incident is told by."""

    @property
    def identity(self) -> AlertIdentity | None:
        return self.lead.identity

    @property
    def owner(self) -> AlertOwner | None:
        return self.lead.owner

    @property
    def start(self) -> str | None:
        return min((deed.time for deed in self.deeds if deed.time), default=None)

    @property
    def end(self) -> str | None:
        return max((deed.time for deed in self.deeds if deed.time), default=None)

    @property
    def actions(self) -> tuple[tuple[str, int], ...]:
        """What was done and how often, in the order of the first time."""
        return tuple(Counter(deed.action for deed in self.deeds).items())

    @property
    def rules(self) -> tuple[tuple[AlertRule, int], ...]:
        """The rules that fired and how often, the gravest first; superseded ones are left out."""
        count = Counter(alert.rule.id for alert in self.alerts if alert.superseded_by is None)
        first = {alert.rule.id: alert.rule for alert in reversed(self.alerts)}
        ordered = sorted(count, key=lambda id: (-rank(first[id].level), first[id].title))
        return tuple((first[id], count[id]) for id in ordered)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason code of the incident, the lead's first."""
        return tuple(dict.fromkeys((*self.lead.reasons, *(code for deed in self.deeds for code in deed.reasons))))

    @property
    def subject(self) -> str:
        """The identity by the shortest name that we have."""
        if self.identity is None:
            return "unknown identity"
        return self.identity.name or self.identity.id.rsplit("/", 1)[-1]


def incidents(alerts: Iterable[Alert]) -> tuple[Incident, ...]:
    """Return the incidents of these alerts, the gravest first, then by time."""
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.incident is not None and alert.rule.alert in INCIDENT_KINDS:
            groups.setdefault(alert.incident, []).append(alert)
    found = [_incident(id, sorted(group, key=_order)) for id, group in groups.items()]
    return tuple(sorted(found, key=lambda incident: (-rank(incident.level), incident.start or "~", incident.id)))


def quiet(alerts: Iterable[Alert]) -> tuple[tuple[AlertRule, int], ...]:
    """Return the rules whose alerts made no incident (risk only, building block), and how often each fired."""
    silent = [alert for alert in alerts if alert.incident is None or alert.rule.alert not in INCIDENT_KINDS]
    count = Counter(alert.rule.id for alert in silent)
    first = {alert.rule.id: alert.rule for alert in reversed(silent)}
    return tuple((first[id], n) for id, n in sorted(count.items(), key=lambda item: (-item[1], first[item[0]].title)))


def _incident(id: str, alerts: list[Alert]) -> Incident:
    shown = [alert for alert in alerts if alert.superseded_by is None] or alerts
    lead = min(shown, key=lambda alert: (-rank(alert.rule.level), *_order(alert)))
    return Incident(id=id, alerts=tuple(alerts), deeds=_deeds(alerts), level=lead.rule.level, lead=lead)


def _deeds(alerts: list[Alert]) -> tuple[Deed, ...]:
    """Return one deed for each event: several rules may fire on the same one."""
    by_event: dict[tuple[str, int, int] | str, list[Alert]] = {}
    for alert in alerts:
        place = alert.events[0] if alert.events else None
        by_event.setdefault((place.file, place.line, place.record) if place else alert.id, []).append(alert)
    return tuple(_deed(group) for group in by_event.values())


def _deed(alerts: list[Alert]) -> Deed:
    shown = [alert for alert in alerts if alert.superseded_by is None] or alerts
    first = max(shown, key=lambda alert: rank(alert.rule.level))
    return Deed(
        time=first.time,
        nhi=first.nhi,
        place=first.events[0] if first.events else None,
        level=first.rule.level,
        rules=tuple({alert.rule.id: alert.rule for alert in shown}.values()),
        reasons=tuple(dict.fromkeys(code for alert in shown for code in alert.reasons)),
        more=max(alert.event_count for alert in shown) - 1,
    )


def _order(alert: Alert) -> tuple[str, str, str]:
    return (alert.time or "~", alert.rule.id, alert.id)


def rank(level: str) -> int:
    """Return how grave a level is; an unknown one is the least."""
    return SEVERITIES.index(level) if level in SEVERITIES else -1


def tag(nhi: dict[str, Any], name: str) -> Any:
    """Return a tag by its dotted name, None where it is absent."""
    value: Any = nhi
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def many(value: Any) -> tuple[str, ...]:
    """Return a tag that may be one or a list as texts."""
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def moment(time: str | None) -> datetime | None:
    """Return an alert's time as a point in time, None where it has none that can be read."""
    try:
        return None if time is None else datetime.fromisoformat(time)
    except ValueError:
        return None

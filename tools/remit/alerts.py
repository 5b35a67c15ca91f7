"""The alert line (a contract): what `hunt` writes, and what cards, reports and tickets read."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

AlertKind = Literal["page", "queue", "risk_only", "building_block"]
INCIDENT_KINDS: frozenset[str] = frozenset({"page", "queue"})
"""Only these make incidents, cards and exit code 1."""

MAX_EVENTS = 100


class AlertRule(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    level: str
    file: str
    alert: AlertKind = "queue"


class AlertIdentity(Struct, frozen=True, kw_only=True):
    id: str
    name: str | None = None
    kind: str | None = None


class AlertOwner(Struct, frozen=True, kw_only=True):
    id: str
    name: str | None = None
    team: str | None = None


class EventPlace(Struct, frozen=True, kw_only=True):
    file: str
    line: int
    """From 1."""
    record: int
    """From 0 inside a container."""
    id: str | None = None


class Guidance(Struct, frozen=True, kw_only=True):
    """What the rule tells the analyst; carried along so that a report needs the alerts file alone."""

    description: str = ""
    falsepositives: tuple[str, ...] = ()
    triage: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Alert(Struct, frozen=True, kw_only=True):
    id: str
    incident: str | None
    rule: AlertRule
    time: str | None
    """Event time, UTC, milliseconds; None where it cannot be read."""
    identity: AlertIdentity | None
    owner: AlertOwner | None
    verdict: str | None
    reasons: tuple[str, ...] = ()
    group: dict[str, str] = {}
    events: tuple[EventPlace, ...] = ()
    event_count: int = 1
    superseded_by: str | None = None
    nhi: dict[str, Any] = {}
    """The tags of the first event: what the card shows."""
    guidance: Guidance = Guidance()

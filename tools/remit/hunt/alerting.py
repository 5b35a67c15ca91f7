"""Make an alert of a rule and what it fired on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from msgspec import Struct

from remit.alerts import Alert, AlertIdentity, AlertOwner, AlertRule, EventPlace, Guidance
from remit.content import Correlation, Rule
from remit.meaning.values import is_scalar, text_of
from remit_enrichment.tags import timestamp


class Fired(Struct, frozen=True, kw_only=True):
    """A rule fired on an event, or a correlation on several."""

    rule: Rule | Correlation
    time: int | None
    """Event time in milliseconds; of a correlation its close."""
    moment: int
    """Where it stands among the others: its time, else the last time seen before it."""
    places: tuple[EventPlace, ...]
    """The events, or the first of them."""
    event_count: int = 1
    order: int
    """Number of the first event in reading order: of equal times the first read stands first."""
    nhi: Mapping[str, Any]
    """The tags of the first event."""
    group: Mapping[str, str] = {}
    """Group-by fields of a correlation with their values."""
    one_identity: bool = True
    """All events are of the first one's identity."""
    repeated: bool = False
    """The event is the second delivery of one that was seen before."""

    @property
    def rank(self) -> tuple[int, str, int]:
        return self.moment, self.rule.id, self.order


def alerts_of(fired: Iterable[Fired]) -> list[tuple[int, Alert]]:
    """Return one alert for each, ordered by time, rule and event, without incidents yet; with each its moment.

    The id depends on rule and event alone, so that a second run finds the same one, also in a copy of the file. A
    second delivery of an event makes no second alert; two events that only share their id do.
    """
    taken: dict[str, int] = {}
    alerts: list[tuple[int, Alert]] = []
    for each in sorted(fired, key=lambda each: each.rank):
        key = _key(each)
        number = taken.get(key, 0)
        if number and each.repeated:
            continue
        taken[key] = number + 1
        alerts.append((each.moment, _alert(each, digest(key, str(number)) if number else digest(key))))
    return alerts


def digest(*parts: str) -> str:
    """Return a stable id of some texts."""
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _key(fired: Fired) -> str:
    """What makes an alert the same one: of a correlation its group and its close."""
    if isinstance(fired.rule, Correlation):
        return "\n".join((fired.rule.id, *map(repr, fired.group.items()), str(fired.time)))
    identity = tag(fired.nhi, "identity", "id") or ""
    return "\n".join((fired.rule.id, identity, fired.places[0].id or "", str(fired.time)))


def _alert(fired: Fired, alert_id: str) -> Alert:
    rule, nhi = fired.rule, fired.nhi
    return Alert(
        id=alert_id,
        incident=None,
        rule=AlertRule(id=rule.id, title=rule.title, level=rule.level, file=rule.file, alert=rule.alert),
        time=None if fired.time is None else timestamp(fired.time),
        identity=_identity(nhi) if fired.one_identity else None,
        owner=_owner(nhi) if fired.one_identity else None,
        verdict=tag(nhi, "verdict", "intent"),
        reasons=texts(nhi, "verdict", "reasons"),
        group=dict(fired.group),
        events=fired.places,
        event_count=fired.event_count,
        nhi=dict(nhi),
        guidance=Guidance(
            description=rule.description,
            falsepositives=rule.falsepositives,
            triage=rule.custom.triage,
            response=rule.custom.response,
            references=rule.references,
            tags=rule.tags,
        ),
    )


def tag(nhi: Mapping[str, Any], *path: str) -> str | None:
    """Return one tag as text, None where it is not there."""
    found = texts(nhi, *path)
    return found[0] if found else None


def texts(nhi: Mapping[str, Any], *path: str) -> tuple[str, ...]:
    """Return the values of one tag as texts. With --enriched the file says what stands there: anything may."""
    value: Any = nhi
    for step in path:
        if not isinstance(value, dict):
            return ()
        value = value.get(step)
    if isinstance(value, str):
        return (value,)
    if value is None:
        return ()
    return tuple(text_of(each) for each in (value if isinstance(value, list) else (value,)) if is_scalar(each))


def _identity(nhi: Mapping[str, Any]) -> AlertIdentity | None:
    known = tag(nhi, "identity", "id")
    if known is None:
        return None
    return AlertIdentity(id=known, name=tag(nhi, "identity", "name"), kind=tag(nhi, "identity", "kind"))


def _owner(nhi: Mapping[str, Any]) -> AlertOwner | None:
    known = tag(nhi, "owner", "id")
    return (
        None if known is None else AlertOwner(id=known, name=tag(nhi, "owner", "name"), team=tag(nhi, "owner", "team"))
    )

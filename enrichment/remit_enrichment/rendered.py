"""The tags as bytes. `tags.values` is their definition; most of them are put together from parts rendered before.

What is told of the session, of the action and of the verdict comes again and again; what is an event's own are its id,
its time, its resources and its counts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from remit_enrichment.activity import Activity
from remit_enrichment.behavior import NOTHING_LATELY
from remit_enrichment.constants import MINUTE, SECOND
from remit_enrichment.credentials import NOTHING_TO_TELL
from remit_enrichment.fields import VERSION
from remit_enrichment.judgement import Assessment, Classified, Facts, Recent, Risk
from remit_enrichment.standing import Standing
from remit_enrichment.tags import (
    action,
    bounded,
    is_detailed,
    judgement,
    render,
    risk_values,
    text,
    timestamp,
    told_environment,
    values,
    who,
)

MOST_PARTS = 48
"""Rendered parts that are kept for one standing; more are forgotten all at once."""

_encode = msgspec.json.Encoder().encode


def tags(
    activity: Activity,
    found: Assessment,
    standing: Standing,
    *,
    event_id: str,
    target: dict[str, Any],
    registry_version: str = "",
) -> bytes:
    """Return the object to write beside a recognised event."""
    if is_ordinary(activity, found, target):
        return _from_parts(activity, found, standing, event_id, registry_version)
    return render(values(activity, found, event_id=event_id, target=target, registry_version=registry_version))


def is_ordinary(activity: Activity, found: Assessment, target: dict[str, Any]) -> bool:
    """Say whether all that is told of an event falls into the parts that come again."""
    facts = found.facts
    return not (
        target
        or activity.errors
        or facts.duplicate
        or facts.first_seen
        or found.credential is not NOTHING_TO_TELL
        or found.at is None
    )


def _from_parts(
    activity: Activity, found: Assessment, standing: Standing, event_id: str, registry_version: str
) -> bytes:
    detailed = is_detailed(found)
    key = (detailed, found.finding)
    session = standing.rendered.get(key)
    if session is None:
        session = standing.rendered[key] = _members(_session(who(activity, found), agent=False))
    at = found.at
    return b'{"event":{"id":%b%b},%b,%b%b,"outcome":"%b",%b%b%b,"enrichment":%b}' % (
        _encode(text(event_id)),
        _time(at) if at is not None else b"",
        session,
        _action(found.classified),
        _resource(activity, told_environment(found), detailed),
        activity.outcome.encode(),
        _verdict(activity, found, standing, detailed),
        _behavior(found.facts),
        _risk(found.risk) if found.risk.score else b"",
        _enrichment(registry_version if found.finding else ""),
    )


def _verdict(activity: Activity, found: Assessment, standing: Standing, detailed: bool) -> bytes:
    verdict, boundary = found.verdict, found.boundary
    key = (
        detailed,
        verdict.intent,
        (verdict.task.id, verdict.task.valid_from) if verdict.task is not None else None,
        verdict.level,
        verdict.evidence,
        verdict.conflict,
        verdict.confidence,
        boundary.scope,
        boundary.network,
        boundary.time,
        found.reasons,
        found.governance,
    )
    rendered = standing.rendered.get(key)
    if rendered is None:
        agent = _session(who(activity, found), agent=True)
        rendered = _members(agent | judgement(activity, found))
        if len(standing.rendered) >= MOST_PARTS:
            standing.rendered.clear()
        standing.rendered[key] = rendered
    return rendered


def _session(told: dict[str, Any], *, agent: bool) -> dict[str, Any]:
    """Return what is told of the agent, which stands behind the action, or of everything that stands before it."""
    return {name: value for name, value in told.items() if name.startswith("agent.") is agent}


def _members(values: dict[str, Any]) -> bytes:
    return render(values)[1:-1]


@lru_cache(maxsize=4096)
def _action(classified: Classified) -> bytes:
    return _members(action(classified))


@lru_cache(maxsize=4096)
def _risk(risk: Risk) -> bytes:
    return b"," + _members(risk_values(risk))


@lru_cache(maxsize=16)
def _enrichment(registry_version: str) -> bytes:
    whole = {"enrichment.version": VERSION, "enrichment.registry_version": registry_version[:12]}
    return _members(whole).removeprefix(b'"enrichment":')


def _resource(activity: Activity, environment: str | None, detailed: bool) -> bytes:
    ids = bounded(activity.resources or ()) if detailed else ()
    if environment is None:
        return b',"resource":{"id":%b}' % _encode(ids) if ids else b""
    members = b'"id":%b,' % _encode(ids) if ids else b""
    return b',"resource":{%b"environment":%b}' % (members, _encode(text(environment)))


def _behavior(facts: Facts) -> bytes:
    learning = b',"baseline":{"learning":true}' if facts.learning else b""
    if facts.recent is NOTHING_LATELY:
        return learning
    counts = _recent(facts.recent)
    return learning + (b',"recent":{%b}' % counts if counts else b"")


def _recent(recent: Recent) -> bytes:
    members: list[str] = []
    if recent.denied_count:
        members.append(f'"denied_count":{recent.denied_count}')
    if recent.delete_count:
        members.append(f'"delete_count":{recent.delete_count}')
    if recent.mutating_count:
        members.append(f'"mutating_count":{recent.mutating_count}')
    if recent.secrets_read_count:
        members.append(f'"secrets_read_count":{recent.secrets_read_count}')
    if recent.distinct_resources > 1:
        members.append(f'"distinct_resources":{recent.distinct_resources}')
    if recent.untrusted_read:
        members.append('"untrusted_read":true')
    if recent.self_escalation:
        members.append('"self_escalation":true')
    return ",".join(members).encode()


@lru_cache(maxsize=4096)
def _minute(minute: int) -> bytes:
    moment = timestamp(minute * MINUTE)
    return b"" if moment is None else f',"time":"{moment[:17]}'.encode()


def _time(ms: int) -> bytes:
    minute, rest = divmod(ms, MINUTE)
    head = _minute(minute)
    return b'%b%02d.%03dZ"' % (head, *divmod(rest, SECOND)) if head else b""

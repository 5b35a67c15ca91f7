"""The tags: the object that is written beside an event, from what the chain found.

Flags are written only when true, verdict words only when they say more than "as declared", three-state facts whenever
they are known. What is there for the eye alone waits for a finding. Texts are cut, lists are bounded, empty values are
left out; the order of members is that of `FIELDS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from remit_enrichment.activity import Activity, Principal
from remit_enrichment.behavior import NOTHING_LATELY
from remit_enrichment.constants import MAX_ITEMS, MAX_TEXT, MINUTE, SECOND
from remit_enrichment.credentials import NOTHING_TO_TELL
from remit_enrichment.fields import FIELDS, VERSION
from remit_enrichment.governance import owner_status
from remit_enrichment.judgement import Assessment, Attribution, Classified, CredentialFacts, Facts, Recent, Verdict
from remit_enrichment.registry.model import Charter
from remit_enrichment.risk import level
from remit_enrichment.scope import allowance
from remit_enrichment.standing import Standing, detected_by, is_nhi

_ORDER = {field.name: index for index, field in enumerate(FIELDS)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


def timestamp(ms: int) -> str | None:
    """Return a time as RFC 3339, UTC, three decimals; None beyond the years that it can express."""
    try:
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z" if moment.year >= 1000 else None


def broken(error: str) -> bytes:
    """Return the tags of an event that broke the chain: a finding, for nobody may hide behind an error of ours."""
    return render(
        {
            "verdict.intent": "indeterminate",
            "verdict.reasons": ["ENRICHMENT_FAILED"],
            "enrichment.version": VERSION,
            "enrichment.error": [f"internal:{error}"],
        }
    )


def unread(*errors: str) -> bytes:
    """Return the tags of an event that is of no known log source, or whose reading failed."""
    return render({"enrichment.version": VERSION, "enrichment.error": bounded(errors)})


def render(values: dict[str, Any]) -> bytes:
    """Return dotted names and values as one nested JSON object, in the order of `FIELDS`; None and empty are left out.

    `verdict.reasons` alone is written empty: without codes a list of none is the fact.
    """
    nested: dict[str, Any] = {}
    for name in sorted(values, key=_ORDER.__getitem__):
        value = values[name]
        if value is None or value == "" or (value == [] and name != "verdict.reasons"):
            continue
        *path, last = name.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return _encode(nested)


def tags(
    activity: Activity,
    found: Assessment,
    standing: Standing,
    *,
    event_id: str,
    target: dict[str, Any],
    registry_version: str = "",
) -> bytes:
    """Return the object to write beside a recognised event.

    `values` is the definition. Of an ordinary event most parts are those of the event before, so they are put together
    from bytes that were rendered once.
    """
    if is_ordinary(activity, found, target):
        return _ordinary(activity, found, standing, event_id)
    return render(values(activity, found, event_id=event_id, target=target, registry_version=registry_version))


def values(
    activity: Activity, found: Assessment, *, event_id: str, target: dict[str, Any], registry_version: str = ""
) -> dict[str, Any]:
    """Return every field of an event's tags by its dotted name."""
    whole: dict[str, Any] = {
        "event.id": text(event_id),
        "event.time": None if found.at is None else timestamp(found.at),
        "event.duplicate": found.facts.duplicate or None,
        **_who(activity, found),
        **_action(found.classified),
        "resource.environment": text(found.boundary.resource_environment),
        **target,
        "outcome": activity.outcome,
        **_judgement(activity, found),
        **_behavior(found.facts),
        "enrichment.version": VERSION,
        "enrichment.error": bounded(f"type:{path}" for path in activity.errors),
    }
    if found.risk.score:
        whole["risk.score"] = found.risk.score
        whole["risk.level"] = level(found.risk.score)
        whole["risk.factors"] = list(found.risk.factors[:MAX_ITEMS])
    if is_detailed(found):
        whole["resource.id"] = bounded(activity.resources or ())
    if found.finding:
        whole |= _for_the_eye(activity, found.attribution, found.verdict, registry_version)
    return whole


def is_detailed(found: Assessment) -> bool:
    """Say whether an event is worth what rules on changes and their cards need, and a plain read is not."""
    return found.finding or found.classified.mutating or found.classified.sensitive


def _who(activity: Activity, found: Assessment) -> dict[str, Any]:
    attribution = found.attribution
    whole = {
        **_identity(attribution, activity.principal),
        **_owner(attribution, found.at),
        **_credential(activity, found.credential),
    }
    return whole | _detail(attribution) if is_detailed(found) else whole


@lru_cache(maxsize=4096)
def _action(classified: Classified) -> dict[str, Any]:
    return {
        "action.name": text(classified.name),
        "action.class": classified.action_class,
        "action.access_level": classified.access_level if classified.mutating or classified.sensitive else None,
        "action.access_level_source": "fallback" if classified.source == "fallback" else None,
        "action.mutating": classified.mutating or None,
        "action.sensitive": classified.sensitive or None,
    }


def _judgement(activity: Activity, found: Assessment) -> dict[str, Any]:
    attribution, boundary = found.attribution, found.boundary
    return {
        **_attribution(activity, attribution, found.verdict),
        "scope.declared": attribution.charter is not None if attribution.identity is not None else None,
        "verdict.intent": found.verdict.intent,
        "verdict.reasons": list(found.reasons[:MAX_ITEMS]),
        "verdict.scope": None if boundary.scope == "in_boundary" else boundary.scope,
        "verdict.network": "out_of_boundary" if boundary.network == "out_of_boundary" else None,
        "verdict.time": "off_hours" if boundary.time == "off_hours" else None,
        "verdict.governance": list(found.governance),
    }


# --- an ordinary event ------------------------------------------------------------------------------------------------


def is_ordinary(activity: Activity, found: Assessment, target: dict[str, Any]) -> bool:
    """Say whether an event has nothing of its own beside what it did, when, to what and how often."""
    facts = found.facts
    return not (
        target
        or activity.errors
        or facts.duplicate
        or facts.first_seen
        or found.risk.score
        or found.credential is not NOTHING_TO_TELL
        or found.at is None
        or found.finding
    )


def _ordinary(activity: Activity, found: Assessment, standing: Standing, event_id: str) -> bytes:
    detailed = is_detailed(found)
    who = standing.rendered.get(detailed)
    if who is None:
        # The agent's own fields stand behind the action: they are kept with the judgement.
        parts = {name: value for name, value in _who(activity, found).items() if not name.startswith("agent.")}
        who = standing.rendered[detailed] = _members(parts)
    judgement = _rendered_judgement(activity, found, standing, detailed)
    at = found.at
    return b'{"event":{"id":%b%b},%b,%b%b,"outcome":"%b",%b%b,"enrichment":{"version":"1"}}' % (
        _encode(text(event_id)),
        _time(at) if at is not None else b"",
        who,
        _action_member(found.classified),
        _resource(activity, found.boundary.resource_environment, detailed),
        activity.outcome.encode(),
        judgement,
        _behavior_members(found.facts),
    )


def _rendered_judgement(activity: Activity, found: Assessment, standing: Standing, detailed: bool) -> bytes:
    verdict, boundary = found.verdict, found.boundary
    key = (
        detailed,
        verdict.intent,
        verdict.task.id if verdict.task is not None else None,
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
        parts = {name: value for name, value in _who(activity, found).items() if name.startswith("agent.")}
        rendered = _members(parts | _judgement(activity, found))
        standing.rendered[key] = rendered
    return rendered


def _members(values: dict[str, Any]) -> bytes:
    return render(values)[1:-1]


@lru_cache(maxsize=4096)
def _action_member(classified: Classified) -> bytes:
    return _members(_action(classified))


def _resource(activity: Activity, environment: str | None, detailed: bool) -> bytes:
    ids = bounded(activity.resources or ()) if detailed else ()
    if environment is None:
        return b',"resource":{"id":%b}' % _encode(ids) if ids else b""
    members = b'"id":%b,' % _encode(ids) if ids else b""
    return b',"resource":{%b"environment":%b}' % (members, _encode(text(environment)))


def _behavior_members(facts: Facts) -> bytes:
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


# --- the parts --------------------------------------------------------------------------------------------------------


def _behavior(facts: Facts) -> dict[str, Any]:
    values: dict[str, Any] = {f"first_seen.{dimension}": True for dimension in facts.first_seen}
    recent = facts.recent
    return values | {
        "baseline.learning": facts.learning or None,
        "recent.denied_count": recent.denied_count or None,
        "recent.delete_count": recent.delete_count or None,
        "recent.mutating_count": recent.mutating_count or None,
        "recent.secrets_read_count": recent.secrets_read_count or None,
        "recent.distinct_resources": recent.distinct_resources if recent.distinct_resources > 1 else None,
        "recent.untrusted_read": recent.untrusted_read or None,
        "recent.self_escalation": recent.self_escalation or None,
    }


def _identity(attribution: Attribution, principal: Principal | None) -> dict[str, Any]:
    identity = attribution.identity
    agent = detected_by(identity, principal)
    values: dict[str, Any] = {
        "identity.id": text(attribution.identity_id),
        "identity.kind": attribution.kind,
        "identity.registered": identity is not None,
        "identity.is_nhi": is_nhi(attribution) or None,
        "identity.is_agent": agent is not None or None,
        "agent.detected_by": "platform" if agent == "platform" else None,
    }
    if identity is None:
        return values
    return values | {
        "identity.status": None if identity.status == "active" else identity.status,
        "identity.privileged": identity.privileged or None,
        "identity.shared": identity.shared or None,
        "identity.third_party": identity.third_party or None,
        "identity.mfa": identity.mfa,
        "identity.console_enabled": identity.console_enabled or None,
    }


def _owner(attribution: Attribution, at: int | None) -> dict[str, Any]:
    identity, owner = attribution.identity, attribution.owner
    if identity is None:
        return {}
    return {
        "owner.id": text(identity.owner),
        "owner.status": owner_status(identity, owner, at),
    }


def _credential(activity: Activity, facts: CredentialFacts) -> dict[str, Any]:
    credential = activity.credential
    values: dict[str, Any] = {
        "credential.id": text(credential.id) if credential is not None and credential.id != activity.session else None,
        "credential.type": credential.type if credential is not None else None,
        "credential.expired": facts.expired or None,
        "credential.rotation_overdue": facts.rotation_overdue or None,
        "credential.last_rotated": _date(facts.last_rotated),
        "credential.max_age_days": facts.max_age_days,
        "session.id": text(activity.session),
    }
    if facts.long_lived:
        values |= {
            "credential.issued": _date(facts.issued),
            "credential.expires": _date(facts.expires),
            "credential.age_days": facts.age_days,
            "credential.long_lived": True,
            "credential.no_expiry": facts.no_expiry or None,
        }
    return values


def _date(ms: int | None) -> str | None:
    return None if ms is None else timestamp(ms)


def _attribution(activity: Activity, attribution: Attribution, verdict: Verdict) -> dict[str, Any]:
    weak = attribution.identity_level != "L4"
    return {
        "task.id": verdict.task.id if verdict.task is not None else None,
        "attribution.level": verdict.level,
        "attribution.identity_level": attribution.identity_level
        if weak and attribution.identity_level != "none"
        else None,
        "attribution.evidence": text(verdict.evidence),
        "attribution.chain": bounded(attribution.chain),
        "attribution.delegator_id": text(activity.delegator),
        "attribution.conflict": verdict.conflict or None,
        "attribution.confidence": verdict.confidence,
    }


def _detail(attribution: Attribution) -> dict[str, Any]:
    identity, owner = attribution.identity, attribution.owner
    values: dict[str, Any] = {}
    if identity is not None:
        values = {
            "identity.name": text(identity.name),
            "identity.environment": text(identity.environment),
            "identity.criticality": text(identity.criticality),
            "identity.vendor": text(identity.vendor),
            "owner.sponsor": text(identity.sponsor) if identity.sponsor != identity.owner else None,
            "agent.charter": text(identity.charter) if attribution.charter is not None else None,
            "agent.parent_id": text(identity.agent.parent) if identity.agent is not None else None,
        }
    if owner is not None:
        values["owner.name"], values["owner.team"] = text(owner.name), text(owner.team)
    return values


def _for_the_eye(
    activity: Activity, attribution: Attribution, verdict: Verdict, registry_version: str
) -> dict[str, Any]:
    credential = activity.credential
    values: dict[str, Any] = {
        "enrichment.registry_version": registry_version[:12],
        "credential.id": text(credential.id) if credential is not None else None,
    }
    identity, owner, task = attribution.identity, attribution.owner, verdict.task
    if identity is not None:
        values["identity.tags"] = bounded(identity.tags)
        if (agent := identity.agent) is not None:
            for name in ("vendor", "framework", "runtime", "model", "autonomy"):
                values[f"agent.{name}"] = text(getattr(agent, name))
    if attribution.charter is not None:
        values |= _boundary(attribution.charter)
    if owner is not None:
        values["owner.contact"] = text(owner.contact)
    if task is not None:
        allow = allowance(task, verdict.charter)
        values |= {
            "task.name": text(task.name),
            "task.purpose": text(task.purpose),
            "task.source": task.source,
            "task.start": timestamp(task.start),
            "task.end": timestamp(task.end),
            "task.delegator": text(task.delegator.id) if task.delegator is not None else None,
            "task.delegator_type": task.delegator.type if task.delegator is not None else None,
            "task.allowed_actions": bounded(allow.actions or ()),
            "task.allowed_resources": bounded(allow.resources or ()),
        }
    return values


def _boundary(charter: Charter) -> dict[str, Any]:
    allow, hours = charter.allow, charter.allow.hours
    values: dict[str, Any] = {
        f"scope.boundary.{name}": bounded(getattr(allow, name) or ())
        for name in ("classes", "actions", "resources", "networks", "regions", "credential_types")
    }
    if hours is not None:
        values["scope.boundary.hours"] = f"{','.join(hours.days)} {hours.start}-{hours.end} {hours.zone}"
    return values


def text(value: str | None) -> str | None:
    """Return a text of bounded length."""
    return value if value is None or len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + "…"


def bounded(values: Iterable[str]) -> list[str]:
    """Return the first of many texts, each of bounded length."""
    found: list[str] = []
    for value in values:
        if len(found) == MAX_ITEMS:
            break
        found.append(value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + "…")
    return found

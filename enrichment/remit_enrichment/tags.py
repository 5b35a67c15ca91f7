"""The tags: the object that is written beside an event, from what the chain found.

Flags are written only when true, verdict words only when they say more than "as declared", three-state facts whenever
they are known. What is there for the eye alone waits for a finding. Texts are cut, lists are bounded, empty values are
left out; the order of members is that of `FIELDS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec

from remit_enrichment.activity import Activity, Principal
from remit_enrichment.constants import MAX_ITEMS, MAX_TEXT
from remit_enrichment.fields import FIELDS, VERSION
from remit_enrichment.governance import owner_status
from remit_enrichment.judgement import Assessment, Attribution, Classified, CredentialFacts, Facts, Risk, Verdict
from remit_enrichment.registry.model import Charter
from remit_enrichment.risk import level
from remit_enrichment.scope import allowance
from remit_enrichment.standing import detected_by, is_nhi

_Place = tuple[int, tuple[str, ...], str]
_PLACES: dict[str, _Place] = {
    field.name: (index, tuple(field.name.split(".")[:-1]), field.name.rpartition(".")[2])
    for index, field in enumerate(FIELDS)
}
"""By a field's name: its turn, the objects that it lies in, and its name there."""
_by_place = itemgetter(0)
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
    placed = [
        (place, value)
        for name, value in values.items()
        if (place := _PLACES[name]) and value is not None and value != "" and (value != [] or name == "verdict.reasons")
    ]
    for (_, path, last), value in sorted(placed, key=_by_place):
        within = nested
        for part in path:
            within = within.setdefault(part, {})
        within[last] = value
    return _encode(nested)


def values(
    activity: Activity, found: Assessment, *, event_id: str, target: dict[str, Any], registry_version: str = ""
) -> dict[str, Any]:
    """Return every field of a recognised event's tags by its dotted name."""
    whole: dict[str, Any] = {
        "event.id": text(event_id),
        "event.time": None if found.at is None else timestamp(found.at),
        "event.duplicate": found.facts.duplicate or None,
        **who(activity, found),
        **action(found.classified),
        "resource.id": bounded(activity.resources or ()) if is_detailed(found) else None,
        "resource.environment": text(told_environment(found)),
        **target,
        "outcome": activity.outcome,
        **judgement(activity, found),
        **_behavior(found.facts),
        **risk_values(found.risk),
        "enrichment.version": VERSION,
        "enrichment.registry_version": registry_version[:12] if found.finding else None,
        "enrichment.error": bounded(f"type:{path}" for path in activity.errors),
    }
    return whole


def told_environment(found: Assessment) -> str | None:
    """Return the environment of the resource where it is worth telling: on changes, and where it is another one."""
    told = is_detailed(found) or "ENVIRONMENT_CROSSING" in found.reasons
    return found.boundary.resource_environment if told else None


def is_detailed(found: Assessment) -> bool:
    """Say whether an event is worth what rules on changes and their cards need, and a plain read is not."""
    return found.finding or found.classified.mutating or found.classified.sensitive


def who(activity: Activity, found: Assessment) -> dict[str, Any]:
    """Return what is told of identity, owner, credential, session and agent."""
    attribution, credential = found.attribution, activity.credential
    whole = {
        **_identity(attribution, activity.principal),
        **_owner(attribution, found.at),
        **_credential(activity, found.credential),
    }
    if is_detailed(found):
        whole |= _detail(attribution)
    if found.finding:
        whole |= _contact(attribution)
        whole["credential.id"] = text(credential.id) if credential is not None else None
    return whole


def action(classified: Classified) -> dict[str, Any]:
    """Return what is told of the action."""
    return {
        "action.name": text(classified.name),
        "action.class": classified.action_class,
        "action.access_level": classified.access_level if classified.mutating or classified.sensitive else None,
        "action.access_level_source": "fallback" if classified.source == "fallback" else None,
        "action.mutating": classified.mutating or None,
        "action.sensitive": classified.sensitive or None,
    }


def judgement(activity: Activity, found: Assessment) -> dict[str, Any]:
    """Return what is told of task, boundary, evidence and verdict."""
    attribution, boundary = found.attribution, found.boundary
    whole = {
        **_attribution(activity, attribution, found.verdict),
        "scope.declared": attribution.charter is not None if attribution.identity is not None else None,
        "verdict.intent": found.verdict.intent,
        "verdict.reasons": list(found.reasons[:MAX_ITEMS]),
        "verdict.scope": None if boundary.scope == "in_boundary" else boundary.scope,
        "verdict.network": "out_of_boundary" if boundary.network == "out_of_boundary" else None,
        "verdict.time": "off_hours" if boundary.time == "off_hours" else None,
        "verdict.governance": list(found.governance),
    }
    if found.finding:
        whole |= _task(found.verdict)
        if attribution.charter is not None:
            whole |= _boundary(attribution.charter)
    return whole


def risk_values(risk: Risk) -> dict[str, Any]:
    """Return what is told of the risk."""
    if not risk.score:
        return {}
    return {
        "risk.score": risk.score,
        "risk.level": level(risk.score),
        "risk.factors": list(risk.factors[:MAX_ITEMS]),
    }


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


def _contact(attribution: Attribution) -> dict[str, Any]:
    identity, owner = attribution.identity, attribution.owner
    values: dict[str, Any] = {"owner.contact": text(owner.contact) if owner is not None else None}
    if identity is not None:
        values["identity.tags"] = bounded(identity.tags)
        if (agent := identity.agent) is not None:
            for name in ("vendor", "framework", "runtime", "model", "autonomy"):
                values[f"agent.{name}"] = text(getattr(agent, name))
    return values


def _task(verdict: Verdict) -> dict[str, Any]:
    task = verdict.task
    if task is None:
        return {}
    allow = allowance(task, verdict.charter)
    return {
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

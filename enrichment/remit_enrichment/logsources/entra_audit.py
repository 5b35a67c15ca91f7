"""Microsoft Entra audit log, as a diagnostic setting exports it (category `AuditLogs`).

Microsoft Learn: "directoryAudit resource type" (members of `properties`), "Microsoft Entra audit log categories and
activities" (names), "Microsoft Entra Agent ID logs" (`agentType`, `performedBy`, which activities make agents). Either
an app or a user initiates; the log names no token and no session. `correlationId` can be set by the client.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from remit_enrichment.activity import Activity, Issuance, Outcome, Principal
from remit_enrichment.logsources._claims import in_user_agent
from remit_enrichment.logsources._entra import (
    address,
    envelope,
    is_agentic,
    moment,
    of_directory,
    service_principal,
    user,
)
from remit_enrichment.logsources._fields import items, noted, text, typed

NAME = "entra.audit"
PLATFORM = "entra"
SIGMA: Mapping[str, str] = {"product": "azure", "service": "auditlogs"}
ISSUES = (b"KeyIdentifier",)
CLAIMS = ("properties.userAgent", "properties.additionalDetails")


class User(Struct):
    id: str | None = None
    userPrincipalName: str | None = None
    ipAddress: str | None = None
    agentType: str | None = None


class App(Struct):
    appId: str | None = None
    servicePrincipalId: str | None = None
    agentType: str | None = None


class InitiatedBy(Struct):
    user: User | None = None
    app: App | None = None


class Properties(Struct):
    id: str | None = None
    activityDateTime: str | None = None
    activityDisplayName: str | None = None
    operationType: str | None = None
    result: str | None = None
    userAgent: str | None = None
    initiatedBy: InitiatedBy | None = None
    performedBy: App | None = None
    targetResources: list[Any] | None = None
    additionalDetails: list[Any] | None = None


class Event(Struct):
    time: str | None = None
    tenantId: str | None = None
    callerIpAddress: str | None = None
    properties: Properties | None = None


class Target(NamedTuple):
    """One entry of `targetResources`."""

    type: str | None
    id: str | None
    agent_type: str | None
    modified: list[Any]
    at: str


_NOTHING = Properties()
_NOBODY = InitiatedBy()
_NO_USER = User()
_LIFECYCLE = re.compile(
    r"(?:add|update|delete|remove|hard delete|restore) (?:application|service principal|user)", re.IGNORECASE
)
"""Activities on the object itself; on an agent's they make, change or remove an agent."""
_CHANGES = frozenset({"Add", "Assign", "Delete", "Unassign", "Update"})
_FAILED = frozenset({"failure", "failed", "timeout"})
_KEY = re.compile(r"\[KeyIdentifier=([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}),")
"""At the start of an entry alone: the display name at its end is the caller's own."""


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the member that names the activity."""
    return line.find(b"activityDisplayName", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """An activity with who started it or what it touched, in the envelope's `properties`.

    Other services have a category of this name too: by category alone only what the directory itself wrote counts.
    """
    inner = document.get("properties")
    if isinstance(inner, dict) and "activityDisplayName" in inner:
        return "initiatedBy" in inner or "targetResources" in inner
    return document.get("category") == "AuditLogs" and of_directory(document)


def read(document: Mapping[str, Any]) -> Activity:
    """Read one event. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    event = typed(envelope(document), Event, errors)
    audit = event.properties or _NOTHING
    person = (audit.initiatedBy or _NOBODY).user or _NO_USER
    principal, delegator = _who(audit)
    named = tuple(_targets(audit.targetResources or [], errors))
    time, step = moment((("properties.activityDateTime", audit.activityDateTime), ("time", event.time)), errors)
    outcome = _outcome(audit.result, errors)
    issued = tuple(_issued(named, errors)) if outcome == "success" else ()
    agent, agent_path = _user_agent(audit, errors)
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=audit.id or None,
        time=time,
        time_step=step,
        account=event.tenantId or None,
        principal=principal,
        claims=in_user_agent(agent, agent_path),
        delegator=delegator,
        action=f"entra:{audit.activityDisplayName}" if audit.activityDisplayName else "",
        event_class=_event_class(audit.activityDisplayName or "", named),
        access_level="write" if audit.operationType in _CHANGES else None,
        resources=tuple(dict.fromkeys(_resource(target) for target in named if target.id)) or None,
        targets=tuple(filter(None, map(_identity, named))),
        outcome=outcome,
        address=address(person.ipAddress, event.callerIpAddress),
        user_agent=agent,
        issuance=issued[0] if issued else None,
        further_issuances=issued[1:],
        errors=noted(errors),
    )


# --- who --------------------------------------------------------------------------------------------------------------


def _who(audit: Properties) -> tuple[Principal | None, str | None]:
    """The initiator and on whose behalf: an app acts wherever one is named, and an agent that performs for a person."""
    initiator, performer = audit.initiatedBy or _NOBODY, audit.performedBy
    person, app = initiator.user, initiator.app
    acting = service_principal(app.servicePrincipalId, app.appId, app.agentType) if app else None
    if acting is None and person and performer and not is_agentic(person.agentType):
        performing = service_principal(performer.servicePrincipalId, performer.appId, performer.agentType)
        acting = performing if performing and performing.platform_agent else None
    behind = user(person.id, person.userPrincipalName, person.agentType) if person else None
    if acting is None:
        return behind, None
    return acting, behind.native if behind else None


def _user_agent(audit: Properties, errors: list[str]) -> tuple[str | None, str]:
    if audit.userAgent:
        return audit.userAgent, "properties.userAgent"
    for index, entry in enumerate(audit.additionalDetails or ()):
        if isinstance(entry, dict) and entry.get("key") == "User-Agent":
            at = f"properties.additionalDetails.{index}."
            return text(entry, "value", errors, at), f"{at}value"
    return None, ""


# --- what -------------------------------------------------------------------------------------------------------------


def _outcome(result: str | None, errors: list[str]) -> Outcome:
    """No right is told from any other reason: `resultReason` is text for people."""
    found = (result or "").lower()
    if found and found != "success" and found not in _FAILED:
        errors.append("properties.result")
    return "failure" if found in _FAILED else "success"


def _targets(listed: list[Any], errors: list[str]) -> Iterator[Target]:
    for index, entry in enumerate(listed):
        if not isinstance(entry, dict):
            errors.append(f"properties.targetResources.{index}")
            continue
        at = f"properties.targetResources.{index}."
        yield Target(
            text(entry, "type", errors, at),
            text(entry, "id", errors, at),
            text(entry, "agentType", errors, at),
            items(entry, "modifiedProperties", errors, at),
            f"{at}modifiedProperties.",
        )


def _identity(target: Target) -> Principal | None:
    if target.type == "User":
        return user(target.id, None, target.agent_type)
    return service_principal(target.id, None, target.agent_type) if target.type == "ServicePrincipal" else None


def _resource(target: Target) -> str:
    identity = _identity(target)
    return identity.id if identity and identity.id else f"{target.type or 'Other'}:{target.id}"


def _event_class(activity: str, named: tuple[Target, ...]) -> str | None:
    agents = any(is_agentic(target.agent_type) for target in named)
    return "agent_admin" if agents and _LIFECYCLE.fullmatch(activity.strip()) else None


# --- what it minted ---------------------------------------------------------------------------------------------------


def _issued(named: tuple[Target, ...], errors: list[str]) -> Iterator[Issuance]:
    """The keys of an application or service principal that were not there before, whatever the activity is called.

    A secret or certificate lives long. A federated credential is logged without its id.
    """
    for target in named:
        if target.type not in ("Application", "ServicePrincipal"):
            continue
        owner = _identity(target) or Principal(None, target.id, "app_registration")
        for index, entry in enumerate(target.modified):
            if not isinstance(entry, dict):
                errors.append(f"{target.at}{index}")
            elif entry.get("displayName") == "KeyDescription":
                before = set(_keys(entry.get("oldValue")))
                added = dict.fromkeys(key for key in _keys(entry.get("newValue")) if key not in before)
                yield from (Issuance(key, owner, long_lived=True) for key in added)


def _keys(value: Any) -> Iterator[str]:
    """Ids in the JSON text of a list of keys, one text a key; other text is somebody's own and names none."""
    try:
        listed = json.loads(value) if type(value) is str else None
    except (ValueError, RecursionError):
        return
    for entry in listed if isinstance(listed, list) else ():
        if type(entry) is str and (match := _KEY.match(entry)):
            yield match[1]

"""Okta system log, as the System Log API, a log stream or an export hands it on.

Okta developer documentation: "System Log" (`LogEvent`, `transaction.detail.requestApiTokenId` is the token by which an
API was called), "System Log query" (`externalSessionId`), "Event types", "Create an API token" (a token has the rights
of the administrator who made it), "OAuth 2.0 claims" (the `jti` of an access token begins with `AT.`). Logins can be
changed and given to another account: an actor is its `id`, names are never read. Some data lakes write the names of
the outermost members in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from remit_enrichment.activity import Activity, Credential, Issuance, Outcome, Principal
from remit_enrichment.logsources._claims import in_user_agent
from remit_enrichment.logsources._fields import mapping, noted, text, typed
from remit_enrichment.logsources._times import iso_time

NAME = "okta.system"
PLATFORM = "okta"
SIGMA: Mapping[str, str] = {"product": "okta", "service": "okta"}
ISSUES = (b"api_token.create", b"token.grant.access_token")
CLAIMS = (
    "client.userAgent.rawUserAgent",
    "client.device",
    "actor.displayName",
    "actor.alternateId",
    "debugContext.debugData.requestUri",
    "debugContext.debugData.url",
)


class Actor(Struct):
    id: str | None = None
    type: str | None = None
    alternateId: str | None = None


class AuthenticationContext(Struct):
    externalSessionId: str | None = None


class UserAgent(Struct):
    rawUserAgent: str | None = None


class Client(Struct):
    ipAddress: str | None = None
    userAgent: UserAgent | None = None


class Result(Struct):
    result: str | None = None


class Detail(Struct):
    requestApiTokenId: str | None = None


class Transaction(Struct):
    detail: Detail | None = None


class Event(Struct):
    """The members that are read."""

    eventType: str | None = None
    uuid: str | None = None
    published: str | None = None
    actor: Actor | None = None
    authenticationContext: AuthenticationContext | None = None
    client: Client | None = None
    outcome: Result | None = None
    transaction: Transaction | None = None


class Target(NamedTuple):
    """One element of `target`: the identity that it is, if it is one, and until when it holds, if it is a token."""

    type: str
    id: str
    identity: Principal | None
    expires: int | None


_EVENT_TYPE = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)+", re.ASCII)
_LOWERED = {"eventtype": "eventType", "authenticationcontext": "authenticationContext"}
_OAUTH = "AT."
"""How the ids of access tokens begin; any other id is that of an API token."""
_WORKLOAD = "opa://"
"""A workload of Okta Privileged Access (a pipeline, a server), which no agent of the directory is."""
_APPS = frozenset({"PublicClientApp", "PublicClientAppEntity"})
_SHOWS_A_PERSON = frozenset({"user.authentication.auth_via_mfa", "user.session.access_admin_app"})
"""A password alone may come from a script: only a second factor and the console for administrators take a person."""
_TOKENS = {
    "system.api_token.create": "Token",
    "app.oauth2.token.grant.access_token": "access_token",
    "app.oauth2.as.token.grant.access_token": "access_token",
}
"""Event types that mint a token -> the type of the target that is the token."""
_FAILED = frozenset({"FAILURE", "RATE_LIMIT", "SKIPPED", "ABANDONED", "UNANSWERED"})
_NOBODY = Actor()


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for a member that few other vendors write."""
    return line.find(b'"alternateId"', 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """A dotted event type with Okta's way to say when or which, and by whom or how it ended."""
    event_type = document.get("eventType", document.get("eventtype"))
    if type(event_type) is not str or _EVENT_TYPE.fullmatch(event_type) is None:
        return False
    if "uuid" not in document and "published" not in document:
        return False
    return type(document.get("actor")) is dict or type(document.get("outcome")) is dict


def read(document: Mapping[str, Any]) -> Activity:
    """Read one event. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    event = typed(_spelled(document), Event, errors)
    event_type, outcome = event.eventType or "", _outcome(event.outcome)
    targets = _targets(document, errors)
    detail = event.transaction.detail if event.transaction is not None else None
    token = (detail.requestApiTokenId or None) if detail is not None else None
    person = event_type in _SHOWS_A_PERSON and outcome == "success" and token is None
    principal = _principal(event.actor or _NOBODY, token, evidence="eventType" if person else None)
    session = _known(event.authenticationContext.externalSessionId) if event.authenticationContext else None
    time, step = _time(event.published, errors)
    agent = event.client.userAgent.rawUserAgent if event.client and event.client.userAgent else None
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=event.uuid or None,
        time=time,
        time_step=step,
        principal=principal,
        credential=Credential(token, "oauth_token" if token.startswith(_OAUTH) else "api_key") if token else None,
        session=session,
        handles=tuple(handle for handle in (token, session) if handle),
        claims=in_user_agent(agent, "client.userAgent.rawUserAgent"),
        action=f"okta:{event_type}",
        resources=tuple(dict.fromkeys(f"okta:{target.type}:{target.id}" for target in targets)) or None,
        targets=tuple(target.identity for target in targets if target.identity is not None),
        outcome=outcome,
        address=(event.client.ipAddress or None) if event.client else None,
        user_agent=agent or None,
        issuance=_minted(event_type, principal, targets) if outcome == "success" else None,
        errors=noted(errors),
    )


def _spelled(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document in Okta's own spelling; where a member stands in both, Okta's own counts."""
    if "eventType" in document:
        return document
    return {**{name: document[lower] for lower, name in _LOWERED.items() if lower in document}, **document}


def _known(value: str | None) -> str | None:
    return None if value in (None, "", "unknown") else value


def _time(published: str | None, errors: list[str]) -> tuple[int | None, int]:
    found = iso_time(published) if published else None
    if published and found is None:
        errors.append("published")
    return found or (None, 1000)


# --- who --------------------------------------------------------------------------------------------------------------


def _principal(actor: Actor, token: str | None, *, evidence: str | None) -> Principal | None:
    """Who acted. A user's API token outlives the session in which it was made: whoever acts by it need not be a person,
    while access tokens are what Okta's own pages act by, too."""
    if actor.type == "IP address":  # nobody authenticated
        return None
    if not actor.id:
        return Principal(None, actor.alternateId, "human") if actor.type == "User" and actor.alternateId else None
    if actor.type == "User" and token is not None and not token.startswith(_OAUTH):
        return Principal(f"okta:user:{actor.id}", actor.id, "user", actor.id)
    if actor.type == "User":
        return Principal(f"okta:user:{actor.id}", actor.id, "human", actor.id, human_evidence=evidence)
    if actor.type == "SystemPrincipal":
        return Principal(None, actor.id, "platform_service")
    return _machine(actor.type, actor.id) or Principal(None, actor.id)


def _machine(kind: str | None, native: str) -> Principal | None:
    if kind in _APPS:
        return Principal(f"okta:app:{native}", native, "oauth_app", native)
    if kind == "WorkloadPrincipal" and native.startswith(_WORKLOAD):
        return Principal(f"okta:workload:{native}", native, "workload_identity")
    if kind == "WorkloadPrincipal":
        return Principal(f"okta:workload:{native}", native, "ai_agent", native, platform_agent=True)
    return None


# --- what -------------------------------------------------------------------------------------------------------------


def _targets(document: Mapping[str, Any], errors: list[str]) -> tuple[Target, ...]:
    listed = document.get("target")
    if listed is None:
        return ()
    if type(listed) is not list:
        errors.append("target")
        return ()
    found: list[Target] = []
    for index, entry in enumerate(listed):
        at = f"target.{index}."
        if type(entry) is not dict:
            errors.append(at[:-1])
            continue
        kind, native = text(entry, "type", errors, at), _known(text(entry, "id", errors, at))
        if kind is None or native is None:
            continue
        user = Principal(f"okta:user:{native}", native, unique_id=native) if kind == "User" else None
        expires = text(mapping(entry, "detailEntry", [], at), "expires", []) if kind == "access_token" else None
        until = iso_time(expires) if expires else None
        found.append(Target(kind, native, user or _machine(kind, native), until[0] if until else None))
    return tuple(found)


def _minted(event_type: str, actor: Principal | None, targets: Sequence[Target]) -> Issuance | None:
    """The token that was made: an API token has the rights of whoever made it, an access token those of the user whom
    the event names, else of the client itself."""
    kind = _TOKENS.get(event_type)
    token = next((target for target in targets if target.type == kind), None)
    user = next((target.identity for target in targets if target.type == "User"), None)
    owner = user or actor
    if token is None or owner is None:
        return None
    return Issuance(token.id, owner, long_lived=kind == "Token", expires=token.expires)


def _outcome(outcome: Result | None) -> Outcome:
    """What was refused, what failed; a challenge and what is merely asked for are no refusal."""
    result = outcome.result if outcome is not None else None
    return "denied" if result == "DENY" else "failure" if result in _FAILED else "success"

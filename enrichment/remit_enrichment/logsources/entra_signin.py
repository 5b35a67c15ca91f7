"""Microsoft Entra sign-ins of users, service principals and managed identities, as a diagnostic setting exports them.

Microsoft Learn: "signIn resource type" and "agentSignIn resource type" (members of `properties`), "Track and
investigate identity activities with linkable identifiers" (`uniqueTokenIdentifier` is the `uti` of the token issued),
"Microsoft Entra authentication and authorization error codes". `agentType` speaks of the client, `agentSubjectType` of
whom the token is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from remit_enrichment.activity import Activity, Credential, Outcome, Principal
from remit_enrichment.logsources._claims import in_user_agent
from remit_enrichment.logsources._entra import address, envelope, moment, service_principal, user
from remit_enrichment.logsources._fields import noted, typed

NAME = "entra.signin"
PLATFORM = "entra"
SIGMA: Mapping[str, str] = {"product": "azure", "service": "signinlogs"}
ISSUES: tuple[bytes, ...] = ()
CLAIMS = ("properties.userAgent",)

INTERACTIVE = "SignInLogs"
MACHINES = {"ServicePrincipalSignInLogs": "app_registration", "ManagedIdentitySignInLogs": "managed_identity"}
CATEGORIES = frozenset({INTERACTIVE, "NonInteractiveUserSignInLogs", *MACHINES})
_BLOCKED = "53003"
"""Access blocked by a Conditional Access policy."""
_CREDENTIAL_TYPES = {
    "certificate": "certificate",
    "clientSecret": "secret",
    "federatedIdentityCredential": "oidc_federated",
}


class Agent(Struct):
    agentType: str | None = None
    agentSubjectType: str | None = None
    agentSubjectParentId: str | None = None


class Status(Struct):
    errorCode: int | str | None = None


class Properties(Struct):
    id: str | None = None
    createdDateTime: str | None = None
    userId: str | None = None
    userPrincipalName: str | None = None
    isInteractive: bool | None = None
    appId: str | None = None
    servicePrincipalId: str | None = None
    agent: Agent | None = None
    status: Status | None = None
    resourceDisplayName: str | None = None
    resourceServicePrincipalId: str | None = None
    clientCredentialType: str | None = None
    servicePrincipalCredentialKeyId: str | None = None
    federatedCredentialId: str | None = None
    uniqueTokenIdentifier: str | None = None
    ipAddress: str | None = None
    userAgent: str | None = None


class Event(Struct):
    category: str | None = None
    time: str | None = None
    tenantId: str | None = None
    callerIpAddress: str | None = None
    resultType: int | str | None = None
    properties: Properties | None = None


_NOTHING = Properties()
_NO_AGENT = Agent()


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the end that the names of all categories share."""
    return line.find(b"SignInLogs", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """One of the categories of sign-in logs, in the envelope of a diagnostic setting."""
    category = document.get("category")
    return type(category) is str and category in CATEGORIES and "properties" in document


def read(document: Mapping[str, Any]) -> Activity:
    """Read one event. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    event = typed(envelope(document), Event, errors)
    signin = event.properties or _NOTHING
    principal, delegator, chain = _who(event.category or "", signin)
    time, step = moment((("properties.createdDateTime", signin.createdDateTime), ("time", event.time)), errors)
    credential, token = _credential(signin), signin.uniqueTokenIdentifier or None
    key = credential.id if credential is not None else None
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=signin.id or None,
        time=time,
        time_step=step,
        account=event.tenantId or None,
        principal=principal,
        credential=credential,
        session=token,
        handles=tuple(handle for handle in (key, token) if handle),
        claims=in_user_agent(signin.userAgent, "properties.userAgent"),
        delegator=delegator,
        chain=chain,
        action="entra:sign-in",
        resources=_resources(signin),
        outcome=_outcome(event.resultType, signin.status),
        address=address(signin.ipAddress, event.callerIpAddress),
        user_agent=signin.userAgent or None,
        errors=noted(errors),
    )


def _who(category: str, signin: Properties) -> tuple[Principal | None, str | None, tuple[str, ...]]:
    """Who signed in, on whose behalf, and the agent behind an agent's user account."""
    agent = signin.agent or _NO_AGENT
    if category in MACHINES:
        found = service_principal(signin.servicePrincipalId, signin.appId, agent.agentType, MACHINES[category])
        return found, None, ()
    subject = agent.agentType if agent.agentSubjectType is None else agent.agentSubjectType
    evidence = "properties.isInteractive" if category == INTERACTIVE and signin.isInteractive else None
    person = user(signin.userId, signin.userPrincipalName, subject, evidence)
    client = service_principal(None, signin.appId, agent.agentType)
    if person is not None and person.platform_agent:
        parent = agent.agentSubjectParentId
        return person, None, (f"entra:service_principal:{parent}",) if parent else ()
    if client is not None and client.platform_agent:
        return client, person.native if person is not None else None, ()
    return person, None, ()


def _credential(signin: Properties) -> Credential | None:
    """The key that ages and rotates; a managed identity's is Azure's own, and a failed sign-in often shows none."""
    key = signin.servicePrincipalCredentialKeyId or signin.federatedCredentialId
    if not key:
        return None
    kind = _CREDENTIAL_TYPES.get(signin.clientCredentialType or "", "unknown")
    if kind == "unknown" and not signin.servicePrincipalCredentialKeyId:
        kind = "oidc_federated"
    return Credential(key, kind)


def _resources(signin: Properties) -> tuple[str, ...] | None:
    if signin.resourceServicePrincipalId:
        return (f"entra:service_principal:{signin.resourceServicePrincipalId}",)
    return (signin.resourceDisplayName,) if signin.resourceDisplayName else None


def _outcome(result: int | str | None, status: Status | None) -> Outcome:
    """By the error code; `resultType` repeats it, and is a word in some exports."""
    code = status.errorCode if status is not None else None
    found = str(result if code is None or code == "" else code)
    if found in ("0", "None", "") or found.lower() == "success":
        return "success"
    return "denied" if found == _BLOCKED else "failure"

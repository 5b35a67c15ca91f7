"""Activity: what happened, in one shape for every platform.

A log source module reads one vendor event into one `Activity`. Everything after it (classification, attribution,
judgement, tags) works on this shape and never looks at the vendor's event again. Times are integers: milliseconds since
1970-01-01 UTC. An absent fact is `None` or an empty tuple, never an empty string.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Outcome = Literal["success", "failure", "denied"]


class Principal(Struct, frozen=True, gc=False):
    """Who the platform says acted."""

    id: str | None
    """`platform:type:native id` (names: docs of the log source), None where the event gives no stable id."""
    native: str | None = None
    """The id as logged (an ARN, an object id, a login)."""
    kind: str = "unknown"
    """Hint from the event itself: human, role, user, root, service_account, bot, platform_service, agent, external,
    app_registration, managed_identity, ai_agent, agent_user, unknown."""
    unique_id: str | None = None
    """The provider's never reused id (AROA..., object id, uid); another registered alias means a recreated name."""
    aliases: tuple[str, ...] = ()
    """Other native ids in the event by which a registry entry may be found, strongest first."""
    human_evidence: str | None = None
    """The path by which the platform itself says that a person acts; None without such evidence."""
    platform_agent: bool = False
    """The platform itself flags an AI agent (never by user agent)."""


class Credential(Struct, frozen=True, gc=False):
    """The credential that was used: the handle that ages and rotates."""

    id: str | None
    type: str = "unknown"
    """long_lived_key, sts_session, secret, certificate, oidc_federated, session, none, unknown ..."""
    issued: int | None = None


class Claim(Struct, frozen=True, gc=False):
    """A reference to a task that stands in the event. Its level is attribution's business."""

    reference: str
    carrier: str
    """session_name, user_agent, source_identity, session_tag, attribute ..."""
    path: str
    """Where it stood in the event, as an evidence path."""


class Issuance(Struct, frozen=True, gc=False):
    """A credential that this event minted."""

    credential_id: str
    principal: Principal
    """Whom the new credential makes."""
    long_lived: bool = False
    source_identity: str | None = None
    session_tags: tuple[tuple[str, str], ...] = ()
    provider: str | None = None
    audience: str | None = None
    subject: str | None = None
    expires: int | None = None


class Activity(Struct, frozen=True, gc=False, kw_only=True):
    """One action by one principal."""

    source: str
    platform: str
    event_id: str | None
    time: int | None
    time_step: int = 1000
    """Resolution of `time` in milliseconds: 1000 where the log writes whole seconds."""
    time_asserted: bool = False
    """The caller wrote the time (agents' own telemetry)."""
    account: str | None = None
    principal: Principal | None = None
    invoked_by: str | None = None
    """The platform service that acted on the principal's behalf, where the platform says so."""
    credential: Credential | None = None
    session: str | None = None
    """`nhi.session.id`: the session handle to show and group by."""
    handles: tuple[str, ...] = ()
    """Every handle that a broker may have bound to a task: credential ids and session ids."""
    claims: tuple[Claim, ...] = ()
    source_identity: str | None = None
    delegator: str | None = None
    """On whose behalf, where the platform itself says so."""
    chain: tuple[str, ...] = ()
    """Identities before this one that the event itself states, from the first to the last."""
    action: str = ""
    """Normalised name: `iam:CreateUser`."""
    event_class: str | None = None
    """Action class that the event's own facts give, before any map."""
    access_level: str | None = None
    """list, read, write, tagging, permissions: as the event states it."""
    resources: tuple[str, ...] | None = None
    """None: the log names none (unknown). Containers named only because of their object are already dropped."""
    targets: tuple[Principal, ...] = ()
    """Identities acted upon."""
    outcome: Outcome = "success"
    acts: bool = True
    """False for a record of a request that another record tells again when it has ended (Kubernetes: an earlier stage):
    it is judged and uses up nothing."""
    address: str | None = None
    region: str | None = None
    user_agent: str | None = None
    issuance: Issuance | None = None
    further_issuances: tuple[Issuance, ...] = ()
    """The other credentials of an event that minted several at once."""
    holder: str | None = None
    """Where the credential was used, by the platform's own evidence: pod and node. A second one is a copied token."""
    model: str | None = None
    """The model that was called, as logged."""
    errors: tuple[str, ...] = ()
    """Paths whose value had a wrong type and therefore counts as unknown."""

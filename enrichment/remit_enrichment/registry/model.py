"""The registry's objects: owners, identities with versions, charters, tasks and who may speak for them.

The keys are a contract with other teams' brokers and importers (docs/registry.md). Times are milliseconds since
1970-01-01 UTC. Defaults are left out where an object is written, so that a key added later changes no hash.
An `allow` list that is None restricts nothing; an empty one allows nothing.
"""

from __future__ import annotations

from msgspec import Struct

KINDS = (
    "human", "service_account", "role", "api_key", "oauth_app", "app_registration", "managed_identity",
    "workload_identity", "bot", "ai_agent", "agent_user", "platform_service", "unknown",
)  # fmt: skip
"""Kinds of identities."""

CLASSES = (
    "discovery", "read", "data_read", "data_export", "secrets_read", "write", "delete", "identity_admin",
    "network_admin", "logging_admin", "compute_exec", "agent_admin", "billing", "untrusted_read", "auth",
)  # fmt: skip
"""Classes of actions."""

BACKDATE_GRACE = 5 * 60 * 1000
"""Milliseconds that a task may be received after it says it was registered and still counts from then."""


class Owner(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    kind: str = "person"
    name: str | None = None
    team: str | None = None
    contact: str | None = None
    status: str = "active"
    departed_at: int | None = None
    aliases: tuple[str, ...] = ()
    valid_from: int | None = None
    valid_to: int | None = None


class Agent(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    vendor: str | None = None
    framework: str | None = None
    runtime: str | None = None
    model: str | None = None
    parent: str | None = None
    autonomy: str | None = None


class RegisteredCredential(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    type: str | None = None
    issued: int | None = None
    expires: int | None = None
    last_rotated: int | None = None
    max_age_days: int | None = None


class Identity(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    kind: str | None = None
    name: str | None = None
    owner: str | None = None
    sponsor: str | None = None
    environment: str | None = None
    criticality: str | None = None
    aliases: tuple[str, ...] = ()
    charter: str | None = None
    status: str | None = None
    created: int | None = None
    third_party: bool | None = None
    vendor: str | None = None
    privileged: bool | None = None
    shared: bool | None = None
    mfa: bool | None = None
    console_enabled: bool | None = None
    tags: tuple[str, ...] = ()
    agent: Agent | None = None
    credentials: tuple[RegisteredCredential, ...] = ()
    granted: tuple[str, ...] | str | None = None
    used: tuple[str, ...] | None = None
    valid_from: int | None = None
    valid_to: int | None = None

    @property
    def platform(self) -> str:
        return self.id.split(":", 1)[0]


class Hours(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    days: tuple[str, ...]
    start: str
    end: str
    zone: str


class Allow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    classes: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    hours: Hours | None = None
    credential_types: tuple[str, ...] | None = None


class Deny(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    classes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class Charter(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    allow: Allow = Allow()
    deny: Deny = Deny()
    task_required: bool | None = None
    delegation_depth: int = 1
    review_due: int | None = None
    valid_from: int | None = None
    valid_to: int | None = None


class Delegator(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    type: str | None = None


class Limits(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    max_actions: int | None = None
    max_deletes: int | None = None
    max_distinct_resources: int | None = None


class Bind(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    credential_ids: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    source_identity: str | None = None


class Task(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    identity: str
    start: int
    end: int
    registered_at: int
    received_at: int | None = None
    name: str | None = None
    purpose: str | None = None
    delegator: Delegator | None = None
    source: str | None = None
    registered_by: str | None = None
    allow: Allow = Allow()
    deny: Deny = Deny()
    limits: Limits = Limits()
    bind: Bind = Bind()
    require_level: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    counts: bool = True
    """False where its registrar may not speak for this identity: it loads and never counts."""
    self_issued: bool = False
    """True where the identity itself asked for or registered it: it loads and never counts."""

    @property
    def backdated(self) -> bool:
        """It came later than its `registered_at` explains, so it counts from its receipt."""
        return self.received_at is not None and self.received_at > self.registered_at + BACKDATE_GRACE


class Binding(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A broker's word that a credential or session handle serves a task."""

    task: str
    handle: str
    kind: str
    """credential_id or session."""
    bound_at: int
    bound_step: int = 1
    """Resolution of `bound_at` in milliseconds: 1000 where it was written in whole seconds."""
    received_at: int | None = None
    by: str | None = None
    counts: bool = True


class Revocation(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    task: str
    at: int
    received_at: int | None = None
    by: str | None = None
    counts: bool = True


class Issuer(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    platform: str
    provider: str
    carries: tuple[str, ...]
    audience: str | None = None
    subject: str | None = None
    task_tag: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None


class Registrar(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    identities: tuple[str, ...] | None = None
    feed: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None


class Channel(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    channel: str
    source: str
    accounts: tuple[str, ...] | None = None
    valid_from: int | None = None
    valid_to: int | None = None


class Environment(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    resource: str
    environment: str
    valid_from: int | None = None
    valid_to: int | None = None


class Coverage(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    platform: str
    accounts: tuple[str, ...] | None = None
    identities: int | None = None
    agents: int | None = None
    tasks: int | None = None
    valid_from: int | None = None
    valid_to: int | None = None


class Tool(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    name: str
    action_class: str | None = None
    resources: tuple[str, ...] = ()
    valid_from: int | None = None
    valid_to: int | None = None

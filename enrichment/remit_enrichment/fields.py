"""Every `nhi.*` field in one table: documentation, mappings and checks are generated from it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remit_enrichment.reasons import REASONS

VERSION = "1"
"""Of the meaning of the tags; `nhi.enrichment.version`."""

CLASSES = (
    "discovery", "read", "data_read", "data_export", "secrets_read", "write", "delete", "identity_admin",
    "network_admin", "logging_admin", "compute_exec", "agent_admin", "billing", "untrusted_read", "auth",
)  # fmt: skip
KINDS = (
    "human", "service_account", "role", "api_key", "oauth_app", "app_registration", "managed_identity",
    "workload_identity", "bot", "ai_agent", "agent_user", "platform_service", "unknown",
)  # fmt: skip
STATUSES = ("dormant", "quarantined", "decommissioned", "expired")
OWNER_STATUSES = ("active", "departed", "missing", "unknown")
INTENTS = (
    "aligned", "out_of_scope", "no_task", "task_expired", "unattested", "unknown_identity", "indeterminate",
    "not_applicable",
)  # fmt: skip
LEVELS = ("L4", "L3", "L2", "L1", "L0", "none")

ALWAYS = "on every recognised event"
KNOWN = "where known"
TRUE = "only when true"
DETAIL = "on changes, sensitive actions and findings"
FINDING = "on findings"


class Field(Struct, frozen=True):
    """One field of the tags."""

    name: str
    """Without the leading `nhi.`."""
    type: Literal["keyword", "boolean", "integer", "float", "date"]
    meaning: str
    when: str
    values: tuple[str, ...] = ()
    """All values that are ever written; none where they are open."""
    many: bool = False
    """It may be a list."""


GOVERNANCE = (
    "no_owner", "owner_departed", "no_expiry", "no_mfa", "no_boundary", "no_sponsor", "review_overdue", "unregistered",
)  # fmt: skip

FIELDS: tuple[Field, ...] = (
    Field("event.id", "keyword", "Id of the event: the vendor's, else a hash of the record and its place.", ALWAYS),
    Field(
        "event.time",
        "date",
        "Time at which the event was judged: its own, or that of receipt where the caller writes its time.",
        KNOWN,
    ),
    Field("event.duplicate", "boolean", "An event with this id and time came before.", TRUE, ("true",)),
    Field(
        "identity.id",
        "keyword",
        "Who acted: `platform:type:native id`; the registered id where the identity is registered.",
        KNOWN,
    ),
    Field("identity.name", "keyword", "Name in the registry.", DETAIL),
    Field(
        "identity.kind",
        "keyword",
        "What kind of identity it is: the registry's word, else what the event shows.",
        ALWAYS,
        KINDS,
    ),
    Field("identity.registered", "boolean", "The registry knew the identity at that time.", ALWAYS, ("true", "false")),
    Field("identity.is_nhi", "boolean", "Neither a person nor a service of the platform itself.", TRUE, ("true",)),
    Field(
        "identity.is_agent", "boolean", "An AI agent, by the registry or by the platform's own flag.", TRUE, ("true",)
    ),
    Field("identity.status", "keyword", "Status in the registry, where it is not active.", KNOWN, STATUSES),
    Field("identity.environment", "keyword", "Environment in the registry.", DETAIL),
    Field("identity.criticality", "keyword", "Criticality in the registry.", DETAIL),
    Field("identity.privileged", "boolean", "Privileged, by the registry.", TRUE, ("true",)),
    Field("identity.shared", "boolean", "Shared by several workloads, by the registry.", TRUE, ("true",)),
    Field("identity.third_party", "boolean", "Of a third party, by the registry.", TRUE, ("true",)),
    Field("identity.vendor", "keyword", "Vendor of a third party's identity.", DETAIL),
    Field("identity.mfa", "boolean", "Protected by a second factor, by the registry.", KNOWN, ("true", "false")),
    Field("identity.console_enabled", "boolean", "May sign in to the console, by the registry.", TRUE, ("true",)),
    Field("identity.tags", "keyword", "Tags in the registry.", FINDING, many=True),
    Field("owner.id", "keyword", "Who answers for the identity.", KNOWN),
    Field("owner.name", "keyword", "Name of the owner.", DETAIL),
    Field("owner.team", "keyword", "Team of the owner.", DETAIL),
    Field("owner.contact", "keyword", "Where the owner is reached.", FINDING),
    Field("owner.sponsor", "keyword", "The accountable person, where it is not the owner.", DETAIL),
    Field(
        "owner.status",
        "keyword",
        "Whether anybody answers for a registered identity; `unknown`: the registry did not know the owner then.",
        KNOWN,
        OWNER_STATUSES,
    ),
    Field(
        "credential.id",
        "keyword",
        "The credential that was used: access key, key id, token id.",
        "where it is not the session; on findings always",
    ),
    Field("credential.type", "keyword", "Its type.", KNOWN),
    Field("credential.issued", "date", "When a long-lived one was issued: registry, event or ledger.", KNOWN),
    Field("credential.expires", "date", "When a long-lived one ends.", KNOWN),
    Field("credential.last_rotated", "date", "When it was last rotated, by the registry.", KNOWN),
    Field("credential.age_days", "integer", "Age of a long-lived one at its use, in days.", KNOWN),
    Field("credential.max_age_days", "integer", "How old it may become, by the registry.", KNOWN),
    Field("credential.long_lived", "boolean", "It does not end by itself.", TRUE, ("true",)),
    Field("credential.no_expiry", "boolean", "Registered, long-lived and without an end.", TRUE, ("true",)),
    Field("credential.expired", "boolean", "It was used after its end.", TRUE, ("true",)),
    Field("credential.rotation_overdue", "boolean", "It is older than it may become.", TRUE, ("true",)),
    Field("session.id", "keyword", "The session: what to group a run by.", KNOWN),
    Field("action.name", "keyword", "The action in the names of charters and tasks: `iam:CreateUser`.", ALWAYS),
    Field("action.class", "keyword", "What kind of action it is.", ALWAYS, CLASSES),
    Field(
        "action.access_level",
        "keyword",
        "How deep it reaches.",
        DETAIL,
        ("list", "read", "write", "tagging", "permissions"),
    ),
    Field(
        "action.access_level_source",
        "keyword",
        "Class and level were guessed from the verb: no map and no fact of the event gave them.",
        "where guessed",
        ("fallback",),
    ),
    Field("action.mutating", "boolean", "It changes state.", TRUE, ("true",)),
    Field(
        "action.sensitive",
        "boolean",
        "It deletes, exports, exposes secrets, runs code or changes identities, networks, logging or agents.",
        TRUE,
        ("true",),
    ),
    Field("action.on_self", "boolean", "The identity acted upon is the one that acts.", KNOWN, ("true", "false")),
    Field("resource.id", "keyword", "Resources acted upon, in the names of charters and tasks.", DETAIL, many=True),
    Field(
        "resource.environment",
        "keyword",
        "Environment of the resource; of several, one that is not the identity's.",
        "on changes, sensitive actions and findings; elsewhere where it is another one",
    ),
    Field("target.id", "keyword", "Identities acted upon.", KNOWN, many=True),
    Field("target.kind", "keyword", "Kind of the first of them.", KNOWN, KINDS),
    Field("target.registered", "boolean", "The registry knew every identity acted upon.", KNOWN, ("true", "false")),
    Field("target.is_agent", "boolean", "The first of them is an AI agent.", TRUE, ("true",)),
    Field(
        "target.status",
        "keyword",
        "Status of the first of them in the registry, where it is not active.",
        KNOWN,
        STATUSES,
    ),
    Field("target.owner_status", "keyword", "Whether anybody answers for the first of them.", KNOWN, OWNER_STATUSES),
    Field("outcome", "keyword", "How it went.", ALWAYS, ("success", "failure", "denied")),
    Field("agent.charter", "keyword", "The standing boundary in force.", DETAIL),
    Field("agent.vendor", "keyword", "Who makes the agent.", FINDING),
    Field("agent.framework", "keyword", "What it is built with.", FINDING),
    Field("agent.runtime", "keyword", "Where it runs.", FINDING),
    Field("agent.model", "keyword", "Its declared model.", FINDING),
    Field("agent.parent_id", "keyword", "The identity that may delegate to it.", DETAIL),
    Field("agent.autonomy", "keyword", "How freely it acts.", FINDING),
    Field(
        "agent.detected_by",
        "keyword",
        "What shows that it is an agent, where the registry does not.",
        KNOWN,
        ("platform",),
    ),
    Field("task.id", "keyword", "The task that the verdict is about.", "wherever a task was chosen"),
    Field("task.name", "keyword", "Its name.", FINDING),
    Field("task.purpose", "keyword", "What it is for.", FINDING),
    Field("task.source", "keyword", "Where it was registered.", FINDING),
    Field("task.start", "date", "When its window opens.", FINDING),
    Field("task.end", "date", "When its window closes.", FINDING),
    Field("task.delegator", "keyword", "Who asked for it.", FINDING),
    Field("task.delegator_type", "keyword", "What kind of delegator that is.", FINDING),
    Field("task.allowed_actions", "keyword", "The actions it allows.", FINDING, many=True),
    Field("task.allowed_resources", "keyword", "The resources it allows.", FINDING, many=True),
    Field("scope.declared", "boolean", "A charter bounds the identity.", KNOWN, ("true", "false")),
    Field("scope.boundary.classes", "keyword", "Classes that the charter allows.", FINDING, many=True),
    Field("scope.boundary.actions", "keyword", "Actions that it allows.", FINDING, many=True),
    Field("scope.boundary.resources", "keyword", "Resources that it allows.", FINDING, many=True),
    Field("scope.boundary.networks", "keyword", "Networks that it allows.", FINDING, many=True),
    Field("scope.boundary.regions", "keyword", "Regions that it allows.", FINDING, many=True),
    Field("scope.boundary.hours", "keyword", "Hours that it allows.", FINDING),
    Field("scope.boundary.credential_types", "keyword", "Types of credentials that it allows.", FINDING, many=True),
    Field("attribution.level", "keyword", "How sure it is which task the action belongs to.", ALWAYS, LEVELS),
    Field(
        "attribution.identity_level",
        "keyword",
        "How sure it is who acted, where that is less than attested.",
        "below L4",
        LEVELS[1:],
    ),
    Field("attribution.evidence", "keyword", "Where the reference to the task stood.", "wherever a task was chosen"),
    Field(
        "attribution.chain",
        "keyword",
        "Identities through which the session was reached, from the first to the last.",
        KNOWN,
        many=True,
    ),
    Field("attribution.delegator_id", "keyword", "On whose behalf, by the platform's own word.", KNOWN),
    Field("attribution.conflict", "boolean", "References name different tasks.", TRUE, ("true",)),
    Field("attribution.confidence", "float", "How much the evidence is worth, 0 to 1.", "where aligned"),
    Field("verdict.intent", "keyword", "Does the action fit the identity's current task?", ALWAYS, INTENTS),
    Field("verdict.reasons", "keyword", "The codes of why.", ALWAYS, tuple(REASONS), many=True),
    Field(
        "verdict.scope",
        "keyword",
        "Does it lie within the charter?",
        "where not in_boundary",
        ("out_of_boundary", "no_boundary"),
    ),
    Field(
        "verdict.network", "keyword", "Does it come from the charter's networks?", "where outside", ("out_of_boundary",)
    ),
    Field("verdict.time", "keyword", "Does it fall into the charter's hours?", "where outside", ("off_hours",)),
    Field("verdict.governance", "keyword", "What the registry lacks for the identity.", KNOWN, GOVERNANCE, many=True),
    Field("first_seen.action", "boolean", "Identities of this charter never did this before.", TRUE, ("true",)),
    Field("first_seen.resource", "boolean", "They never touched this resource before.", TRUE, ("true",)),
    Field("first_seen.network", "boolean", "They never came from this network (/24, /48) before.", TRUE, ("true",)),
    Field("first_seen.user_agent", "boolean", "They never used this client before.", TRUE, ("true",)),
    Field("first_seen.region", "boolean", "They never acted in this region before.", TRUE, ("true",)),
    Field("first_seen.credential", "boolean", "They never used this long-lived credential before.", TRUE, ("true",)),
    Field(
        "first_seen.identity",
        "boolean",
        "An unregistered agent, or stranger inside coverage, was never seen before.",
        TRUE,
        ("true",),
    ),
    Field(
        "baseline.learning",
        "boolean",
        "The baseline still learns, and something new was held back.",
        TRUE,
        ("true",),
    ),
    Field(
        "recent.denied_count", "integer", "Calls of this identity that were denied in the last 15 minutes.", "from 1"
    ),
    Field("recent.delete_count", "integer", "Deletions in the last 15 minutes.", "from 1"),
    Field("recent.mutating_count", "integer", "Changes in the last 15 minutes.", "from 1"),
    Field("recent.secrets_read_count", "integer", "Secrets read in the last hour.", "from 1"),
    Field("recent.distinct_resources", "integer", "Resources touched in the last 15 minutes.", "from 2"),
    Field(
        "recent.untrusted_read",
        "boolean",
        "The run read what an outsider can write within the last hour.",
        TRUE,
        ("true",),
    ),
    Field("recent.self_escalation", "boolean", "The run changed its own rights within the last hour.", TRUE, ("true",)),
    Field("risk.score", "integer", "Sum of the weights of `risk.factors`, at most 100.", "where something is wrong"),
    Field(
        "risk.level",
        "keyword",
        "The word for the score.",
        "where something is wrong",
        ("low", "medium", "high", "critical"),
    ),
    Field(
        "risk.factors",
        "keyword",
        "What the score is made of, the heaviest first.",
        "where something is wrong",
        many=True,
    ),
    Field("enrichment.version", "keyword", "Version of the tags' meaning.", "on every event", (VERSION,)),
    Field(
        "enrichment.registry_version",
        "keyword",
        "The registry that was asked, the first 12 digits of its hash.",
        FINDING,
    ),
    Field(
        "enrichment.error",
        "keyword",
        "What could not be read or done; `type:` with the path of a value of the wrong type.",
        "where something failed",
        many=True,
    ),
)

"""The values that the stages of the chain hand on: class, attribution, facts, verdict. Data only."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remit_enrichment.registry.model import Charter, Identity, Owner, Task

Level = Literal["L4", "L3", "L2", "L1", "L0", "none"]
Intent = Literal[
    "aligned", "out_of_scope", "no_task", "task_expired", "unattested", "unknown_identity", "indeterminate",
    "not_applicable",
]  # fmt: skip

FINDINGS: frozenset[str] = frozenset(
    {"no_task", "task_expired", "out_of_scope", "unattested", "unknown_identity", "indeterminate"}
)
"""The intents that are findings; an out-of-boundary verdict is one too."""

MUTATING: frozenset[str] = frozenset(
    {
        "write",
        "delete",
        "identity_admin",
        "network_admin",
        "logging_admin",
        "compute_exec",
        "agent_admin",
        "billing",
    }
)
SENSITIVE: frozenset[str] = frozenset(
    {"delete", "identity_admin", "network_admin", "logging_admin", "secrets_read", "data_export", "compute_exec",
     "agent_admin"}
)  # fmt: skip


class Classified(Struct, frozen=True, gc=False):
    """What kind of action it is, and how we know."""

    name: str
    action_class: str
    access_level: str
    source: Literal["event", "map", "fallback"]

    @property
    def mutating(self) -> bool:
        return self.action_class in MUTATING

    @property
    def sensitive(self) -> bool:
        return self.action_class in SENSITIVE


Standing = Literal[
    "registered", "human", "platform_service", "external_issuance", "recreated", "confusable", "unregistered"
]  # fmt: skip


class Candidate(Struct, frozen=True, kw_only=True):
    """A task that may be the one this action belongs to, with all that the steps of the verdict ask of it."""

    task: Task
    level: Level
    evidence: str
    """Where the reference stood: `ledger.credential_id`, `aws.source_identity`, `task.window`."""
    charter: Charter | None = None
    """Of the task's own identity, as of the event."""
    revoked_at: int | None = None
    inherited: bool = False
    """It came through the chain, not with the acting session."""
    barred: tuple[str, ...] = ()
    """Codes for which the task may not be used by this identity at this time."""
    granted: bool = True
    """The handle was itself issued or bound for this task; else the first credential to use the task keeps it."""


class Attribution(Struct, frozen=True, kw_only=True):
    """Who acted and for which task, with the evidence for each."""

    identity_id: str | None
    """Registered id where registered, else the principal's own."""
    standing: Standing = "unregistered"
    kind: str = "unknown"
    identity: Identity | None = None
    owner: Owner | None = None
    charter: Charter | None = None
    identity_level: Level = "none"
    """How sure it is who acted."""
    chain: tuple[str, ...] = ()
    """Identities before this one, from the first to the last."""
    covered: bool = False
    """Absence from the registry means something for this identity."""
    tasks_covered: bool = False
    """Absence of a task means something here."""
    required: bool = False
    """This identity, one before it or whoever minted the credential must have a task."""
    references: tuple[Candidate, ...] = ()
    """Named with evidence of L2 or better."""
    claims: tuple[Candidate, ...] = ()
    """Named by the caller (L1)."""
    open: tuple[Candidate, ...] = ()
    """Own tasks whose window is open at that time (L0), the one that ends first in front."""
    shut: tuple[str, ...] = ()
    """Codes of own tasks whose window is open but which never count."""
    reasons: tuple[str, ...] = ()
    """Codes found on the way, whatever the verdict."""


class Usage(Struct, frozen=True, gc=False):
    """What a task would have used with this event included."""

    actions: int = 0
    deletes: int = 0
    resources: int = 0


class Recent(Struct, frozen=True, gc=False):
    """What the identity did within the sliding windows, this event included."""

    denied_count: int = 0
    delete_count: int = 0
    mutating_count: int = 0
    secrets_read_count: int = 0
    distinct_resources: int = 0
    deletes_a_minute: int = 0
    untrusted_read: bool = False
    """The run has read what an outsider can write."""
    self_escalation: bool = False
    """The run has changed its own rights."""


class Facts(Struct, frozen=True, kw_only=True):
    """What the state knows at the time of this event, this event included."""

    duplicate: bool = False
    late: bool = False
    usage: dict[str, Usage] = {}
    """Task id -> use, for the tasks with limits that this event may belong to."""
    holders: dict[str, str] = {}
    """Task id -> credential that first used the task, where the credential was not issued or bound for it."""
    recent: Recent = Recent()
    learning: bool = False
    """The baseline is younger than its learning period, so that first sights are not told."""
    first_seen: tuple[str, ...] = ()
    """Dimensions in which this event shows something new: action, resource, network ..."""
    saturated: bool = False
    """A dimension is full: what is new there may have been seen before."""


ScopeWord = Literal["in_boundary", "out_of_boundary", "no_boundary"]
NetworkWord = Literal["in_boundary", "out_of_boundary", "not_declared"]
TimeWord = Literal["in_hours", "off_hours", "not_declared"]


class Boundary(Struct, frozen=True, kw_only=True):
    """Does the action lie within the standing boundary of the identity, whatever its task?"""

    scope: ScopeWord = "in_boundary"
    network: NetworkWord = "not_declared"
    time: TimeWord = "not_declared"
    resource_environment: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def outside(self) -> bool:
        return "out_of_boundary" in (self.scope, self.network) or self.time == "off_hours"


class CredentialFacts(Struct, frozen=True, kw_only=True):
    """What is known of the credential at the time of its use; times in milliseconds."""

    issued: int | None = None
    expires: int | None = None
    last_rotated: int | None = None
    age_days: int | None = None
    max_age_days: int | None = None
    long_lived: bool = False
    no_expiry: bool = False
    expired: bool = False
    rotation_overdue: bool = False
    reasons: tuple[str, ...] = ()


class Risk(Struct, frozen=True):
    """How bad it would be if the worst were true, 0 to 100, with every factor."""

    score: int = 0
    factors: tuple[str, ...] = ()


class Verdict(Struct, frozen=True, kw_only=True):
    """Does the action fit the identity's current task? With the codes of why and the step that decided."""

    intent: Intent
    reasons: tuple[str, ...] = ()
    task: Task | None = None
    charter: Charter | None = None
    """Of the task's identity."""
    level: Level = "none"
    """Of the task: the level that gated the verdict."""
    evidence: str | None = None
    conflict: bool = False
    """A weaker reference named another task than the one chosen."""
    confidence: float | None = None
    step: str = ""
    """The step of the verdict that decided: `who`, `window`, `scope`, `gate` ..."""
    counted: tuple[Candidate, ...] = ()
    """Tasks whose limits the action uses up, if it succeeded."""

    @property
    def finding(self) -> bool:
        return self.intent in FINDINGS


class Assessment(Struct, frozen=True, kw_only=True):
    """Everything that the tags are made from."""

    at: int | None
    """The time at which the action is judged, in milliseconds."""
    classified: Classified
    attribution: Attribution
    facts: Facts
    verdict: Verdict
    boundary: Boundary
    credential: CredentialFacts
    governance: tuple[str, ...]
    risk: Risk
    reasons: tuple[str, ...]
    finding: bool
    """The verdict is a finding, or the action lies out of the boundary."""

"""The values that the stages of the chain hand on: class, attribution, facts, verdict. Data only."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remit_enrichment.registry.model import Charter, Identity, Owner, Task

Level = Literal["L4", "L3", "L2", "L1", "L0", "none"]
Intent = Literal[
    "aligned", "out_of_scope", "no_task", "task_expired", "unattested", "unknown_identity", "indeterminate", "not_applicable"
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


class Attribution(Struct, frozen=True, kw_only=True):
    """Who acted and for which task, with the evidence for each."""

    identity_id: str | None
    """Registered id where registered, else the principal's own."""
    identity: Identity | None = None
    owner: Owner | None = None
    charter: Charter | None = None
    identity_level: Level = "none"
    level: Level = "none"
    """Of the task: the level that gates the verdict."""
    evidence: str | None = None
    """Evidence path: `ledger.access_key_id`, `aws.role_session_name`, `task.window`."""
    candidates: tuple[Task, ...] = ()
    """Tasks that compete at the chosen level, in a stable order."""
    chain: tuple[str, ...] = ()
    conflict: bool = False
    reasons: tuple[str, ...] = ()
    """Codes found on the way that judgement must take up."""


class Facts(Struct, frozen=True, kw_only=True):
    """What the state knows at the time of this event, this event included."""

    duplicate: bool = False
    late: bool = False
    task_actions: int = 0
    task_deletes: int = 0
    task_resources: int = 0


class Verdict(Struct, frozen=True, kw_only=True):
    """Does the action fit the identity's current task? With the codes of why and the step that decided."""

    intent: Intent
    reasons: tuple[str, ...] = ()
    task: Task | None = None
    confidence: float | None = None
    step: str = ""

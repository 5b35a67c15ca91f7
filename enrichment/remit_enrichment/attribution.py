"""Who acted, and which tasks the event may belong to: evidence is collected and ranked here, judged in `intent`.

Levels: L4 attested, L3 bound, L2 recorded, L1 asserted by the caller, L0 inferred from time. Everything is looked up as
of the event's time. Pure: the registry is read-only and the lineage was looked up before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from remit_enrichment.activity import Activity, Principal
from remit_enrichment.constants import MAX_LINEAGE, RECEIPT_DELAY, SKEW
from remit_enrichment.globs import matches, matches_path
from remit_enrichment.governance import AGENT_KINDS
from remit_enrichment.judgement import Attribution, Candidate, Level, Standing
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.lookup import Registry, holds
from remit_enrichment.registry.model import Charter, Coverage, Identity, Issuer, Task

KIND_OF_HINT = {
    "human": "human",
    "root": "human",
    "role": "role",
    "service_account": "service_account",
    "bot": "bot",
    "platform_service": "platform_service",
    "agent": "ai_agent",
    "workload_identity": "workload_identity",
    "managed_identity": "managed_identity",
    "oauth_app": "oauth_app",
    "app_registration": "app_registration",
    "agent_user": "agent_user",
    "api_key": "api_key",
}
FEDERATED_ISSUANCE = frozenset({"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"})
"""Calls by which an outside subject gets a session: nobody can be registered for the call itself."""
NEVER = 1 << 62
"""The time at which an event without a readable time is looked up: after every version began."""


def attribute(
    activity: Activity,
    registry: Registry,
    *,
    at: int | None,
    lineage: Sequence[Minted] = (),
    trusted: bool = True,
    moved: bool = False,
    asserted: bool = False,
) -> Attribution:
    """Say who acted and name every task that the action may belong to.

    Args:
        at: the event's time in milliseconds; None where it cannot be read.
        lineage: how the credential in use came about, the newest issuance first.
        trusted: the event came by a channel that may carry it; else nothing it shows exceeds L1.
        moved: the credential was first used from another place, so that what was bound to it no longer counts.
        asserted: the time is the caller's own.
    """
    when = NEVER if at is None else at
    standing, identity = who(activity, registry, when)
    principal = activity.principal
    chain = (*activity.chain, *chain_of(lineage, identity, activity, registry))
    charter = charter_of(identity, registry, when)
    reasons = list(reasons_of(standing, identity, principal))
    if asserted:
        reasons.append("TIME_ASSERTED")
    references: tuple[Candidate, ...] = ()
    claims: tuple[Candidate, ...] = ()
    opened: tuple[Candidate, ...] = ()
    shut: tuple[str, ...] = ()
    required = False
    if identity is not None:
        case = _Case(activity, registry, when, identity, chain)
        found, unknown = references_of(case, lineage)
        if moved:
            found = [c for c in found if not c.evidence.startswith("ledger.")]
        if unknown:
            reasons.append("TASK_UNKNOWN")
        if moved:
            reasons.append("ATTRIBUTION_CONFLICT")
        if not trusted:
            found = [replace_level(c, "L1") for c in found]
        references = tuple(c for c in found if c.level != "L1")
        claims = distinct(
            [*(c for c in found if c.level == "L1"), *claims_of(case)],
            besides={(c.task.id, c.task.valid_from) for c in references},
        )
        opened, shut = open_tasks(case)
        required = requires_task(identity, charter, principal) or any_requires(chain, lineage, registry, when)
    owner = registry.owner(identity.owner, when) if identity is not None and identity.owner is not None else None
    return Attribution(
        identity_id=identity.id if identity is not None else (principal.id or principal.native) if principal else None,
        standing=standing,
        kind=kind_of(identity, principal, standing),
        identity=identity,
        owner=owner,
        charter=charter,
        identity_level="none" if principal is None else "L1" if activity.time_asserted or not trusted else "L4",
        chain=chain,
        covered=covers_identity(activity, registry, when),
        tasks_covered=covers_tasks(activity, registry, when),
        required=required,
        references=references,
        claims=claims,
        open=opened,
        shut=shut,
        reasons=tuple(dict.fromkeys(reasons)),
    )


# --- who --------------------------------------------------------------------------------------------------------------


def who(activity: Activity, registry: Registry, at: int) -> tuple[Standing, Identity | None]:
    """Find the registered identity, or say what kind of stranger acted."""
    principal = activity.principal
    if principal is None:
        return "unregistered", None
    identity = find(registry, activity.platform, principal, at)
    recreated = identity is not None and is_recreated(identity, principal.unique_id)
    if identity is not None and not recreated:
        return "registered", identity
    if is_human(principal) and not (recreated and principal.human_evidence is None):
        return "human", None
    if principal.kind == "platform_service":
        return "platform_service", None
    if principal.kind == "external" and activity.action in FEDERATED_ISSUANCE:
        return "external_issuance", None
    if recreated:
        return "recreated", None
    if principal.id is not None and registry.confusable(principal.id) is not None:
        return "confusable", None
    return "unregistered", None


_SESSION = re.compile(r"arn:[^:]+:sts::(\d+):assumed-role/([^/]+)/")


def find(registry: Registry, platform: str, principal: Principal, at: int) -> Identity | None:
    """Look a principal up by its id, else by any other handle that the event shows of it, strongest first."""
    for handle in (principal.id, principal.unique_id, *principal.aliases, principal.native):
        identity = registry.identity(platform, handle, at) if handle is not None else None
        if identity is not None and not (principal.kind == "human" and is_bot_or_app(identity)):
            return identity
    if platform == "aws" and principal.id is None and principal.native is not None:
        session = _SESSION.match(principal.native)
        # The ARN of a session has lost the role's path: the name counts only where it is one role.
        roles = registry.aws_roles(session[1], session[2], at) if session else ()
        return roles[0] if len(roles) == 1 else None
    return None


def is_bot_or_app(identity: Identity) -> bool:
    """Say whether the id is one that no person acts as: a login or a number of a person may equal such an alias."""
    return identity.id.split(":", 2)[1] in ("bot", "app")


def is_human(principal: Principal) -> bool:
    """Say whether the platform itself shows that a person acts."""
    return principal.human_evidence is not None or principal.kind in ("human", "root")


def is_recreated(identity: Identity, unique_id: str | None) -> bool:
    """Say whether the name was deleted and made again: the event shows another unique id than the entry lists."""
    if unique_id is None or unique_id in identity.aliases or identity.id.endswith(f":{unique_id}"):
        return False
    shape = _shape(unique_id)
    return any(_shape(alias) == shape for alias in identity.aliases)


_AWS_UNIQUE = re.compile(r"A[A-Z]{2}A[A-Z0-9]{8,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _shape(handle: str) -> str:
    """Name the kind of never reused id that a handle is; any other handle is its own kind."""
    if _AWS_UNIQUE.fullmatch(handle):
        return handle[:4]
    if _UUID.fullmatch(handle):
        return "uuid"
    return "number" if handle.isascii() and handle.isdigit() else handle


def kind_of(identity: Identity | None, principal: Principal | None, standing: Standing) -> str:
    """Return the kind: the registry's word, else what the event itself shows."""
    if identity is not None and identity.kind is not None:
        return identity.kind
    if principal is None:
        return "unknown"
    if identity is None and standing == "human":
        return "human"
    kind = KIND_OF_HINT.get(principal.kind, "unknown")
    return "ai_agent" if principal.platform_agent and kind != "agent_user" else kind


def reasons_of(standing: Standing, identity: Identity | None, principal: Principal | None) -> Iterator[str]:
    """Yield the codes that who acted gives, whatever the verdict."""
    agent = principal is not None and principal.platform_agent
    # A name that people usually have is no evidence that one of them is at a registered machine's keyboard.
    if standing == "registered" and principal is not None and principal.human_evidence is not None:
        yield "HUMAN_USE_OF_NHI"
    if standing == "human" and agent:
        yield "NHI_AS_HUMAN"
    if identity is None and standing not in ("human", "platform_service") and agent:
        yield "AGENT_UNREGISTERED"


# --- coverage, channels -----------------------------------------------------------------------------------------------


def covers_identity(activity: Activity, registry: Registry, at: int) -> bool:
    """Say whether absence of this identity from the registry means something at that time."""
    principal = activity.principal
    agent = principal is not None and (principal.platform_agent or principal.kind == "agent")
    return any(_since(c.identities, at) or (agent and _since(c.agents, at)) for c in _coverage(activity, registry, at))


def covers_tasks(activity: Activity, registry: Registry, at: int) -> bool:
    """Say whether absence of a task means something at that time."""
    return any(_since(c.tasks, at) for c in _coverage(activity, registry, at))


def _coverage(activity: Activity, registry: Registry, at: int) -> Iterator[Coverage]:
    for entry in registry.coverage:
        if entry.platform == activity.platform and holds(entry, at):
            # What the caller writes is no account, so it can neither be covered nor uncovered by it.
            if entry.accounts is None or activity.time_asserted or activity.account in entry.accounts:
                yield entry


def _since(start: int | None, at: int) -> bool:
    return start is not None and start <= at


def arrives_rightly(activity: Activity, registry: Registry, channel: str | None) -> bool:
    """Say whether the event came by a channel that may carry its log source and account; without a list, any may."""
    if not registry.channels:
        return True
    at = NEVER if activity.time is None else activity.time
    return channel is not None and any(
        entry.source == activity.source
        and holds(entry, at)
        and (entry.accounts is None or activity.account in entry.accounts)
        and matches_path(entry.channel, channel)
        for entry in registry.channels
    )


# --- is a task required? ----------------------------------------------------------------------------------------------


def charter_of(identity: Identity | None, registry: Registry, at: int) -> Charter | None:
    """Return the standing boundary of an identity."""
    return registry.charter(identity.charter, at) if identity is not None and identity.charter is not None else None


def requires_task(identity: Identity, charter: Charter | None, principal: Principal | None = None) -> bool:
    """Say whether an identity must have a task for what it does."""
    if charter is not None and charter.task_required is not None:
        return charter.task_required
    if identity.kind in AGENT_KINDS:
        return True
    agent = identity.agent is not None or (principal is not None and principal.platform_agent)
    return agent and charter is None


def any_requires(chain: Iterable[str], lineage: Sequence[Minted], registry: Registry, at: int) -> bool:
    """Say whether an identity before this one, or whoever minted a credential on the way, must have a task."""
    if len(lineage) >= MAX_LINEAGE:
        return True
    before = [registry.identity(link.split(":", 1)[0], link, at) for link in chain]
    before += [find(registry, minted.platform, minted.minter, at) for minted in lineage]
    return any(
        identity is not None and requires_task(identity, charter_of(identity, registry, at)) for identity in before
    )


# --- chain ------------------------------------------------------------------------------------------------------------


def name_of(registry: Registry, platform: str, principal: Principal, at: int) -> str | None:
    """Return the registered id of a principal, else its own."""
    identity = find(registry, platform, principal, at)
    return identity.id if identity is not None else principal.id or principal.native


def chain_of(
    lineage: Sequence[Minted], identity: Identity | None, activity: Activity, registry: Registry
) -> tuple[str, ...]:
    """Return the identities through which the session was reached, from the first to the last.

    A long-lived credential starts anew: who minted it is no part of the chain; nor is an outside subject, nor a service
    of the platform that starts what it was told to.
    """
    current = identity.id if identity is not None else activity.principal.id if activity.principal is not None else None
    chain: list[str] = []
    for minted in lineage:
        if minted.long_lived or minted.minter.kind in ("external", "platform_service"):
            break
        name = name_of(registry, minted.platform, minted.minter, minted.time)
        if name is not None and name != current:
            chain.append(name)
            current = name
    return tuple(reversed(chain))


# --- references to tasks ----------------------------------------------------------------------------------------------


class _Case:
    """One event on its way through the collection of references: what every candidate is measured by."""

    __slots__ = ("activity", "at", "chain", "identity", "registry")

    def __init__(
        self, activity: Activity, registry: Registry, at: int, identity: Identity, chain: tuple[str, ...]
    ) -> None:
        self.activity, self.registry, self.at, self.identity, self.chain = activity, registry, at, identity, chain

    def candidate(self, task: Task, level: Level, evidence: str, *, inherited: bool = False) -> Candidate:
        holder = self.registry.identity(task.identity.split(":", 1)[0], task.identity, self.at)
        charter = charter_of(holder, self.registry, self.at)
        return Candidate(
            task=task,
            level=level,
            evidence=evidence,
            charter=charter,
            revoked_at=revoked_at(self.registry, task.id),
            inherited=inherited,
            barred=tuple(dict.fromkeys(self.barred(task, charter))),
        )

    def barred(self, task: Task, charter: Charter | None) -> Iterator[str]:
        """Yield why this identity may not use this task now."""
        stranger = self.stranger(task, charter)
        if stranger is not None:
            yield stranger
            return
        if task.self_issued or issued_by(task, self.identity):
            yield "TASK_SELF_ISSUED"
        elif not task.counts or not holds(task, self.at):
            yield "TASK_UNKNOWN"
        if self.another_delegator(task):
            yield "DELEGATOR_MISMATCH"
        step = self.activity.time_step
        if task.registered_at // step > self.at // step:
            yield "TASK_UNKNOWN"
        elif (received := task.received_at) is not None and received // step > self.at // step:
            if received - task.registered_at > RECEIPT_DELAY:
                yield "TASK_BACKDATED"

    def stranger(self, task: Task, charter: Charter | None) -> str | None:
        """Return why the task is not of this identity nor of a chain that it covers, None where it is."""
        if task.identity == self.identity.id:
            return None
        if task.identity not in self.chain:
            return "TASK_IDENTITY_MISMATCH"
        first = len(self.chain) - 1 - self.chain[::-1].index(task.identity)
        links = [*self.chain[first + 1 :], self.identity.id]
        for before, link in zip(self.chain[first:], links, strict=True):
            entry = self.registry.identity(link.split(":", 1)[0], link, self.at)
            if entry is None or entry.agent is None or entry.agent.parent != before:
                return "TASK_IDENTITY_MISMATCH"
        depth = 1 if charter is None else charter.delegation_depth
        return "DELEGATION_CHAIN_TOO_LONG" if len(links) > depth else None

    def another_delegator(self, task: Task) -> bool:
        """Say whether the platform names another delegator than the task does."""
        seen = self.activity.delegator
        if seen is None or task.delegator is None:
            return False
        return self.person(seen) != self.person(task.delegator.id)

    def person(self, handle: str) -> str:
        owner = self.registry.owner_by_handle(handle, self.at)
        if owner is not None:
            return owner.id
        platform = handle.split(":", 1)[0] if ":" in handle else self.activity.platform
        identity = self.registry.identity(platform, handle, self.at)
        return handle if identity is None else identity.id


def issued_by(task: Task, identity: Identity) -> bool:
    """Say whether the identity gave the task to itself."""
    names = {identity.id, *identity.aliases}
    return task.registered_by in names or (task.delegator is not None and task.delegator.id in names)


def revoked_at(registry: Registry, task_id: str) -> int | None:
    """Return when a task was first revoked by somebody who may."""
    return min((r.at for r in registry.revocations(task_id) if r.counts), default=None)


def references_of(case: _Case, lineage: Sequence[Minted]) -> tuple[list[Candidate], bool]:
    """Collect what is bound to the session's handles or was set when its credential was issued, back along the lineage.

    Returns:
        The references, and whether a binding names a task that the registry does not know.
    """
    activity, unknown = case.activity, False
    found: list[Candidate] = []
    for handle in dict.fromkeys(activity.handles):
        level = level_of_handle(activity, handle)
        evidence = "ledger.credential_id" if _is_credential(activity, handle) else "ledger.session_id"
        for task in bound_tasks(case.registry, handle, case.at, activity.time_step, case.at):
            if task is None:
                unknown = True
            else:
                found.append(case.candidate(task, level, evidence))
    current, inherited = case.identity.id, False
    for minted in lineage:
        if minted.long_lived:
            break
        found += (
            case.candidate(task, level, evidence, inherited=inherited)
            for task, level, evidence in issued_tasks(minted, case.registry, case.at)
            if not (inherited and level == "L1")
        )
        name = name_of(case.registry, minted.platform, minted.minter, minted.time)
        inherited = inherited or name != current
        if minted.minter_credential is not None:
            handle, by, step = minted.minter_credential, minted.time, minted.time_step
            for task in bound_tasks(case.registry, handle, by, step, case.at):
                if task is not None:
                    found.append(case.candidate(task, "L3", "ledger.credential_id", inherited=inherited))
    return list(distinct(found)), unknown


def level_of_handle(activity: Activity, handle: str) -> Level:
    """Return how sure it is that a bound handle was not chosen by the agent."""
    if activity.time_asserted:
        return "L2"  # the agent's own host wrote it
    principal = activity.principal
    attested = activity.platform == "github" and principal is not None and principal.platform_agent
    return "L4" if attested and handle == activity.session else "L3"


def _is_credential(activity: Activity, handle: str) -> bool:
    return activity.credential is not None and handle == activity.credential.id


def bound_tasks(registry: Registry, handle: str, by: int, step: int, at: int) -> Iterator[Task | None]:
    """Yield the tasks to which a handle was bound by then, as they are `at` that time; None for an unknown one.

    What a task itself lists under `bind` holds as long as the task does: whether it may be used is step 5's business.
    """
    for binding in registry.bindings(handle):
        task = task_named(registry, binding.task, at)
        if task is not None and (handle in task.bind.credential_ids or handle in task.bind.sessions):
            yield task
            continue
        coarser = max(step, binding.bound_step)
        late = binding.received_at is not None and binding.received_at - binding.bound_at > RECEIPT_DELAY
        since = binding.received_at if late and binding.received_at is not None else binding.bound_at
        # Nobody may speak for a task that does not exist: such a binding counts for nothing and is told.
        if (binding.counts or task is None) and since // coarser <= by // coarser:
            yield task


def task_named(registry: Registry, task_id: str, at: int) -> Task | None:
    """Return the version of a task that holds at that time, else any version: it is known, if not valid."""
    return registry.task(task_id, at) or registry.task(task_id, None)


def issued_tasks(minted: Minted, registry: Registry, at: int) -> Iterator[tuple[Task, Level, str]]:
    """Yield the tasks named when a credential was issued: L4 where a registered issuer carries them, else L1."""
    carried = [issuer for issuer in registry.issuers if speaks(issuer, minted)]
    if minted.source_identity is not None:
        level: Level = "L4" if any("source_identity" in issuer.carries for issuer in carried) else "L1"
        for task in tasks_named(registry, minted.source_identity, at):
            yield task, level, f"{minted.platform}.source_identity"
    tags = {i.task_tag for i in registry.issuers if i.platform == minted.platform and "session_tags" in i.carries}
    for key, value in minted.session_tags:
        if key in tags:
            level = "L4" if any(i.task_tag == key and "session_tags" in i.carries for i in carried) else "L1"
            for task in tasks_named(registry, value, at):
                yield task, level, f"{minted.platform}.session_tag"


def speaks(issuer: Issuer, minted: Minted) -> bool:
    """Say whether the issuance came from this registered issuer."""
    return (
        issuer.platform == minted.platform
        and holds(issuer, minted.time)
        and issuer.provider == minted.provider
        and (issuer.audience is None or issuer.audience == minted.audience)
        and (issuer.subject is None or (minted.subject is not None and matches(issuer.subject, minted.subject)))
    )


def tasks_named(registry: Registry, reference: str, at: int) -> tuple[Task, ...]:
    """Return the tasks of that id or that expect this text as source identity, each in the version of that time."""
    named = dict.fromkeys(task.id for task in registry.referenced(reference)) if reference else ()
    versions = (task_named(registry, task_id, at) for task_id in named)
    return tuple(task for task in versions if task is not None)


NAMES_BY_SOURCE_IDENTITY = frozenset({"source_identity", "session_tag"})


def claims_of(case: _Case) -> Iterator[Candidate]:
    """Yield the tasks that the caller itself names."""
    for claim in case.activity.claims:
        for task in tasks_named(case.registry, claim.reference, case.at):
            if task.id == claim.reference or claim.carrier in NAMES_BY_SOURCE_IDENTITY:
                yield case.candidate(task, "L1", claim.path)


def distinct(candidates: Iterable[Candidate], besides: Iterable[tuple[str, int | None]] = ()) -> tuple[Candidate, ...]:
    """Keep the strongest reference to each task, of the acting session and inherited ones apart; in their order."""
    best: dict[tuple[str, int | None, bool], Candidate] = {}
    dropped = set(besides)
    for candidate in candidates:
        name = (candidate.task.id, candidate.task.valid_from)
        if name in dropped:
            continue
        key = (*name, candidate.inherited)
        if key not in best or candidate.level > best[key].level:
            best[key] = candidate
    return tuple(best.values())


def replace_level(candidate: Candidate, level: Level) -> Candidate:
    """Return the candidate at another level, as one of the acting session's own claims."""
    return structs.replace(candidate, level=level, inherited=False)


def open_tasks(case: _Case) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Return the own tasks whose window is open, and the codes of those that are open but never count."""
    opened: list[Candidate] = []
    shut: list[str] = []
    for holder in dict.fromkeys((case.identity.id, *case.chain)):
        for task in case.registry.tasks_open(holder, case.at, SKEW):
            candidate = case.candidate(task, "L0", "task.window")
            if candidate.revoked_at is not None and candidate.revoked_at <= case.at:
                continue
            if not candidate.barred:
                opened.append(candidate)
            elif holder == case.identity.id:
                shut += candidate.barred
    opened.sort(key=lambda c: (c.task.end, c.task.id))
    return tuple(opened), tuple(dict.fromkeys(shut))

"""Does the action fit the identity's current task? The steps of the verdict, in their order, as pure functions.

1 time, 2 who, 3 is a task required, 4 references, 5 may this one be used here, 6 window, 7 scope, 8 limits, 9 gate.
Steps 3 to 5 are prepared by `attribution`, which ranks the evidence. Without evidence of L2 or better the table of
`without_evidence` decides: what the caller says can narrow a verdict, never widen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from remit_enrichment.activity import Activity
from remit_enrichment.constants import CONFIDENCE, SKEW, UNKNOWN_RESOURCE_FACTOR
from remit_enrichment.judgement import Attribution, Candidate, Classified, Facts, Intent, Verdict
from remit_enrichment.registry.model import Task
from remit_enrichment.scope import Fit, fit

Window = Literal["ahead", "open", "closed"]


class Case(Struct, frozen=True):
    """Everything that a verdict is made of."""

    activity: Activity
    classified: Classified
    attribution: Attribution
    at: int | None = None
    """The time at which it is judged."""
    facts: Facts = Facts()
    arguments: tuple[str, ...] = ()
    """Arguments of an agent's tool that the registry calls resources."""
    homes: tuple[tuple[str, str], ...] = ()
    """Of the identities acted upon: native id and the environment that the registry gives them."""


def judge(case: Case) -> Verdict:
    """Go through the steps; the first that decides gives the verdict, its codes and its name."""
    return time_is_known(case) or who_acts(case) or by_reference(case) or without_evidence(case)


# --- 1 time, 2 who ----------------------------------------------------------------------------------------------------


def time_is_known(case: Case) -> Verdict | None:
    """Step 1: without a time nothing can be looked up as of then."""
    if case.at is None:
        return Verdict(intent="indeterminate", reasons=("EVENT_TIME_UNKNOWN",), step="time")
    return None


def who_acts(case: Case) -> Verdict | None:
    """Step 2: only a registered identity has tasks; a stranger is a finding where absence means something."""
    if is_no_action(case.activity.action):
        return Verdict(intent="not_applicable", step="action")
    attribution = case.attribution
    match attribution.standing:
        case "registered":
            return None
        case "human" | "platform_service" | "external_issuance":
            return Verdict(intent="not_applicable", step="who")
        case "recreated":
            return Verdict(intent="unknown_identity", reasons=("IDENTITY_RECREATED",), step="who")
        case "confusable":
            return Verdict(intent="unknown_identity", reasons=("IDENTITY_CONFUSABLE",), step="who")
        case "unregistered":
            if attribution.covered:
                return Verdict(intent="unknown_identity", reasons=("IDENTITY_UNREGISTERED",), step="who")
            return Verdict(intent="not_applicable", reasons=("NOT_COVERED",), step="who")


_DOES = frozenset({"gen_ai:execute_tool", "gen_ai:create_agent"})


def is_no_action(action: str) -> bool:
    """Say whether the record tells of no action that a task could allow: an agent's call of its model, a prompt."""
    return action.startswith(("gen_ai:", "claude_code:")) and action not in _DOES


# --- 4 references -----------------------------------------------------------------------------------------------------


def by_reference(case: Case) -> Verdict | None:
    """Steps 4 to 9 for references of L2 or better, None where there is none."""
    references = case.attribution.references
    if not references:
        return None
    own = [c for c in references if not c.inherited] or list(references)
    top = max(own, key=lambda c: c.level).level
    rivals = [c for c in own if c.level == top]
    at = _at(case)
    chosen = choose(rivals, at)
    if chosen is None:
        return Verdict(
            intent="indeterminate",
            reasons=("ATTRIBUTION_CONFLICT",),
            level=top,
            evidence=rivals[0].evidence,
            conflict=True,
            step="references",
        )
    conflict = any(
        not c.inherited and c.level < top and c.task.id != chosen.task.id
        for c in (*references, *_unexplained(case.attribution))
    )
    verdict = assess(case, chosen)
    if conflict:
        verdict = msgspec.structs.replace(verdict, conflict=True, reasons=(*verdict.reasons, "ATTRIBUTION_CONFLICT"))
    return verdict


def _unexplained(attribution: Attribution) -> list[Candidate]:
    """Return the caller's claims, without what came down through the chain and only shows again in the event."""
    passed_on = {c.task.id for c in attribution.references if c.inherited}
    return [c for c in attribution.claims if c.task.id not in passed_on]


def choose(rivals: Sequence[Candidate], at: int) -> Candidate | None:
    """Step 4: among several tasks only open ones compete; None where several are open.

    Where none is open: of those that ended the one that ended last, else the first to start.
    """
    if len({c.task.id for c in rivals}) == 1:
        return next((c for c in rivals if window(c, at) == "open"), rivals[0])
    competing = [c for c in rivals if window(c, at) == "open"]
    if competing:
        return competing[0] if len({c.task.id for c in competing}) == 1 else None
    ended = [c for c in rivals if window(c, at) == "closed"]
    if ended:
        return max(ended, key=lambda c: (ended_at(c), c.task.id))
    return min(rivals, key=lambda c: (c.task.start, c.task.id))


def window(candidate: Candidate, at: int) -> Window:
    """Say whether a task's window is open, with skew at both ends; a revocation ends it at once."""
    if candidate.revoked_at is not None and candidate.revoked_at <= at:
        return "closed"
    if at < candidate.task.start - SKEW:
        return "ahead"
    return "open" if at <= candidate.task.end + SKEW else "closed"


def ended_at(candidate: Candidate) -> int:
    """Return when a task ended or was revoked."""
    return min(candidate.task.end, candidate.revoked_at if candidate.revoked_at is not None else candidate.task.end)


# --- 5 to 9 for one task ----------------------------------------------------------------------------------------------


def assess(case: Case, candidate: Candidate) -> Verdict:
    """Steps 5 to 9: hold the action against one task."""
    return (
        usable(case, candidate)
        or in_window(case, candidate)
        or in_scope(case, candidate)
        or within_limits(case, candidate)
        or gate(case, candidate)
    )


def _verdict(
    candidate: Candidate,
    intent: Intent,
    step: str,
    *reasons: str,
    confidence: float | None = None,
    counts: bool = False,
) -> Verdict:
    return Verdict(
        intent=intent,
        reasons=reasons,
        task=candidate.task,
        charter=candidate.charter,
        level=candidate.level,
        evidence=candidate.evidence,
        confidence=confidence,
        step=step,
        counted=(candidate,) if counts else (),
    )


def usable(case: Case, candidate: Candidate) -> Verdict | None:
    """Step 5: a task that may not be used here is no task."""
    barred = (*candidate.barred, *(("TASK_REPLAYED",) if is_replayed(case, candidate) else ()))
    return _verdict(candidate, "no_task", "binding", *barred) if barred else None


def is_replayed(case: Case, candidate: Candidate) -> bool:
    """Say whether a second credential uses a task that neither was issued or bound for; the first one keeps it.

    No log source of today shows such a reference with evidence of L2 or better.
    """
    holder, credential = case.facts.holders.get(candidate.task.id), case.activity.credential
    return not candidate.granted and holder is not None and (credential is None or credential.id != holder)


def in_window(case: Case, candidate: Candidate) -> Verdict | None:
    """Step 6."""
    match window(candidate, _at(case)):
        case "ahead":
            return _verdict(candidate, "out_of_scope", "window", "TASK_NOT_STARTED")
        case "closed":
            return _verdict(candidate, "task_expired", "window", "TASK_WINDOW_CLOSED")
        case "open":
            return None


def in_scope(case: Case, candidate: Candidate) -> Verdict | None:
    """Step 7; an unnamed resource stops everything but a read."""
    fitted = _fit(case, candidate)
    if fitted.codes:
        return _verdict(candidate, "out_of_scope", "scope", *fitted.codes)
    if fitted.resource_unknown and not is_read(case.classified):
        return _verdict(candidate, "indeterminate", "scope", "RESOURCE_UNKNOWN")
    return None


def within_limits(case: Case, candidate: Candidate) -> Verdict | None:
    """Step 8: machine-speed work inside an allowed class is still out of scope beyond the task's limits."""
    usage, limits = case.facts.usage.get(candidate.task.id), candidate.task.limits
    if usage is not None and any(
        allowed is not None and used > allowed
        for used, allowed in (
            (usage.actions, limits.max_actions),
            (usage.deletes, limits.max_deletes),
            (usage.resources, limits.max_distinct_resources),
        )
    ):
        return _verdict(candidate, "out_of_scope", "limits", "LIMIT_EXCEEDED")
    return None


def gate(case: Case, candidate: Candidate) -> Verdict:
    """Step 9: it fits; is the evidence good enough for what was done?"""
    unknown = _fit(case, candidate).resource_unknown
    needed = needed_level(case.classified, candidate.task)
    reasons = ("RESOURCE_UNKNOWN",) if unknown else ()
    confidence = CONFIDENCE[candidate.level] * (UNKNOWN_RESOURCE_FACTOR if unknown else 1)
    if candidate.level < needed:
        return _verdict(candidate, "unattested", "gate", "TASK_UNATTESTED", *reasons, counts=True)
    return _verdict(candidate, "aligned", "gate", *reasons, confidence=round(confidence, 2), counts=True)


def needed_level(classified: Classified, task: Task) -> str:
    """Return the level that makes an action that fits aligned; `require_level` can raise it, never lower it."""
    needed = "L0" if is_read(classified) else "L3"
    required = task.require_level
    return max(needed, required) if required is not None and required >= "L2" else needed


def is_read(classified: Classified) -> bool:
    """Say whether the class is neither mutating nor sensitive."""
    return not (classified.mutating or classified.sensitive)


def _fit(case: Case, candidate: Candidate) -> Fit:
    return fit(
        case.activity,
        case.classified,
        candidate.task,
        candidate.charter,
        case.attribution.charter,
        case.arguments,
    )


# --- without evidence of L2 or better ---------------------------------------------------------------------------------


def without_evidence(case: Case) -> Verdict:
    """Decide by the caller's claims and by the own tasks that are open at that time."""
    attribution = case.attribution
    timely = by_time(case, attribution.open) if attribution.open and attribution.required else None
    if not attribution.claims:
        return timely or no_task_at_all(attribution)
    foreign = [c for c in attribution.claims if is_foreign(c)]
    verdict = assess(case, foreign[0]) if foreign else by_claim(case, attribution.claims)
    if timely is None:
        return verdict
    # A claim must not spare the limits that the action would have used up without it.
    counted = {c.task.id: c for c in (*verdict.counted, *timely.counted)}
    return msgspec.structs.replace(verdict, counted=tuple(counted.values()))


def is_foreign(candidate: Candidate) -> bool:
    """Say whether a task is neither of this identity nor of a chain that it covers."""
    return bool({"TASK_IDENTITY_MISMATCH", "DELEGATION_CHAIN_TOO_LONG"} & set(candidate.barred))


def by_claim(case: Case, claims: Sequence[Candidate]) -> Verdict:
    """A claim to own tasks narrows what time alone would allow to the task that it names."""
    at = _at(case)
    if not case.attribution.open:
        chosen = choose(claims, at) or claims[0]
        if chosen.barred:
            return assess(case, chosen)
        code = "TASK_NOT_STARTED" if window(chosen, at) == "ahead" else "TASK_WINDOW_CLOSED"
        return _verdict(chosen, "no_task", "claim", code)
    if len({c.task.id for c in claims}) > 1:
        return Verdict(
            intent="indeterminate",
            reasons=("ATTRIBUTION_CONFLICT",),
            level="L1",
            evidence=claims[0].evidence,
            conflict=True,
            step="claim",
        )
    return assess(case, choose(claims, at) or claims[0])


def by_time(case: Case, candidates: Sequence[Candidate]) -> Verdict:
    """L0: judged against each own task that is open; the action counts in the fitting one that ends first.

    A task that aligns is taken before one that asks for more evidence: else a claim to it would clear a finding.
    """
    verdicts = [assess(case, candidate) for candidate in candidates]
    fits = [v for v in verdicts if v.intent in ("aligned", "unattested")]
    if fits:
        best = next((v for v in fits if v.intent == "aligned"), fits[0])
        return msgspec.structs.replace(best, counted=fits[0].counted)
    unsure = [v for v in verdicts if v.intent == "indeterminate"]
    rest = unsure or verdicts
    reasons = tuple(dict.fromkeys(code for verdict in rest for code in verdict.reasons))
    only = rest[0] if len(rest) == 1 else msgspec.structs.replace(rest[0], task=None, charter=None)
    return msgspec.structs.replace(only, reasons=reasons)


def no_task_at_all(attribution: Attribution) -> Verdict:
    """No own task is open and none is named."""
    if not attribution.required:
        return Verdict(intent="not_applicable", step="required")
    if "TASK_SELF_ISSUED" in attribution.shut:
        return Verdict(intent="no_task", reasons=attribution.shut, step="binding")
    if not attribution.tasks_covered:
        return Verdict(intent="not_applicable", reasons=("NOT_COVERED",), step="required")
    return Verdict(intent="no_task", reasons=("TASK_MISSING", *attribution.shut), step="required")


def _at(case: Case) -> int:
    assert case.at is not None  # noqa: S101 - step 1 has decided where it is
    return case.at

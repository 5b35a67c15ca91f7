"""Say in words how an event was judged: who, on which evidence, which step decided, what would have been aligned."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from remit_enrichment.activity import Activity
from remit_enrichment.constants import SKEW
from remit_enrichment.enricher import Enriched
from remit_enrichment.intent import needed_level, window
from remit_enrichment.judgement import Assessment, Attribution, Candidate
from remit_enrichment.reasons import REASONS
from remit_enrichment.tags import timestamp

STEPS = {
    "time": "1, time: an event without a readable time cannot be looked up",
    "who": "2, who acted",
    "action": "2, what it was: the record tells of no action that a task could allow",
    "required": "3, whether a task is required",
    "references": "4, the choice among references",
    "claim": "4, what the caller claims",
    "binding": "5, whether the task may be used here",
    "window": "6, the task's window",
    "scope": "7, the scope of task and charter",
    "limits": "8, the task's limits",
    "gate": "9, whether the evidence is good enough for the action",
}

REMEDIES = {
    "EVENT_TIME_UNKNOWN": "the event carried a time that can be read",
    "IDENTITY_UNREGISTERED": "{identity} was in the registry at {time}",
    "IDENTITY_RECREATED": "the registry listed the provider's id of the new {identity}, once somebody has checked it",
    "IDENTITY_CONFUSABLE": "{identity} was itself registered, or removed",
    "TASK_MISSING": "a task for {identity} was registered before {time}, open at that time, and bound to {handle}",
    "TASK_SELF_ISSUED": "somebody else than the agent had registered and delegated {task}",
    "TASK_UNKNOWN": "{task} had been registered before the action by a registrar who may",
    "TASK_BACKDATED": "the registration of {task} had arrived within five minutes",
    "TASK_IDENTITY_MISMATCH": "the task was {identity}'s own, or that of the identity it names as `agent.parent`",
    "DELEGATION_CHAIN_TOO_LONG": "the charter of the task's identity allowed a longer chain (`delegation_depth`)",
    "DELEGATOR_MISMATCH": "it had acted on behalf of the delegator that {task} names",
    "TASK_REPLAYED": "the credential had itself been issued or bound for {task}",
    "ATTRIBUTION_CONFLICT": "one open task only was named",
    "TASK_NOT_STARTED": "{task} had started",
    "TASK_WINDOW_CLOSED": "{task} was still open",
    "ACTION_NOT_IN_TASK": "{task} and its charter allowed the action {action}",
    "CLASS_NOT_IN_TASK": "{task} and its charter allowed the class {class}",
    "RESOURCE_NOT_IN_TASK": "{task} and its charter allowed every one of {resources}",
    "RESOURCE_UNKNOWN": "the log had named the resource",
    "LIMIT_EXCEEDED": "the limits of {task} were higher",
    "TASK_UNATTESTED": "the evidence was {needed} or better: {handle} bound to {task}, or its issuance signed",
}


class Evidence(Struct, frozen=True):
    """One reference to a task."""

    level: str
    task: str
    where: str
    state: str


class Explanation(Struct, frozen=True, kw_only=True):
    """How one event was judged."""

    event: str | None
    time: str | None
    source: str | None
    action: str
    action_class: str
    resources: tuple[str, ...] | None
    outcome: str
    identity: str | None
    standing: str
    owner: str | None
    charter: str | None
    chain: tuple[str, ...]
    task_required: bool
    evidence: tuple[Evidence, ...]
    intent: str
    task: str | None
    level: str
    step: str
    reasons: dict[str, str]
    aligned_if: tuple[str, ...]


def explain(found: Enriched) -> Explanation | None:
    """Return how the event was judged; None where it was not recognised or broke the enrichment."""
    activity, assessment = found.activity, found.assessment
    if activity is None or assessment is None:
        return None
    attribution, verdict = assessment.attribution, assessment.verdict
    return Explanation(
        event=activity.event_id,
        time=None if assessment.at is None else timestamp(assessment.at),
        source=found.source,
        action=activity.action,
        action_class=assessment.classified.action_class,
        resources=activity.resources,
        outcome=activity.outcome,
        identity=attribution.identity_id,
        standing=attribution.standing,
        owner=attribution.identity.owner if attribution.identity is not None else None,
        charter=attribution.charter.id if attribution.charter is not None else None,
        chain=attribution.chain,
        task_required=attribution.required,
        evidence=tuple(_evidence(attribution, assessment.at)),
        intent=verdict.intent,
        task=verdict.task.id if verdict.task is not None else None,
        level=verdict.level,
        step=STEPS[verdict.step],
        reasons={code: REASONS[code].meaning for code in assessment.reasons},
        aligned_if=tuple(_aligned_if(activity, assessment)),
    )


def _evidence(attribution: Attribution, at: int | None) -> Iterator[Evidence]:
    """Yield every reference, the strongest first; tasks that are merely open come last."""
    named = sorted((*attribution.references, *attribution.claims), key=lambda c: c.level, reverse=True)
    for candidate in (*named, *attribution.open):
        where = f"{candidate.evidence}, through the chain" if candidate.inherited else candidate.evidence
        yield Evidence(candidate.level, candidate.task.id, where, _state(candidate, at))


def _state(candidate: Candidate, at: int | None) -> str:
    if candidate.barred:
        return ", ".join(candidate.barred)
    if at is None:
        return "unknown"
    task = candidate.task
    if candidate.revoked_at is not None and candidate.revoked_at <= at:
        return f"revoked at {timestamp(candidate.revoked_at)}"
    outside = not task.start <= at <= task.end and task.start - SKEW <= at <= task.end + SKEW
    skew = ", by the clock's skew" if outside else ""
    return f"{window(candidate, at)}{skew}, {timestamp(task.start)} to {timestamp(task.end)}"


def _aligned_if(activity: Activity, assessment: Assessment) -> Iterator[str]:
    """Yield what would have had to be otherwise; nothing for what is no finding of the task."""
    verdict, attribution = assessment.verdict, assessment.attribution
    if not verdict.finding:
        return
    credential = activity.credential
    known = {
        "identity": attribution.identity_id or "the identity",
        "time": (assessment.at is not None and timestamp(assessment.at)) or "that time",
        "task": verdict.task.id if verdict.task is not None else "an open task",
        "handle": (credential.id if credential is not None else None) or activity.session or "its credential",
        "action": activity.action,
        "class": assessment.classified.action_class,
        "resources": ", ".join(activity.resources or ()) or "its resources",
        "needed": needed_level(assessment.classified, verdict.task) if verdict.task is not None else "L3",
    }
    for code in verdict.reasons:
        if code in REMEDIES:
            yield REMEDIES[code].format_map(known)


def as_text(explanation: Explanation) -> list[str]:
    """Return the lines for a reader; every value that the log brought is one line of printable text."""
    e = explanation
    lines = [
        f"event     {_shown(e.event)}  {e.time or 'time unknown'}  {e.source}",
        f"action    {_shown(e.action)}  class {e.action_class}  {e.outcome}",
        f"on        {', '.join(map(_shown, e.resources)) if e.resources else 'unknown'}",
        f"who       {_shown(e.identity)}  {e.standing}",
        f"owner     {e.owner or 'none'}    charter {e.charter or 'none'}",
    ]
    if e.chain:
        lines.append(f"reached   through {' -> '.join(map(_shown, e.chain))}")
    lines.append(f"task      {'required' if e.task_required else 'not required'}")
    lines += [f"evidence  {each.level}  {each.task}  by {each.where}: {each.state}" for each in e.evidence]
    if not e.evidence:
        lines.append("evidence  none for any task")
    lines.append(f"verdict   {e.intent}" + (f" under {e.task}" if e.task else "") + f", evidence {e.level}")
    lines.append(f"decided   by step {e.step}")
    lines += [f"because   {code}: {meaning}" for code, meaning in e.reasons.items()]
    lines += [f"aligned   if {remedy}" for remedy in map(_shown, e.aligned_if)]
    return lines


def _shown(text: str | None) -> str:
    if text is None:
        return "unknown"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

"""Put the judgements of one event together: verdict, boundary, credential, governance, behavior, risk. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remit_enrichment.boundary import within
from remit_enrichment.constants import MACHINE_SPEED, MINUTE
from remit_enrichment.credentials import credential_facts
from remit_enrichment.governance import codes, governance
from remit_enrichment.intent import Case, judge
from remit_enrichment.judgement import Assessment, Facts
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.model import Environment
from remit_enrichment.risk import NONE, risk
from remit_enrichment.standing import Judged, Standing


def assess(
    case: Case, standing: Standing, lineage: Sequence[Minted] = (), environments: tuple[Environment, ...] = ()
) -> Assessment:
    """Judge one event in every respect; the same action under the same standing is not judged again.

    Args:
        standing: whose attribution is the case's.
    """
    activity, classified, attribution, facts = case.activity, case.classified, case.attribution, case.facts
    judged = judged_before(case, standing, environments)
    verdict, boundary = judged.verdict, judged.boundary
    credential = credential_facts(activity, attribution.identity, lineage, case.at)
    reasons = judged.codes
    if credential.reasons or facts.first_seen or facts.saturated or activity.model or facts.recent.deletes_a_minute:
        added = (*credential.reasons, *behavior_codes(facts), *drift(case))
        reasons = tuple(dict.fromkeys((*reasons, *added))) if added else reasons
    tainted = facts.recent.untrusted_read or facts.recent.self_escalation
    lacks = standing.governance.get(credential.no_expiry)
    if lacks is None:
        lacks = standing.governance[credential.no_expiry] = governance(attribution, credential, case.at)
    return Assessment(
        at=case.at,
        classified=classified,
        attribution=attribution,
        facts=facts,
        verdict=verdict,
        boundary=boundary,
        credential=credential,
        governance=lacks,
        risk=risk(classified, attribution, facts, verdict, reasons) if reasons or judged.finding or tainted else NONE,
        reasons=reasons,
        finding=judged.finding,
    )


def judged_before(case: Case, standing: Standing, environments: tuple[Environment, ...]) -> Judged:
    """Return verdict and boundary of an action, from memory unless they depend on what was done before."""
    activity, attribution, facts = case.activity, case.attribution, case.facts
    hours = attribution.charter.allow.hours if attribution.charter is not None else None
    key = (
        activity.action,
        case.classified.action_class,
        activity.resources,
        case.arguments,
        case.homes,
        activity.region,
        activity.address,
        None if hours is None or case.at is None else case.at // MINUTE,
    )
    counted = bool(facts.usage or facts.holders)
    held = None if counted else standing.judged.get(key)
    if held is not None:
        return held
    verdict = judge(case)
    boundary = within(
        activity,
        case.classified,
        attribution.identity,
        attribution.charter,
        environments,
        at=case.at,
        arguments=case.arguments,
        homes=case.homes,
    )
    found = (*verdict.reasons, *attribution.reasons, *boundary.reasons, *codes(attribution, case.at))
    judged = Judged(verdict, boundary, tuple(dict.fromkeys(found)))
    return judged if counted else standing.keep(key, judged)


def behavior_codes(facts: Facts) -> Iterator[str]:
    """Yield the codes of what is new and of what is too fast."""
    for dimension in facts.first_seen:
        if dimension != "identity":
            yield f"FIRST_SEEN_{dimension.upper()}"
    if facts.saturated:
        yield "BASELINE_SATURATED"
    if facts.recent.deletes_a_minute >= MACHINE_SPEED:
        yield "RATE_MACHINE_SPEED"


def drift(case: Case) -> Iterator[str]:
    """Yield the code for another model than the declared one; a model is often logged with its vendor and version."""
    identity, model = case.attribution.identity, case.activity.model
    declared = identity.agent.model if identity is not None and identity.agent is not None else None
    if declared is not None and model is not None and declared.lower() not in model.lower():
        yield "AGENT_MODEL_DRIFT"

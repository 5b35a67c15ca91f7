"""Put the judgements of one event together: verdict, boundary, credential, governance, behavior, risk. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remit_enrichment.boundary import within
from remit_enrichment.constants import MACHINE_SPEED
from remit_enrichment.credentials import credential_facts
from remit_enrichment.governance import codes, governance
from remit_enrichment.intent import Case, judge
from remit_enrichment.judgement import Assessment, Facts
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.model import Environment
from remit_enrichment.risk import risk


def assess(case: Case, lineage: Sequence[Minted] = (), environments: tuple[Environment, ...] = ()) -> Assessment:
    """Judge one event in every respect."""
    activity, classified, attribution, facts = case.activity, case.classified, case.attribution, case.facts
    verdict = judge(case)
    boundary = within(
        activity,
        classified,
        attribution.identity,
        attribution.charter,
        environments,
        at=case.at,
        arguments=case.arguments,
    )
    credential = credential_facts(activity, attribution.identity, lineage, case.at)
    reasons = tuple(
        dict.fromkeys(
            (
                *verdict.reasons,
                *attribution.reasons,
                *boundary.reasons,
                *credential.reasons,
                *codes(attribution, case.at),
                *behavior_codes(facts),
                *drift(case),
            )
        )
    )
    return Assessment(
        at=case.at,
        classified=classified,
        attribution=attribution,
        facts=facts,
        verdict=verdict,
        boundary=boundary,
        credential=credential,
        governance=governance(attribution, credential, case.at),
        risk=risk(classified, attribution, facts, verdict, reasons),
        reasons=reasons,
    )


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

"""Risk: documented weights, added up and capped; every factor is named.

What the action is (sensitive, mutating) and who acts (privileged, critical) only adds to something that is wrong
already: alone it is no risk.
"""

from __future__ import annotations

from collections.abc import Iterator

from remit_enrichment.constants import (
    ALONE_NO_RISK,
    MAX_RISK,
    RISK_LEVELS,
    RISK_OF_CODE,
    RISK_OF_INTENT,
)
from remit_enrichment.judgement import Attribution, Classified, Facts, Risk, Verdict

NONE = Risk()


def risk(
    classified: Classified, attribution: Attribution, facts: Facts, verdict: Verdict, reasons: tuple[str, ...]
) -> Risk:
    """Return the score with its factors, the heaviest first."""
    wrong = [(RISK_OF_INTENT[verdict.intent], f"intent:{verdict.intent}")] if verdict.intent in RISK_OF_INTENT else []
    wrong += [(RISK_OF_CODE[code], code) for code in reasons if code in RISK_OF_CODE]
    if facts.recent.untrusted_read and (classified.mutating or classified.sensitive):
        wrong.append((RISK_OF_CODE["untrusted_read"], "untrusted_read"))
    if facts.recent.self_escalation:
        wrong.append((RISK_OF_CODE["self_escalation"], "self_escalation"))
    if not wrong:
        return NONE
    factors = sorted((*wrong, *_aggravating(classified, attribution)), key=lambda factor: (-factor[0], factor[1]))
    return Risk(min(MAX_RISK, sum(weight for weight, _ in factors)), tuple(name for _, name in factors))


def _aggravating(classified: Classified, attribution: Attribution) -> Iterator[tuple[int, str]]:
    identity = attribution.identity
    for true, name in (
        (classified.sensitive, "sensitive"),
        (classified.mutating, "mutating"),
        (identity is not None and bool(identity.privileged), "privileged"),
        (identity is not None and identity.criticality in ("high", "critical"), "critical_identity"),
    ):
        if true:
            yield ALONE_NO_RISK[name], name


def level(score: int) -> str:
    """Return the word for a score."""
    return next(word for least, word in RISK_LEVELS if score >= least)

"""Why an incident fired and what its rules tell the analyst to do about it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from remit.reports.facts import filled
from remit.reports.incidents import Incident
from remit_enrichment.reasons import REASONS


class Why(Struct, frozen=True):
    code: str
    meaning: str
    question: str
    """What to ask the owner."""


def why(incident: Incident) -> tuple[Why, ...]:
    """Return every reason code of the incident and what it means."""
    return tuple(_why(code) for code in incident.reasons)


def steps(incident: Incident, part: Literal["triage", "response", "falsepositives"]) -> tuple[str, ...]:
    """Return the steps of every rule that fired, the lead's first, each once, with the incident's own values."""
    shown = (incident.lead, *(alert for alert in incident.alerts if alert.superseded_by is None))
    unique = dict.fromkeys(step for alert in shown for step in getattr(alert.guidance, part))
    return tuple(filled(step, incident.lead.nhi) for step in unique)


def _why(code: str) -> Why:
    known = REASONS.get(code)
    return (
        Why(code, known.meaning, known.question) if known else Why(code, "A code that this version does not know.", "")
    )

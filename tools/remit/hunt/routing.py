"""Which rules apply to which records."""

from __future__ import annotations

from collections.abc import Mapping

from remit.content import LogSource
from remit_enrichment.logsources import sources

ACTIVITY = "nhi_activity"
"""Rules of this category ask about the tags, so they apply to every record that a log source recognised."""


def applies(logsource: LogSource, source: str | None) -> bool:
    """Say whether a rule of this Sigma log source applies to records of ours (`aws.cloudtrail`; None: unrecognised)."""
    if source is None:
        return False
    if logsource.category == ACTIVITY:
        return logsource.product is None and logsource.service is None
    ours = _sigma(source)
    asked = {"category": logsource.category, "product": logsource.product, "service": logsource.service}
    return all(ours.get(key) == value for key, value in asked.items() if value is not None)


def _sigma(source: str) -> Mapping[str, str]:
    return next((module.SIGMA for module in sources() if module.NAME == source), {})

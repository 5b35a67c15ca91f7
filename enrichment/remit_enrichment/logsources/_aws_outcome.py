"""Whether an AWS call worked, by its error code."""

from __future__ import annotations

import re

from remit_enrichment.activity import Outcome

_DENIED = re.compile("accessdenied|unauthorized|notauthorized|authorizationerror|forbidden", re.IGNORECASE)


def outcome_of(error_code: str | None) -> Outcome:
    """`denied` where the code says that a right was missing; no code, or an empty one, is success."""
    if not error_code:
        return "success"
    return "denied" if _DENIED.search(error_code) else "failure"

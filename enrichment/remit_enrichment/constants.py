"""Every threshold and weight of the judgement, in one place; docs/constants.md shows this table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

SKEW: Final = 5 * MINUTE
"""How far an event's clock may be off the window of a task."""
RECEIPT_DELAY: Final = 5 * MINUTE
"""How long a registration may take to be received before it counts only from receipt."""

MAX_LINEAGE: Final = 32
"""Credentials that are followed back from the one in use; a longer row counts as one that requires a task."""
MAX_RECYCLED: Final = 8
"""Issuances of one credential id that are kept, the newest."""

CONFIDENCE: Final[Mapping[str, float]] = {"L4": 0.95, "L3": 0.85, "L2": 0.6, "L1": 0.2, "L0": 0.2, "none": 0.0}
"""By the level of the task's evidence. A caller's own word adds nothing to what the time alone says."""
UNKNOWN_RESOURCE_FACTOR: Final = 0.8
"""On the confidence of a read whose resource the log does not name."""

DUPLICATE_HOURS: Final = 64
"""Hours of event time for which the ids of events are kept, the ones touched last."""
LATE: Final = HOUR
"""An event older than the newest one by more than this is late."""

MAX_TEXT: Final = 1024
"""Characters of any single text in the tags; longer ones are cut and end with an ellipsis."""
MAX_ITEMS: Final = 32
"""Elements of any list in the tags."""

# --- behavior ---------------------------------------------------------------------------------------------------------

LEARNING: Final = 14 * DAY
"""How long a baseline learns before first sights are told; sensitive actions get no such grace."""
MAX_VALUES: Final = 10_000
"""Values that a baseline holds in one dimension. A full one says so and forgets nothing."""
WINDOW: Final = 15 * MINUTE
"""Sliding window of the counters."""
LONG_WINDOW: Final = HOUR
"""Sliding window of secrets read and of what taints a run."""
MAX_COUNT: Final = 256
"""Where a sliding counter stops: more than any threshold needs."""
MACHINE_SPEED: Final = 20
"""Deletions within one minute that no person makes by hand."""
HOT_KEYS: Final = 20_000
"""Entries of each kind of state that are kept unpacked in memory."""
NETWORK_BITS: Final[Mapping[int, int]] = {4: 24, 6: 48}
"""An address is remembered as the network of so many bits."""

# --- risk -------------------------------------------------------------------------------------------------------------

MAX_RISK: Final = 100
"""Where the sum of the weights is capped."""
RISK_LEVELS: Final = ((75, "critical"), (50, "high"), (25, "medium"), (0, "low"))
"""Least score of each level."""
RISK_OF_INTENT: Final[Mapping[str, int]] = {
    "out_of_scope": 40,
    "no_task": 40,
    "task_expired": 35,
    "unknown_identity": 35,
    "indeterminate": 25,
    "unattested": 15,
}
"""Weight of each verdict that is a finding."""
RISK_OF_CODE: Final[Mapping[str, int]] = {
    "TASK_SELF_ISSUED": 25,
    "TASK_REPLAYED": 25,
    "TASK_IDENTITY_MISMATCH": 20,
    "TASK_BACKDATED": 20,
    "DELEGATOR_MISMATCH": 15,
    "DELEGATION_CHAIN_TOO_LONG": 15,
    "LIMIT_EXCEEDED": 15,
    "ATTRIBUTION_CONFLICT": 10,
    "IDENTITY_RECREATED": 25,
    "IDENTITY_CONFUSABLE": 25,
    "IDENTITY_DECOMMISSIONED": 25,
    "IDENTITY_DORMANT": 15,
    "AGENT_UNREGISTERED": 15,
    "HUMAN_USE_OF_NHI": 20,
    "ACTION_OUT_OF_BOUNDARY": 20,
    "RESOURCE_OUT_OF_BOUNDARY": 20,
    "NETWORK_OUT_OF_BOUNDARY": 20,
    "REGION_OUT_OF_BOUNDARY": 10,
    "HOURS_OUT_OF_BOUNDARY": 10,
    "CREDENTIAL_TYPE_NOT_ALLOWED": 15,
    "ENVIRONMENT_CROSSING": 15,
    "CREDENTIAL_EXPIRED": 20,
    "CREDENTIAL_UNKNOWN": 15,
    "CREDENTIAL_ROTATION_OVERDUE": 5,
    "OWNER_DEPARTED": 10,
    "OWNER_MISSING": 5,
    "FIRST_SEEN_ACTION": 5,
    "FIRST_SEEN_RESOURCE": 5,
    "FIRST_SEEN_NETWORK": 10,
    "FIRST_SEEN_USER_AGENT": 5,
    "FIRST_SEEN_REGION": 10,
    "FIRST_SEEN_CREDENTIAL": 10,
    "RATE_MACHINE_SPEED": 15,
    "untrusted_read": 15,
    "self_escalation": 15,
}
"""Weight of each reason code, and of what taints a run."""
ALONE_NO_RISK: Final[Mapping[str, int]] = {"sensitive": 20, "mutating": 10, "privileged": 10, "critical_identity": 10}
"""Added only where something is wrong already."""

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

"""References to tasks in text that the caller writes, in the one form that is documented: `nhi.task/<id>`."""

from __future__ import annotations

import re

from remit_enrichment.activity import Claim

_TASK = re.compile(r"nhi\.task/([^\s\[\]()\"',;]+)")


def in_user_agent(agent: str | None, path: str) -> tuple[Claim, ...]:
    """Every task that a user agent names; `path` is where it stood in the event."""
    return tuple(Claim(task, "user_agent", path) for task in _TASK.findall(agent or ""))

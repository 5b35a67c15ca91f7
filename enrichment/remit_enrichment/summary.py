"""Count what a run did. No wall-clock time is in it: same input, same summary."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct, field


class Summary(Struct):
    """Counts of one run; `as_json` is what `--summary` writes."""

    read: int = 0
    written: int = 0
    quarantined: int = 0
    unrecognised: int = 0
    late: int = 0
    duplicates: int = 0
    agent_actions: int = 0
    agent_actions_attested: int = 0
    """Of those with evidence L3 or better for their task."""
    by_source: Counter[str] = field(default_factory=Counter)
    newest: int | None = None
    """Time of the newest event, in milliseconds; for the lag of a live run."""

    def as_json(self) -> dict[str, Any]:
        share = self.agent_actions_attested / self.agent_actions if self.agent_actions else None
        return {
            "read": self.read,
            "written": self.written,
            "quarantined": self.quarantined,
            "by_source": dict(sorted(self.by_source.items())),
            "unrecognised": self.unrecognised,
            "late": self.late,
            "duplicates": self.duplicates,
            "agent_actions": self.agent_actions,
            "agent_actions_attested_share": None if share is None else round(share, 4),
        }

    def sentence(self, seconds: float) -> str:
        """Return the closing line for the operator. `seconds` is what the run took."""
        parts = [f"read {self.read:,}", f"wrote {self.written:,}"]
        parts += [f"{name} {count:,}" for name, count in sorted(self.by_source.items())]
        for name in ("unrecognised", "quarantined", "duplicates", "late"):
            if count := getattr(self, name):
                parts.append(f"{name} {count:,}")
        rate = f"; {self.read / seconds:,.0f} a second" if seconds > 0 and self.read else ""
        return ", ".join(parts) + rate

"""Classes of Claude Code's events that are no tool calls: most of them tell of a conversation and change nothing.

Claude Code documentation, "Monitoring". Plugins and hooks that are merely loaded are an inventory at the session's
start.
"""

from __future__ import annotations

from collections.abc import Mapping

from remit_enrichment.classify._platform import Mapped

_PREFIX = "claude_code:"
_CLASSES: Mapping[str, str] = {
    "auth": "auth",
    "permission_mode_changed": "agent_admin",
    "plugin_installed": "agent_admin",
}


def mapped(name: str) -> Mapped | None:
    """Class of an event by its name."""
    if not name.startswith(_PREFIX):
        return None
    return Mapped(_CLASSES.get(name.removeprefix(_PREFIX), "read"), None)

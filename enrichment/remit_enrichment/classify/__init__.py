"""From an action's name to its class and access level.

The event's own facts come first, then maps, then the verb at the start of the name, which is marked as a fallback. What
the event states may raise the class that a map gives, never lower it: an action that is known to change something does,
whatever its event says of `readOnly`. A map may refine a statement, and a pattern or a verb never contradicts it.

The map of a platform is the module of its name in this folder, with `mapped(name) -> Mapped | None`; nothing else has
to be registered.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Literal

from remit_enrichment.activity import Activity
from remit_enrichment.classify._platform import Mapped
from remit_enrichment.classify.tools import operation_class, tool_class
from remit_enrichment.classify.verbs import class_by_verb
from remit_enrichment.judgement import MUTATING, Classified

Source = Literal["event", "map", "fallback"]

_MAX_REMEMBERED = 256
_PLAIN_READS = frozenset({"discovery", "read", "data_read"})
_CHANGING = frozenset({"write", "permissions", "tagging"})
_LEVELS = {
    "discovery": "list",
    "read": "read",
    "data_read": "read",
    "secrets_read": "read",
    "untrusted_read": "read",
    "auth": "read",
    "identity_admin": "permissions",
}


def classify(activity: Activity) -> Classified:
    """Class and access level of the action, with where they come from."""
    # agents choose the names of their tools: what is remembered must stay small
    find = _classify if len(activity.action) <= _MAX_REMEMBERED else _classify.__wrapped__
    return find(activity.platform, activity.action, activity.event_class, activity.access_level)


@lru_cache(maxsize=20_000)
def _classify(platform: str, name: str, event_class: str | None, stated: str | None) -> Classified:
    found, level, source = _found(platform, name, event_class, stated)
    known = source == "map" and level in _CHANGING
    if stated == "read" and found in MUTATING and not known:
        found, level, source = event_class or "read", "read", "event"
    elif stated == "write" and found in _PLAIN_READS:
        found, level, source = "write", "write", "event"
    contradicted = stated is not None and (stated == "write") == (level in ("list", "read"))
    if level is None or contradicted:
        level = "write" if stated == "write" else _LEVELS.get(found, "write")
    return Classified(name, found, level, source)


@cache
def platforms() -> Mapping[str, Callable[[str], Mapped | None]]:
    """The maps of this folder by platform."""
    names = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module.mapped for name, module in modules.items() if hasattr(module, "mapped")}


def _found(platform: str, name: str, event_class: str | None, stated: str | None) -> tuple[str, str | None, Source]:
    if name.startswith(("tool:", "mcp:")):
        by_tool, known = tool_class(name.partition(":")[2])
        return by_tool, stated, "map" if known else "fallback"
    if name.startswith("gen_ai:"):
        return operation_class(name.partition(":")[2]), stated, "map"
    find = platforms().get(platform)
    facts = find(name) if find is not None else None
    # `data_read` is what any read of a data event gets; the map tells listing from reading
    refined = (
        event_class == "data_read"
        and facts is not None
        and (facts.action_class not in MUTATING or (stated == "read" and facts.access_level in _CHANGING))
    )
    if event_class is not None and not refined:
        return event_class, stated, "event"
    if facts is not None:
        return facts.action_class, facts.access_level, "map"
    by_verb = class_by_verb(name)
    # the verb is no guess where it adds nothing to what the event says
    return by_verb, stated, "event" if stated == by_verb else "fallback"

"""Objects of the registry in the words of the registry: what `show` prints, ready to be loaded again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from remit_enrichment.registry.keys import FEED, REGISTRY
from remit_enrichment.registry.model import Binding, Revocation
from remit_enrichment.registry.reading import Record

_TIMES = frozenset(
    {
        "valid_from", "valid_to", "departed_at", "created", "issued", "expires", "last_rotated", "review_due",
        "registered_at", "received_at", "start", "end", "bound_at", "at", "identities", "agents", "tasks",
    }
)  # fmt: skip
"""Keys whose whole numbers are times (`identities` and the like are lists elsewhere)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_text(moment: int) -> str:
    """Return milliseconds since 1970-01-01 UTC as the registry writes times."""
    text = (_EPOCH + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds" if moment % 1000 else "seconds")
    return text.replace("+00:00", "Z")


def as_written(thing: Struct) -> dict[str, Any]:
    """Return an object of the model with the keys and values that the loader reads it from.

    What is absent or a default stays absent; what the loader decided itself (whether a task counts) is no key.
    """
    plain = _with_times(msgspec.json.decode(msgspec.json.encode(thing)))
    if "start" in plain:
        plain["window"] = {"start": plain.pop("start"), "end": plain.pop("end")}
    if "action_class" in plain:
        plain["class"] = plain.pop("action_class")
    hours = plain.get("allow", {}).get("hours")
    if hours:
        plain["allow"]["hours"] = {
            "days": hours["days"], "from": hours["start"], "to": hours["end"], "zone": hours["zone"]
        }  # fmt: skip
    if isinstance(thing, Binding):
        plain[thing.kind] = thing.handle
    return {key.name: plain[key.name] for key in record_of(thing).keys if key.name in plain}


def record_of(thing: Struct) -> Record:
    """Return the keys of the kind of object that this is."""
    feed: Mapping[type[Any], str] = {Binding: "binding", Revocation: "revoke"}
    name = feed.get(type(thing), type(thing).__name__.lower())
    return FEED[name] if name in FEED else REGISTRY[name]


def _with_times(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_times(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_times(item) for item in value]
    return time_text(value) if key in _TIMES and isinstance(value, int) else value

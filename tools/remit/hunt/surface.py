"""Tell from the surface of a line that no rule can match it, so that it need not be opened.

Most events of a log cannot match any rule, and what shows that are a few members: `eventName`, the tags. Only these are
decoded; the syntax of the rest is checked by passing over it. With the facts that they decide, and every other fact
taken as possible, no rule may be able to hold. A line of any odd shape goes the whole way. So this can only save time:
what fires is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from remit.content import Rule
from remit.hunt.index import MOST_REMEMBERED, Index, Node, facts_beneath, walk
from remit.meaning.items import Placeholders
from remit_enrichment.document import MAX_DEPTH, MAX_RECORD

OURS = b'{"nhi":'
"""How a line begins that the enrichment wrote."""
WRAPPERS = frozenset({"event", "event.original", "_raw", "CloudTrailEvent", "result", "properties"})
"""Members that may hold another event; then the surface is not the event's."""


class Seen(Struct, frozen=True):
    """The surface of a line."""

    facts: int
    nhi: dict[str, Any]


class Surface:
    """The surface of the lines of one run."""

    def __init__(self, rules: Iterable[Rule], placeholders: Placeholders) -> None:
        self._index = Index(list(rules), placeholders)
        members = self._index.root.children
        chosen = [name for name, node in members.items() if not node.children] + self._index.telling()
        names = [name for name in dict.fromkeys(chosen) if name != "nhi" and name not in WRAPPERS]
        self._nhi = members.get("nhi") or Node()
        self._read = tuple((f"m{at}", members[name]) for at, name in enumerate(names))
        self._wrappers = tuple(f"w{at}" for at in range(len(WRAPPERS)))
        fields: list[tuple[str, Any, Any]] = [("nhi", dict[str, Any], msgspec.field())]
        fields += [_optional(f"w{at}", name) for at, name in enumerate(sorted(WRAPPERS))]
        fields += [_optional(f"m{at}", name) for at, name in enumerate(names)]
        self._decode: Any = msgspec.json.Decoder(msgspec.defstruct("Line", fields)).decode
        self._dotted = tuple(f'"{name}.'.encode() for name in names if members[name].children)
        decided = facts_beneath(self._nhi)
        for _, node in self._read:
            decided |= facts_beneath(node)
        self._unknown = self._index.everything & ~decided
        self._can_fire: dict[int, bool] = {}
        self._sources: dict[int, str | None] = {}
        self.tells = not self._index.can_fire(0, self._unknown)
        """Whether it can tell of any line at all."""

    def of(self, raw: bytes) -> Seen | None:
        """Return the surface of a line, None where the line must go the whole way."""
        if (
            not raw.startswith(OURS)
            or not raw.isascii()
            or len(raw) > MAX_RECORD
            or (b"\\" in raw and (b"\\u" in raw or b"\\/" in raw))  # an escape may spell any key
            or raw.find(b'"nhi', len(OURS)) >= 0
            or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH
        ):
            return None
        for needle in self._dotted:
            if needle in raw:
                return None
        try:
            line = self._decode(raw)
        except (msgspec.MsgspecError, RecursionError):
            return None
        for wrapper in self._wrappers:
            if getattr(line, wrapper) is not UNSET:
                return None
        facts = walk(self._nhi, line.nhi)
        for attribute, node in self._read:
            value = getattr(line, attribute)
            if value is not UNSET:
                facts |= walk(node, value)
        return Seen(facts, line.nhi)

    def learn(self, seen: Seen, source: str | None) -> None:
        """Note of which log source a line with this surface was."""
        if len(self._sources) >= MOST_REMEMBERED:
            self._sources.clear()
        self._sources[seen.facts] = source

    def can_fire(self, seen: Seen) -> bool:
        """Say whether a line with this surface may match a rule."""
        known = self._can_fire.get(seen.facts)
        if known is None:
            if len(self._can_fire) >= MOST_REMEMBERED:
                self._can_fire.clear()
            known = self._can_fire[seen.facts] = self._index.can_fire(seen.facts, self._unknown)
        return known

    def source(self, seen: Seen) -> tuple[str | None] | None:
        """Return the log source of lines with this surface, None where no line with it was opened yet."""
        return (self._sources[seen.facts],) if seen.facts in self._sources else None


def _optional(attribute: str, name: str) -> tuple[str, Any, Any]:
    return attribute, Any, msgspec.field(name=name, default=UNSET)

"""Tell from the surface of a line that no rule can match it, so that it need not be opened.

Most events of a log cannot match any rule, and what shows that are a few members: `eventName`, the tags. A line is cut
into its members, whose own bytes stay as they are; only what such a member says the first time that its bytes are seen
is worked out. The syntax of the rest is checked by passing over it. With the facts that they decide, and every other
fact taken as possible, no rule may be able to hold. A line of any odd shape goes the whole way. So this can only save
time: what fires is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from remit.content import Rule
from remit.hunt.index import MOST_REMEMBERED, Index, Node, facts_beneath, walk
from remit.meaning.items import Placeholders
from remit_enrichment.document import MAX_DEPTH, MAX_RECORD
from remit_enrichment.logsources import LogSource, recognise

OURS = b'{"nhi":'
"""How a line begins that the enrichment wrote."""
WRAPPERS = frozenset({"event", "event.original", "_raw", "CloudTrailEvent", "message", "result", "properties"})
"""Members that may hold another event; then the surface is not the event's."""
COUNTED = ("event", "verdict", "baseline")
"""Tags that are counted, whatever matches."""
MOST_MEMBERS, LONGEST_MEMBER = 8_192, 1024
"""Values of a member that are remembered, and their bytes: what an account or a session does has the same again."""

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_value = msgspec.json.Decoder().decode


class Seen(Struct, frozen=True):
    """The surface of a line."""

    facts: int
    tags: dict[str, Any]
    """The tags that are counted."""
    members: Mapping[str, Any]


class Surface:
    """The surface of the lines of one run."""

    def __init__(self, rules: Iterable[Rule], placeholders: Placeholders) -> None:
        self._index = Index(list(rules), placeholders)
        children = self._index.root.children
        # Where no wrapper is a member, there is nothing beneath one either.
        absent, needles = self._index.keywords()
        self._holds_keyword = _finder(needles)
        for name in WRAPPERS & children.keys():
            absent |= facts_beneath(children[name])
        chosen = [name for name, node in children.items() if not node.children] + self._index.telling(absent)
        names = [name for name in dict.fromkeys(chosen) if name != "nhi" and name not in WRAPPERS]
        self._read: dict[str, _Member | None] = dict.fromkeys(WRAPPERS)
        self._read |= {name: _Member(children[name]) for name in names}
        nhi = children.get("nhi") or Node()
        self._tags = {name: _Member(node) for name, node in nhi.children.items()}
        decided = absent
        for node in (*nhi.children.values(), *(children[name] for name in names)):
            decided |= facts_beneath(node)
        self._unknown = self._index.everything & ~decided
        self._can_fire: dict[int, bool] = {}
        self._source: LogSource | None = None
        self.tells_keywords = self._index.everywhere & ~absent == 0
        """Whether a line with a surface holds no keyword of any rule."""
        self.tells = not self._index.can_fire(0, self._unknown)
        """Whether it can tell of any line at all."""

    def of(self, raw: bytes) -> Seen | None:
        """Return the surface of a line, None where the line must go the whole way."""
        if (
            not raw.startswith(OURS)
            or not raw.isascii()
            or len(raw) > MAX_RECORD
            or (b"\\" in raw and b"\\u" in raw)  # an escape may spell a keyword
            or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH
            or self._holds_keyword(raw)
        ):
            return None
        try:
            members = _members(raw)
            tags = _members(members.pop("nhi"))
            facts = _facts(self._read, members) | (_facts(self._tags, tags) if self._tags else 0)
            counted = {name: _value(tags[name]) for name in COUNTED if name in tags}
        except (msgspec.MsgspecError, RecursionError, _Odd):
            return None
        return Seen(facts, counted, _Opened(members))

    def can_fire(self, seen: Seen) -> bool:
        """Say whether a line with this surface may match a rule."""
        known = self._can_fire.get(seen.facts)
        if known is None:
            if len(self._can_fire) >= MOST_REMEMBERED:
                self._can_fire.clear()
            known = self._can_fire[seen.facts] = self._index.can_fire(seen.facts, self._unknown)
        return known

    def source(self, seen: Seen, raw: bytes) -> str | None:
        """Return the log source of a line, the same one as of its whole document."""
        if self._source is None or not self._source.recognises(seen.members):
            self._source = recognise(seen.members, raw)
        return None if self._source is None else self._source.NAME


class _Odd(Exception):
    """The line has to go the whole way."""


class _Member:
    """A member of that name on all lines: what its bytes say is worked out once."""

    __slots__ = ("_node", "known")

    def __init__(self, node: Node) -> None:
        self._node = node
        self.known: dict[bytes, int] = {}

    def learn(self, raw: bytes) -> int:
        """Return the facts of bytes that are not known yet."""
        facts = walk(self._node, _value(raw))
        if len(raw) <= LONGEST_MEMBER:
            if len(self.known) >= MOST_MEMBERS:
                self.known.clear()
            self.known[raw] = facts
        return facts


class _Opened(Mapping[str, Any]):
    """Members that are decoded when they are asked for."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Raw]) -> None:
        self._members = members

    def __getitem__(self, name: str) -> Any:
        return _value(self._members[name])

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def _facts(read: Mapping[str, _Member | None], members: Mapping[str, Raw]) -> int:
    """The hot loop: most members have bytes that were seen before, or nobody asks for them."""
    facts = 0
    for name, value in members.items():
        if name in read:
            member = read[name]
            if member is None:
                raise _Odd
            raw = bytes(value)
            known = member.known.get(raw)
            facts |= member.learn(raw) if known is None else known
        elif "." in name:  # a path, or a tag that is not ours
            raise _Odd
    return facts


def _finder(needles: Iterable[str]) -> Callable[[bytes], bool]:
    """Return the test whether an ASCII line holds any of these texts, in small or capital letters."""
    if not needles:
        return lambda raw: False
    import re2  # type: ignore[import-untyped]  # loaded late: only keywords need it

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        compiled = re2.compile("|".join(re.escape(needle) for needle in sorted(needles)), options)
    except re2.error:  # more of them than one automaton can hold: then every line goes the whole way
        return lambda raw: True
    return lambda raw: compiled.search(raw) is not None

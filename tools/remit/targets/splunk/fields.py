"""Fields: the names under which Splunk extracts a path of a JSON event, and what is declared about the path.

`KV_MODE = json` names a member of an object `a.b` and the elements of an array `a{}` (props.conf,
JSON_TRIM_BRACES_IN_ARRAY_NAMES, and the location paths of the `spath` command). Without a declaration a path may be
either, so every spelling is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

from remit.targets.pipelines import TAGS
from remit_enrichment.errors import BadInput
from remit_enrichment.fields import FIELDS

KINDS = frozenset({"object", "list", "text", "ascii", "ascii list", "number", "address"})
"""What may be declared of a path: an object, a list (of anything), a scalar text, one of ASCII only, a list of ASCII
texts, a number that is written without exponent or needless zeros, an address (or other ASCII text) whose v4 addresses
are written as such. Anything else may be whatever JSON allows."""
MAX_UNKNOWN = 4
"""Segments of a path whose kind is not declared; each doubles the number of names."""

# Names that Splunk fills for every event: what the event itself says there is read from its JSON.
_DEFAULT_FIELDS = frozenset(
    "eventtype host index linecount punct source sourcetype splunk_server splunk_server_group tag timeendpos"
    " timestartpos date_hour date_mday date_minute date_month date_second date_wday date_year date_zone".split()
)
# Words that `search` reads as an operator or as a time modifier, not as a field.
_SEARCH_WORDS = frozenset(
    "AND OR NOT XOR IN BY TERM CASE earliest latest timeformat starttime endtime starttimeu endtimeu savedsearch"
    " savedsplunk startdaysago startminutesago starthoursago startmonthsago enddaysago endminutesago"
    " endhoursago endmonthsago daysago minutesago hoursago monthsago searchtimespandays searchtimespanhours"
    " searchtimespanminutes searchtimespanmonths hosttag field".split()
)
_SEARCHABLE = re.compile(r"[A-Za-z][A-Za-z0-9_.]*\Z")
_UNSAFE = re.compile(r"['*$`\\\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Field:
    """One path of a rule as Splunk has it."""

    path: str
    names: tuple[str, ...]
    ascii: bool = False
    scalar: bool = False
    number: bool = False
    address: bool = False
    nullable: bool = True
    """Whether the source may write a JSON null, which is extracted as the text `null`."""
    early: bool = False
    """Whether the path lies in the first bytes of the event, which every extraction reads."""
    absent_text: str | None = None
    """What the add-on fills in where the member is absent."""

    @property
    def shadowed(self) -> bool:
        """Whether Splunk has a field of its own by this name."""
        return self.names[0] in _DEFAULT_FIELDS

    @property
    def searchable(self) -> bool:
        """Whether every name can stand on the left of a `search` term."""
        if self.shadowed:
            return False
        bare = [name.replace("{}", "") for name in self.names]
        return all(_SEARCHABLE.match(name) and name not in _SEARCH_WORDS for name in bare)


@cache
def _tag_kinds() -> dict[str, str]:
    return {f"{TAGS}.{tag.name}": _tag_kind(tag.type, bool(tag.values), tag.many) for tag in FIELDS}


def _tag_kind(type_: str, closed: bool, many: bool) -> str:
    if many:
        return "ascii list" if closed else "list"
    if type_ in ("integer", "float"):
        return "number"
    return "text" if type_ == "keyword" and not closed else "ascii"


@dataclass(frozen=True, slots=True)
class Schema:
    """What is declared about the paths of one log source."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    absent_text: Mapping[str, str] = field(default_factory=dict)

    def _kind(self, segments: list[str]) -> str | None:
        declared = _tag_kinds() if segments[0] == TAGS else self.kinds
        return declared.get(".".join(segments))

    def field(self, path: str) -> Field:
        """Return the field of a rule's path.

        Raises ValueError with the name of the refusal, where Splunk has no usable name for it."""
        segments = path.replace("{}", "").split(".")
        if _UNSAFE.search(path) or path.startswith("_") or not all(segments):
            raise ValueError("field-name")
        ours = segments[0] == TAGS
        endings: list[tuple[str, ...]] = []
        for end in range(1, len(segments) + 1):
            kind = self._kind(segments[:end])
            if kind in ("list", "ascii list"):
                endings.append(("{}",))
            elif kind or ours:
                endings.append(("",))
            else:
                endings.append(("", "{}"))
        if sum(len(ending) > 1 for ending in endings) > MAX_UNKNOWN:
            raise ValueError("field-array-depth")
        names = tuple(
            ".".join(segment + brace for segment, brace in zip(segments, braces, strict=True))
            for braces in product(*endings)
        )
        kind = self._kind(segments)
        holds_others = kind == "object" or (ours and kind is None)
        return Field(
            path=path,
            names=names,
            ascii=kind in ("ascii", "ascii list", "number", "address"),
            scalar=not holds_others and not any("{}" in name for name in names),
            number=kind == "number",
            address=kind == "address",
            nullable=not ours,
            early=ours,
            absent_text=self.absent_text.get(".".join(segments)),
        )


def schema(kinds: Mapping[str, Any], absent_text: Mapping[str, Any], where: str) -> Schema:
    """Read what a pipeline declares of its fields."""
    for path, kind in kinds.items():
        if kind not in KINDS:
            raise BadInput(
                f"{path} is declared as {kind!r}", where=where, todo=f"use one of {', '.join(sorted(KINDS))}"
            )
    return Schema(kinds=dict(kinds), absent_text=dict(absent_text))

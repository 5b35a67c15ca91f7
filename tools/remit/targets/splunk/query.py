"""Writes one query: `search` for what it says exactly, `eval` and `where` for the rest, and the conditions of both."""

from __future__ import annotations

import re
from collections.abc import Sequence

from remit.targets.splunk.fields import Field
from remit.targets.splunk.pipelines import RAW_MACRO, Source
from remit.targets.splunk.terms import AllOf, Columns, Node, all_of, any_of, as_search, as_where, is_plain, leaves
from remit_enrichment.errors import BadInput

CONDITIONS = {
    "KV_MODE": "the sourcetype has KV_MODE = json, once: not beside INDEXED_EXTRACTIONS = json",
    "empty_values": 'the extraction keeps the empty string as a value ("" is a field that is there)',
    "extraction_cutoff": "no event that matters is longer than [spath] extraction_cutoff (5,000 bytes unless raised)",
    "lookback": "the search looks back its interval and two timespans, and events arrive within the lag it allows",
    "memory_limits": "sort, streamstats and mvexpand stay within limits.conf (max_mem_usage_mb)",
    "number_text": "search compares a value of digits as text: 7 is not 07",
    "pcre_utf8": "match() counts a character beyond ASCII as one",
    "site_fold": "search folds letters beyond ASCII as Unicode simple lower case, or there are none in these fields",
    "whole_numbers": "the summed values are whole numbers: sums of fractions drift when values leave the window",
}
"""What a site's settings or data decide, by the name that a report gives."""

_INDEX = re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_*-]*\Z")
_MACRO = re.compile(r"`[A-Za-z0-9_]+`\Z")


def scope(source: Source, index: str | None) -> str:
    """The part of a search that says where the events are.

    Raises BadInput for an index that is neither names of indexes nor a macro without arguments."""
    if index is None:
        return f"`{source.macro or RAW_MACRO}`"
    if _MACRO.match(index):
        return index
    names = index.split(",")
    if not all(map(_INDEX.match, names)):
        raise BadInput(f"{index!r} is no index of Splunk", todo="give names separated by commas, or one `macro`")
    found = " OR ".join(f'index="{name}"' for name in names)
    found = f"({found})" if len(names) > 1 else found
    return found if source.sourcetype is None else f'{found} sourcetype="{source.sourcetype}"'


def split(node: Node) -> tuple[list[Node], list[Node]]:
    """What all must hold, by where it can be said: in `search`, and only in `where`."""
    plain: list[Node] = []
    rest: list[Node] = []
    for part in node.args if isinstance(node, AllOf) else (node,):
        (plain if is_plain(part) else rest).append(part)
    return plain, rest


def write(node: Node, place: str) -> tuple[str, tuple[str, ...]]:
    """Return the query and the names of the conditions under which it is exact."""
    plain, rest = split(node)
    query = " ".join([place, *map(as_search, plain)])
    if rest:
        columns = Columns()
        condition = " AND ".join(as_where(part, columns) for part in rest)
        query += f"\n| eval {columns.assignments}\n| where {condition}\n| fields - {' '.join(columns.names)}"
    return query, tuple(sorted(_conditions(plain, rest)))


def prefilter(place: str, nodes: Sequence[Node]) -> str:
    """The `search` that finds everything for which any of the conditions can hold."""
    plain = [split(node)[0] for node in nodes]
    if len(plain) == 1:
        return " ".join([place, *map(as_search, plain[0])])
    return f"{place} {as_search(any_of([all_of(parts) for parts in plain]))}" if all(plain) else place


def conditions_of(node: Node, more: tuple[Field, ...] = ()) -> set[str]:
    """The conditions under which a search for the node, which also reads `more` fields, is exact."""
    read = {"extraction_cutoff"} if not all(field.early for field in more) else set()
    return _conditions(*split(node)) | read


def _conditions(plain: list[Node], rest: list[Node]) -> set[str]:
    named = {"KV_MODE"}
    for group, searched in ((plain, True), (rest, False)):
        for leaf in (leaf for part in group for leaf in leaves(part)):
            named |= leaf.conditions(searched=searched)
            if not all(field.early for field in leaf.fields):
                named.add("extraction_cutoff")
    return named


def is_readable(query: str) -> bool:
    """Whether the query is one plain search."""
    return "|" not in query

"""What a query cannot control: whether a cluster's mappings, settings and limits are those that it was compiled for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from remit.targets import Query

SUB_TYPES = {"": "keyword", "lc": "keyword", "num": "double", "coerced": "double", "ip": "ip", "date": "date"}
"""Of our own template: the type of each sub-field."""
_ALIKE = {
    "keyword": {"keyword", "wildcard", "constant_keyword"},
    "date": {"date", "date_nanos"},
    "long": {"long", "integer", "short", "byte"},
    "double": {"double", "float", "half_float", "scaled_float"},
}
"""Types that answer as the declared one does."""


class Cluster(Protocol):
    """The part of Elasticsearch's interface that is asked; everything is a read."""

    def field_caps(self, index: str, fields: Sequence[str]) -> Mapping[str, Mapping[str, Any]]: ...

    def mappings(self, index: str, field: str) -> Iterable[Mapping[str, Any]]:
        """The definitions of one field in every index."""
        ...

    def complaint(self, query: Query) -> str | None:
        """Why the cluster would not run the query as written, None where it would."""
        ...


class Finding(Struct, frozen=True, order=True):
    """Something that keeps a query from meaning what its rule says."""

    rule: str
    """File of the rule."""
    where: str
    """Index and field."""
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.what}; {self.todo}"


def findings(cluster: Cluster, rule: str, query: Query, longest: int) -> list[Finding]:
    """Return what is wrong with one query on a cluster. `longest`: characters of the longest value that it compares."""
    found = [Finding(rule, query.index, *complaint) for complaint in _not_runnable(cluster, query)]
    wanted = {name(query, path, kind): kind for path, kind in query.reads}
    caps = cluster.field_caps(query.index, sorted(wanted))
    for field, kind in sorted(wanted.items()):
        place = f"{query.index} {field}"
        for complaint in _types(caps.get(field, {}), _type(query, kind)):
            found.append(Finding(rule, place, *complaint))
        if _type(query, kind) == "keyword":
            definitions = cluster.mappings(query.index, field)
            found += [Finding(rule, place, *c) for c in _definitions(definitions, kind == "lc", longest)]
    return found


def name(query: Query, path: str, kind: str) -> str:
    """Return the name of a field as the index has it."""
    ours = query.pipeline.split("+")[0] == "raw"
    return f"{path}.{kind}" if ours and kind not in ("", "time") else path


def _type(query: Query, kind: str) -> str:
    if kind == "time":
        return "date"
    return SUB_TYPES[kind] if query.pipeline.split("+")[0] == "raw" else kind


def _not_runnable(cluster: Cluster, query: Query) -> list[tuple[str, str]]:
    complaint = cluster.complaint(query)
    if complaint is None:
        return []
    return [(f"the cluster does not run it as written: {complaint}", "mend mapping or limits, or run `remit hunt`")]


def _types(caps: Mapping[str, Any], wanted: str) -> list[tuple[str, str]]:
    types = {found for found in caps if found != "unmapped"}
    if not types:
        # Beneath a flattened field no member is listed.
        return [] if wanted == "flattened" else [
            ("no index maps it, so what asks for it never matches", "install the template, or the integration")
        ]  # fmt: skip
    wrong = sorted(types - _ALIKE.get(wanted, {wanted}))
    if not wrong:
        return []
    if len(types) > 1:
        return [(f"it is {', '.join(sorted(types))} in different indexes", "reindex those that differ")]
    return [(f"it is {wrong[0]}, and the query was compiled for {wanted}", "declare the type in a pipeline of yours")]


def _definitions(definitions: Iterable[Mapping[str, Any]], folded: bool, longest: int) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for definition in definitions:
        normalizer = definition.get("normalizer")
        if folded and normalizer != "lowercase":
            found["it has no normalizer `lowercase`, so case counts", "install the template that compile writes"] = None
        if not folded and normalizer is not None:
            found[f"its normalizer {normalizer} changes what is compared", "use a field without one"] = None
        limit = definition.get("ignore_above")
        if isinstance(limit, int) and limit < longest:
            found[f"values over {limit} characters are not indexed, the rule compares {longest}", "raise it"] = None
        if definition.get("null_value") is not None:
            found["a null counts as a value there (null_value)", "remove null_value"] = None
    return list(found)

"""Splunk: SPL of documented forms. A rule becomes a plain `search` where that is exact, with `where` for the rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sigma.exceptions import SigmaError

from remit.targets import Query, Refused
from remit.targets.pipelines import RAW, pipeline_folder
from remit.targets.splunk.backend import NotExact, TermBackend
from remit.targets.splunk.pipelines import Source, load, source
from remit.targets.splunk.query import scope, write
from remit.targets.splunk.terms import leaves
from remit_enrichment.errors import BadInput

if TYPE_CHECKING:
    from sigma.rule import SigmaRule

    from remit.content import Rule

_ESCAPED_WILDCARD = re.compile(r"\\[*?]")
HUNT = "run it with `remit hunt`"


class SplunkTarget:
    """The members of `remit.targets.Target`."""

    NAME: str = "splunk"
    LANGUAGES: tuple[str, ...] = ("spl",)
    SUFFIX: str = ".spl"

    def compile(self, rule: Rule, *, pipeline: str | Path, index: str | None, language: str | None) -> Query:
        if language not in (None, *self.LANGUAGES):
            raise BadInput(f"Splunk has no query language {language!r}", todo="leave it out, or use spl")
        _refuse_what_is_misread(rule)
        folder = pipeline_folder(self)
        return compile_sigma(rule.sigma(), where=rule.file, pipeline=pipeline, index=index, folder=folder)

    def companions(self, queries: list[Query]) -> dict[str, str]:
        macros = {query.index.strip("`"): query.pipeline for query in queries if query.index.startswith("`")}
        if not macros:
            return {}
        definitions = [_definition(name, macros[name], pipeline_folder(self)) for name in sorted(macros)]
        return {"macros.conf": "\n".join(["# Where the events are. Set the indexes to yours.", *definitions])}


def compile_sigma(sigma: SigmaRule, *, where: str, pipeline: str | Path, index: str | None, folder: Path) -> Query:
    """Compile one parsed rule; `where` is its file, `folder` holds the pipelines of this target."""
    logsource = (sigma.logsource.product, sigma.logsource.service)
    found = source(pipeline, logsource, folder)
    if found.logsource != (None, None) and found.logsource != logsource:
        raise Refused(
            "log-source",
            where,
            f"the pipeline {found.name} is for {_words(found.logsource)}, the rule for {_words(logsource)}",
            f"use `--pipeline {RAW}` or the pipeline of that log source",
        )
    try:
        node = TermBackend(found.pipeline, found.schema).terms(sigma)
    except NotExact as error:
        raise Refused(error.construct, error.place or where, error.why, error.way_out) from error
    except SigmaError as error:
        raise Refused("pipeline", where, str(error), f"use `--pipeline {RAW}`, or {HUNT}") from error
    _only_where_tags_are(found, where, [field.path for leaf in leaves(node) for field in leaf.fields])
    place = scope(found, index)
    query, conditions = write(node, place)
    return Query(
        query=query,
        language="spl",
        index=place,
        pipeline=found.name,
        proof="conditional" if conditions else "documented",
        conditions=conditions,
    )


def _refuse_what_is_misread(rule: Rule) -> None:
    """pySigma 1.5 encodes the backslash before a wildcard as well, and writes the mark of UTF-16 as UTF-8."""
    for item in rule.items():
        encoded = {"base64", "base64offset"}.intersection(item.modifiers)
        if encoded and any(isinstance(value, str) and _ESCAPED_WILDCARD.search(value) for value in item.values):
            why = "a literal `*` or `?` under base64 would be encoded with its backslash"
            raise Refused("base64-wildcard", str(item.place), why, "write the base64 text itself with `contains`")
        if "utf16" in item.modifiers:
            why = "the byte order mark would be encoded as UTF-8"
            raise Refused("utf16-mark", str(item.place), why, "use `wide`, or write the text itself")


def _only_where_tags_are(found: Source, where: str, paths: list[str]) -> None:
    tags = [path for path in paths if path == "nhi" or path.startswith("nhi.")]
    if tags and found.name != RAW and found.sourcetype is not None:
        raise Refused(
            "tags-not-there",
            f"{where} ({tags[0]})",
            f"the events of {found.name} come from the vendor's add-on and carry no tags",
            f"use `--pipeline {RAW}`: tagged events have the vendor's own names",
        )


def _words(logsource: tuple[str | None, str | None]) -> str:
    return "/".join(part or "any" for part in logsource)


def _definition(macro: str, pipeline: str, folder: Path) -> str:
    """The stanza of a macro; events that an add-on indexed are not searched for in the index of tagged copies."""
    known = folder / f"{pipeline}.yml"
    sourcetype = load(known).sourcetype if known.is_file() else None
    where = "index=remit" if sourcetype is None else f'index=* NOT index=remit sourcetype="{sourcetype}"'
    return f"\n[{macro}]\ndefinition = {where}\n"


TARGET = SplunkTarget()

"""Splunk: SPL of documented forms. A rule becomes a plain `search` where that is exact, with `where` for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigma.exceptions import SigmaError

from remit.content import Correlation, Rule, Threshold
from remit.meaning.correlation import check
from remit.targets import Query, Refused
from remit.targets.pipelines import RAW, pipeline_folder, reads_tags
from remit.targets.pysigma import refuse_what_is_misread
from remit.targets.splunk.backend import REFUSALS, NotExact, TermBackend
from remit.targets.splunk.correlations import Member, NoForm
from remit.targets.splunk.correlations import write as write_correlation
from remit.targets.splunk.fields import Field
from remit.targets.splunk.pipelines import Source, load, source
from remit.targets.splunk.probes import saved_searches
from remit.targets.splunk.query import scope, write
from remit.targets.splunk.terms import Node, leaves
from remit_enrichment.errors import BadInput

if TYPE_CHECKING:
    from sigma.rule import SigmaRule

HUNT = "run it with `remit hunt`"


class SplunkTarget:
    """The members of `remit.targets.Target`."""

    NAME: str = "splunk"
    LANGUAGES: tuple[str, ...] = ("spl",)

    def compile(
        self, rule: Rule | Correlation, *, pipeline: str | Path, index: str | None, language: str | None
    ) -> Query:
        if language not in (None, *self.LANGUAGES):
            raise BadInput(f"Splunk has no query language {language!r}", todo="leave it out, or use spl")
        folder = pipeline_folder(self)
        if isinstance(rule, Correlation):
            return _compile_correlation(rule, pipeline, index, folder)
        refuse_what_is_misread(rule)
        found = source(pipeline, (rule.logsource.product, rule.logsource.service), folder, tagged=reads_tags(rule))
        return _compile(rule.sigma(), rule.file, found, index)

    def companions(self, queries: list[Query]) -> dict[str, str]:
        found = {"savedsearches.conf": saved_searches()}
        macros = {query.index.strip("`"): query.pipeline for query in queries if query.index.startswith("`")}
        if macros:
            definitions = [_definition(name, macros[name], pipeline_folder(self)) for name in sorted(macros)]
            heading = "# Where the events are. Set the indexes to yours."
            found["macros.conf"] = "\n".join([heading, *definitions])
        return found


def compile_sigma(sigma: SigmaRule, *, where: str, pipeline: str | Path, index: str | None, folder: Path) -> Query:
    """Compile one parsed rule; `where` is its file, `folder` holds the pipelines of this target."""
    logsource = (sigma.logsource.product, sigma.logsource.service)
    return _compile(sigma, where, source(pipeline, logsource, folder), index)


def _compile(sigma: SigmaRule, where: str, found: Source, index: str | None) -> Query:
    node = _terms(sigma, where, found)
    place = scope(found, index)
    query, conditions = write(node, place)
    return _query(query, conditions, place, found)


def _query(query: str, conditions: tuple[str, ...], place: str, found: Source) -> Query:
    return Query(
        query=query,
        language="spl",
        index=place,
        pipeline=found.name,
        proof="conditional" if conditions else "documented",
        conditions=conditions,
    )


def _terms(sigma: SigmaRule, where: str, found: Source) -> Node:
    """The condition of a rule after its pipeline.

    Raises Refused."""
    logsource = (sigma.logsource.product, sigma.logsource.service)
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
    return node


def _compile_correlation(correlation: Correlation, pipeline: str | Path, index: str | None, folder: Path) -> Query:
    check(correlation)
    counted = correlation.condition.fields if isinstance(correlation.condition, Threshold) else ()
    members: list[Member] = []
    found: Source | None = None
    tagged = any(reads_tags(rule) for rule in correlation.bases if isinstance(rule, Rule))
    for ref, rule in zip(correlation.refs, correlation.bases, strict=True):
        if not isinstance(rule, Rule):
            raise _no_form(correlation, "CORR_NESTED", "a correlation of correlations", HUNT)
        refuse_what_is_misread(rule)
        # One pipeline, so one place: it refuses the rules of another log source.
        logsource = (rule.logsource.product, rule.logsource.service)
        found = source(pipeline, logsource, folder, tagged=tagged)
        node = _terms(rule.sigma(), rule.file, found)
        keys = _fields(correlation, ref, correlation.group_by, found)
        members.append(Member(node, keys, _fields(correlation, ref, counted, found)))
    assert found is not None  # noqa: S101 - the loader refuses a correlation without rules
    place = scope(found, index)
    try:
        query, conditions = write_correlation(correlation, members, place)
    except NoForm as error:
        raise _no_form(correlation, *error.args) from error
    return _query(query, conditions, place, found)


def _fields(correlation: Correlation, ref: str, names: tuple[str, ...], found: Source) -> tuple[Field, ...]:
    try:
        return tuple(found.schema.field(correlation.aliases.get(name, {}).get(ref, name)) for name in names)
    except ValueError as error:
        raise _no_form(correlation, str(error), *REFUSALS[str(error)]) from error


def _no_form(correlation: Correlation, construct: str, why: str, way_out: str) -> Refused:
    return Refused(construct, str(correlation.condition_place), why, way_out)


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
    known = folder / f"{pipeline.partition('+')[0]}.yml"
    sourcetype = load(known).sourcetype if known.is_file() else None
    where = "index=remit" if sourcetype is None else f'index=* NOT index=remit sourcetype="{sourcetype}"'
    return f"\n[{macro}]\ndefinition = {where}\n"


TARGET = SplunkTarget()

"""Elasticsearch: Lucene queries where they are exact, ES|QL for the rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sigma.conversion.state import ConversionState
from sigma.exceptions import SigmaError

from remit.targets import Query, Refused
from remit.targets.elastic.esql import Esql, needs_esql
from remit.targets.elastic.fields import HUNT
from remit.targets.elastic.lucene import Lucene
from remit.targets.elastic.pipelines import Source, source
from remit.targets.elastic.template import index_template
from remit.targets.pipelines import RAW, pipeline_folder
from remit.targets.pysigma import refuse_what_is_misread
from remit_enrichment.errors import BadInput

if TYPE_CHECKING:
    from remit.content import Rule

_INDEX = re.compile(r"-?[a-z0-9._*<{:+-]+(,-?[a-z0-9._*:+-]+)*")
"""An index pattern or several ("Index API", names): nothing in it that could end the FROM clause."""


class ElasticsearchTarget:
    """The members of `remit.targets.Target`."""

    NAME: str = "elasticsearch"
    LANGUAGES: tuple[str, ...] = ("lucene", "esql")

    def compile(self, rule: Rule, *, pipeline: str | Path, index: str | None, language: str | None) -> Query:
        if language not in (None, *self.LANGUAGES):
            raise BadInput(f"Elasticsearch has no language `{language}`", todo="use lucene or esql")
        refuse_what_is_misread(rule)
        found = source(rule, pipeline, pipeline_folder(self))
        try:
            return self._convert(rule, found, index, language)
        except SigmaError as error:
            raise Refused("pipeline", f"{rule.file}:{rule.place.line}", str(error.args[0]), _elsewhere(found)) from None

    def _convert(self, rule: Rule, found: Source, index: str | None, language: str | None) -> Query:
        lucene = Lucene(found.pipeline, found.lookup)
        sigma = rule.sigma()
        lucene.init_processing_pipeline()
        lucene.last_processing_pipeline.apply(sigma)
        reads = index or _index_of(lucene, found, rule)
        _check_index(reads)
        (condition,) = sigma.detection.parsed_condition
        parsed, state = condition.parsed, ConversionState()
        if language == "esql" or (language is None and needs_esql(parsed)):
            esql = Esql(lucene, reads)
            language, text = "esql", esql.finalize_query_default(sigma, esql.convert_condition(parsed, state), 0, state)
        else:
            language, text = "lucene", lucene.convert_condition(parsed, state)
        conditions = tuple(lucene.conditions)
        return Query(
            query=text,
            language=language,
            index=reads,
            pipeline=found.name,
            proof="conditional" if conditions else "run",
            conditions=conditions,
            reads=tuple(sorted(lucene.reads)),
        )

    def companions(self, queries: list[Query]) -> dict[str, str]:
        ours = [query for query in queries if query.pipeline.split("+")[0] == RAW]
        if not ours:
            return {}
        patterns = {pattern for query in ours for pattern in query.index.split(",") if not pattern.startswith("-")}
        return {"index-template.json": index_template(patterns, (read for query in ours for read in query.reads))}


def _index_of(lucene: Lucene, found: Source, rule: Rule) -> str:
    named = lucene.last_processing_pipeline.state.get("index") or found.index
    if not named:
        raise Refused(
            "index",
            f"{rule.file}:{rule.place.line}",
            f"the pipeline {found.name} names no index for this log source",
            "name it with --index, or add a `set_state` item with the key `index`",
        )
    return ",".join(named) if isinstance(named, list) else str(named)


def _check_index(index: str) -> None:
    if not _INDEX.fullmatch(index):
        raise BadInput(f"`{index}` is no index pattern", todo="use lower-case names with * and commas")


def _elsewhere(found: Source) -> str:
    return HUNT if found.name == RAW else f"use `--pipeline {RAW}`, or {HUNT}"


TARGET = ElasticsearchTarget()

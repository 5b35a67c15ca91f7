"""One rule on its way to a query: parsed by pySigma, through its pipeline, its conditions written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from sigma.conversion.state import ConversionState
from sigma.exceptions import SigmaError

from remit.content import Rule
from remit.targets import Query, Refused
from remit.targets.elastic.esql import Esql, needs_esql
from remit.targets.elastic.fields import HUNT, Field, Unsayable
from remit.targets.elastic.lucene import Lucene
from remit.targets.elastic.pipelines import source
from remit.targets.pipelines import RAW
from remit.targets.pysigma import refuse_what_is_misread
from remit_enrichment.errors import BadInput

_INDEX = re.compile(r"-?[a-z0-9._*<{:+-]+(,-?[a-z0-9._*:+-]+)*")
"""An index pattern or several ("Index API", names): nothing in it that could end the FROM clause."""


class Search:
    """A rule, parsed afresh, on which its pipeline has worked.

    `fields` are names outside the conditions that the pipeline shall map as well. Raises `Refused` and `BadInput`."""

    def __init__(
        self, rule: Rule, pipeline: str | Path, index: str | None, folder: Path, fields: Sequence[str] = ()
    ) -> None:
        refuse_what_is_misread(rule)
        self._rule = rule
        self.source = source(rule, pipeline, folder)
        self.lucene = Lucene(self.source.pipeline, self.source.lookup)
        self._sigma = rule.sigma()
        self._fields = list(fields)
        self._sigma.fields = list(fields)
        self._told(self._map)
        self.index = index or self._named_index()
        if not _INDEX.fullmatch(self.index):
            raise BadInput(f"`{self.index}` is no index pattern", todo="use lower-case names with * and commas")
        (condition,) = self._sigma.detection.parsed_condition
        self._parsed, self._state = condition.parsed, ConversionState()
        self._esql = Esql(self.lucene, self.index)

    def condition(self) -> str:
        """Return the condition as ES|QL takes it after WHERE."""
        return self._told(lambda: self._esql.convert_condition(self._parsed, self._state))

    def query(self, language: str | None) -> Query:
        """Return the query; Lucene where it is exact, unless a language is asked for."""
        if language == "esql" or (language is None and needs_esql(self._parsed)):
            language = "esql"
            text = self._esql.finalize_query_default(self._sigma, self.condition(), 0, self._state)
        else:
            language = "lucene"
            text = self._told(lambda: self.lucene.convert_condition(self._parsed, self._state))
        conditions = tuple(self.lucene.conditions)
        return Query(
            query=text,
            language=language,
            index=self.index,
            pipeline=self.source.name,
            proof="conditional" if conditions else "run",
            conditions=conditions,
            reads=tuple(sorted(self.lucene.reads)),
        )

    def fields(self) -> list[Field]:
        """Return what the pipeline made of the names given, in their order.

        Raises `Unsayable` for one that is not there."""
        if len(self._sigma.fields) != len(self._fields):
            raise Unsayable("field", "the pipeline makes one field several")
        return [self.lucene.lookup(name) for name in self._sigma.fields]

    def _map(self) -> str:
        self.lucene.init_processing_pipeline()
        self.lucene.last_processing_pipeline.apply(self._sigma)
        return ""

    def _told(self, work: Callable[[], str]) -> str:
        """Do something with pySigma, whose errors become refusals."""
        try:
            return work()
        except SigmaError as error:
            way_out = HUNT if self.source.name == RAW else f"use `--pipeline {RAW}`, or {HUNT}"
            raise self._refused("pipeline", str(error.args[0]), way_out) from None

    def _named_index(self) -> str:
        named = self.lucene.last_processing_pipeline.state.get("index") or self.source.index
        if not named:
            raise self._refused(
                "index",
                f"the pipeline {self.source.name} names no index for this log source",
                "name it with --index, or add a `set_state` item with the key `index`",
            )
        return ",".join(named) if isinstance(named, list) else str(named)

    def _refused(self, construct: str, why: str, way_out: str) -> Refused:
        return Refused(construct, f"{self._rule.file}:{self._rule.place.line}", why, way_out)

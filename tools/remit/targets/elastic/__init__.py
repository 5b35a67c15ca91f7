"""Elasticsearch: Lucene queries where they are exact, ES|QL for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from remit.content import Correlation
from remit.targets import Query
from remit.targets.elastic.correlations import compile_correlation
from remit.targets.elastic.search import Search
from remit.targets.elastic.template import index_template
from remit.targets.pipelines import RAW, pipeline_folder
from remit_enrichment.errors import BadInput

if TYPE_CHECKING:
    from remit.content import Rule


class ElasticsearchTarget:
    """The members of `remit.targets.Target`."""

    NAME: str = "elasticsearch"
    LANGUAGES: tuple[str, ...] = ("lucene", "esql")

    def compile(
        self, rule: Rule | Correlation, *, pipeline: str | Path, index: str | None, language: str | None
    ) -> Query:
        if language not in (None, *self.LANGUAGES):
            raise BadInput(f"Elasticsearch has no language `{language}`", todo="use lucene or esql")
        folder = pipeline_folder(self)
        if isinstance(rule, Correlation):
            return compile_correlation(rule, pipeline, index, language, folder)
        return Search(rule, pipeline, index, folder).query(language)

    def companions(self, queries: list[Query]) -> dict[str, str]:
        ours = [query for query in queries if query.pipeline.split("+")[0] == RAW]
        if not ours:
            return {}
        patterns = {pattern for query in ours for pattern in query.index.split(",") if not pattern.startswith("-")}
        return {"index-template.json": index_template(patterns, (read for query in ours for read in query.reads))}


TARGET = ElasticsearchTarget()

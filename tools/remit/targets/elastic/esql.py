"""Sigma conditions in ES|QL: the text of the Lucene query inside `QSTR`, which is exact on arrays and missing fields.

ES|QL's own comparisons are neither: they are NULL on a field with several values.
"""

from __future__ import annotations

from typing import Any

from sigma.backends.elasticsearch.elasticsearch_esql import ESQLBackend
from sigma.conversion.state import ConversionState
from sigma.rule import SigmaRule

from remit.targets.elastic.lucene import Lucene
from remit.targets.elastic.text import esql_string


class Esql(ESQLBackend):
    """The stock backend with conditions of our own. One instance converts one rule."""

    def __init__(self, lucene: Lucene, index: str) -> None:
        super().__init__(lucene.processing_pipeline)
        self._lucene, self._index = lucene, index

    def convert_condition(self, cond: Any, state: ConversionState) -> str:
        return f"QSTR({esql_string(self._lucene.in_one_line(cond, state))})"

    def finalize_query_default(self, rule: SigmaRule, query: str, index: int, state: ConversionState) -> str:
        # A Kibana rule tells documents apart by these three ("Create an ES|QL rule").
        return f"FROM {self._index} METADATA _id, _index, _version\n| WHERE {query}"

"""Ask one question of the oracle and of a real Elasticsearch: which of these documents does the rule match?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from tests.engines.server import Server

from remit.content import Rule
from remit.hunt.index import Index
from remit.meaning import matcher
from remit.targets import Query, Refused, targets

Answer = frozenset[str] | Refused
"""The names of the documents that match, or why the rule was refused."""


class Answers(Struct, frozen=True, kw_only=True):
    """What each said about one rule."""

    oracle: Answer
    hunt: Answer
    lucene: Answer
    esql: Answer

    def by_name(self) -> dict[str, Answer]:
        return {"oracle": self.oracle, "hunt": self.hunt, "lucene": self.lucene, "esql": self.esql}

    def differ(self) -> bool:
        """Whether two that answered say different things."""
        return len(set(self._given())) > 1

    def disputed(self) -> str:
        """The first document about which they differ."""
        given = self._given()
        return min(frozenset().union(*given) - frozenset.intersection(*given))

    def refusals(self) -> set[str]:
        return {answer.construct for answer in self.by_name().values() if isinstance(answer, Refused)}

    def _given(self) -> list[frozenset[str]]:
        return [answer for answer in self.by_name().values() if not isinstance(answer, Refused)]


def ask(
    server: Server, rules: Sequence[Rule], documents: Mapping[str, Any], lines: Mapping[str, bytes] | None = None
) -> list[Answers]:
    """Return the answers for each rule. The documents go through the template that the compiler writes for exactly
    these rules; `lines` are their bytes where those matter."""
    pattern = server.index_name("remit-raw-*-")
    compiled = [
        {language: _compile(rule, language, f"{pattern}*") for language in ("lucene", "esql")} for rule in rules
    ]
    queries = [query for each in compiled for query in each.values() if isinstance(query, Query)]
    template = targets()["elasticsearch"].companions(queries).get("index-template.json")
    server.put_template(pattern, json.loads(template) if template else {"index_patterns": [f"{pattern}*"]})
    index = f"{pattern}0"
    server.create(index)
    server.load(index, lines or {name: json.dumps(document).encode() for name, document in documents.items()})
    try:
        return [
            Answers(
                oracle=_oracle(rule, documents),
                hunt=_hunt(rule, documents),
                lucene=_run(server, index, each["lucene"]),
                esql=_run(server, index, each["esql"]),
            )
            for rule, each in zip(rules, compiled, strict=True)
        ]
    finally:
        server.delete(index)
        server.delete_template(pattern)


def _compile(rule: Rule, language: str, index: str) -> Query | Refused:
    try:
        return targets()["elasticsearch"].compile(rule, pipeline="raw", index=index, language=language)
    except Refused as refused:
        return refused


def _oracle(rule: Rule, documents: Mapping[str, Any]) -> Answer:
    try:
        holds = matcher(rule)
    except Refused as refused:
        return refused
    return frozenset(name for name, document in documents.items() if holds(document))


def _hunt(rule: Rule, documents: Mapping[str, Any]) -> Answer:
    try:
        index = Index([rule], {})
    except Refused as refused:
        return refused
    return frozenset(name for name, document in documents.items() if index.fired(document))


def _run(server: Server, index: str, query: Query | Refused) -> Answer:
    if isinstance(query, Refused):
        return query
    if query.language == "lucene":
        return frozenset(server.lucene(index, query.query))
    return frozenset(server.esql(query.query))

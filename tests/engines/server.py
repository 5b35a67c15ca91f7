"""What tests ask a real Elasticsearch: install a template, load documents, run a compiled query."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from elastic_transport import ConnectionError as NoConnection
from elasticsearch import BadRequestError, Elasticsearch
from tests.engines.node import Node

T = TypeVar("T")
MOST_ROWS = 10_000
"""More rows than this ES|QL drops without a word."""


class QueryKilledTheServer(AssertionError):
    """The process ended while it worked on this query. It was started again, empty."""


class Broken(AssertionError):
    """The server refuses to run this query, or would have read a part of it as "matches nothing"."""


class Server:
    """A node and a client. Every index of a test has its own name, so tests do not meet."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._numbers = itertools.count(1)
        self.client = _client(node)

    @property
    def url(self) -> str:
        return self._node.url

    def index_name(self, pattern: str) -> str:
        """Return a new index name that fits `pattern` (`logs-*`)."""
        return pattern.split(",")[0].replace("*", f"t{next(self._numbers)}")

    def put_template(self, name: str, body: Mapping[str, Any]) -> None:
        """Install a composable index template as the operator would: the file's own members, nothing else."""
        self._ask(f"template {name}", lambda: self.client.indices.put_index_template(name=name, body=dict(body)))

    def create(self, index: str, mappings: Mapping[str, Any] | None = None) -> None:
        self._ask(f"create {index}", lambda: self.client.indices.create(index=index, mappings=mappings))

    def load(self, index: str, documents: Mapping[str, bytes]) -> None:
        """Index JSON documents, as bytes, by id. A document that the server does not take fails the test: an event that
        an index rejects is an event that no rule sees."""
        operations: list[Any] = []
        for name, document in documents.items():
            operations += [{"create": {"_index": index, "_id": name}}, document]
        answer = self._ask(f"load {index}", lambda: self.client.bulk(operations=operations, refresh=True))
        rejected = [i["create"] for i in answer["items"] if "error" in i["create"]] if answer["errors"] else []
        if rejected:
            raise AssertionError(f"{len(rejected)} of {len(documents)} documents rejected, first: {rejected[0]}")

    def delete(self, index: str) -> None:
        self._ask(f"delete {index}", lambda: self.client.indices.delete(index=index))

    def delete_template(self, name: str) -> None:
        self._ask(f"delete {name}", lambda: self.client.indices.delete_index_template(name=name))

    def lucene(self, index: str, query: str) -> set[str]:
        """Return the ids that a Kibana rule of language `lucene` would find. Each query also runs with leniency off:
        by default the server takes a clause that it cannot read for "no match", and for "all" under NOT."""
        found = self._query_string(index, query, lenient=None)
        strict = self._query_string(index, query, lenient=False)
        if found != strict:
            raise Broken(f"differs with leniency off: {found ^ strict}\n{query}")
        return found

    def esql(self, query: str) -> set[str]:
        """Return the ids of the rows of an ES|QL query that keeps `_id`."""
        rows = self.rows(f"{query}\n| KEEP _id\n| LIMIT {MOST_ROWS}")
        return {row["_id"] for row in rows}

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of an ES|QL query as column -> value."""
        try:
            answer = self._ask(query, lambda: self.client.esql.query(query=query))
        except BadRequestError as error:
            raise Broken(f"{error.message}: {_reason(error)}\n{query}") from None
        names = [column["name"] for column in answer["columns"]]
        assert len(answer["values"]) < MOST_ROWS, "the server may have cut the rows"
        return [dict(zip(names, values, strict=True)) for values in answer["values"]]

    def _query_string(self, index: str, query: str, *, lenient: bool | None) -> set[str]:
        clause: dict[str, Any] = {"query": query, "analyze_wildcard": True}
        if lenient is not None:
            clause["lenient"] = lenient
        body = {"bool": {"filter": [{"query_string": clause}]}}
        try:
            answer = self._ask(query, lambda: self.client.search(index=index, query=body, size=MOST_ROWS, source=False))
        except BadRequestError as error:
            raise Broken(f"{_reason(error)}\n{query}") from None
        assert answer["hits"]["total"]["value"] < MOST_ROWS, "the server may have cut the hits"
        return {hit["_id"] for hit in answer["hits"]["hits"]}

    def _ask(self, what: str, call: Callable[[], T]) -> T:
        try:
            return call()
        except NoConnection:
            if self._node.alive():
                raise
            self._node.start()
            self.client = _client(self._node)
            raise QueryKilledTheServer(what) from None


def _client(node: Node) -> Elasticsearch:
    return Elasticsearch(node.url, request_timeout=120, max_retries=0)


def _reason(error: BadRequestError) -> str:
    """The innermost reason of the server's answer: the outer ones say "all shards failed"."""
    cause: Any = error.body.get("error") if isinstance(error.body, dict) else None
    cause = cause if isinstance(cause, dict) else {"reason": error.message}
    shards = cause.get("failed_shards")
    cause = shards[0]["reason"] if shards else cause
    while "caused_by" in cause:
        cause = cause["caused_by"]
    return str(cause.get("reason"))

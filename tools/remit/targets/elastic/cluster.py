"""A cluster over HTTP, read only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remit.targets import Query
from remit_enrichment.errors import BadInput

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch


API_KEY = "ELASTICSEARCH_API_KEY"
"""Environment variable; a user and password may stand in the URL instead."""


class HttpCluster:
    """Asks what the preflight wants to know; see `preflight.Cluster`."""

    def __init__(self, url: str) -> None:
        self._client = _client(url)

    def field_caps(self, index: str, fields: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        if not fields:
            return {}
        answer = self._client.field_caps(
            index=index, fields=list(fields), include_unmapped=True, ignore_unavailable=True, allow_no_indices=True
        )
        return dict(answer["fields"])

    def mappings(self, index: str, field: str) -> Iterable[Mapping[str, Any]]:
        answer = self._client.indices.get_field_mapping(
            index=index, fields=field, ignore_unavailable=True, allow_no_indices=True
        )
        for indexed in answer.values():
            for definition in indexed["mappings"].values():
                yield from definition["mapping"].values()

    def complaint(self, query: Query) -> str | None:
        from elasticsearch import BadRequestError

        if query.language == "lucene":
            return self._lucene_complaint(query)
        try:
            self._client.esql.query(query=f"{query.query}\n| LIMIT 0")
        except BadRequestError as error:
            return str(error.message) if not isinstance(error.body, dict) else str(error.body["error"].get("reason"))
        return None

    def _lucene_complaint(self, query: Query) -> str | None:
        """Without leniency: by default a clause that cannot be read is taken for one that matches nothing."""
        clause = {"query": query.query, "analyze_wildcard": True, "lenient": False}
        answer = self._client.indices.validate_query(
            index=query.index, query={"query_string": clause}, explain=True, ignore_unavailable=True
        )
        if answer["valid"]:
            return None
        return next((str(e["error"]) for e in answer.get("explanations", []) if "error" in e), "it is not valid")


def _client(url: str) -> Elasticsearch:
    try:
        from elasticsearch import Elasticsearch
    except ImportError:
        raise BadInput("the client for Elasticsearch is not installed", todo="pip install 'remit[elastic]'") from None
    from elastic_transport import TransportError

    client = Elasticsearch(url, api_key=os.environ.get(API_KEY), request_timeout=30, max_retries=0)
    try:
        client.cluster.health()
    except TransportError as error:
        raise BadInput(f"no answer: {error}", where=url, todo="name a cluster that can be reached") from None
    return client

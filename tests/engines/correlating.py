"""Ask the oracle and a real Elasticsearch about a correlation: for which keys does it fire, and when first?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.engines.server import Server

from remit.content import Correlation
from remit.meaning.sequences import Event, firings
from remit.targets import Query, targets

Closes = set[tuple[tuple[str, ...], int]]
"""Keys, each with its first close in milliseconds."""


def first_closes(correlation: Correlation, events: Sequence[Event]) -> Closes:
    """Return what the oracle says."""
    found: dict[tuple[str, ...], int] = {}
    for firing in firings(correlation, events):
        found.setdefault(firing.key, firing.close)
    return set(found.items())


def compiled(correlation: Correlation, index: str) -> Query:
    """Compile for our own template. Raises `Refused`."""
    return targets()["elasticsearch"].compile(correlation, pipeline="raw", index=index, language=None)


def asked(server: Server, correlations: Sequence[Correlation], events: Sequence[Event]) -> list[Closes]:
    """Return what the server says about each, all over the same events. Raises `Refused`."""
    pattern = server.index_name("remit-raw-correlation-*-")
    queries = [compiled(correlation, f"{pattern}*") for correlation in correlations]
    server.put_template(pattern, json.loads(targets()["elasticsearch"].companions(queries)["index-template.json"]))
    index = f"{pattern}0"
    server.create(index)
    try:
        server.load(index, {str(number): _document(event) for number, event in enumerate(events)})
        return [_answer(server, *pair) for pair in zip(correlations, queries, strict=True)]
    finally:
        server.delete(index)
        server.delete_template(pattern)


def _answer(server: Server, correlation: Correlation, query: Query) -> Closes:
    rows = server.rows(query.query)
    return {(tuple(str(row[name]) for name in correlation.group_by), _close(row)) for row in rows}


def _document(event: Event) -> bytes:
    time = datetime.fromtimestamp(event.time / 1000, UTC).isoformat(timespec="milliseconds")
    return json.dumps({**event.document, "@timestamp": time}).encode()


def _close(row: dict[str, Any]) -> int:
    moment = datetime.fromisoformat(row["nhi.window.first_close"])
    return round(moment.timestamp() * 1000)

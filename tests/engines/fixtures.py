"""The session's Elasticsearch. Without it tests are skipped with one line, or fail where `REMIT_ENGINES=required`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.engines.assembly import EngineMissing
from tests.engines.node import Node
from tests.engines.server import Server


def absent(reason: str) -> None:
    """Skip, or fail where engines are demanded."""
    message = f"no Elasticsearch for the tests: {reason}"
    if os.environ.get("REMIT_ENGINES") == "required":
        pytest.fail(f"{message} (REMIT_ENGINES=required)", pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[Server]:
    """A running Elasticsearch 8.19 with ES|QL, shared by all tests of the session."""
    try:
        node = Node()
        node.start()
    except EngineMissing as missing:
        absent(str(missing))
        return
    try:
        yield Server(node)
    finally:
        node.stop()

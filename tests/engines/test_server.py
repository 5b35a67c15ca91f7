"""The harness itself: what it must notice, and that the server is a real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engines import assembly, fixtures
from tests.engines.node import Node
from tests.engines.server import Broken, QueryKilledTheServer, Server

pytestmark = pytest.mark.elasticsearch


def test_the_server_answers_lucene_and_esql(elasticsearch: Server) -> None:
    index = elasticsearch.index_name("harness-*")
    elasticsearch.create(index, {"properties": {"a": {"type": "keyword"}}})
    elasticsearch.load(index, {"one": b'{"a":"x"}', "two": b'{"a":"y"}'})

    assert elasticsearch.lucene(index, 'a:"x"') == {"one"}
    assert elasticsearch.esql(f'FROM {index} METADATA _id | WHERE QSTR("a:\\"y\\"")') == {"two"}


def test_a_clause_that_leniency_would_swallow_is_an_error(elasticsearch: Server) -> None:
    index = elasticsearch.index_name("harness-*")
    elasticsearch.create(index, {"properties": {"a": {"type": "keyword"}}})
    elasticsearch.load(index, {"one": b'{"a":"x"}'})

    with pytest.raises(Broken):
        elasticsearch.lucene(index, "NOT a:/(/")


def test_a_document_that_the_server_rejects_is_an_error(elasticsearch: Server) -> None:
    index = elasticsearch.index_name("harness-*")
    elasticsearch.create(index, {"properties": {"n": {"type": "long"}}})

    with pytest.raises(AssertionError, match="1 of 2 documents rejected"):
        elasticsearch.load(index, {"good": b'{"n":1}', "bad": b'{"n":"x"}'})


def test_a_missing_engine_is_skipped_with_a_line_that_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REMIT_ENGINES", raising=False)

    with pytest.raises(assembly.EngineMissing) as missing:
        assembly.needed("mvn")

    with pytest.raises(pytest.skip.Exception, match="mvn is not installed"):
        fixtures.absent(str(missing.value))


def test_a_missing_engine_fails_where_engines_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMIT_ENGINES", "required")

    with pytest.raises(pytest.fail.Exception, match="REMIT_ENGINES=required"):
        fixtures.absent("mvn is not installed")


def test_a_query_that_ends_the_server_is_named_and_the_server_is_started_again() -> None:
    class Ended(Node):
        def __init__(self) -> None:
            self.url, self.starts = "http://127.0.0.1:9", 0

        def alive(self) -> bool:
            return False

        def start(self) -> None:
            self.starts += 1

    node = Ended()

    with pytest.raises(QueryKilledTheServer, match="FROM a"):
        Server(node).rows("FROM a")

    assert node.starts == 1

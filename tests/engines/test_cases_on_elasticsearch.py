"""The rules' cases on a real Elasticsearch: raw events, the real enrichment, compiled queries, the same answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.engines.asking import ask
from tests.engines.cloudtrail_integration import MAPPINGS, integrated
from tests.engines.server import Server

from remit.cases import acme, enriched, load_cases, rule_name
from remit.content import Rule, load_rules
from remit.meaning import matcher
from remit.targets import Query, targets
from remit.targets.pipelines import reads_tags

pytestmark = pytest.mark.elasticsearch

RULES = load_rules()
PLAIN = [rule for rule in RULES if not reads_tags(rule) and rule.logsource.service == "cloudtrail"]
LANGUAGES = ("lucene", "esql")
PAIRS = Path(os.environ.get("REMIT_SAMPLES") or "samples") / "pairs" / "aws.cloudtrail.jsonl"
"""Vendor events and what Elastic's integration made of them."""


@pytest.fixture(scope="module")
def events() -> dict[str, dict[str, Any]]:
    """Every event of every case, enriched, by `rule/case/event`."""
    registry = acme()
    return {
        f"{case.rule}/{number}/{at}": {"nhi": subject.document["nhi"], **subject.document}
        for number, case in enumerate(load_cases(RULES))
        for at, subject in enumerate(enriched(case, registry))
    }


def test_every_rule_answers_every_case_as_the_oracle_does(elasticsearch: Server, events: Mapping[str, Any]) -> None:
    answers = ask(elasticsearch, RULES, events)

    for rule, answer in zip(RULES, answers, strict=True):
        assert answer.lucene == answer.esql == answer.oracle, rule.file


def test_every_rule_fires_on_the_server_exactly_where_its_own_cases_say(
    elasticsearch: Server, events: Mapping[str, Any]
) -> None:
    expected: dict[str, set[str]] = {}
    for number, case in enumerate(load_cases(RULES)):
        expected.setdefault(case.rule, set()).update(f"{case.rule}/{number}/{at}" for at in case.match)

    answers = ask(elasticsearch, RULES, events)

    for rule, answer in zip(RULES, answers, strict=True):
        name = rule_name(rule.file)
        assert not isinstance(answer.lucene, Exception)
        assert {event for event in answer.lucene if event.startswith(f"{name}/")} == expected[name]


def test_a_query_that_lost_a_clause_is_noticed(elasticsearch: Server, events: Mapping[str, Any]) -> None:
    rule = next(rule for rule in RULES if rule.file.endswith("aws_cloudtrail_access_key_created.yml"))
    index = elasticsearch.index_name("remit-raw-*-")
    query = targets()["elasticsearch"].compile(rule, pipeline="raw", index=index, language="lucene")
    template = json.loads(targets()["elasticsearch"].companions([query])["index-template.json"])
    elasticsearch.create(index, template["template"]["mappings"])
    elasticsearch.load(index, {name: json.dumps(event).encode() for name, event in events.items()})
    holds = matcher(rule)
    expected = {name for name, event in events.items() if holds(event)}

    broken = query.query.replace(" AND NOT _exists_:errorCode", "")

    assert elasticsearch.lucene(index, query.query) == expected
    assert elasticsearch.lucene(index, broken) != expected


@pytest.fixture(scope="module")
def vendor_index(elasticsearch: Server, events: Mapping[str, Any]) -> Iterator[str]:
    """The events as Elastic's integration indexes them."""
    index = elasticsearch.index_name("logs-aws.cloudtrail-*")
    elasticsearch.create(index, MAPPINGS)
    elasticsearch.load(index, {name: json.dumps(integrated(event)).encode() for name, event in events.items()})
    yield index
    elasticsearch.delete(index)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", PLAIN, ids=lambda rule: rule_name(rule.file))
def test_a_plain_rule_answers_the_same_on_the_data_of_elastics_integration(
    elasticsearch: Server, vendor_index: str, events: Mapping[str, Any], rule: Rule, language: str
) -> None:
    holds = matcher(rule)
    expected = {name for name, event in events.items() if holds(event)}

    query = targets()["elasticsearch"].compile(rule, pipeline="aws_cloudtrail", index=vendor_index, language=language)

    assert expected
    assert _found(elasticsearch, vendor_index, query) == expected


def _found(server: Server, index: str, query: Query) -> set[str]:
    return server.lucene(index, query.query) if query.language == "lucene" else server.esql(query.query)


def _pairs() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PAIRS.read_text().splitlines()] if PAIRS.is_file() else []


@pytest.mark.skipif(not _pairs(), reason="no samples of the integration: set REMIT_SAMPLES to their folder")
def test_our_mapping_of_events_is_the_integrations_own() -> None:
    for pair in _pairs():
        theirs = _leaves(pair["ecs"])
        ours = _leaves(integrated(pair["raw"]))

        different = {name: (value, theirs.get(name)) for name, value in ours.items() if not _same(name, value, theirs)}

        assert different == {}, pair["source"]


def _same(name: str, value: Any, theirs: Mapping[str, Any]) -> bool:
    other = theirs.get(name)
    if name == "@timestamp":
        return str(other)[:19] == str(value)[:19]
    if isinstance(value, str) and value.startswith("{"):
        # The order of a Java map is not the order of the event.
        return sorted(str(other)) == sorted(value)
    # A keyword holds the text of a boolean, whichever of the two the source shows.
    return bool(other == value) or (isinstance(value, bool) and other == str(value).lower())


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {path: value}
    return {k: v for key, child in value.items() for k, v in _leaves(child, f"{path}.{key}" if path else key).items()}


def test_a_sample_that_the_integration_indexed_is_found_by_its_name(elasticsearch: Server) -> None:
    if not (pairs := _pairs()):
        pytest.skip("no samples of the integration: set REMIT_SAMPLES to their folder")
    index = elasticsearch.index_name("logs-aws.cloudtrail-*")
    elasticsearch.create(index, MAPPINGS)
    elasticsearch.load(index, {str(at): json.dumps(pair["ecs"]).encode() for at, pair in enumerate(pairs)})

    for rule in PLAIN:
        holds = matcher(rule)
        expected = {str(at) for at, pair in enumerate(pairs) if holds(pair["raw"])}
        query = targets()["elasticsearch"].compile(rule, pipeline="aws_cloudtrail", index=index, language="lucene")
        assert elasticsearch.lucene(index, query.query) == expected

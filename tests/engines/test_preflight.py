"""The preflight on a real server: silent where all is right, and each thing that may be wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.engines.server import Server

from remit.cli import cli
from remit.targets import targets

pytestmark = pytest.mark.elasticsearch

RULE = """\
title: A user is created
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: CreateUser, errorCode|cased: Denied, n: 7, ip|cidr: 10.0.0.0/8}
  condition: s
"""


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    file = tmp_path / "rule.yml"
    file.write_text(RULE)
    return file


@pytest.fixture
def index(elasticsearch: Server) -> str:
    return elasticsearch.index_name("preflight-*")


def check(server: Server, rule: Path, index: str) -> Result:
    arguments = ["check", str(rule), "--target", "elasticsearch", "--pipeline", "raw", "--against", server.url]
    return CliRunner().invoke(cli, [*arguments, "--index", index, "--format", "json"], standalone_mode=False)


def mappings(rule: Path, index: str) -> dict[str, Any]:
    """What the compiler's own template says."""
    from remit.content import load_rules

    target = targets()["elasticsearch"]
    query = target.compile(load_rules([rule])[0], pipeline="raw", index=index, language=None)
    found: dict[str, Any] = json.loads(target.companions([query])["index-template.json"])["template"]["mappings"]
    return found


def test_nothing_is_found_behind_our_own_template(elasticsearch: Server, rule: Path, index: str) -> None:
    elasticsearch.create(index, mappings(rule, index))

    result = check(elasticsearch, rule, index)

    assert (result.return_value, json.loads(result.stdout)) == (0, [])


@pytest.mark.parametrize(
    ("field", "definition", "said"),
    [
        ("eventName", None, "no index maps it"),
        ("eventName", {"type": "text"}, "no index maps it"),
        ("eventName", {"fields": {"lc": {"type": "keyword"}}}, "no normalizer `lowercase`"),
        ("errorCode", {"type": "text"}, "it is text, and the query was compiled for keyword"),
        ("errorCode", {"normalizer": "lowercase"}, "its normalizer lowercase changes"),
        ("errorCode", {"ignore_above": 3}, "values over 3 characters are not indexed"),
        ("errorCode", {"null_value": "none"}, "a null counts as a value"),
        ("n", {"fields": {"num": {"type": "keyword"}}}, "it is keyword, and the query was compiled for double"),
        ("ip", {"fields": {"ip": {"type": "keyword"}}}, "it is keyword, and the query was compiled for ip"),
    ],
)
def test_what_a_mapping_would_change_is_named(
    elasticsearch: Server, rule: Path, index: str, field: str, definition: dict[str, Any] | None, said: str
) -> None:
    changed = mappings(rule, index)
    if definition is None:
        del changed["properties"][field]
    elif definition.get("type") == "text":
        changed["properties"][field] = definition
    else:
        changed["properties"][field] |= definition
    elasticsearch.create(index, changed)

    result = check(elasticsearch, rule, index)

    assert result.return_value == 1
    assert any(said in finding["what"] for finding in json.loads(result.stdout)), result.stdout


def test_a_clause_that_leniency_would_hide_is_named(elasticsearch: Server, rule: Path, index: str) -> None:
    changed = mappings(rule, index)
    changed["properties"]["n"]["fields"]["num"] = {"type": "ip"}
    rule.write_text(RULE.replace("n: 7", "n|gt: 7"))
    elasticsearch.create(index, changed)

    result = check(elasticsearch, rule, index)

    assert any("does not run it as written" in finding["what"] for finding in json.loads(result.stdout)), result.stdout


def test_a_field_of_two_types_is_named(elasticsearch: Server, rule: Path, index: str) -> None:
    elasticsearch.create(f"{index}-a", mappings(rule, index))
    other = mappings(rule, index)
    other["properties"]["errorCode"] = {"type": "long"}
    elasticsearch.create(f"{index}-b", other)

    result = check(elasticsearch, rule, f"{index}-*")

    assert any("keyword, long in different indexes" in finding["what"] for finding in json.loads(result.stdout))


def test_a_cluster_that_does_not_answer_is_an_error_with_its_address(rule: Path) -> None:
    arguments = ["check", str(rule), "--target", "elasticsearch", "--against", "http://127.0.0.1:9"]

    result = CliRunner().invoke(cli, arguments, standalone_mode=False)

    assert "http://127.0.0.1:9: no answer" in str(result.exception)

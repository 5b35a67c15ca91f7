"""remit test: the verb, its formats, and the cases of correlations and of a team's own content."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from remit.cli import cli

RULE = """
title: Listed
name: listed
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: ListBuckets}
  condition: s
"""
BURST = """
title: Burst
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [listed]
  group-by: [userIdentity.arn]
  timespan: 10m
  condition: {gte: 3}
  generate: true
"""


def event(minute: int, name: str = "ListBuckets") -> dict[str, Any]:
    return {
        "eventVersion": "1.11", "eventTime": f"2026-05-12T13:{minute:02}:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": name, "awsRegion": "eu-west-1", "eventID": f"e{minute}", "recipientAccountId": "999988887777",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::999988887777:user/x", "accountId": "999988887777"},
    }  # fmt: skip


def case(name: str, kind: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "events": list(events), **more}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A team's folder with one rule, one correlation, and the cases of both."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "listed.yml").write_text(RULE)
    (tmp_path / "rules" / "burst.yml").write_text(BURST)
    cases = tmp_path / "tests" / "rules"
    cases.mkdir(parents=True)
    once = [case("lists", "fires", event(1)), case("reads", "near_miss", event(1, "GetBucketAcl"))]
    (cases / "listed.yml").write_text(json.dumps([*once, case("nothing", "benign", event(1, "HeadBucket"))]))
    thrice = case("three", "fires", event(1), event(2), event(3), also=["listed"])
    far = case("too far apart", "near_miss", event(1), event(2), event(30), also=["listed"])
    benign = case("two", "benign", event(1), event(2), also=["listed"])
    (cases / "burst.yml").write_text(json.dumps([thrice, far, benign]))
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["test", *map(str, arguments)], standalone_mode=False)


def test_the_cases_of_rules_and_correlations_are_proven_on_both_engines(site: Path) -> None:
    ran = run(site / "rules")

    assert (ran.return_value, ran.stdout) == (0, "")
    assert ran.stderr == "remit: 2 rules, 12 of 12 answers as expected\n"


def test_content_adds_a_teams_rules_to_ours(site: Path) -> None:
    assert run("--content", site, "--engine", "hunt").stderr.startswith("remit: 8 rules, ")


def test_a_wrong_answer_is_told_with_its_place(site: Path) -> None:
    file = site / "rules" / "burst.yml"
    file.write_text(BURST.replace("gte: 3", "gte: 2"))

    ran = run(site / "rules", "--engine", "meaning")

    assert ran.return_value == 1
    assert f"FAILED {site}/tests/rules/burst.yml:1:" in ran.stdout
    assert "two [meaning]\n  fires on event 1" in ran.stdout


def test_every_other_rule_that_fires_has_to_be_named(site: Path) -> None:
    file = site / "tests" / "rules" / "burst.yml"
    file.write_text(file.read_text().replace('"also": ["listed"]', '"also": ["aws/aws_cloudtrail_access_key_created"]'))

    ran = run(site / "rules" / "burst.yml", "--content", site)

    assert "  listed fires too, and `also` does not say so\n" in ran.stdout
    assert "  aws/aws_cloudtrail_access_key_created does not fire, though `also` says so\n" in ran.stdout


@pytest.mark.parametrize("engine", ["meaning", "hunt"])
def test_a_rule_of_another_log_source_is_not_asked(site: Path, engine: str) -> None:
    other = RULE.replace("11111111-1111", "33333333-3333").replace("name: listed", "name: other")
    other = other.replace("{product: aws, service: cloudtrail}", "{product: azure}").replace("ListBuckets", "'*'")
    (site / "rules" / "other.yml").write_text(other)

    ran = run(site / "rules" / "listed.yml", "--content", site, "--engine", engine)

    assert (ran.return_value, ran.stdout) == (0, "")


def test_the_event_that_closes_the_window_is_the_one_that_fires(site: Path) -> None:
    late = case("the third of four", "fires", event(1), event(2), event(3), event(4), match=[2], also=["listed"])
    file = site / "tests" / "rules" / "burst.yml"
    file.write_text(json.dumps([late, *json.loads(file.read_text())]))

    assert run(site / "rules").return_value == 0


def test_json_and_junit_say_the_same(site: Path, tmp_path: Path) -> None:
    (site / "rules" / "burst.yml").write_text(BURST.replace("gte: 3", "gte: 2"))

    ran = run(site / "rules", "--format", "json", "--junit", tmp_path / "out.xml")

    results = json.loads(ran.stdout)
    suite = ET.parse(tmp_path / "out.xml").getroot()
    assert len(results) == int(suite.attrib["tests"]) == 12
    assert sum(not result["passed"] for result in results) == int(suite.attrib["failures"]) > 0
    assert {result["engine"] for result in results} == {"meaning", "hunt"}


def test_an_unknown_engine_is_told() -> None:
    assert "--engine oracle: no such engine; there are meaning, hunt" in str(run("--engine", "oracle").exception)


def test_a_file_may_be_named_alone() -> None:
    file = "rules/aws/aws_cloudtrail_root_access_key_used.yml"
    root = Path(__file__).parents[2]

    assert run(root / file).stderr == "remit: 1 rules, 10 of 10 answers as expected\n"

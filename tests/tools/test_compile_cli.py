"""`remit compile`: what is printed, what is written, what is announced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from remit.cli import cli
from remit.content import load_rules

GOOD = """\
title: A user is created
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: CreateUser}
  condition: s
"""
UNSAYABLE = GOOD.replace("0001", "0002").replace("s: {eventName: CreateUser}", "s: [some word]")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "good.yml").write_text(GOOD)
    return folder


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(cli, ["compile", *map(str, arguments)], standalone_mode=False)


def test_a_query_is_printed_under_its_title_id_and_hash(rules: Path) -> None:
    result = run(rules, "--target", "elasticsearch", "--pipeline", "raw")

    assert result.return_value == 0
    title, ident, facts, query = result.stdout.splitlines()
    assert title == "# A user is created"
    assert ident.startswith("# 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001 sha256:")
    assert facts == "# elasticsearch | lucene | remit-raw-* | pipeline raw | run"
    assert query == 'eventName.lc:"createuser"'


def test_without_a_pipeline_the_log_source_decides_and_tags_decide_first(rules: Path) -> None:
    tags = GOOD.replace("0001", "0003").replace("eventName: CreateUser", "nhi.outcome: denied")
    (rules / "tags.yml").write_text(tags)

    result = run(rules, "--target", "elasticsearch", "-o", rules / "out")

    report = json.loads((rules / "out" / "report.json").read_text())
    assert result.return_value == 0
    assert [(entry["pipeline"], entry["index"]) for entry in report] == [
        ("aws_cloudtrail", "logs-aws.cloudtrail-*"),
        ("raw", "remit-raw-*"),
    ]


def test_a_refusal_is_one_line_with_rule_place_reason_and_way_out(rules: Path) -> None:
    (rules / "words.yml").write_text(UNSAYABLE)

    result = run(rules, "--target", "elasticsearch")

    assert result.return_value == 1
    assert result.stdout.count("sha256:") == 1
    assert result.stderr.splitlines() == [
        f"refused: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0002 {rules}/words.yml:5:3 keywords: the index has no field that"
        " holds the text of all others; run it with `remit hunt`"
    ]


def test_files_are_one_a_query_with_the_report_and_what_the_target_needs(rules: Path, tmp_path: Path) -> None:
    (rules / "words.yml").write_text(UNSAYABLE)
    out = tmp_path / "out"

    result = run(rules, "--target", "elasticsearch", "--target", "splunk", "--pipeline", "raw", "-o", out)

    assert result.return_value == 1
    assert result.stdout == ""
    assert {"good.lucene", "good.spl", "index-template.json", "report.json"} <= {file.name for file in out.iterdir()}
    assert (out / "good.lucene").read_text() == 'eventName.lc:"createuser"\n'
    good, _, refused, _ = json.loads((out / "report.json").read_text())
    assert good == {
        "rule": {"id": "0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001", "file": f"{rules}/good.yml"},
        "target": "elasticsearch",
        "language": "lucene",
        "pipeline": "raw",
        "index": "remit-raw-*",
        "status": "compiled",
        "proof": "run",
        "conditions": [],
        "query": 'eventName.lc:"createuser"',
    }
    assert (refused["status"], refused["construct"], refused["query"]) == ("refused", "keywords", None)
    assert refused["where"] == f"{rules}/words.yml:5:3"
    assert refused["way_out"] == "run it with `remit hunt`"


def test_rules_of_one_file_name_get_files_of_their_own(rules: Path, tmp_path: Path) -> None:
    (rules / "more").mkdir()
    (rules / "more" / "good.yml").write_text(GOOD.replace("0001", "0004"))

    run(rules, "--target", "elasticsearch", "--pipeline", "raw", "-o", tmp_path / "out")

    assert sorted(file.name for file in (tmp_path / "out").glob("*.lucene")) == [
        "good-0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001.lucene",
        "good-0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0004.lucene",
    ]


def test_a_language_is_for_the_targets_that_have_it(rules: Path, tmp_path: Path) -> None:
    run(rules, "--target", "elasticsearch", "--target", "splunk", "--language", "esql", "-o", tmp_path)

    assert {file.suffix for file in tmp_path.glob("good.*")} == {".esql", ".spl"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "splunk", "--language", "esql"], "no query language `esql`"),
        (["--target", "elasticsearch", "--pipeline", "no_such"], "there is no pipeline `no_such`"),
        (["--target", "no_such"], "`no_such` is none of"),
        ([], "Missing parameter"),
    ],
)
def test_an_unusable_option_is_an_error_that_says_what_to_do(rules: Path, arguments: list[str], said: str) -> None:
    result = run(rules, *arguments)

    assert said in str(result.exception)


def test_every_rule_that_comes_with_remit_compiles_for_every_target() -> None:
    result = run("--target", "elasticsearch", "--target", "splunk")

    assert result.stderr == ""
    assert result.stdout.count("sha256:") == 2 * len(load_rules())


def test_what_pysigma_cannot_take_is_a_refusal_of_that_rule_and_the_others_are_compiled(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    for number, item in enumerate(
        ("userAgent|base64: 'x*y'", "userAgent|base64offset|contains: 'x?y'", "eventName: A")
    ):
        (rules / f"{number}.yml").write_text(
            f"title: T{number}\nid: 11111111-1111-4111-8111-11111111111{number}\nstatus: test\nlevel: low\n"
            "logsource: {product: aws, service: cloudtrail}\n"
            f"detection:\n  s:\n    {item}\n  condition: s\n"
        )
    out = tmp_path / "out"
    arguments = ["compile", str(rules), "--target", "splunk", "--target", "elasticsearch", "-o", str(out)]

    ran = CliRunner().invoke(cli, arguments, standalone_mode=False)

    assert (ran.exception, ran.return_value) == (None, 1)
    entries = json.loads((out / "report.json").read_bytes())
    assert [(e["rule"]["id"][-1], e["status"]) for e in entries] == [
        (number, status) for number, status in (("0", "refused"), ("1", "refused"), ("2", "compiled")) for _ in range(2)
    ]
    assert all(
        e["where"].startswith(f"{rules}/{e['rule']['id'][-1]}.yml:") for e in entries if e["status"] == "refused"
    )


@pytest.mark.parametrize("text", [b"", b"hello", b"- a", GOOD.encode(), b"\xff", b"{a: [}", b"transformations: 5"])
@pytest.mark.parametrize("target", ["splunk", "elasticsearch"])
def test_a_file_that_is_no_pipeline_is_told_as_such(rules: Path, tmp_path: Path, text: bytes, target: str) -> None:
    file = tmp_path / "mine.yml"
    file.write_bytes(text)

    said = str(run(rules, "--target", target, "--pipeline", file).exception)

    assert said.startswith(f"{file}: no Sigma processing pipeline: ")
    assert said.endswith("; give a YAML file with `transformations`, in the form of those in pipelines/")
    assert "NoneType" not in said
    assert "object has no attribute" not in said

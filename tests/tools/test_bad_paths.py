"""What the system refuses is told with its place and is never a bug of ours; a reader who goes away is no error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from remit.cli import cli
from remit_enrichment.errors import BadInput

RULE = """\
title: A user is created
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: CreateUser}
  condition: s
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text("{}\n" * 3)
    Path("rule.yml").write_text(RULE)
    Path("dir").mkdir()
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), standalone_mode=False)


@pytest.mark.parametrize("junit", ["no/x", "dir"])
def test_results_that_cannot_be_written_are_told_before_the_work(junit: str) -> None:
    ran = run("test", "rule.yml", "--junit", junit)

    assert isinstance(ran.exception, BadInput)
    assert f"--junit {junit}: cannot be written: " in str(ran.exception)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that opens and cannot be read")
@pytest.mark.parametrize("verb", [["enrich"], ["hunt"], ["hunt", "--enriched"]])
def test_a_file_that_opens_and_cannot_be_read_is_told(verb: list[str]) -> None:
    ran = run(*verb, "/proc/self/mem")

    assert isinstance(ran.exception, BadInput)
    assert str(ran.exception).startswith("/proc/self/mem: cannot be read: ")


@pytest.mark.parametrize("output", ["no/x", "dir"])
def test_a_hunt_opens_its_output_before_the_work(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remit.cli.hunt.hunt", lambda *_: pytest.fail("the work was done for nothing"))

    ran = run("hunt", "in.jsonl", "--rules", "rule.yml", "-o", output)

    assert isinstance(ran.exception, BadInput)
    assert str(ran.exception).startswith(f"{output}: cannot be written: ")


def test_the_alerts_of_before_stay_until_there_are_new_ones() -> None:
    Path("alerts.jsonl").write_text("before\n")

    assert run("hunt", "in.jsonl", "--registry", "nowhere", "-o", "alerts.jsonl").exception is not None
    assert Path("alerts.jsonl").read_text() == "before\n"


@pytest.mark.parametrize(
    "arguments", [["enrich", "in.jsonl"], ["--help"], ["compile", "rule.yml", "--target", "splunk"]]
)
def test_a_reader_who_goes_away_is_no_error(arguments: list[str]) -> None:
    Path("in.jsonl").write_text('{"a": 1}\n' * 20_000)
    command = [sys.executable, "-m", "remit", *arguments]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
        code = process.wait(timeout=60)

    assert (code, "BrokenPipe" in told) == (0, False)

"""No output is ever written over something that is read, by whatever name it is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from remit.cli import cli
from remit.content import content_root
from remit_enrichment.errors import BadInput

OWNERS = "owners: [{id: jane@example.com}]\n"
RULE = content_root() / "rules" / "aws" / "aws_cloudtrail_root_access_key_used.yml"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("r").mkdir()
    Path("r/a.yml").write_text(OWNERS)
    for name in ("in.jsonl", "feed", "alerts.jsonl"):
        Path(name).write_text("")
    Path("rule.yml").write_bytes(RULE.read_bytes())
    Path("link").symlink_to("in.jsonl")
    os.link("in.jsonl", "hard")
    os.link("r/a.yml", "hard.yml")
    Path("linked").symlink_to("r")
    return tmp_path


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes()


READ = ["--registry", "r", "--tasks", "feed"]


@pytest.mark.parametrize(
    "arguments",
    [
        *(["enrich", "in.jsonl", *READ, option, output] for option in ("-o", "--quarantine", "--summary")
          for output in ("in.jsonl", "link", "hard", "r/a.yml", "hard.yml", "linked/a.yml", "feed")),
        ["enrich", "in.jsonl", *READ, "--state", "hard.yml"],
        ["enrich", "in.jsonl", "-o", "out", "--summary", "out"],
        *(["hunt", "in.jsonl", *READ, "--rules", "rule.yml", "-o", output]
          for output in ("in.jsonl", "link", "hard", "r/a.yml", "hard.yml", "feed", "rule.yml")),
        ["hunt", "in.jsonl", "--state", "state", "-o", "state"],
        ["report", "alerts.jsonl", "-o", "alerts.jsonl"],
        ["report", "alerts.jsonl", "-o", "./alerts.jsonl", "--format", "markdown"],
        ["registry", "build", "r", "-o", "r/a.yml"],
    ],
)  # fmt: skip
def test_an_output_over_an_input_is_refused_before_anything_is_written(arguments: list[str], folder: Path) -> None:
    Path("state").write_bytes(b"something")
    before = list(files(folder))

    ran = CliRunner().invoke(cli, arguments, standalone_mode=False)

    assert isinstance(ran.exception, BadInput), ran.exception
    assert "is named twice" in str(ran.exception)
    assert list(files(folder)) == before


def test_the_unfinished_summary_spares_an_input_too() -> None:
    Path("s.part").write_text("{}\n")

    ran = CliRunner().invoke(cli, ["enrich", "s.part", "--summary", "s"], standalone_mode=False)

    assert "is named twice" in str(ran.exception)
    assert Path("s.part").read_text() == "{}\n"


def test_outputs_of_their_own_and_streams_are_no_clash() -> None:
    for output in ("out", "/dev/null"):
        arguments = ["enrich", "in.jsonl", *READ, "-o", output, "--quarantine", "/dev/null"]

        assert CliRunner().invoke(cli, arguments, standalone_mode=False).exception is None

"""Every verb that takes a feed says when nobody is named who may write it, and what looks wrong with the registry."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from remit.cli import cli

IDENTITY = "aws:user:arn:aws:iam::111122223333:user/ci"
PEOPLE = f"owners: [{{id: jane@example.com}}]\nidentities: [{{id: '{IDENTITY}', kind: bot, owner: jane@example.com}}]\n"
TRUST = "registrars: [{id: broker@example.com}]\n"
TASK = (
    f'{{"type": "task", "id": "T-1", "identity": "{IDENTITY}", "registered_at": "2026-05-12T14:00:00Z",'
    ' "registered_by": "evil@example.com", "window": {"start": "2026-05-12T14:00:00Z", "end": "2026-05-12T15:00:00Z"},'
    ' "allow": {"actions": ["s3:*"], "resources": ["*"]}}\n'
)
VERBS = [["enrich", "in.jsonl"], ["hunt", "in.jsonl"]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text("{}\n")
    Path("feed").write_text(TASK)
    Path("r").mkdir()
    Path("r/people.yml").write_text(PEOPLE)
    return tmp_path


def told(*arguments: str) -> str:
    ran = CliRunner().invoke(cli, list(arguments), standalone_mode=False)
    assert ran.exception is None, ran.exception
    return ran.stderr


@pytest.mark.parametrize("verb", [*VERBS, ["registry", "check", "r"]])
def test_a_feed_that_is_taken_as_given_is_told_of(verb: list[str]) -> None:
    with_registry = [] if verb[0] == "registry" else ["--registry", "r"]

    assert "whoever can write this feed" in told(*verb, *with_registry, "--tasks", "feed")
    assert "whoever can write this feed" not in told(*verb, *with_registry)


@pytest.mark.parametrize("verb", VERBS)
def test_under_registrars_the_lines_that_do_not_count_are_told_of(verb: list[str]) -> None:
    Path("r/trust.yml").write_text(TRUST)

    said = told(*verb, "--registry", "r", "--tasks", "feed")

    assert "whoever can write this feed" not in said
    assert "remit: warning: feed:1: " in said


def test_many_warnings_are_counted() -> None:
    Path("r/trust.yml").write_text(TRUST)
    Path("feed").write_text("".join(TASK.replace("T-1", f"T-{number}") for number in range(30)))

    said = told("enrich", "in.jsonl", "--registry", "r", "--tasks", "feed")

    assert said.count("remit: warning: feed:") == 10
    assert "remit: 21 more warnings; see them all with `remit registry check`" in said

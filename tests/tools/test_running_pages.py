"""The pages about transports: their commands are real, and Remit behaves as each transport needs it to."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from remit.cli import cli

PAGES = Path(__file__).parents[2] / "docs" / "running"


def fences(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)


def remit_commands() -> list[tuple[str, list[str]]]:
    found = []
    for page in sorted(path.name for path in PAGES.glob("*.md")):
        for text in fences(page, "sh"):
            for part in re.split(r"[|\n]", re.sub(r"\|\s*\n", "|", text)):
                words = shlex.split(part)
                if words[:1] == ["remit"]:
                    found.append((page, words[1:]))
    (vector,) = (yaml.safe_load(text) for text in fences("vector.md", "yaml"))
    found.append(("vector.md", vector["sources"]["tagged"]["command"][1:]))
    (redpanda,) = (yaml.safe_load(text) for text in fences("redpanda-connect.md", "yaml"))
    found.append(("redpanda-connect.md", redpanda["pipeline"]["processors"][0]["subprocess"]["args"]))
    unit = configparser.ConfigParser()
    unit.read_string(fences("systemd.md", "ini")[0])
    found.append(("systemd.md", shlex.split(unit["Service"]["ExecStart"])[1:]))
    return found


@pytest.mark.parametrize(("page", "words"), remit_commands())
def test_every_command_of_the_pages_is_understood(page: str, words: list[str]) -> None:
    verb: Any = cli.get_command(click.Context(cli), words.pop(0))
    while isinstance(verb, click.Group):
        verb = verb.get_command(click.Context(verb), words.pop(0))

    parsed = verb.make_context("remit", words)

    assert parsed.params


def test_all_pages_are_covered() -> None:
    assert {page for page, _ in remit_commands()} >= {path.name for path in PAGES.glob("*.md")}


def test_a_subprocess_answers_each_message_with_one_line_on_one_of_its_two_outputs(tmp_path: Path) -> None:
    (args,) = (words for page, words in remit_commands() if page == "redpanda-connect.md")
    args = [word for word in args if word not in ("--registry", "registry")]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-m", "remit", *args], stdin=pipe, stdout=pipe, stderr=pipe, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for number, message in enumerate([b'{"n":0}', b"broken", b'{"n":2}', b'{"n":"\xff"}', b'{"n":4}']):
            process.stdin.write(message + b"\n")
            process.stdin.flush()
            answer = (process.stderr if number % 2 else process.stdout).readline()
            assert (b'"reason"' if number % 2 else b'"n":%d' % number) in answer
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(20) == 0

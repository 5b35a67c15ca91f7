"""The README stays true: its commands are the ones that work, and its names exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from remit.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"^\s*(?:\$ )?remit ([a-z]+)(.*)$", re.MULTILINE)
TARGET = re.compile(r"`?make ([a-z]+)`?")


def _fences(text: str) -> str:
    return "\n".join(re.findall(r"```(?:sh|console|shell)?\n(.*?)```", text, re.DOTALL))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_of_a_page_is_a_verb_with_these_options(page: Path) -> None:
    context = click.Context(cli)
    for verb, rest in COMMAND.findall(_fences(page.read_text("utf-8"))):
        command = cli.get_command(context, verb)
        assert command is not None, f"{page.name}: remit {verb}"
        words = rest.split("#")[0].split("|")[0].split()
        if isinstance(command, click.Group):
            command = command.get_command(context, words[0])
            assert command is not None, f"{page.name}: remit {verb} {words[0]}"
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        asked = {word.split("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert asked <= known, f"{page.name}: remit {verb} has no {asked - known}"


def test_the_readme_leads_to_the_two_commands() -> None:
    readme, makefile = (ROOT / "README.md").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")

    asked = set(TARGET.findall(readme))

    assert {"demo", "test"} <= asked
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in asked)


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"

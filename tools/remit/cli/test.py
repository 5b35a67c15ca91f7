"""Run the cases of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import click
import msgspec

from remit.answering import ask_hunt, ask_oracle
from remit.cases import Engine, Outcome, acme, load_cases, prove
from remit.content import Content, files_of, load_content
from remit.content.rule import Header
from remit.content.site import load_site
from remit_enrichment.errors import BadInput

ENGINES: Mapping[str, Engine] = {"meaning": ask_oracle, "hunt": ask_hunt}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH...]")
@click.option(
    "--content", type=click.Path(path_type=Path), multiple=True, help="A team's folder: rules, filters, site.yml."
)
@click.option(
    "--engine", default="meaning,hunt", show_default=True, help=f"Which to ask, by commas: {', '.join(ENGINES)}."
)
@click.option("--junit", type=click.Path(path_type=Path), help="Write the results to this file, as JUnit XML.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(paths: Sequence[Path], content: Sequence[Path], engine: str, junit: Path | None, form: str) -> int:
    """Prove the cases of rules: raw events of the vendor, through the real enrichment over the fixture company.

    PATH is a rule file or a folder of rules; without one, all rules that come with Remit. Exit code 1: a case failed.
    """
    if junit is not None:
        _write(junit, as_junit([]))  # a path that cannot be written must not cost the run
    everything, _ = load_site(content)
    if paths:
        everything, tested = chosen(everything, paths)
    else:
        tested = [*everything.rules, *everything.correlations]
    outcomes = list(prove(load_cases(tested), everything, acme(), _engines(engine)))
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if junit is not None:
        _write(junit, as_junit(outcomes))
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode([as_json(outcome) for outcome in outcomes])).decode())
    else:
        for outcome in failed:
            click.echo(f"FAILED {outcome.case.place} {outcome.case.name} [{outcome.engine}]")
            for complaint in outcome.complaints:
                click.echo(f"  {complaint}")
    passed = len(outcomes) - len(failed)
    click.echo(f"remit: {len(tested)} rules, {passed} of {len(outcomes)} answers as expected", err=True)
    return 1 if failed else 0


def chosen(content: Content, paths: Sequence[Path]) -> tuple[Content, list[Header]]:
    """Return what could fire and what is tested: the files that are named, loaded unless the content holds them."""
    known = {each.file for each in (*content.rules, *content.correlations)}
    named = {name: path for path, name in files_of(paths)}
    if new := [path for name, path in named.items() if name not in known]:
        more = load_content(new)
        content = Content((*content.rules, *more.rules), (*content.correlations, *more.correlations))
    return content, [each for each in (*content.rules, *content.correlations) if each.file in named]


def _write(junit: Path, text: str) -> None:
    try:
        junit.write_text(text, "utf-8")
    except OSError as error:
        todo = "name a file in a folder that is there"
        raise BadInput(f"cannot be written: {error.strerror}", where=f"--junit {junit}", todo=todo) from error


def _engines(names: str) -> dict[str, Engine]:
    chosen = [name.strip() for name in names.split(",")]
    for name in chosen:
        if name not in ENGINES:
            raise BadInput("no such engine", where=f"--engine {name}", todo=f"there are {', '.join(ENGINES)}")
    return {name: ENGINES[name] for name in chosen}


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return one result as it is printed."""
    case = outcome.case
    return {
        "rule": case.rule,
        "case": case.name,
        "kind": case.kind,
        "place": str(case.place),
        "engine": outcome.engine,
        "passed": outcome.passed,
        "complaints": list(outcome.complaints),
    }


def as_junit(outcomes: Sequence[Outcome]) -> str:
    """Return the results as JUnit XML, without times: the same run gives the same file."""
    failed = sum(not outcome.passed for outcome in outcomes)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuite name="remit test" tests="{len(outcomes)}" failures="{failed}">')
    for outcome in outcomes:
        case = outcome.case
        head = f"<testcase classname={quoteattr(case.rule)} name={quoteattr(f'{case.name} [{outcome.engine}]')}"
        if outcome.passed:
            lines.append(f"  {head}/>")
        else:
            message = quoteattr("; ".join(outcome.complaints))
            lines.append(f"  {head}><failure message={message}/></testcase>")
    return "\n".join([*lines, "</testsuite>", ""])

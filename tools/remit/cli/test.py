"""Run the cases of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import quoteattr

import click
import msgspec

from remit.cases import Engine, Outcome, Subject, acme, load_cases, prove
from remit.content import Rule, load_rules
from remit.hunt.matching import Matching
from remit.hunt.routing import applies
from remit.meaning import matcher
from remit.targets import Refused
from remit_enrichment.errors import BadInput


def ask_oracle(rules: Sequence[Rule], subjects: Sequence[Subject]) -> Mapping[str, frozenset[int]]:
    """Ask the specification of what a rule means, rule by rule."""
    found: dict[str, frozenset[int]] = {}
    for rule in rules:
        with suppress(Refused):
            holds = matcher(rule)
            found[rule.id] = frozenset(
                number
                for number, subject in enumerate(subjects)
                if applies(rule.logsource, subject.source) and holds(subject.document)
            )
    return found


def ask_hunt(rules: Sequence[Rule], subjects: Sequence[Subject]) -> Mapping[str, frozenset[int]]:
    """Ask what `remit hunt` runs."""
    matching = Matching(rules)
    refused = {each.rule.id for each in matching.refused}
    found: dict[str, set[int]] = {rule.id: set() for rule in rules if rule.id not in refused}
    for number, subject in enumerate(subjects):
        for rule in matching.fired(subject.document, subject.source):
            found[rule.id].add(number)
    return {rule: frozenset(numbers) for rule, numbers in found.items()}


ENGINES: Mapping[str, Engine] = {"meaning": ask_oracle, "hunt": ask_hunt}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH...]")
@click.option(
    "--engine", default="meaning,hunt", show_default=True, help=f"Which to ask, by commas: {', '.join(ENGINES)}."
)
@click.option("--junit", type=click.Path(path_type=Path), help="Write the results to this file, as JUnit XML.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(paths: Sequence[Path], engine: str, junit: Path | None, form: str) -> int:
    """Prove the cases of rules: raw events of the vendor, through the real enrichment over the fixture company.

    PATH is a rule file or a folder of rules; without one, all rules that come with Remit. Exit code 1: a case failed.
    """
    rules = load_rules()
    chosen = load_rules(paths) if paths else rules
    known = {rule.id for rule in rules}
    everything = [*rules, *(rule for rule in chosen if rule.id not in known)]
    outcomes = list(prove(load_cases(chosen), everything, acme(), _engines(engine)))
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if junit is not None:
        junit.write_text(as_junit(outcomes), "utf-8")
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode([as_json(outcome) for outcome in outcomes])).decode())
    else:
        for outcome in failed:
            click.echo(f"FAILED {outcome.case.place} {outcome.case.name} [{outcome.engine}]")
            for complaint in outcome.complaints:
                click.echo(f"  {complaint}")
    passed = len(outcomes) - len(failed)
    click.echo(f"remit: {len(chosen)} rules, {passed} of {len(outcomes)} answers as expected", err=True)
    return 1 if failed else 0


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

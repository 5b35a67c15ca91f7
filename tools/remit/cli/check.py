"""`remit check`: what would keep rules from working at their targets, before they are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from remit.cli import FINDINGS
from remit_enrichment.errors import BadInput

if TYPE_CHECKING:
    from remit.content import Correlation, Rule


@click.command(short_help="Say what would keep rules from working at their targets.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--target", "names", multiple=True, metavar="NAME", help="elasticsearch or splunk.  [default: all]")
@click.option("--pipeline", metavar="NAME|FILE", help="As for `remit compile`.")
@click.option("--index", metavar="PATTERN", help="As for `remit compile`.")
@click.option(
    "--against", metavar="URL",
    help="Ask this Elasticsearch whether its mappings and limits are those that the queries need. It is only read."
    " An API key is taken from ELASTICSEARCH_API_KEY.",
)  # fmt: skip
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    paths: tuple[Path, ...],
    names: tuple[str, ...],
    pipeline: str | None,
    index: str | None,
    against: str | None,
    output_format: str,
) -> int:
    """Load rules (default: all that come with Remit) strictly, compile them for the targets, and list what is refused.

    With --against every query is held against a cluster. Exit code 1: something was found.
    """
    from remit.compiling import compile_rules
    from remit.content.site import load_site
    from remit.selecting import Selection, selected
    from remit.targets import targets

    known = targets()
    if unknown := [name for name in names if name not in known]:
        raise BadInput(f"there is no target `{unknown[0]}`", where="--target", todo=f"use one of {', '.join(known)}")
    if against is not None and names != ("elasticsearch",):
        raise BadInput("only Elasticsearch can be asked", where="--against", todo="add --target elasticsearch alone")
    content, site = load_site((), paths)
    rules = selected(content, Selection(), site.expand)
    compiled = compile_rules(rules, [known[n] for n in names or known], pipeline=pipeline, index=index)
    found: list[dict[str, str]] = [
        {
            "rule": each.rule.file,
            "where": f"{each.target.NAME} {each.refused.where}",
            "what": f"refused: {each.refused.construct}: {each.refused.why}",
            "todo": each.refused.way_out,
        }
        for each in compiled
        if each.refused is not None
    ]
    if against is not None:
        found += _preflight(against, [(each.rule, each.query) for each in compiled if each.query is not None])
    _say(found, output_format)
    click.echo(f"remit: {len(compiled)} checked, {len(found)} findings", err=True)
    return FINDINGS if found else 0


def _preflight(url: str, queries: list[tuple[Rule | Correlation, Any]]) -> list[dict[str, str]]:
    from remit.targets.elastic.cluster import HttpCluster
    from remit.targets.elastic.preflight import findings

    cluster = HttpCluster(url)
    return [
        msgspec.structs.asdict(finding)
        for rule, query in queries
        for finding in findings(cluster, rule.file, query, _longest(rule))
    ]


def _longest(rule: Rule | Correlation) -> int:
    """Return the length of the longest text that a rule compares with."""
    from remit.content import Correlation

    if isinstance(rule, Correlation):
        return max(map(_longest, rule.bases), default=0)
    return max((len(v) for item in rule.items() for v in item.values if isinstance(v, str)), default=0)


def _say(found: list[dict[str, str]], output_format: str) -> None:
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    for finding in found:
        click.echo(f"{finding['rule']}: {finding['where']}: {finding['what']}; {finding['todo']}")

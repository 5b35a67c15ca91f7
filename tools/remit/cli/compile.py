"""`remit compile`: the queries that a SIEM is asked, exact or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from remit.cli import FINDINGS
from remit_enrichment.errors import BadInput


def _target_names(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> Any:
    from remit.targets import targets

    known = targets()
    for name in names:
        if name not in known:
            raise click.BadParameter(f"`{name}` is none of {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)]


@click.command(short_help="Compile rules to queries of a SIEM.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--target", "names", multiple=True, required=True, callback=_target_names, metavar="NAME",
    help="The SIEM: elasticsearch or splunk. May be given several times.",
)  # fmt: skip
@click.option(
    "--format", "output_format", type=click.Choice(["queries"]), default="queries", show_default=True,
    help="What to write.",
)  # fmt: skip
@click.option(
    "--language", metavar="NAME",
    help="Query language of Elasticsearch: lucene or esql. [default: the first of them that is exact]",
)  # fmt: skip
@click.option(
    "--pipeline", metavar="NAME|FILE",
    help="How fields are named and typed: `raw` (the vendor's own JSON names, tagged events, any log source), the name"
    " of a file in pipelines/<target>/, or a Sigma processing pipeline of yours, which comes on top of ours."
    " [default: `raw` for rules that read nhi.* tags, else the one named after the rule's log source,"
    " <product>_<service>, else `raw`]",
)  # fmt: skip
@click.option("--index", metavar="PATTERN", help="Read these indexes instead of those that the pipeline names.")
@click.option("--level", metavar="LEVEL", help="Only rules of this level or above.")
@click.option("--status", "statuses", multiple=True, metavar="STATUS", help="Only rules of this status.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only rules with this tag, such as attack.t1098.")
@click.option("--logsource", metavar="NAME", help="Only rules of this product, product/service or category.")
@click.option(
    "--content", "folders", multiple=True, metavar="DIR", type=click.Path(path_type=Path),
    help="A team's folder: rules, filters, site.yml.",
)  # fmt: skip
@click.option(
    "-o", "output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
    help="Write a file a query and report.json to DIR, instead of everything to standard output.",
)  # fmt: skip
def command(
    paths: tuple[Path, ...],
    names: list[Any],
    output_format: str,
    language: str | None,
    pipeline: str | None,
    index: str | None,
    level: str | None,
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    logsource: str | None,
    folders: tuple[Path, ...],
    output: Path | None,
) -> int:
    """Compile rules (default: all that come with Remit) to queries that mean exactly what the rules say.

    A rule that a target cannot say exactly is refused, on standard error, with the construct, the place and a way out;
    the exit code is then 1.
    """
    from remit.compiling import compile_rules, files, pretty, refusal_line
    from remit.content.header import LEVELS
    from remit.content.site import load_site
    from remit.selecting import Selection, selected

    if level not in (None, *LEVELS):
        raise BadInput(f"`{level}` is no level", where="--level", todo=f"use one of {', '.join(LEVELS)}")
    content, site = load_site(folders, paths)
    rules = selected(content, Selection(level=level, statuses=statuses, tags=tags, logsource=logsource), site.expand)
    compiled = compile_rules(rules, names, pipeline=pipeline, index=index, language=language)
    refused = [each for each in compiled if each.refused is not None]
    for each in refused:
        click.echo(refusal_line(each), err=True)
    if output is None:
        click.echo("\n".join(pretty(each) for each in compiled if each.query is not None), nl=False)
    else:
        _write(output, files(compiled))
        click.echo(f"{len(compiled) - len(refused)} compiled, {len(refused)} refused: {output}/report.json", err=True)
    return FINDINGS if refused else 0


def _write(folder: Path, contents: Any) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise BadInput(f"cannot write: {error.strerror}", where=str(error.filename or folder)) from None

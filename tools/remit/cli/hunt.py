"""Run the rules over logs: alert lines, incidents, cards."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import click
import msgspec
from rich.console import Console

from remit.alerts import Alert
from remit.content import Content, Correlation, Rule, content_root
from remit.content.loading import LEVELS
from remit.content.site import load_site
from remit.hunt.matching import Matching, runnable
from remit.hunt.reading import enriched, opened_state, tagged
from remit.hunt.run import Ruleset, Tally, Window, blind_spots, hunt, shown, why_silent
from remit.hunt.surface import Surface
from remit.overwriting import files_below, refuse_overwriting
from remit.registry.opening import open_registry
from remit.reports.card import show
from remit.reports.incidents import incidents
from remit.reports.inert import inert
from remit_enrichment.enricher import Enricher
from remit_enrichment.errors import BadInput
from remit_enrichment.logsources import sources
from remit_enrichment.readers import expand
from remit_enrichment.times import read_time

STDOUT = "-"
MOST_SHOWN = 8


@click.command()
@click.argument("files", nargs=-1, metavar="FILE...|-")
@click.option("--registry", type=click.Path(path_type=Path), help="Folder or built snapshot of the registry.")
@click.option("--tasks", type=click.Path(path_type=Path), multiple=True, help="The task broker's feed, JSON lines.")
@click.option("--state", metavar="FILE", help="What `remit enrich --state` remembers; the hunt works on a copy.")
@click.option("--rules", type=click.Path(path_type=Path), multiple=True, help="Rule files or folders.  [default: ours]")
@click.option(
    "--content", type=click.Path(path_type=Path), multiple=True, help="A team's folder: rules, filters, site.yml."
)
@click.option("-o", "--output", help="Where the alert lines go; - is standard output.")
@click.option("--since", metavar="T", help="Only alerts from this event time on (RFC 3339 or a date, UTC).")
@click.option("--until", metavar="T", help="Only alerts before this event time.")
@click.option("--source", metavar="NAME", help="Read every record as this log source, such as aws.cloudtrail.")
@click.option("--any-source", is_flag=True, help="Ask every rule about every record, whatever its log source.")
@click.option("--enriched", "is_enriched", is_flag=True, help="Trust the tags that the files carry; enrich nothing.")
@click.option("--level", type=click.Choice(LEVELS), help="Only rules of this level or above.")
@click.option("--exclude-rule", metavar="ID", multiple=True, help="Leave out a rule.")
def command(
    files: tuple[str, ...],
    registry: Path | None,
    tasks: Sequence[Path],
    state: str | None,
    rules: Sequence[Path],
    content: Sequence[Path],
    output: str | None,
    since: str | None,
    until: str | None,
    source: str | None,
    any_source: bool,
    is_enriched: bool,
    level: str | None,
    exclude_rule: Sequence[str],
) -> int:
    """Enrich logs, run every rule over them, and write one alert a line.

    Alert lines go to -o, else to standard output (not where that is a terminal); a card for each incident and what was
    seen on the way go to standard error. Exit code 1: an alert of kind page or queue was written, or a rule refused.
    """
    if not files:
        raise BadInput("no FILE given", where="remit hunt", todo="name log files, or - for standard input")
    window = _window(since, until)
    if is_enriched:
        _refuse_beside_enriched({"--registry": registry, "--tasks": tasks, "--state": state, "--source": source})
    _check_source(source)
    paths = _paths(files, output, (registry, state, *tasks, *rules, *content, content_root() / "rules"))
    _check_writable(output)
    loaded, site = load_site(content, rules)
    chosen = choose(loaded, level, exclude_rule)
    tally = Tally()
    correlations, no_meaning = runnable(chosen.correlations, site.expand)
    chosen = Ruleset(chosen.rules, tuple(correlations))
    matching = Matching(chosen.asked, any_source=any_source, placeholders=site.expand)
    refused = [*matching.refused, *no_meaning]
    for each in refused:
        click.echo(str(each), err=True)
    with opened_state(state) as store:
        if is_enriched:
            events = tagged(paths, tally, Surface(matching.rules, site.expand))
        else:
            enricher = Enricher(open_registry(registry, tasks), store)
            events = enriched(paths, enricher, tally, source=source, store=store)
        alerts = hunt(events, chosen, matching, window, tally)
    write(alerts, output)
    tell(alerts, tally, chosen, matching)
    return 1 if shown(alerts) or refused else 0


def choose(content: Content, level: str | None, excluded: Sequence[str]) -> Ruleset:
    """Return the rules and correlations that are at least of a level and not left out."""
    known = {document.id for document in (*content.rules, *content.correlations)}
    if unknown := set(excluded) - known:
        raise BadInput("no rule has this id", where=f"--exclude-rule {min(unknown)}", todo="copy it from the rule file")
    least = LEVELS.index(level) if level else 0

    def wanted(document: Rule | Correlation) -> bool:
        return LEVELS.index(document.level) >= least and document.id not in excluded

    # What is left out may still be what a correlation is about; it is followed then, and does not alert.
    return Ruleset(
        tuple(rule for rule in content.rules if wanted(rule)),
        tuple(each for each in content.correlations if wanted(each)),
    )


def write(alerts: Sequence[Alert], output: str | None) -> None:
    """Write one alert a line."""
    if output is None and sys.stdout.isatty():
        return
    lines = b"".join(msgspec.json.encode(alert) + b"\n" for alert in alerts)
    with _opened(output or STDOUT) as stream:
        stream.write(lines)


def tell(alerts: Sequence[Alert], tally: Tally, rules: Ruleset, matching: Matching) -> None:
    """Tell the analyst what fired, or why nothing did, and what could not be judged."""
    if shown(alerts):
        show(incidents(alerts), Console(stderr=True))
    else:
        click.echo(f"remit: nothing to look at: {why_silent(tally, len(rules.asked))}", err=True)
    titles = {each.id: each.title for each in (*rules.rules, *rules.correlations)}
    for what, count, name in (("rule", tally.by_rule, titles), ("identity", tally.by_identity, {"": "no identity"})):
        if count:
            click.echo(f"remit: alerts by {what}: {most_common(count, name)}", err=True)
    if spots := blind_spots(tally, rules, matching):
        click.echo(f"remit: not judged: {'; '.join(spots)}", err=True)
    if tally.unreadable:
        more = tally.unreadable - len(tally.unreadable_places)
        named = [*tally.unreadable_places, *([f"{more} more"] if more else [])]
        click.echo(f"remit: could not be read: {'; '.join(named)}", err=True)
    click.echo(f"remit: {summary(alerts, tally)}", err=True)


def most_common(count: Counter[str], names: Mapping[str, str]) -> str:
    """Say what occurred most, the more frequent first, of equals by name."""
    ordered = sorted((-number, inert(names.get(key, key), 100)) for key, number in count.items())
    shown_first = [f"{-number} {name}" for number, name in ordered[:MOST_SHOWN]]
    rest = sum(-number for number, _ in ordered[MOST_SHOWN:])
    return "; ".join([*shown_first, f"{rest} of {len(ordered) - MOST_SHOWN} others"] if rest else shown_first)


def summary(alerts: Sequence[Alert], tally: Tally) -> str:
    """Say in a sentence what a run did."""
    count = len({alert.incident for alert in alerts if alert.incident})
    quiet = len(alerts) - len(shown(alerts))
    return f"{tally.read} records, {len(alerts)} alerts ({quiet} of them for the record only), {count} incidents"


@contextlib.contextmanager
def _opened(output: str, mode: Literal["wb", "ab"] = "wb") -> Iterator[BinaryIO]:
    if output == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        stream = open(output, mode)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", where=output, todo="name another file") from error
    with stream:
        yield stream


def _check_writable(output: str | None) -> None:
    """Refuse an output that cannot be written before the work; what it holds stays until there is something new."""
    if output not in (None, STDOUT) and (not os.path.exists(output) or not stat.S_ISFIFO(os.stat(output).st_mode)):
        with _opened(output, "ab"):
            pass


def _paths(files: Sequence[str], output: str | None, others: Sequence[str | Path | None]) -> list[str]:
    """Return the files to read, in reading order; what is written is none of them, and none of the `others`."""
    written = [] if output in (None, STDOUT) else [str(output)]
    paths = expand(files, leave_out=written)
    refuse_overwriting(written, [*(path for path in paths if path != STDOUT), *files_below(others)])
    return paths


def _window(since: str | None, until: str | None) -> Window:
    window = Window(_time(since, "--since"), _time(until, "--until"))
    if window.since is not None and window.until is not None and window.since > window.until:
        where = f"--since {since} --until {until}"
        raise BadInput("no time is after the one and before the other", where=where, todo="exchange the two")
    return window


def _refuse_beside_enriched(options: Mapping[str, object]) -> None:
    for option, value in options.items():
        if value:
            todo = "leave it out, or hunt in the logs themselves"
            raise BadInput("has no effect on files that carry their tags", where=f"--enriched {option}", todo=todo)


def _time(value: str | None, option: str) -> int | None:
    if value is None:
        return None
    moment = read_time(value if "T" in value else f"{value}T00:00:00Z")
    if moment is None:
        raise BadInput("no time", where=f"{option} {value}", todo="write 2026-05-12 or 2026-05-12T09:00:00Z")
    return moment


def _check_source(source: str | None) -> None:
    known = [module.NAME for module in sources()]
    if source is not None and source not in known:
        raise BadInput(f"no log source has this name; there are {', '.join(known)}", where=f"--source {source}")

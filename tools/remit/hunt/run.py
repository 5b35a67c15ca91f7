"""The run: records in, alerts out, and what was seen on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from remit.alerts import INCIDENT_KINDS, Alert, EventPlace
from remit.content import Correlation, Rule
from remit.hunt.alerting import Fired, alerts_of, tag
from remit.hunt.incidents import assign, supersede
from remit.hunt.matching import Matching, inner_first, rules_of
from remit.hunt.sequences import Sequences
from remit.reports.inert import inert

MOST_PLACES = 3
"""Unreadable records that are named."""


class Event(Struct, frozen=True):
    """One record, enriched, as rules see it."""

    document: Mapping[str, Any]
    """The event out of its wrapper, with `nhi`."""
    source: str | None
    """Log source; None where it was not recognised."""
    time: int | None
    """Event time in milliseconds."""
    file: str
    line: int
    record: int
    useless: bool = False
    """No rule can match it; the document then holds only what is counted."""
    keywords: bool = True
    """It may hold a keyword of a rule."""


class Window(Struct, frozen=True):
    """The event times that may fire; events outside are still read, for what they say about later ones."""

    since: int | None = None
    """Inclusive."""
    until: int | None = None
    """Exclusive."""

    def holds(self, moment: int) -> bool:
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


class Ruleset(Struct, frozen=True):
    """What a run asks."""

    rules: tuple[Rule, ...]
    """Rules that are chosen to alert."""
    correlations: tuple[Correlation, ...] = ()
    """Those that others refer to stand before them."""

    @property
    def asked(self) -> tuple[Rule, ...]:
        """Every rule that has to be matched: those that alert, and those that correlations are about."""
        found = {rule.id: rule for rule in self.rules}
        for correlation in self.correlations:
            found |= {base.id: base for base in rules_of(correlation) if base.id not in found}
        return tuple(found.values())

    @property
    def followed(self) -> tuple[Correlation, ...]:
        """Every correlation that has to be followed, those that others are about before them."""
        found: dict[str, Correlation] = {}
        for correlation in self.correlations:
            found |= {each.id: each for each in inner_first(correlation)}
        return tuple(found.values())

    @property
    def quiet(self) -> frozenset[str]:
        """Ids of what alerts only through a correlation: it says `generate: false` (the default), and no other true."""
        kept = {base.id for each in self.correlations if each.generate for base in each.bases}
        return frozenset(base.id for each in self.correlations for base in each.bases) - kept

    @property
    def alerting(self) -> frozenset[str]:
        return frozenset(each.id for each in (*self.rules, *self.correlations)) - self.quiet


class Tally(Struct):
    """What a run saw: so that silence can be explained."""

    read: int = 0
    unreadable: int = 0
    unreadable_places: list[str] = field(default_factory=list)
    """The first of them: file:line and why."""
    unrecognised: int = 0
    outside: int = 0
    """Records outside --since and --until."""
    uncovered: int = 0
    """Actions of strangers where the registry claims nothing."""
    learning: int = 0
    """Actions of identities whose normal behavior is still being learnt."""
    last: int | None = None
    """The latest event time."""
    by_source: Counter[str | None] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    by_identity: Counter[str] = field(default_factory=Counter)


def hunt(events: Iterable[Event], rules: Ruleset, matching: Matching, window: Window, tally: Tally) -> list[Alert]:
    """Return all alerts, ordered by time, rule id and first event, with their incidents."""
    sequences = Sequences(rules.followed)
    alerting = rules.alerting
    fired = list(_plain(events, alerting, matching, sequences, window, tally))
    fired += (each for each in sequences.fired(tally.last) if each.rule.id in alerting and window.holds(each.moment))
    alerts = assign(alerts_of(fired))
    for alert in alerts:
        tally.by_rule[alert.rule.id] += 1
        tally.by_identity[alert.identity.id if alert.identity else ""] += 1
    return supersede(alerts, {each.id: each.custom.supersedes for each in (*rules.rules, *rules.correlations)})


def _plain(
    events: Iterable[Event],
    alerting: frozenset[str],
    matching: Matching,
    sequences: Sequences,
    window: Window,
    tally: Tally,
) -> Iterator[Fired]:
    moment = 0
    for order, event in enumerate(events):
        moment = moment if event.time is None else event.time
        tally.last = moment if tally.last is None else max(tally.last, moment)
        nhi: Mapping[str, Any] = event.document.get("nhi", {})
        _count(event, nhi, tally)
        inside = window.holds(moment)
        tally.outside += not inside
        if event.useless:
            continue
        for rule in matching.fired(event.document, event.source, keywords=event.keywords):  # rarely any
            place = EventPlace(file=event.file, line=event.line, record=event.record, id=tag(nhi, "event", "id"))
            repeated = tag(nhi, "event", "duplicate") == "true"
            sequences.add(rule, moment, order, event.document, place, nhi, repeated=repeated)
            if inside and rule.id in alerting:
                yield Fired(
                    rule=rule, time=event.time, moment=moment, places=(place,), order=order, nhi=nhi, repeated=repeated
                )


def _count(event: Event, nhi: Mapping[str, Any], tally: Tally) -> None:
    tally.by_source[event.source] += 1
    tally.unrecognised += event.source is None
    verdict, baseline = nhi.get("verdict"), nhi.get("baseline")
    if isinstance(verdict, dict) and _says(verdict.get("reasons"), "NOT_COVERED"):
        tally.uncovered += 1
    if isinstance(baseline, dict) and baseline.get("learning") is True:
        tally.learning += 1


def _says(tag: Any, text: str) -> bool:
    return tag == text or (isinstance(tag, list) and text in tag)


def cannot_read(tally: Tally, file: str, line: int, why: str) -> None:
    """Count a record that cannot be read, and keep the place of the first ones."""
    tally.unreadable += 1
    if len(tally.unreadable_places) < MOST_PLACES:
        tally.unreadable_places.append(f"{inert(file)}:{line} {inert(why)}")


def shown(alerts: Iterable[Alert]) -> list[Alert]:
    """Return the alerts that a person has to look at."""
    return [alert for alert in alerts if alert.rule.alert in INCIDENT_KINDS and alert.superseded_by is None]


def blind_spots(tally: Tally, rules: Ruleset, matching: Matching) -> list[str]:
    """Say what was not or not fully judged: where silence means less than it seems."""
    of_read = f"of {tally.read} records"
    silent = len(rules.quiet.intersection(rule.id for rule in rules.rules))
    idle = len([rule for rule in rules.asked if not any(matching.applies(rule, source) for source in tally.by_source)])
    reasons = [
        (tally.unreadable, f"{tally.unreadable} {of_read} could not be read"),
        (tally.unrecognised, f"{tally.unrecognised} {of_read} are of no known log source (unrecognised)"),
        (tally.outside, f"{tally.outside} {of_read} lie outside --since and --until"),
        (tally.uncovered, f"{tally.uncovered} {of_read} are of identities where the registry claims no coverage"),
        (tally.learning, f"{tally.learning} {of_read} are of identities whose normal behavior is still being learnt"),
        (idle, f"{idle} rules saw no record of their log source"),
        (silent, f"{silent} rules alert only through correlations (generate: false)"),
    ]
    return [text for count, text in reasons if count]


def why_silent(tally: Tally, rules: int) -> str:
    """Say why nothing fired."""
    if tally.read == 0:
        return "no record was read"
    return (
        f"{tally.read} records were read, {rules} rules were asked, and none matched" if rules else "no rule was loaded"
    )

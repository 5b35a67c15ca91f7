"""The engines that answer the cases of rules: the specification, and what hunt runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from remit.alerts import EventPlace
from remit.cases import Subject
from remit.content import Content, Rule
from remit.hunt.matching import Matching, runnable
from remit.hunt.routing import applies
from remit.hunt.run import Ruleset
from remit.hunt.sequences import Sequences
from remit.meaning import matcher
from remit.meaning.sequences import Event, firings
from remit.targets import Refused


def ask_oracle(content: Content, subjects: Sequence[Subject]) -> Mapping[str, frozenset[int]]:
    """Ask the specification of what a rule means, rule by rule."""
    found: dict[str, frozenset[int]] = {}
    for rule in content.rules:
        with suppress(Refused):
            holds = matcher(rule)
            found[rule.id] = frozenset(
                number
                for number, subject in enumerate(subjects)
                if applies(rule.logsource, subject.source) and holds(subject.document)
            )
    times = moments(subjects)
    events = [Event(time, subject.document) for time, subject in zip(times, subjects, strict=True)]

    def asked(rule: Rule, number: int) -> bool:
        return applies(rule.logsource, subjects[number].source)

    for correlation in content.correlations:
        with suppress(Refused):
            closes = [firing.close for firing in firings(correlation, events, None, asked)]
            found[correlation.id] = closing(closes, times)
    return found


def ask_hunt(content: Content, subjects: Sequence[Subject]) -> Mapping[str, frozenset[int]]:
    """Ask what `remit hunt` runs."""
    correlations, _ = runnable(content.correlations, {})
    rules = Ruleset(content.rules, tuple(correlations))
    matching, sequences = Matching(rules.asked), Sequences(rules.followed)
    refused = {each.rule.id for each in matching.refused}
    found: dict[str, set[int]] = {rule.id: set() for rule in content.rules if rule.id not in refused}
    times = moments(subjects)
    for number, subject in enumerate(subjects):
        for rule in matching.fired(subject.document, subject.source):
            found[rule.id].add(number)
            place = EventPlace(file="case", line=number + 1, record=0)
            sequences.add(rule, times[number], number, subject.document, place, {})
    closes: dict[str, list[int]] = {correlation.id: [] for correlation in correlations}
    for fired in sequences.fired(max(times, default=None)):
        closes[fired.rule.id].append(fired.moment)
    answers = {rule: frozenset(numbers) for rule, numbers in found.items()}
    return answers | {id: closing(own, times) for id, own in closes.items()}


def moments(subjects: Iterable[Subject]) -> list[int]:
    """Return the times of events; one without a time stands behind the last one seen."""
    found: list[int] = []
    for subject in subjects:
        found.append(subject.time if subject.time is not None else found[-1] if found else 0)
    return found


def closing(closes: Iterable[int], times: Sequence[int]) -> frozenset[int]:
    """Return the event that each window closes with: the last one that is not later."""
    return frozenset(
        max((number for number, time in enumerate(times) if time <= close), key=lambda number: (times[number], number))
        for close in closes
    )

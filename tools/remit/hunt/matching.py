"""Match documents against all rules at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from remit.content import Correlation, Rule
from remit.hunt.index import Index
from remit.hunt.routing import applies
from remit.meaning import matcher
from remit.meaning.correlation import check
from remit.meaning.items import Placeholders
from remit.targets import Refused


class RefusedRule(Struct, frozen=True):
    """A rule that is not run, and why."""

    rule: Rule | Correlation
    refusal: Refused

    def __str__(self) -> str:
        r = self.refusal
        return f"refused: {self.rule.id} {r.where} {r.construct}: {r.why}; {r.way_out}"


def rules_of(correlation: Correlation) -> Iterator[Rule]:
    """Yield every rule that a correlation is about, also through another correlation."""
    for base in correlation.bases:
        if isinstance(base, Rule):
            yield base
        else:
            yield from rules_of(base)


def inner_first(correlation: Correlation) -> Iterator[Correlation]:
    """Yield a correlation after all those that it is about."""
    for base in correlation.bases:
        if isinstance(base, Correlation):
            yield from inner_first(base)
    yield correlation


def runnable(
    correlations: Iterable[Correlation], placeholders: Placeholders
) -> tuple[list[Correlation], list[RefusedRule]]:
    """Part correlations into those that can be run and those that are refused, themselves or what they are about."""
    good: list[Correlation] = []
    refused: list[RefusedRule] = []
    for correlation in correlations:
        try:
            check_all(correlation, placeholders)
            good.append(correlation)
        except Refused as refusal:
            refused.append(RefusedRule(correlation, refusal))
    return good, refused


def check_all(correlation: Correlation, placeholders: Placeholders) -> None:
    """Refuse a correlation that has no meaning, or one of its rules.

    Raises:
        Refused: the first reason.
    """
    check(correlation)
    for base in correlation.bases:
        if isinstance(base, Rule):
            matcher(base, placeholders)
        else:
            check_all(base, placeholders)


class Matching:
    """The rules of a run, ready to be asked about documents."""

    def __init__(
        self, rules: Iterable[Rule], *, any_source: bool = False, placeholders: Placeholders | None = None
    ) -> None:
        self.refused: list[RefusedRule] = []
        self._rules: list[Rule] = []
        self._any_source = any_source
        self._placeholders = placeholders or {}
        self._by_source: dict[str | None, Index] = {}
        for rule in rules:
            try:
                matcher(rule, self._placeholders)
                self._rules.append(rule)
            except Refused as refusal:
                self.refused.append(RefusedRule(rule, refusal))

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules that can be run."""
        return self._rules

    def rules_for(self, source: str | None) -> Sequence[Rule]:
        """Return the rules that are asked about records of a log source (None: unrecognised)."""
        return [rule for rule in self._rules if self.applies(rule, source)]

    def applies(self, rule: Rule, source: str | None) -> bool:
        """Say whether a rule is asked about records of a log source (None: unrecognised)."""
        return self._any_source or applies(rule.logsource, source)

    def fired(self, document: Mapping[str, Any], source: str | None, *, keywords: bool = True) -> tuple[Rule, ...]:
        """Return the rules that match one document (the event with `nhi`), in the order of loading.

        `keywords`: whether it may hold a keyword of a rule.
        """
        index = self._by_source.get(source)
        if index is None:
            index = self._by_source[source] = Index(self.rules_for(source), self._placeholders)
        return index.fired(document, keywords=keywords)

"""Match documents against all rules at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from remit.content import Rule
from remit.hunt.routing import applies
from remit.meaning import Matcher, matcher
from remit.targets import Refused


class RefusedRule(Struct, frozen=True):
    """A rule that is not run, and why."""

    rule: Rule
    refusal: Refused

    def __str__(self) -> str:
        r = self.refusal
        return f"refused: {self.rule.id} {r.where} {r.construct}: {r.why}; {r.way_out}"


class Matching:
    """The rules of a run, ready to be asked about documents."""

    def __init__(self, rules: Iterable[Rule], *, any_source: bool = False) -> None:
        self.refused: list[RefusedRule] = []
        self._matchers: list[tuple[Rule, Matcher]] = []
        self._any_source = any_source
        self._by_source: dict[str | None, list[tuple[Rule, Matcher]]] = {}
        for rule in rules:
            try:
                self._matchers.append((rule, matcher(rule)))
            except Refused as refusal:
                self.refused.append(RefusedRule(rule, refusal))

    def rules_for(self, source: str | None) -> Sequence[tuple[Rule, Matcher]]:
        """Return the rules that apply to records of a log source (None: unrecognised)."""
        if source not in self._by_source:
            self._by_source[source] = [pair for pair in self._matchers if self.applies(pair[0], source)]
        return self._by_source[source]

    def applies(self, rule: Rule, source: str | None) -> bool:
        """Say whether a rule is asked about records of a log source (None: unrecognised)."""
        return self._any_source or applies(rule.logsource, source)

    def fired(self, document: Mapping[str, Any], source: str | None) -> list[Rule]:
        """Return the rules that match one document (the event with `nhi`), in the order of loading."""
        return [rule for rule, holds in self.rules_for(source) if holds(document)]

"""Resolve what documents say about each other: correlations and the rules they are about, filters and theirs."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from remit.content.filters import filtered
from remit.content.places import Problem
from remit.content.rule import Correlation, Document, Filter, Rule

Linked = tuple[list[Rule], list[Correlation], list[Filter], list[Problem]]


def linked(documents: Iterable[Document], elsewhere: Iterable[Document] = ()) -> Linked:
    """Return rules with filters applied, correlations after those that they refer to, filters, and what is wrong.

    `elsewhere`: documents that are not loaded now, but that a filter may name.
    """
    everything = list(documents)
    filters = [document for document in everything if isinstance(document, Filter)]
    rules = [filtered(document, filters) for document in everything if isinstance(document, Rule)]
    linker = _Linker(rules, [document for document in everything if isinstance(document, Correlation)])
    correlations = linker.run()
    not_loaded = {name for document in elsewhere for name in (document.id, document.name)}
    for each in filters:
        for ref in each.refs or ():
            if ref not in not_loaded:
                linker.require(ref, each)
    return rules, correlations, filters, linker.problems


class _Linker:
    def __init__(self, rules: list[Rule], correlations: list[Correlation]) -> None:
        self.problems: list[Problem] = []
        self._correlations = correlations
        self._by_ref: dict[str, Rule | Correlation] = {}
        documents: list[Rule | Correlation] = [*rules, *correlations]
        for document in documents:
            self._by_ref[document.id] = document
            if document.name is not None:
                self._name(document.name, document)
        self._done: dict[str, Correlation] = {}
        self._open: list[str] = []

    def run(self) -> list[Correlation]:
        for correlation in self._correlations:
            self._link(correlation)
        return list(self._done.values())

    def require(self, ref: str, asking: Correlation | Filter) -> Rule | Correlation | None:
        found = self._by_ref.get(ref)
        if found is None:
            todo = "load the file that holds it, or mend the id or name"
            self.problems.append(Problem(asking.place, f"no rule has the id or name `{ref}`", todo))
        return found

    def _name(self, name: str, document: Rule | Correlation) -> None:
        known = self._by_ref.setdefault(name, document)
        if known is not document:
            self.problems.append(
                Problem(document.place, f"name `{name}` is already taken at {known.place}", "rename it")
            )

    def _link(self, correlation: Correlation) -> Correlation | None:
        if correlation.id in self._done:
            return self._done[correlation.id]
        if correlation.id in self._open:
            self.problems.append(Problem(correlation.place, "the correlation refers to itself", "break the circle"))
            return None
        self._open.append(correlation.id)
        bases: list[Rule | Correlation] = []
        for ref in correlation.refs:
            base = self.require(ref, correlation)
            base = self._link(base) if isinstance(base, Correlation) else base
            if base is not None:
                bases.append(base)
        self._open.pop()
        whole = msgspec.structs.replace(correlation, bases=tuple(bases))
        if len(bases) == len(correlation.refs):
            self._done[correlation.id] = whole
        return whole

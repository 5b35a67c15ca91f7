"""Sigma conditions in `query_string` syntax, exact or refused.

The stock backend gives the frame (and, or, not, tokens); what a single comparison says is all here, because there the
stock backend is wrong in silence: case, anchors of regular expressions, quoting, networks on texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sigma.backends.elasticsearch.elasticsearch_lucene import LuceneBackend
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.state import ConversionState
from sigma.processing.pipeline import ProcessingPipeline

from remit.targets import Refused
from remit.targets.elastic.fields import HUNT, Field, Unsayable
from remit.targets.elastic.terms import Guarded, Term, compare, united
from remit.targets.elastic.text import lucene_name

LONG_LINE = 100


class Lucene(LuceneBackend):
    """The stock backend with comparisons of our own. One instance converts one rule."""

    def __init__(self, pipeline: ProcessingPipeline, lookup: Callable[[str], Field]) -> None:
        super().__init__(pipeline)
        self.lookup = lookup
        self._depth = 0
        self.conditions: dict[str, None] = {}
        """What must hold for the query to be exact, in the order met."""
        self.reads: set[tuple[str, str]] = set()
        """Fields and the kind of each that the query stands on."""

    def convert_condition_field_eq_val(self, cond: ConditionFieldEqualsValueExpression, state: ConversionState) -> str:
        return _any(self._terms(cond))

    def convert_condition_val(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        raise Refused("keywords", where(cond), "the index has no field that holds the text of all others", HUNT)

    def decide_convert_condition_as_in_expression(
        self, cond: ConditionOR | ConditionAND, state: ConversionState
    ) -> bool:
        return _one_field(cond)

    def convert_condition_as_in_expression(self, cond: ConditionOR | ConditionAND, state: ConversionState) -> str:
        leaves = [arg for arg in cond.args if isinstance(arg, ConditionFieldEqualsValueExpression)]
        if isinstance(cond, ConditionOR):
            return _any(term for leaf in leaves for term in self._terms(leaf))
        return _all(self._terms(leaf) for leaf in leaves)

    def convert_condition(self, cond: Any, state: ConversionState) -> str:
        self._depth += 1
        text = super().convert_condition(cond, state)
        self._depth -= 1
        return str(text)

    def in_one_line(self, cond: Any, state: ConversionState) -> str:
        """Return the text of a condition that is part of something else."""
        self._depth += 1
        text = self.convert_condition(cond, state)
        self._depth -= 1
        return text

    def convert_condition_and(self, cond: ConditionAND, state: ConversionState) -> str:
        outermost = self._depth == 1
        texts = [self._operand(cond, arg, state) for arg in cond.args]
        line = " AND ".join(texts)
        return "\nAND ".join(texts) if outermost and len(line) > LONG_LINE else line

    def _operand(self, cond: ConditionAND, arg: Any, state: ConversionState) -> str:
        if not self.compare_precedence(cond, arg):
            return str(self.convert_condition_group(arg, state))
        if isinstance(arg, ConditionFieldEqualsValueExpression):
            terms = self._terms(arg)
            (term, *more) = terms
            if isinstance(term, Term) and term.value is None and not more:
                return _presence(term)
            return _any(terms)
        return self.convert_condition(arg, state)

    def convert_condition_not(self, cond: ConditionNOT, state: ConversionState) -> str:
        (inner,) = cond.args
        if isinstance(inner, ConditionNOT):
            return str(self.convert_condition(inner.args[0], state))
        if isinstance(inner, ConditionFieldEqualsValueExpression):
            (term, *more) = self._terms(inner)
            if isinstance(term, Term) and term.negated and not more:
                return f"_exists_:{lucene_name(term.name)}"
        text = self.convert_condition(inner, state) if _atomic(inner) else self.convert_condition_group(inner, state)
        return f"NOT {text}"

    def compare_precedence(self, outer: Any, inner: Any) -> bool:
        """Whether `inner` needs no parentheses inside `outer`."""
        if _atomic(inner):
            return True
        if isinstance(inner, ConditionNOT):
            return isinstance(outer, ConditionAND) and not isinstance(inner.args[0], ConditionNOT)
        return type(inner) is type(outer)

    def _terms(self, cond: ConditionFieldEqualsValueExpression) -> tuple[Term | Guarded, ...]:
        """Return the alternatives that together mean this comparison."""
        try:
            field = self.lookup(cond.field)
            terms = compare(field, cond.value)
            _only_asserted(cond, terms)
        except Unsayable as error:
            raise Refused(error.construct, where(cond), error.why, error.way_out) from None
        single = [part for term in terms for part in ([term.term, term.guard] if isinstance(term, Guarded) else [term])]
        self.note([(field, term.name) for term in single], [term.condition for term in single])
        return terms

    def note(self, names: Iterable[tuple[Field, str]], conditions: Iterable[str | None]) -> None:
        """Keep what the query reads and what it depends on."""
        read = list(names)
        self.reads.update(field.read(name) for field, name in read)
        wanted = [*(field.condition for field, _ in read), *conditions]
        self.conditions.update((condition, None) for condition in wanted if condition)


def _only_asserted(cond: ConditionFieldEqualsValueExpression, terms: Iterable[Term | Guarded]) -> None:
    if any(isinstance(term, Term) and term.condition for term in terms) and cond.parent_condition_chain_contains(
        ConditionNOT
    ):
        raise Unsayable("not", "what this index can answer here may match too much, so its opposite may miss events")


def where(cond: ConditionItem | ConditionFieldEqualsValueExpression | ConditionValueExpression) -> str:
    """Return `file:line:column` of the item that a condition comes from."""
    source = cond.source
    return f"{source.path}:{source.line}:{source.char}" if source is not None else "?"


def _atomic(cond: Any) -> bool:
    """Whether the text of a condition binds more tightly than every operator."""
    return isinstance(cond, (ConditionFieldEqualsValueExpression, ConditionValueExpression)) or _one_field(cond)


def _one_field(cond: Any) -> bool:
    """Whether all comparisons are of one field: `name:(a OR b)`."""
    if not isinstance(cond, (ConditionAND, ConditionOR)):
        return False
    fields = {getattr(arg, "field", None) for arg in cond.args}
    return len(fields) == 1 and None not in fields


def _any(terms: Iterable[Term | Guarded]) -> str:
    """Join alternatives; those of one name share it."""
    return _joined(terms, "OR", [])


def _all(sets: Iterable[Sequence[Term | Guarded]]) -> str:
    """Join requirements, each a set of alternatives."""
    single: list[Term | Guarded] = []
    several: list[str] = []
    for terms in sets:
        if len(terms) == 1:
            single += terms
        else:
            several.append(_any(terms))
    return _joined(single, "AND", several)


def _joined(terms: Iterable[Term | Guarded], operator: str, others: list[str]) -> str:
    by_name: dict[str, dict[str, str | None]] = {}
    whole: dict[str, None] = {}
    for term in terms:
        if isinstance(term, Guarded):
            whole[f"({_any([term.term])} AND {_any([term.guard])})"] = None
        elif term.value is not None:
            by_name.setdefault(lucene_name(term.name), {})[term.value] = term.regex
        else:
            whole[f"({_presence(term)})" if term.negated else _presence(term)] = None
    texts = [
        f"{name}:{_group(united(values) if operator == 'OR' else values, operator)}" for name, values in by_name.items()
    ]
    return _group([*texts, *whole, *others], operator)


def _presence(term: Term) -> str:
    return f"{'NOT ' if term.negated else ''}_exists_:{lucene_name(term.name)}"


def _group(texts: Iterable[str], operator: str) -> str:
    several = list(texts)
    return several[0] if len(several) == 1 else f"({f' {operator} '.join(several)})"

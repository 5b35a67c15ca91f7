"""Sigma conditions in ES|QL: the text of the Lucene query inside `QSTR`, which is exact on arrays and missing fields.

ES|QL's own comparisons are NULL on a field with several values, so they are left to what `query_string` cannot say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sigma.backends.elasticsearch.elasticsearch_esql import ESQLBackend
from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionItem, ConditionNOT, ConditionOR
from sigma.conversion.state import ConversionState
from sigma.rule import SigmaRule
from sigma.types import SigmaFieldReference

from remit.targets import Refused
from remit.targets.elastic import native
from remit.targets.elastic.fields import Unsayable
from remit.targets.elastic.lucene import Lucene, where
from remit.targets.elastic.terms import Term
from remit.targets.elastic.text import esql_string, lucene_name


class Esql(ESQLBackend):
    """The stock backend with conditions of our own. One instance converts one rule."""

    def __init__(self, lucene: Lucene, index: str) -> None:
        super().__init__(lucene.processing_pipeline)
        self._lucene, self._index = lucene, index

    def convert_condition(self, cond: Any, state: ConversionState) -> str:
        if not needs_esql(cond):
            return _qstr(self._lucene.in_one_line(cond, state))
        match cond:
            case ConditionAND() | ConditionOR():
                return self._joined(cond, state)
            case ConditionNOT():
                return f"NOT ({self.convert_condition(cond.args[0], state)})"
            case _:
                return self._compared(cond)

    def _joined(self, cond: ConditionAND | ConditionOR, state: ConversionState) -> str:
        """One QSTR for all that it can say, then the rest."""
        plain: list[Any] = [arg for arg in cond.args if not needs_esql(arg)]
        parts: list[Any] = [arg for arg in cond.args if needs_esql(arg)]
        if plain:
            together: Any = plain[0] if len(plain) == 1 else type(cond)(plain)
            parts.insert(0, together)
        word = " AND " if isinstance(cond, ConditionAND) else " OR "
        return word.join(self._operand(part, state) for part in parts)

    def _operand(self, cond: Any, state: ConversionState) -> str:
        text = self.convert_condition(cond, state)
        joined = needs_esql(cond) and isinstance(cond, (ConditionAND, ConditionOR))
        return f"({text})" if joined else text

    def _compared(self, cond: ConditionFieldEqualsValueExpression) -> str:
        try:
            found = self._native(cond)
        except Unsayable as error:
            raise Refused(error.construct, where(cond), error.why, error.way_out) from None
        guards = [guard for guard, _ in found.alternatives if guard]
        self._lucene.note([*found.names, *((found.names[0][0], guard.name) for guard in guards)], [found.condition])
        ways = [_guarded(guard, expression) for guard, expression in found.alternatives]
        return ways[0] if len(ways) == 1 else f"({' OR '.join(ways)})"

    def _native(self, cond: ConditionFieldEqualsValueExpression) -> native.Native:
        field = self._lucene.lookup(cond.field)
        if isinstance(cond.value, SigmaFieldReference):
            other = self._lucene.lookup(cond.value.field)
            return native.referring(field, other, cond.value, cond.value.field)
        return native.time_part(field, cond.value, cond.field)

    def finalize_query_default(self, rule: SigmaRule, query: str, index: int, state: ConversionState) -> str:
        # A Kibana rule tells documents apart by these three ("Create an ES|QL rule").
        return f"FROM {self._index} METADATA _id, _index, _version\n| WHERE {query}"


def needs_esql(cond: Any) -> bool:
    """Whether any comparison of a condition is beyond `query_string`."""
    if isinstance(cond, ConditionItem):
        children: Iterable[Any] = cond.args
        return any(needs_esql(arg) for arg in children)
    return isinstance(cond, ConditionFieldEqualsValueExpression) and native.is_native(cond.value)


def _guarded(guard: Term | None, expression: str) -> str:
    if guard is None:
        return expression
    return f"({_qstr(f'{lucene_name(guard.name)}:{guard.value}')} AND {expression})"


def _qstr(text: str) -> str:
    return f"QSTR({esql_string(text)})"

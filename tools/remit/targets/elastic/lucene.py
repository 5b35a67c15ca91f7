"""Sigma conditions in `query_string` syntax, exact or refused.

The stock backend gives the frame (and, or, not, tokens); what a single comparison says is all here, because there the
stock backend is wrong in silence: case, anchors of regular expressions, quoting, networks on texts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct
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
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from remit.meaning.values import fold, text_of
from remit.targets import Refused
from remit.targets.elastic.fields import Field
from remit.targets.elastic.text import (
    Part,
    caseless,
    lucene_name,
    lucene_pattern,
    lucene_phrase,
    lucene_regex,
)

HUNT = "run it with `remit hunt`"
LONG_LINE = 100
MOST_REGEX = 1000
"""Characters of a regular expression: `index.max_regex_length`, which a longer one runs into."""
MOST_COUNTED = 8
"""`?` in a pattern that also has `*`: more can exceed the effort that the server spends on an automaton."""


class Term(Struct, frozen=True):
    """One comparison, `name:value`, or whether the field is there."""

    name: str
    value: str | None
    """As the query spells it; None: any value."""
    negated: bool = False
    """Only where `value` is None."""


class Unsayable(Exception):
    """A comparison that this index cannot answer; `place` of it is known one level up."""

    def __init__(self, construct: str, why: str, way_out: str = HUNT) -> None:
        self.construct, self.why, self.way_out = construct, why, way_out
        super().__init__(construct)


class Lucene(LuceneBackend):
    """The stock backend with comparisons of our own. One instance converts one rule."""

    def __init__(self, pipeline: ProcessingPipeline, lookup: Callable[[str], Field]) -> None:
        super().__init__(pipeline)
        self._lookup = lookup
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
            return _presence(terms[0]) if len(terms) == 1 and terms[0].value is None else _any(terms)
        return self.convert_condition(arg, state)

    def convert_condition_not(self, cond: ConditionNOT, state: ConversionState) -> str:
        (inner,) = cond.args
        if isinstance(inner, ConditionNOT):
            return str(self.convert_condition(inner.args[0], state))
        if isinstance(inner, ConditionFieldEqualsValueExpression):
            terms = self._terms(inner)
            if len(terms) == 1 and terms[0].negated:
                return f"_exists_:{lucene_name(terms[0].name)}"
        text = self.convert_condition(inner, state) if _atomic(inner) else self.convert_condition_group(inner, state)
        return f"NOT {text}"

    def compare_precedence(self, outer: Any, inner: Any) -> bool:
        """Whether `inner` needs no parentheses inside `outer`."""
        if _atomic(inner):
            return True
        if isinstance(inner, ConditionNOT):
            return isinstance(outer, ConditionAND) and not isinstance(inner.args[0], ConditionNOT)
        return type(inner) is type(outer)

    def _terms(self, cond: ConditionFieldEqualsValueExpression) -> tuple[Term, ...]:
        """Return the alternatives that together mean this comparison."""
        try:
            field = self._lookup(cond.field)
            terms = _compare(field, cond.value)
        except Unsayable as error:
            raise Refused(error.construct, where(cond), error.why, error.way_out) from None
        if field.condition:
            self.conditions[field.condition] = None
        self.reads.update(field.read(term.name) for term in terms)
        return terms


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


def _any(terms: Iterable[Term]) -> str:
    """Join alternatives; those of one name share it."""
    return _joined(terms, "OR", [])


def _all(sets: Iterable[Sequence[Term]]) -> str:
    """Join requirements, each a set of alternatives."""
    single: list[Term] = []
    several: list[str] = []
    for terms in sets:
        if len(terms) == 1:
            single += terms
        else:
            several.append(_any(terms))
    return _joined(single, "AND", several)


def _joined(terms: Iterable[Term], operator: str, others: list[str]) -> str:
    by_name: dict[str, dict[str, None]] = {}
    presence: dict[str, None] = {}
    for term in terms:
        name = lucene_name(term.name)
        if term.value is not None:
            by_name.setdefault(name, {})[term.value] = None
        else:
            presence[f"({_presence(term)})" if term.negated else _presence(term)] = None
    texts = [f"{name}:{_group(values, operator)}" for name, values in by_name.items()]
    return _group([*texts, *presence, *others], operator)


def _presence(term: Term) -> str:
    return f"{'NOT ' if term.negated else ''}_exists_:{lucene_name(term.name)}"


def _group(texts: Iterable[str], operator: str) -> str:
    several = list(texts)
    return several[0] if len(several) == 1 else f"({f' {operator} '.join(several)})"


def _compare(field: Field, value: SigmaType) -> tuple[Term, ...]:
    match value:
        case SigmaExpansion():
            return tuple(term for one in value.values for term in _compare(field, one))
        case SigmaString():
            return _string(field, value)
        case SigmaTimestampPart():
            raise Unsayable("time part", "query_string cannot take a time apart")
        case SigmaNumber():
            return _number(field, value)
        case SigmaBool():
            return _boolean(field, value.boolean)
        case SigmaNull():
            return (_absent(field),)
        case SigmaExists():
            return (_present(field) if value.exists else _absent(field),)
        case SigmaCIDRExpression():
            return _network(field, value)
        case _:
            construct = _CONSTRUCTS.get(type(value), type(value).__name__)
            raise Unsayable(construct, "Remit has no exact form of it for Elasticsearch yet")


_CONSTRUCTS: dict[type, str] = {
    SigmaRegularExpression: "re",
    SigmaCompareExpression: "order of numbers",
    SigmaFieldReference: "fieldref",
}


def _string(field: Field, value: SigmaString) -> tuple[Term, ...]:
    cased = isinstance(value, SigmaCasedString)
    parts = _parts(value)
    if parts == [SpecialChars.WILDCARD_MULTI]:
        return (_present(field),)
    if any(not isinstance(part, str) for part in parts):
        return (_pattern(field, parts, cased),)
    text = "".join(str(part) for part in parts)
    whole = _whole(field, text, cased)
    if field.folded and field.number and _is_number(text):
        return whole, Term(field.number, _digits(text))
    return (whole,)


def _parts(value: SigmaString) -> list[Part]:
    """Return the value's pieces: no empty text, no two `*` in a row."""
    parts: list[Part] = []
    for part in value.iter_parts():
        if not isinstance(part, (str, SpecialChars)):
            raise Unsayable("expand", f"the placeholder %{part.name}% has no values", "give its values in a pipeline")
        if part != "" and not (part is SpecialChars.WILDCARD_MULTI and parts[-1:] == [part]):
            parts.append(part)
    return parts


def _whole(field: Field, text: str, cased: bool) -> Term:
    """One term equals `text`."""
    if text == "" and not field.empty:
        raise Unsayable("empty text", "this data never keeps an empty text")
    if not cased and field.folded:
        return Term(field.folded, lucene_phrase(fold(text)))
    name = _text_name(field)
    if cased or caseless(text):
        return Term(name, lucene_phrase(text))
    for spelled in field.vocabulary:
        if fold(spelled) == fold(text):
            return Term(name, lucene_phrase(spelled))
    return Term(name, _checked_regex(field, [text]))


def _pattern(field: Field, parts: list[Part], cased: bool) -> Term:
    """One term fits a pattern with wildcards."""
    if SpecialChars.WILDCARD_MULTI in parts and parts.count(SpecialChars.WILDCARD_SINGLE) > MOST_COUNTED:
        raise Unsayable(
            "wildcards", f"more than {MOST_COUNTED} `?` beside a `*` are too complex for the server's automaton"
        )
    if not cased and field.folded:
        return Term(field.folded, lucene_pattern([fold(p) if isinstance(p, str) else p for p in parts]))
    name = _text_name(field)
    if field.type == "flattened":
        return Term(name, _flattened_prefix(parts, cased))
    if cased or all(caseless(p) for p in parts if isinstance(p, str)):
        return Term(name, lucene_pattern(parts))
    return Term(name, _checked_regex(field, parts))


def _flattened_prefix(parts: list[Part], cased: bool) -> str:
    """A flattened field answers `begins with` and no other pattern ("Flattened field type", supported operations)."""
    if len(parts) == 2 and isinstance(parts[0], str) and parts[1] is SpecialChars.WILDCARD_MULTI:
        if cased or caseless(parts[0]):
            return lucene_pattern(parts)
    raise Unsayable("wildcards", "a field of type flattened answers no pattern but a case-sensitive beginning")


def _checked_regex(field: Field, parts: Sequence[Part]) -> str:
    if field.type == "flattened":
        raise Unsayable("case", "a field of type flattened compares case-sensitively")
    regex = lucene_regex(parts, ignore_case=True)
    if len(regex) - 2 > MOST_REGEX:
        raise Unsayable("long text", f"without case it takes a regular expression of over {MOST_REGEX} characters")
    return regex


def _text_name(field: Field) -> str:
    if field.text is None:
        raise Unsayable("text", f"a field of type {field.type} does not keep the text", "compare it as what it is")
    return field.text


def _number(field: Field, value: SigmaNumber) -> tuple[Term, ...]:
    text = str(value)
    if field.number and field.text:
        return Term(field.text, lucene_phrase(text)), Term(field.number, _digits(text))
    if field.number:
        if field.type == "long" and "." in text:
            raise Unsayable("number", "the field keeps whole numbers only")
        return (Term(field.number, _digits(text)),)
    return (Term(_text_name(field), lucene_phrase(text)),)


def _digits(text: str) -> str:
    """A number as a value: a leading minus would be an operator."""
    return lucene_phrase(text) if text.startswith("-") else text


def _boolean(field: Field, value: bool) -> tuple[Term, ...]:
    text = "true" if value else "false"
    if field.boolean:
        return (Term(field.boolean, text),)
    return (_whole(field, text, cased=False),)


def _present(field: Field) -> Term:
    return Term(field.present, None)


def _absent(field: Field) -> Term:
    return Term(field.present, None, negated=True)


_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
"""Where IPv6 keeps the addresses of IPv4; the index keeps every address there."""


def _network(field: Field, value: SigmaCIDRExpression) -> tuple[Term, ...]:
    if field.address is None:
        raise Unsayable("cidr", "the field is not indexed as an address")
    name, network = field.address, value.network
    if isinstance(network, ipaddress.IPv4Network):
        return (Term(name, lucene_phrase(str(network))),)
    if network.subnet_of(_MAPPED):
        inside = ipaddress.IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
        return (Term(name, lucene_phrase(str(inside))),)
    if network.supernet_of(_MAPPED):
        # A network of IPv6 holds no address of IPv4, so their place is cut out of it.
        below = (network.network_address, _MAPPED.network_address - 1)
        above = (_MAPPED.broadcast_address + 1, network.broadcast_address)
        return tuple(Term(name, f'["{first}" TO "{last}"]') for first, last in (below, above))
    return (Term(name, lucene_phrase(str(network))),)


def _is_number(text: str) -> bool:
    """Whether some number has this as its canonical text."""
    try:
        return text_of(float(text)) == text
    except (ValueError, OverflowError):
        return False

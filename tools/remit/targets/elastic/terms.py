"""What one comparison of a Sigma item is in terms of the index: alternatives of `name:value`."""

from __future__ import annotations

import ipaddress

from msgspec import Struct
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
from remit.targets.elastic.fields import Field, Unsayable
from remit.targets.elastic.text import Part, caseless, lucene_pattern, lucene_phrase, lucene_regex

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
    condition: str | None = None
    """What must hold for it to be exact. Where that fails it matches too much, so it may not stand under NOT."""


def compare(field: Field, value: SigmaType) -> tuple[Term, ...]:
    """Return the alternatives that together mean that a field has a value.

    Raises `Unsayable`."""
    match value:
        case SigmaExpansion():
            return tuple(term for one in value.values for term in compare(field, one))
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
    if field.type == "flattened":
        return _flattened(field, [text], cased)
    return Term(name, _checked(lucene_regex([text], ignore_case=True)))


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
        return _flattened(field, parts, cased)
    if cased or all(caseless(p) for p in parts if isinstance(p, str)):
        return Term(name, lucene_pattern(parts))
    return Term(name, _checked(lucene_regex(parts, ignore_case=True)))


def _flattened(field: Field, parts: list[Part], cased: bool) -> Term:
    """A field of type flattened answers equality and beginnings with case, nothing else ("Flattened field type"). The
    rest is read off the printed form of the whole object, where the integration keeps one."""
    beginning = len(parts) == 2 and isinstance(parts[0], str) and parts[1] is SpecialChars.WILDCARD_MULTI
    if beginning and (cased or caseless(str(parts[0]))):
        return Term(_text_name(field), lucene_pattern(parts))
    if field.printed is None:
        raise Unsayable(
            "wildcards or case", "a field of type flattened answers equality and beginnings only, with case"
        )
    key = _text_name(field).rpartition(".")[2]
    # Java prints `{key=value, other={...}}`.
    value = lucene_regex(parts, ignore_case=not cased, many="[^,{}\\[\\]]*")[1:-1]
    start = lucene_regex([f"{key}="], ignore_case=False)[1:-1]
    return Term(
        field.printed,
        _checked(f"/.*[{{ ]{start}{value}[,}}].*/"),
        condition=f"`{key}=` stands in {field.printed} as the name of this one member only, whose text has no comma or"
        " bracket; where a caller writes it into another text, the query also matches that",
    )


def _checked(regex: str) -> str:
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
    if field.is_object:
        raise Unsayable("exists", "there is an object, and the index has only what is beneath it", "ask for a member")
    return Term(field.present, None)


def _absent(field: Field) -> Term:
    return Term(_present(field).name, None, negated=True)


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

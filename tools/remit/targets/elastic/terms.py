"""What one comparison of a Sigma item is in terms of the index: alternatives of `name:value`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
from remit.targets.elastic.automaton import affordable
from remit.targets.elastic.fields import Field, Unsayable
from remit.targets.elastic.regex import MOST, checked, translated
from remit.targets.elastic.text import Part, caseless, lucene_pattern, lucene_phrase, lucene_regex
from remit.targets.regex import Char, Dot, Regex, Repeat, Seq

ESQL = "compile it with `--language esql`, or run it with `remit hunt`"
SURELY_AFFORDABLE = 8
"""`?` in a pattern: fewer are never too much work for the server."""
_DOTALL = frozenset("s")


class Guarded(Struct, frozen=True):
    """A comparison that counts only where another one holds too."""

    term: Term
    guard: Term


class Term(Struct, frozen=True):
    """One comparison, `name:value`, or whether the field is there."""

    name: str
    value: str | None
    """As the query spells it; None: any value."""
    negated: bool = False
    """Only where `value` is None."""
    regex: str | None = None
    """Of a pattern with wildcards: the same as a regular expression."""
    condition: str | None = None
    """What must hold for it to be exact. Where that fails it matches too much, so it may not stand under NOT."""


def compare(field: Field, value: SigmaType) -> tuple[Term | Guarded, ...]:
    """Return the alternatives that together mean that a field has a value.

    Raises `Unsayable`."""
    match value:
        case SigmaExpansion():
            return tuple(term for one in value.values for term in compare(field, one))
        case SigmaString():
            return _string(field, value)
        case SigmaTimestampPart() | SigmaCompareExpression(number=SigmaTimestampPart()):
            raise Unsayable("time part", "query_string cannot take a time apart", ESQL)
        case SigmaFieldReference():
            raise Unsayable("fieldref", "query_string cannot compare two fields", ESQL)
        case SigmaCompareExpression():
            return _ordered(field, value)
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
        case SigmaRegularExpression():
            return (_regex(field, value),)
        case _:
            raise Unsayable(type(value).__name__, "Remit has no exact form of it for Elasticsearch yet")


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
    return Term(name, _slashed(lucene_regex([text], ignore_case=True, ascii_only=field.ascii)))


def _pattern(field: Field, parts: list[Part], cased: bool) -> Term:
    """One term fits a pattern with wildcards."""
    if parts.count(SpecialChars.WILDCARD_SINGLE) > SURELY_AFFORDABLE and not affordable(_tree(parts), _DOTALL):
        raise Unsayable("wildcards", "so many `?` after a `*` that the server gives up")
    if not cased and field.folded:
        parts, cased = [fold(p) if isinstance(p, str) else p for p in parts], True
        return Term(field.folded, lucene_pattern(parts), regex=lucene_regex(parts, ignore_case=False))
    name = _text_name(field)
    if field.type == "flattened":
        return _flattened(field, parts, cased)
    if cased or all(caseless(p) for p in parts if isinstance(p, str)):
        return Term(name, lucene_pattern(parts), regex=lucene_regex(parts, ignore_case=False))
    return Term(name, _slashed(lucene_regex(parts, ignore_case=True, ascii_only=field.ascii)))


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
    value = lucene_regex(parts, ignore_case=not cased, many="[^,{}\\[\\]]*")
    start = lucene_regex([f"{key}="], ignore_case=False)
    return Term(
        field.printed,
        _slashed(f".*[{{ ]{start}{value}[,}}].*"),
        condition=f"`{key}=` stands in {field.printed} as the name of this one member only, whose text has no comma or"
        " bracket; where a caller writes it into another text, the query also matches that",
    )


def _slashed(regex: str) -> str:
    return f"/{checked(regex)}/"


def _tree(parts: Sequence[Part]) -> Seq:
    steps: list[Regex] = []
    for part in parts:
        if isinstance(part, str):
            steps += [Char(c) for c in part]
        else:
            steps.append(Dot() if part is SpecialChars.WILDCARD_SINGLE else Repeat(Dot(), 0, None))
    return Seq(tuple(steps))


def _regex(field: Field, value: SigmaRegularExpression) -> Term:
    if field.type == "flattened":
        raise Unsayable("re", "a flattened field answers equality and beginnings only, with case")
    flags = frozenset(SigmaRegularExpression.sigma_to_re_flag[flag] for flag in value.flags)
    return Term(_text_name(field), f"/{translated(str(value.regexp), flags)}/")


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
    return (Term(field.folded or _text_name(field), lucene_phrase(text)),)


_JSON_NUMBER = r"/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?/"
_ORDERS = {
    SigmaCompareExpression.CompareOperators.LT: "<",
    SigmaCompareExpression.CompareOperators.LTE: "<=",
    SigmaCompareExpression.CompareOperators.GT: ">",
    SigmaCompareExpression.CompareOperators.GTE: ">=",
}


def _ordered(field: Field, value: SigmaCompareExpression) -> tuple[Term | Guarded, ...]:
    bound = f"{_ORDERS[value.op]}{value.number}"
    if field.number is None:
        raise Unsayable("order of numbers", "the field is not indexed as a number")
    if field.coerced is None or field.text is None:
        return (Term(field.number, bound),)
    # Java reads more texts as numbers than JSON knows (`07`, `7d`, ` 7`).
    return Term(field.number, bound), Guarded(Term(field.coerced, bound), Term(field.text, _JSON_NUMBER))


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


_PLAIN_ADDRESS = "/[0-9A-Fa-f.:]+/"
"""Without a zone id, which the server drops; no other address of a host has it."""


def _network(field: Field, value: SigmaCIDRExpression) -> tuple[Term | Guarded, ...]:
    terms = _ranges(field, value)
    network = value.network
    if field.text is None or isinstance(network, ipaddress.IPv4Network) or network.subnet_of(_MAPPED):
        return terms
    return tuple(Guarded(term, Term(field.text, _PLAIN_ADDRESS)) for term in terms)


def _ranges(field: Field, value: SigmaCIDRExpression) -> tuple[Term, ...]:
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


FEW = 20
"""Patterns in a list that stand one by one. Each searches all terms of its field: 100 took 5.9 s, united 0.2 s."""
_AROUND = len(".*().*")


def united(values: Mapping[str, str | None]) -> list[str]:
    """Return the values of a list, its patterns united in as few regular expressions as their length allows."""
    short = {value: regex for value, regex in values.items() if regex is not None and len(regex) <= MOST - _AROUND}
    if len(short) <= FEW:
        return list(values)
    anywhere = [regex[2:-2] for regex in short.values() if _is_anywhere(regex)]
    others = [regex for regex in short.values() if not _is_anywhere(regex)]
    return [
        *(value for value in values if value not in short),
        *(f"/.*({chunk}).*/" for chunk in _chunks(anywhere)),
        *(f"/{chunk}/" for chunk in _chunks(others)),
    ]


def _is_anywhere(regex: str) -> bool:
    return len(regex) > 4 and regex.startswith(".*") and regex.endswith(".*")


def _chunks(regexes: Iterable[str]) -> Iterator[str]:
    """Join alternatives up to the length that the server takes."""
    chunk = ""
    for regex in regexes:
        if chunk and len(chunk) + 1 + len(regex) > MOST - _AROUND:
            yield chunk
            chunk = ""
        chunk = f"{chunk}|{regex}" if chunk else regex
    if chunk:
        yield chunk

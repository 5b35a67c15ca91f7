"""Mistakes that a compiler could make, as changes of a query, and events that tell it from the right one.

The operators are fixed: a lost NOT, another field, a wider pattern, a lost escape, AND for OR and OR for AND. The
events are made from the rule and the names that its query asks for; what they should give is asked of the oracle.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lark import Token, Tree
from tests.conformance.spl.grammar import parse

from remit.content import Item, Rule
from remit.content.modifiers import ENCODING
from remit.meaning import matcher
from remit.meaning.encodings import alternatives
from remit.meaning.patterns import Pattern, Wildcard
from remit.meaning.patterns import parse as pattern_of
from remit.targets.regex import Category, Char, Dot, Either, Regex, Repeat, Seq, Set
from remit.targets.regex import parse as regex

Mutant = tuple[str, str]
"""What was done, and the query that came of it."""


FIXED = {
    '"' + text.replace("\\", "\\\\") + '"'
    for text in (
        r"\Anull\z",
        r"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\z",
        r"\A[0-9.]+\z",
        r"\A[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\z",
        r":\s*[\x22\dtf-]|[\x5b,]\s*(?:[\dtf-]|\x22(?:[^\x22\x5c]|\x5c.)*\x22\s*[\x5d,])",
        r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?\z",
        r"[-+]\d\d:\d\d\z",
        r"\A\d{10}\z",
        r"\A\d{13}\z",
    )
}
"""Expressions that are the same in every query: test_differential.py compares each with the oracle."""


def mutants(query: str) -> Iterator[Mutant]:
    """Every query that one mistake makes of this one."""
    tree = parse(query)
    for start, end, text, what in _edits(tree, query):
        yield f"{what} at {start}", query[:start] + text + query[end:]


def _edits(tree: Tree[Token], query: str) -> Iterator[tuple[int, int, str, str]]:
    for found in re.finditer(r"\bNOT ", query):
        yield found.start(), found.end(), "", "lost NOT"
    for token in tree.scan_values(lambda value: isinstance(value, Token)):
        start, end = token.start_pos, token.end_pos
        assert start is not None
        assert end is not None
        if re.search(r"if\(tonumber\(r[0-9]+\)$", query[:start]):
            continue  # the calendar's own comparison, the same in every query
        yield from ((start + a, start + b, text, what) for a, b, text, what in _of_token(token))
    yield from _swapped(tree, query)


def _of_token(token: Token) -> Iterator[tuple[int, int, str, str]]:
    """Edits inside a token, by offsets."""
    text = str(token)
    match token.type:
        case "FIELD":
            yield len(text), len(text), "x", "changed field"
        case "BRACED" | "QUOTED_FIELD":
            yield len(text) - 1, len(text) - 1, "x", "changed field"
        case "VALUE" if text not in ('"null"', '"success"'):  # what stands for an absent member
            if not text.startswith('"*'):
                yield 1, 1, "*", "widened wildcard"
            if not text.endswith('*"'):
                yield len(text) - 1, len(text) - 1, "*", "widened wildcard"
        case "PCRE" if text not in FIXED:
            for anchor in re.finditer(r"\\\\[Az]", text):
                yield anchor.start(), anchor.end(), "", "widened wildcard"
            for escape in re.finditer(r"\\\\(?:x[0-9a-f]{2}|\.)", text):
                yield escape.start(), escape.end(), ".", "dropped escape"
        case "ORDER":
            turned = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[text]
            yield 0, len(text), turned, "widened comparison"


def _swapped(tree: Tree[Token], query: str) -> Iterator[tuple[int, int, str, str]]:
    """AND and OR changed for each other, in all of a group."""
    for node in tree.iter_subtrees():
        if node.data not in ("all_of", "any_of", "where_all", "where_any"):
            continue
        children = [child for child in node.children if isinstance(child, Tree)]
        spans = [_span(child, query) for child in children]
        joined = {"all_of": " OR ", "any_of": " ", "where_all": " OR ", "where_any": " AND "}[node.data]
        text = joined.join(query[start:end] for start, end in spans)
        # At the top level of `where` a group of OR needs its own parentheses.
        text = f"({text})" if node.data == "where_all" and query[spans[0][0] - 1] != "(" else text
        yield spans[0][0], spans[-1][1], text, "swapped and/or"
    search = tree.children[0]
    assert isinstance(search, Tree)
    units = [_span(child, query) for child in search.children[1:] if isinstance(child, Tree)]
    if len(units) > 1:
        text = " OR ".join(query[start:end] for start, end in units)
        yield units[0][0], units[-1][1], f"({text})", "swapped and/or"


def _span(node: Tree[Token], query: str) -> tuple[int, int]:
    """The text of a unit: its NOT and its parentheses included."""
    start, end = node.meta.start_pos, node.meta.end_pos
    if node.data in ("all_of", "any_of", "where_all", "where_any", "where_not"):
        start, end = query.rindex("(", 0, start), query.index(")", end) + 1
    return start, end


# --- events -----------------------------------------------------------------------------------------------------------


def events(rule: Rule, query: str, seeds: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Documents that lie on both sides of every item of the rule, in every shape that the query asks for: a value alone
    and in lists, objects in lists. The other fields are such that the item decides."""
    shapes = _shapes(rule, query)
    meant = matcher(rule)
    items = [item for item in rule.items() if item.field in shapes]
    near: dict[str, list[Any]] = {field: [] for field in shapes}
    hits: dict[str, list[Any]] = {field: [] for field in shapes}
    for item in items:
        field = str(item.field)
        declared = not any("{}" in name for name in shapes[field])
        hits[field] += _hits(item)
        near[field] += [*_values(item), *([] if declared else _objects(item))]
    for field in shapes:
        texts = [hit for hit in hits[field] if isinstance(hit, str)][:3]
        both = [one + other for one, other in itertools.permutations(texts, 2)]
        near[field] += [*both, *(f"z{text}" for text in both), *(f"{text}z" for text in both)]
    drawn = random.Random(rule.id)
    found = [
        *seeds,
        *(_listed(seed) for seed in seeds if any("{}" in name for names in shapes.values() for name in names)),
    ]
    referring = any("fieldref" in item.modifiers for item in items)
    for field, names in shapes.items():
        contexts = _contexts(field, shapes, hits, meant, drawn, referring)
        for name, others in itertools.product(names, contexts):
            nothing = [None] if field.startswith("nhi.") else [None, NULL]  # tags are never null
            found += [_document([(name, value), *others]) for value in [*near[field], *hits[field], *nothing]]
            if name.endswith("{}"):
                several = [drawn.choice([*near[field], *hits[field], "other", NULL]) for _ in range(3)]
                lists = [several, hits[field]]
                if len(hits[field]) < 6:
                    places = range(len(hits[field]))
                    lists += [[*hits[field][:at], v, *hits[field][at + 1 :]] for at in places for v in near[field]]
                found += [_document([(name, values), *others]) for values in lists]
    return found


def _contexts(
    field: str,
    shapes: dict[str, list[str]],
    hits: dict[str, list[Any]],
    meant: Callable[[dict[str, Any]], bool],
    drawn: random.Random,
    referring: bool,
) -> list[list[tuple[str, Any]]]:
    """What the other fields may hold so that this one decides whether the rule matches; where fields are compared with
    each other, in every shape."""
    name = (shapes[field] or [field])[0]
    others = [other for other in shapes if other != field and shapes[other]]
    found: dict[tuple[bool | str, ...], list[tuple[str, Any]]] = {}
    for _ in range(400):
        context = [
            (drawn.choice(shapes[other]), drawn.choice([*hits[other], *hits[other], "other", None])) for other in others
        ]
        answers = tuple(meant(_document([(name, value), *context])) for value in [*hits[field], "other", None])
        if len(set(answers)) > 1:
            found.setdefault((*answers, *(place for place, _ in context)) if referring else answers, context)
        if len(found) == (40 if referring else 8):
            break
    return [*found.values(), []]


def _shapes(rule: Rule, query: str) -> dict[str, list[str]]:
    """The names under which a query asks for each field of a rule."""
    tokens = parse(query).scan_values(
        lambda token: getattr(token, "type", "") in ("FIELD", "BRACED", "QUOTED_FIELD", "JSON_PATH")
    )
    names = list(dict.fromkeys(str(token).strip("\"'") for token in tokens))
    fields = [item.field for item in rule.items() if item.field is not None]
    fields += [str(value) for item in rule.items() if "fieldref" in item.modifiers for value in item.values]
    paths = {field: field.replace("{}", "") for field in fields}
    return {field: [name for name in names if name.replace("{}", "") == path] for field, path in paths.items()}


def _listed(document: dict[str, Any]) -> dict[str, Any]:
    """The same with every value alone in a list."""
    return {key: value if isinstance(value, (dict, list)) else [value] for key, value in document.items()}


NULL = object()
"""A JSON null, where None says that nothing is there."""


def _document(values: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in values:
        if value is not None:
            values_ = [None if one is NULL else one for one in value] if isinstance(value, list) else value
            _put(document, name.split("."), None if value is NULL else values_)
    return document


def _put(inner: dict[str, Any], steps: list[str], value: Any) -> None:
    """Put a value where a name says, into the first element of each list; not where something else stands already."""
    key, in_list = steps[0].removesuffix("{}"), steps[0].endswith("{}")
    if len(steps) == 1:
        inner.setdefault(key, (value if isinstance(value, list) else [value]) if in_list else value)
        return
    below = inner.setdefault(key, [{}] if in_list else {})
    below = below[0] if isinstance(below, list) and below else below
    if isinstance(below, dict):
        _put(below, steps[1:], value)


def _hits(item: Item) -> list[Any]:
    """Values that satisfy the item, or would without its negation."""
    modifiers = set(item.modifiers)
    if modifiers & {"cidr"}:
        starts = [str(value).split("/")[0] for value in item.values]
        return [*starts, *(f"::ffff:{start}" for start in starts if ":" not in start)]
    if modifiers & {"re"}:
        return [text for value in item.values for text in _samples(regex(str(value))[0])]
    if modifiers & {"gt", "gte", "lt", "lte", "minute", "hour", "day", "week", "month", "year", "fieldref", "exists"}:
        return list(_numbers(item))
    encoded = ENCODING.intersection(modifiers)
    found = [_text(value, modifiers) for value in item.values if value is not None]
    if encoded:
        patterns = [pattern_of(str(value)) for value in item.values]
        found = [_around(_joined(p), modifiers) for each in patterns for p in alternatives(each, item.modifiers, {})]
    return [*found, "".join(map(str, found))] if "all" in modifiers else found


def _values(item: Item) -> list[Any]:
    """Values on both sides of the item."""
    found: list[Any] = []
    for hit in _hits(item):
        found.append(hit)
        if not isinstance(hit, str):
            text = str(hit).lower()
            found += [text, f"{text}z", f"z{text}", f"{text}x0", f"{text}.0z", f"z{text}.0"]
        else:
            found += [
                hit + "-",
                "-" + hit,
                "k" + hit,
                hit + "k",
                hit + "z",
                "z" + hit,
                hit[:1] + "z" + hit[1:],
                hit.swapcase(),
                hit[1:],
                hit[:-1],
            ]
            found += [hit[:at] + "Z" + hit[at + 1 :] for at, character in enumerate(hit) if not character.isalnum()]
    found = [value for value in found if not _outside(value)]
    return [*found, "other", *(["10.1.2.3", "9.9.9.9", "2001:db8::1"] if "cidr" in item.modifiers else [])]


def _objects(item: Item) -> list[Any]:
    """What is there, or is not, where a rule asks for presence."""
    if "exists" not in item.modifiers and None not in item.values:
        return []
    return [{"y": 1}, {"y": "a"}, {"y": None}, {"y": None, "z": None}, {"y": {}}, {"y": [True]}, {"y": [None, "b"]}, {}]


def _outside(value: Any) -> bool:
    """What Splunk cannot tell from something else."""
    return isinstance(value, str) and (
        value.lower() == "null" or re.fullmatch(r"-?\d+\.0+|\d{10}|\d{13}", value) is not None
    )


def _numbers(item: Item) -> Iterator[Any]:
    for value in item.values:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from (value, value - 1, value + 1, str(value))
            if "hour" in item.modifiers and 0 <= value < 24:
                yield f"2026-11-01T{int(value):02}:10:00Z"
    yield from (
        "2026-11-01T23:10:00Z",
        "2024-02-29T03:00:00Z",
        "2026-01-15T00:00:00Z",
        "2024-02-29T03:00:00x5Z",
        "ak",
        "1x5",
        "9e9",
        "-9x0",
    )


def _text(value: Any, modifiers: set[str]) -> Any:
    if not isinstance(value, str):
        return value
    return _around(_joined(pattern_of(value)), modifiers)


def _joined(pattern: Pattern) -> str:
    return "".join("q" if isinstance(part, Wildcard) else part for part in pattern)


def _around(text: str, modifiers: set[str]) -> str:
    before = "q" if modifiers & {"contains", "endswith"} else ""
    after = "q" if modifiers & {"contains", "startswith"} else ""
    return before + text + after


def _samples(tree: Regex) -> list[str]:
    """Texts that an expression matches, one for each of its branches."""
    match tree:
        case Char(text):
            return [text]
        case Dot():
            return ["."]
        case Category(letter):
            return [{"d": "1", "w": "w", "s": " ", "D": "x", "W": "-", "S": "x"}[letter]]
        case Set(members, negated):
            first = members[0]
            known = first[0] if isinstance(first, tuple) else _samples(first)[0]
            return ["~"] if negated else [known]
        case Repeat(arg, least, _):
            return [text * max(least, 1) for text in _samples(arg)] + ([""] if least == 0 else [])
        case Seq(args):
            return ["".join(parts) for parts in itertools.islice(itertools.product(*map(_samples, args)), 8)]
        case Either(args):
            return [text for arg in args for text in _samples(arg)]
        case _:
            return [""]

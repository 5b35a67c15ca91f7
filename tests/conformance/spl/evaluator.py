"""An evaluator of the SPL forms of the grammar: which events does a search keep?

Written from Splunk's documentation, and sharing no code with what writes the queries or with the meaning of rules: it
is the second opinion. Where the documentation is silent it takes the reading that the report names as a condition.
"""

from __future__ import annotations

import ipaddress
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from lark import Token, Tree
from tests.conformance.spl.extraction import array_to_mv, at_path, fields
from tests.conformance.spl.grammar import parse

Row = dict[str, list[str]]
Node = Tree[Token]

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip


def matches(query: str, event: bytes) -> bool:
    """Whether a search keeps an event, given as the bytes of its JSON."""
    start = _parsed(query)
    row = fields(event)
    row["_raw"] = [event.decode()]
    search, *rest = start.children
    if not _search(search, row):
        return False
    if not rest:
        return True
    evaluate, where, _ = rest
    assign(evaluate, row)
    return _where(where.children[0], row)


def searched(start: Any, row: Row) -> bool:
    """Whether the search of a parsed query keeps a row."""
    return _search(start.children[0], row)


@cache
def _parsed(query: str) -> Any:
    return parse(query)


# search


def _search(search: Any, row: Row) -> bool:
    return all(_unit(unit, row) for unit in search.children[1:])


def _unit(node: Any, row: Row) -> bool:
    match node.data:
        case "all_of":
            return all(_unit(child, row) for child in node.children)
        case "any_of":
            return any(_unit(child, row) for child in node.children)
        case "negation":
            return not _unit(node.children[0], row)
        case _:
            name, *arguments = (_unquoted(child) for child in node.children)
            return _comparison(node.data, row.get(name, []), arguments)


def _comparison(kind: str, values: list[str], arguments: list[str]) -> bool:
    match kind:
        case "present":
            return bool(values)
        case "equals" | "one_of":
            return any(_like(value, wanted) for value in values for wanted in arguments)
        case "network":
            return any(inside(value, arguments[0]) for value in values)
        case "compared":
            bound = float(arguments[1])
            return any(n is not None and _ORDER[arguments[0]](n, bound) for n in map(_number, values))
    raise AssertionError(kind)


def _like(value: str, wanted: str) -> bool:
    """`*` stands for any text; letters match in any case."""
    pattern = ".*".join(re.escape(_folded(part)) for part in wanted.split("*"))
    return re.fullmatch(pattern, _folded(value), re.DOTALL) is not None


def _folded(text: str) -> str:
    # The condition `site_fold`: one code point at a time, to its simple lower case.
    return "".join(c.lower() if len(c.lower()) == 1 else "i" for c in text)


# eval


def assign(evaluate: Any, row: Row) -> None:
    """Add the columns of an eval to a row."""
    for assignment in evaluate.children:
        _assign_one(assignment, row)


def _assign_one(assignment: Any, row: Row) -> None:
    column, source = assignment.children
    match source.data:
        case "one_name" | "names":
            values = [value for name in source.children for value in row.get(name[1:-1], [])]
        case "json_text":
            values = at_path(row["_raw"][0], _unquoted(source.children[0]))
        case "json_texts":
            values = [text for one in source.children for text in at_path(row["_raw"][0], _unquoted(one.children[0]))]
        case "json_values":
            elements, whole, _ = (at_path(row["_raw"][0], _unquoted(one.children[0])) for one in source.children)
            values = array_to_mv(elements[0]) if elements else whole
        case "without":
            values = [value for value in row.get(column, []) if not _matching(source.children[0], value)]
        case "mapped":
            results = [_step(source.children[1], value) for value in row.get(source.children[0], [])]
            values = [result for result in results if result is not None]
        case _:
            raise AssertionError(source.data)
    # A field without values is NULL, which is how a row without it is kept here.
    row.pop(column, None)
    if values:
        row[column] = values


def _step(node: Any, value: str) -> str | None:
    if isinstance(node, Tree) and node.data == "canonical":
        return re.sub(r"\A(-?[0-9]+)\.0+\Z", r"\1", _folded(value))
    if isinstance(node, Tree) and node.data == "time_read":
        return _time(node, value)
    result = _arithmetic(node, value)
    return None if result is None else _shown(result)


def _time(node: Any, value: str) -> str:
    iso, seconds, milliseconds = (child for child in node.children if getattr(child, "data", "") == "matching")
    if _matching(iso, value):
        offset = next(node.find_data("strptime")).children[1]
        zone = value[-6:].replace(":", "") if _matching(offset, value) else "+0000"
        try:
            return _shown(datetime.strptime(value[:19] + zone, "%Y-%m-%dT%H:%M:%S%z").timestamp())
        except ValueError:
            return "-"
    if _matching(seconds, value):
        return value
    return _shown(float(value) / 1000) if _matching(milliseconds, value) else "-"


def _arithmetic(node: Any, value: str) -> float | None:
    if isinstance(node, Token):
        return float(node)
    match node.data:
        case "number":
            return _number(value)
        case "floor":
            inner = _arithmetic(node.children[0], value)
            return None if inner is None else float(math.floor(inner))
        case "month":
            tested, order, bound, then, otherwise = node.children
            number = _arithmetic(tested, value)
            holds = number is not None and _ORDER[order](number, float(bound))
            return _arithmetic(then if holds else otherwise, value)
        case _:
            return _chain(node.children, value)


def _chain(children: list[Any], value: str) -> float | None:
    result = _arithmetic(children[0], value)
    for sign, child in zip(children[1::2], children[2::2], strict=True):
        other = _arithmetic(child, value)
        if result is None or other is None:
            return None
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](result, other)
    return result


def _shown(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


# where


def _where(node: Any, row: Row) -> bool:
    match node.data:
        case "where_all":
            return all(_where(child, row) for child in node.children)
        case "where_any":
            return any(_where(child, row) for child in node.children)
        case "where_not":
            return not _where(node.children[0], row)
        case "is_there":
            return node.children[0] in row
        case "is_absent":
            return node.children[0] not in row
        case "any_value":
            column = next(iter(_columns(node)))
            return any(_value_test(node.children[0], value) for value in row.get(column, []))
        case "reference":
            return _reference(node.children[0], row)
    raise AssertionError(node.data)


def _columns(node: Any) -> Iterator[str]:
    yield from (str(token) for token in node.scan_values(lambda token: token.type == "COLUMN"))


def _value_test(node: Any, value: str) -> bool:
    match node.data:
        case "matching":
            return _matching(node, value)
        case "numeric":
            _, order, bound = node.children if len(node.children) == 3 else (None, "=", node.children[1])
            number = _number(value)
            return number is not None and _ORDER[order](number, float(bound))
        case "guarded" | "in_network":
            return all(_value_test(child, value) for child in node.children)
        case "either_network":
            return any(_value_test(child, value) for child in node.children)
        case "in_network_not_mapped":
            shape, within, mapped = (_value_test(child, value) for child in node.children)
            return shape and within and not mapped
        case "cidr":
            return inside(value, _unquoted(node.children[0]))
    raise AssertionError(node.data)


def _reference(node: Any, row: Row) -> bool:
    """A comparison with NULL is not true."""
    columns = list(dict.fromkeys(_columns(node)))
    left, right = (row.get(column) for column in (columns if len(columns) == 2 else columns * 2))
    if left is None or right is None:
        return False
    if node.data == "shares":
        return len(set(left + right)) < len(set(left)) + len(set(right))
    one, other = _folded(left[0]), _folded(right[0])
    match node.data:
        case "same":
            return one == other
        case "starts":
            return one[: len(right[0])] == other
        case "ends":
            return len(left[0]) >= len(right[0]) and one[len(left[0]) - len(right[0]) :] == other
        case "holds":
            return len(right[0]) == 0 or len(one.split(other)) > 1
    raise AssertionError(node.data)


# words


def _matching(node: Any, value: str) -> bool:
    return pcre(node.children[1]).search(value) is not None


@cache
def pcre(quoted: str) -> re.Pattern[str]:
    r"""A PCRE as Python writes it: only the end of the value has another name. Classes and (?i) are of ASCII."""
    text = re.sub(r"\\\\", r"\\", quoted[1:-1])
    return re.compile(re.sub(r"(?<!\\)((?:\\\\)*)\\z", r"\1\\Z", text), re.ASCII)


def _unquoted(token: str) -> str:
    return token[1:-1] if token.startswith('"') else str(token)


def _number(text: str) -> float | None:
    try:
        return float(text) if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?", text) else None
    except ValueError:
        return None


def inside(value: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network)
    except ValueError:
        return False


def kept(query: str, events: Mapping[int, bytes]) -> list[int]:
    """The numbers of the events that a search keeps."""
    return [number for number, event in events.items() if matches(query, event)]

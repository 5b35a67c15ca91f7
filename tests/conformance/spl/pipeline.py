"""Runs the commands of a correlation over rows, as Splunk's documentation describes them.

A row holds for each field one value, a list of values, or nothing (NULL). Comparisons with NULL are NULL, which is not
true; numbers and texts compare as numbers where both are, so the queries never compare texts that look like numbers.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from tests.conformance.spl import evaluator
from tests.conformance.spl.extraction import fields
from tests.conformance.spl.grammar import parse

Value = Any
Row = dict[str, Value]

_COLUMN = re.compile("r[0-9]+")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@cache
def _parser() -> Lark:
    text = (Path(__file__).parent / "correlation.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", start="command")


def run(query: str, events: Iterable[tuple[int, bytes]]) -> list[Row]:
    """The results of a correlation over events, each with its time in milliseconds."""
    search, *lines = query.split("\n| ")
    wanted = parse(search)
    rows: list[Row] = []
    for time, event in events:
        found = fields(event)
        if evaluator.searched(wanted, found):
            rows.append({"_time": time / 1000, "_raw": event.decode(), "_fields": found})
    # Splunk returns the latest event first.
    rows.sort(key=lambda row: -row["_time"])
    if lines and lines[0].startswith("eval r0="):
        _columns(search.split(" ")[0], lines.pop(0), rows)
    for line in lines:
        rows = _command(_parser().parse(line), rows)
    return rows


def _columns(scope: str, line: str, rows: list[Row]) -> None:
    """The first eval, whose forms are those of single searches."""
    made = parse(f"`m`\n| {line}\n| where isnull(r0)\n| fields - r0").children[1]
    for row in rows:
        values = {**row["_fields"], "_raw": [row["_raw"]]}
        evaluator.assign(made, values)
        row.update({name: _single(value) for name, value in values.items() if name.startswith("r")})


def _single(values: list[Value]) -> Value:
    return values[0] if len(values) == 1 else values or None


def _command(node: Any, rows: list[Row]) -> list[Row]:
    names = [str(child) for child in node.children if isinstance(child, Token)]
    match node.data:
        case "eval":
            for row in rows:
                for assignment in node.children:
                    row[str(assignment.children[0])] = _evaluate(assignment.children[1], row)
            return rows
        case "where":
            return [row for row in rows if _evaluate(node.children[0], row) is True]
        case "mvexpand":
            return [{**row, names[0]: value} for row in rows for value in _listed(row.get(names[0])) or [None]]
        case "dedup":
            first: dict[tuple[Value, ...], Row] = {}
            for row in rows:
                first.setdefault(tuple(row.get(name) for name in names), row)
            return list(first.values())
        case "sort":
            return _sorted(rows, names[0:] if names[0] != "0" else names[1:])
        case "addinfo":
            return [{**row, "info_min_time": 0} for row in rows]
        case "fields":
            return [{name: row.get(name) for name in [*names, "_time", "_raw"]} for row in rows]
        case "removed":
            return [{name: value for name, value in row.items() if name not in names} for row in rows]
        case "rename":
            pairs = {str(one.children[0]): str(one.children[1])[1:-1] for one in node.children}
            return [{pairs.get(name, name): value for name, value in row.items()} for row in rows]
        case _:
            return _statistics(node, rows)


def _sorted(rows: list[Row], names: Sequence[str]) -> list[Row]:
    for name in reversed(names):
        descending = name.startswith("-")
        rows = sorted(rows, key=lambda row: row[name.removeprefix("-")], reverse=descending)
    return rows


def _statistics(node: Any, rows: list[Row]) -> list[Row]:
    parts = [child for child in node.children if isinstance(child, Tree)]
    aggregates = [child for child in parts if child.data == "aggregate"]
    by = [str(name) for child in parts if child.data == "by" for name in child.children]
    groups: dict[tuple[Value, ...], list[Row]] = {}
    results: list[Row] = []
    for row in rows:
        key = tuple(row.get(name) for name in by)
        # Rows without a value of a BY field are in no group; streamstats passes them on as they are.
        own = groups.setdefault(key, []) if None not in key else []
        if node.data == "stats":
            own.append(row)
            continue
        window = _window(node, own, row)
        own.append(row)
        labeled = None not in key
        results.append({**row, **(_aggregated(aggregates, window) if labeled else {})})
    if node.data != "stats":
        return results
    return [
        {**dict(zip(by, key, strict=True)), **_aggregated(aggregates, own)}
        for key, own in groups.items()
        if None not in key
    ]


def _window(node: Any, before: list[Row], row: Row) -> list[Row]:
    match node.data:
        case "before":
            return before[-1:]
        case "others":
            return before[:]
        case "last_rows":
            return [*before, row][-int(node.children[0]) :]
        case _:
            return [*before, row]


def _aggregated(aggregates: list[Any], rows: list[Row]) -> Row:
    found: Row = {}
    for aggregate in aggregates:
        *what, name = (str(child) for child in aggregate.children)
        if not what:
            found[name] = len(rows)
            continue
        function, source = what
        values = [row[source] for row in rows if row.get(source) is not None]
        functions: dict[str, Callable[[list[Any]], Value]] = {
            "sum": sum, "min": min, "max": max, "last": lambda values: values[-1],
        }  # fmt: skip
        found[name] = functions[function](values) if values else None
    return found


# expressions


def _evaluate(node: Any, row: Row) -> Value:
    if isinstance(node, Token):
        if node.type == "NUMBER":
            return float(node) if "." in node else int(node)
        return str(node)[1:-1] if node.type == "STRING" else row.get(str(node))
    match node.data:
        case "either":
            values = [_evaluate(child, row) for child in node.children]
            return True if True in values else None if None in values else False
        case "both":
            values = [_evaluate(child, row) for child in node.children]
            return False if False in values else None if None in values else True
        case "negated":
            value = _evaluate(node.children[0], row)
            return None if value is None else not value
        case "compared":
            left, sign, right = node.children
            return _compared(_evaluate(left, row), str(sign), _evaluate(right, row))
        case "joined":
            values = [_evaluate(child, row) for child in node.children]
            return None if None in values else "".join(map(str, values))
        case "call":
            return _call(str(node.children[0]), node.children[1:], row)
        case _:
            return _chain(node.children, row)


def _compared(left: Value, sign: str, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    assert isinstance(left, str) == isinstance(right, str), (left, sign, right)
    return _COMPARE[sign](left, right)


def _chain(children: list[Any], row: Row) -> Value:
    result = _evaluate(children[0], row)
    for sign, child in zip(children[1::2], children[2::2], strict=True):
        other = _evaluate(child, row)
        if result is None or other is None:
            return None
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](result, other)
    return result


def _call(name: str, arguments: list[Any], row: Row) -> Value:
    match name:
        case "if":
            condition, then, otherwise = arguments
            return _evaluate(then if _evaluate(condition, row) is True else otherwise, row)
        case "case":
            pairs = zip(arguments[::2], arguments[1::2], strict=True)
            return next((_evaluate(then, row) for when, then in pairs if _evaluate(when, row) is True), None)
        case "coalesce":
            return next((value for value in (_evaluate(one, row) for one in arguments) if value is not None), None)
        case "mvfilter":
            [column] = {str(name) for name in arguments[0].scan_values(lambda token: _COLUMN.fullmatch(token))}
            kept = [v for v in _listed(row.get(column)) if _evaluate(arguments[0], {**row, column: v}) is True]
            return _single(kept)
        case "mvmap":
            column = str(arguments[0])
            mapped = [_evaluate(arguments[1], {**row, column: value}) for value in _listed(row.get(column))]
            return _single([value for value in mapped if value is not None])
        case _:
            return _FUNCTIONS[name](*(_evaluate(one, row) for one in arguments))


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _tonumber(value: Value) -> Value:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else number


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "null": lambda: None,
    "true": lambda: True,
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "mvcount": lambda value: len(_listed(value)) or None,
    "mvappend": lambda *values: _single([one for value in values for one in _listed(value)]),
    "mvdedup": lambda value: _single(list(dict.fromkeys(_listed(value)))),
    "tonumber": _tonumber,
    "round": lambda value: math.floor(value + 0.5),
    "len": lambda value: None if value is None else len(value),
    "substr": lambda value, start: None if value is None else value[start - 1 :],
    "match": lambda value, pcre: None if value is None else evaluator.pcre(f'"{pcre}"').search(value) is not None,
    "cidrmatch": lambda network, value: None if value is None else evaluator.inside(value, network),
}

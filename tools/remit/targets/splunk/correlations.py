"""Correlations over sliding windows, in `stats` and `streamstats` alone.

At every instant with a matching event the window of a key is what matched in [t - T, t]. Counts and sums are swept:
each event comes in at its time and leaves T later, after what arrives at that instant. Rules that must all have fired
carry the time of their last event; an order of rules carries the latest start of a chain that came as far. Nothing of
it depends on `time_window`, whose borders the manual leaves open, or on buckets, which miss what lies across borders.

The rows are the closes of windows in which the condition starts to hold, as the rule means it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from remit.content import And, Correlation, Expression, Or, Ref, Threshold
from remit.targets.splunk.fields import Field
from remit.targets.splunk.query import conditions_of, prefilter, split
from remit.targets.splunk.terms import Columns, Node, as_where
from remit.targets.splunk.values import JSON_NUMBER, quote

OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "neq": "!="}


MAX_STREAM_WINDOW = 10_000
"""limits.conf, [stats] max_stream_window."""
HUNT = "run it with `remit hunt`"


class NoForm(Exception):
    """A correlation that has no form: the name of the refusal, why, a way out."""


@dataclass(frozen=True)
class Member:
    """A rule of a correlation."""

    node: Node
    keys: tuple[Field, ...]
    values: tuple[Field, ...]


def write(correlation: Correlation, members: list[Member], place: str) -> tuple[str, tuple[str, ...]]:
    """Return the query and the names of its conditions.

    Raises NoForm."""
    columns = Columns()
    scalar = all(field.scalar for member in members for field in member.keys)
    # An event can come up twice in one group only by two rules, or by two elements of a list.
    twice = correlation.type == "event_count" and (len(members) > 1 or not scalar)
    rows_of_rules = _rows_of_rules(members, columns, numbered=twice)
    keys = [[columns.of(field, without_null=True) for field in member.keys] for member in members]
    values = [[columns.of(field, without_null=True) for field in member.values] for member in members]
    group = [f"g{number}" for number in range(len(correlation.group_by))] or ["g"]
    by, span = " ".join(group), correlation.timespan
    lines = [prefilter(place, [member.node for member in members])]
    # Every column is asked for before any is written, because one `eval` makes them all.
    lines += [f"eval {columns.assignments}"] if columns.names else []
    lines += rows_of_rules + _keys(keys, group, scalar=scalar) + _values(values)
    lines += [f"dedup id {by}"] if twice else []
    # What follows sorts and copies rows: leave them nothing else to carry.
    kept = ["t", *(["k"] if len(members) > 1 else []), *(["v"] if values[0] else []), *group]
    lines += [f"fields {' '.join(kept)}", "fields - _raw"]
    lines += _form(correlation, by, len(members))
    lines += [
        f"sort 0 {by} t",
        f"streamstats current=f window=1 global=f last(hit) AS before last(t) AS earlier BY {by}",
        f"where hit=1 AND (coalesce(before,0)=0 OR t-coalesce(earlier,0)>{span})",
        # The first windows of the searched time are cut, and whether the condition held before is not known there.
        "addinfo",
        f"where t>=info_min_time*1000+{2 * span}",
        "eval _time=t/1000",
        f"fields _time {by}",
    ]
    renamed = ", ".join(f'{g} AS "{name}"' for g, name in zip(group, correlation.group_by, strict=False))
    lines += [f"rename {renamed}"] if renamed else []
    named = {"lookback", "memory_limits"}.union(*(conditions_of(m.node, m.keys + m.values) for m in members))
    if correlation.type in ("value_sum", "value_avg"):
        named.add("whole_numbers")
    return "\n| ".join(lines), tuple(sorted(named))


def _rows_of_rules(members: list[Member], columns: Columns, *, numbered: bool) -> list[str]:
    """One row for each rule that an event matches; of several rules `k` is the number, and `id` that of the event."""
    number = ["streamstats count AS id"] if numbered else []
    if len(members) == 1:
        rest = split(members[0].node)[1]
        tests = [f"where {' AND '.join(as_where(part, columns) for part in rest)}"] if rest else []
        return [*tests, "eval t=round(_time*1000)", *number]
    tests = [as_where(member.node, columns) for member in members]
    matched = ",".join(f'if({test},"{k}",null())' for k, test in enumerate(tests))
    return [f"eval t=round(_time*1000), k=mvappend({matched})", *number, "where isnotnull(k)", "mvexpand k"]


def _keys(keys: list[list[str]], group: list[str], *, scalar: bool) -> list[str]:
    """The group of each row; an element of a list is a group of its own, and a row without one takes no part."""
    if not keys[0]:
        return ['eval g="*"']
    rows = []
    for number, g in enumerate(group):
        column = _by_rule([of_rule[number] for of_rule in keys])
        rows += [f"eval {g}={column if scalar else f'mvdedup({column})'}", f"where isnotnull({g})"]
        rows += [] if scalar else [f"mvexpand {g}"]
    return rows


def _values(values: list[list[str]]) -> list[str]:
    """The counted value `v` of each row, one row an element; none where a field is missing. A sign in front tells a
    value from what stands for none, so that no row is lost."""
    if not values[0]:
        return []
    rows = []
    names = [f"v{number}" for number in range(len(values[0]))]
    for number, name in enumerate(names):
        of_rules = _by_rule([of_rule[number] for of_rule in values])
        rows += [
            f"eval {name}={of_rules}",
            f'eval {name}=if(isnull({name}),"-",mvmap({name},"+".{name}))',
            f"mvexpand {name}",
        ]
    missing = " OR ".join(f'{name}="-"' for name in names)
    # The length in front makes the text of several values unmistakable.
    whole = ".".join(f'len({name}).":".{name}' for name in names) if len(names) > 1 else f"substr({names[0]},2)"
    return [*rows, f"eval v=if({missing},null(),{whole})"]


def _by_rule(columns: list[str]) -> str:
    if len(set(columns)) == 1:
        return columns[0]
    cases = ",".join(f'k="{number}",{column}' for number, column in enumerate(columns))
    return f"case({cases})"


def _form(correlation: Correlation, by: str, rules: int) -> list[str]:
    """From rows with t, k, id, v to one row a group and instant with `hit`."""
    condition = correlation.condition
    span = correlation.timespan
    match correlation.type:
        case "event_count":
            least = _least(condition)
            if least is not None and 1 <= least <= MAX_STREAM_WINDOW:
                return _last_rows(by, span, least)
            return ["eval w=1", *_sweep(by, span), _hit(correlation, "c")]
        case "value_count":
            return [*_replaced(by, span), *_sweep(by, span, replaced=True), _hit(correlation, "c")]
        case "value_sum" | "value_avg":
            number = f"if(match(v,{quote(JSON_NUMBER)}),tonumber(v),null())"
            whole = f"eval x={number}, w=coalesce(x,0), n=if(isnull(x),0,1)"
            return [whole, *_sweep(by, span, numbers=True), _hit(correlation, "c", "n")]
        case "temporal":
            return _temporal(condition, by, rules, span, correlation.refs)
        case "temporal_ordered":
            return _ordered(by, rules, span)
        case other:
            raise NoForm("CORR_PERCENTILE", f"`{other}` needs every value of a window at once", HUNT)


def _replaced(by: str, span: int) -> list[str]:
    """A value that comes again inside the window leaves where it comes again, so it counts once."""
    return [
        "sort 0 -t",
        f"streamstats current=f min(t) AS again BY {by} v",
        f"eval w=if(isnull(v),0,1), again=if(again<=t+{span},again,null())",
    ]


def _least(condition: Threshold | Expression) -> int | None:
    """The whole number that `gte` or `gt` alone ask for."""
    match condition:
        case Threshold(bounds=(("gte", number),)):
            return math.ceil(number)
        case Threshold(bounds=(("gt", number),)):
            return math.floor(number) + 1
        case _:
            return None


def _last_rows(by: str, span: int, least: int) -> list[str]:
    """So many events lie in a window where the one that came so many before is not older than the timespan."""
    return [
        f"sort 0 {by} t",
        f"streamstats window={least} global=f count AS c min(t) AS first BY {by}",
        f"eval hit=if(c={least} AND t-first<={span},1,0)",
        f"stats max(hit) AS hit BY {by} t",
    ]


def _sweep(by: str, span: int, *, replaced: bool = False, numbers: bool = False) -> list[str]:
    """Running sums of `w` (as c), and with `numbers` of `n`, over the window at each instant. Of one instant o tells
    the order: 0 leaves because it comes again, 1 arrives, 2 leaves because its time is over."""
    leaves = f"coalesce(again,t+{span})" if replaced else f"t+{span}"
    order = "case(e=1,1,isnotnull(again),0,true(),2)" if replaced else "if(e=1,1,2)"
    signed, summed = (", n=e*n", " sum(n) AS n") if numbers else ("", "")
    return [
        'eval e=mvappend("1","-1")',
        "mvexpand e",
        f"eval e=tonumber(e), t=if(e=1,t,{leaves}), o={order}, w=e*w{signed}",
        f"stats sum(w) AS w{summed} BY {by} t o",
        f"sort 0 {by} t o",
        f"streamstats sum(w) AS c{summed} BY {by}",
        "where o=1",
    ]


def _hit(correlation: Correlation, value: str, count: str | None = None) -> str:
    condition = correlation.condition
    assert isinstance(condition, Threshold)  # noqa: S101 - the loader has seen to it
    of_mean = correlation.type == "value_avg"
    bounds = [
        f"{value}{OPERATORS[name]}{_number(bound)}{'*' + str(count) if of_mean else ''}"
        for name, bound in condition.bounds
    ]
    if count is not None:
        bounds.insert(0, f"{count}>0")
    return f"eval hit=if({' AND '.join(bounds)},1,0)"


def _temporal(condition: Threshold | Expression, by: str, rules: int, span: int, refs: tuple[str, ...]) -> list[str]:
    numbers = range(rules)
    fired = [f"t-l{number}<={span}" for number in numbers]
    if isinstance(condition, Threshold):
        counted = "+".join(f"if({one},1,0)" for one in fired)
        asked = " AND ".join(f"{counted}{OPERATORS[name]}{_number(bound)}" for name, bound in condition.bounds)
    else:
        asked = _logic(condition, dict(zip(refs, fired, strict=True)))
    return [
        "eval " + ", ".join(f'a{number}=if(k="{number}",t,0)' for number in numbers),
        f"stats {' '.join(f'max(a{number}) AS a{number}' for number in numbers)} BY {by} t",
        f"sort 0 {by} t",
        f"streamstats {' '.join(f'max(a{number}) AS l{number}' for number in numbers)} BY {by}",
        f"eval hit=if({asked},1,0)",
    ]


def _logic(condition: Expression, fired: dict[str, str]) -> str:
    match condition:
        case Ref(name):
            return fired[name]
        case And(args):
            return f"({' AND '.join(_logic(arg, fired) for arg in args)})"
        case Or(args):
            return f"({' OR '.join(_logic(arg, fired) for arg in args)})"
        case _:
            raise NoForm(
                "CORR_NEGATED_TEMPORAL",
                "what did not fire is known only when the window is over",
                "run it with `remit hunt`",
            )


def _ordered(by: str, rules: int, span: int) -> list[str]:
    """`m` of a rule: the latest start of a chain that has come to it. Rows of one instant are sorted from the last rule
    to the first, so none of them follows another."""
    rows = ["eval k=tonumber(k)", "sort 0 t -k", "eval s=if(k=0,t,0)", f"streamstats max(s) AS m0 BY {by}"]
    for number in range(1, rules):
        rows += [f"eval s=if(k={number},m{number - 1},0)", f"streamstats max(s) AS m{number} BY {by}"]
    last = f"m{rules - 1}"
    return [*rows, f"stats max({last}) AS m BY {by} t", f"eval hit=if(m>0 AND t-m<={span},1,0)"]


def _number(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else str(bound)

"""Correlations over sliding windows in ES|QL of 8.19, as one row for each key with the close of its first window.

There are no window functions there. A key's times become one list, and what follows in it is compared. Exact are the
conditions that more events can only satisfy; the others depend on where the look-back cuts a window, and are refused.
Times are milliseconds with 13 digits (2001 to 2286), so that they sort as text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from remit.content import And, Correlation, Expression, Or, Ref, Threshold
from remit.meaning.correlation import is_negated
from remit.targets import Refused
from remit.targets.elastic.native import column

FIRST_CLOSE = "`nhi.window.first_close`"
_EVENT = 'MD5(CONCAT(_index, "|", _id))'
"""Tells events apart whose time is the same; of fixed length, whatever an id holds."""


class Member(Struct, frozen=True, kw_only=True):
    """A rule of the correlation."""

    condition: str
    """What its events satisfy, as ES|QL that may stand in WHERE."""
    keys: tuple[str, ...]
    """The columns of its group-by fields, in their order."""
    values: tuple[str, ...]
    """The columns of the fields that are counted."""


def query(correlation: Correlation, members: Sequence[Member], index: str, time: str) -> str:
    """Return the query; `time` is an expression for the time of an event.

    Raises `Refused`."""
    count = _least(correlation)
    plan = _Plan(members, correlation)
    match correlation.type:
        case "event_count":
            steps = _counted(plan, count)
        case "value_count":
            steps = _distinct(plan, count)
        case "temporal_ordered" if len(members) > 2:
            steps = _chain(plan)
        case "temporal_ordered":
            steps = _pairs(plan, 'remit_a == "1" AND remit_b == "0"')
        case _ if count == len(members) == 2:
            steps = _pairs(plan, "remit_a != remit_b")
        case _:
            steps = _together(plan, correlation, count)
    return "\n| ".join([*_events(plan, index, time), *steps, *_result(correlation, plan)])


def _least(correlation: Correlation) -> int:
    """Return how many are needed at least; 0 where logic decides."""
    condition = correlation.condition
    if not isinstance(condition, Threshold):
        if is_negated(correlation):
            raise refusal(correlation, "CORR_NEGATED_TEMPORAL", "what did not fire is known when the window is over")
        return 0
    counting = correlation.type in ("event_count", "value_count", "temporal", "temporal_ordered")
    bounds = dict(condition.bounds)
    if not counting or len(bounds) != 1 or not bounds.keys() <= {"gt", "gte"}:
        raise refusal(
            correlation,
            "CORR_NONMONOTONE_TARGET",
            "a window that the look-back of a scheduled rule cuts would satisfy it falsely",
        )
    least = math.floor(bounds["gt"]) + 1 if "gt" in bounds else math.ceil(bounds["gte"])
    return max(1, least)


def refusal(correlation: Correlation, name: str, why: str) -> Refused:
    """Return a refusal at the condition, with the command that does the job."""
    hunt = f"run `remit hunt LOGS --rules {correlation.file}`"
    return Refused(name, str(correlation.condition_place), why, hunt)


class _Plan:
    """How the columns of a query are called."""

    def __init__(self, members: Sequence[Member], correlation: Correlation) -> None:
        self.members = members
        self.span = correlation.timespan
        self.alike = len({(member.keys, member.values) for member in members}) == 1
        """Whether all rules call keys and values by the same fields."""
        first = members[0]
        self.keys = [self._name(key, f"remit_k{at}") for at, key in enumerate(first.keys)] or ["remit_all"]
        self.values = [self._name(value, f"remit_v{at}") for at, value in enumerate(first.values)]
        self.by = ", ".join(self.keys)

    def _name(self, expression: str, otherwise: str) -> str:
        # A field is expanded under its own name: behind an expanded alias 8.19 fails on `STATS ... WHERE QSTR(...)`.
        return expression if self.alike and not expression.startswith("TO_STRING(") else otherwise

    def columns(self) -> list[str]:
        """One row for each key and value of an event: a list is several, a missing key is none. Where each rule calls
        them by fields of its own, a row for each rule, too."""
        lines = []
        if not self.alike:
            numbers = ", ".join(f'"{number}"' for number in range(len(self.members)))
            lines += [f"EVAL remit_rule = [{numbers}]", "MV_EXPAND remit_rule"]
        names = [*self.keys, *self.values] if self.members[0].keys else self.values
        for at, name in enumerate(names):
            each = [[*member.keys, *member.values][at] for member in self.members]
            if not self.alike:
                ways = ", ".join(f'remit_rule == "{number}", {field}' for number, field in enumerate(each))
                lines.append(f"EVAL {name} = CASE({ways})")
            elif name != each[0]:
                lines.append(f"EVAL {name} = {each[0]}")
            lines.append(f"MV_EXPAND {name}")
        if not self.members[0].keys:
            return [*lines, 'EVAL remit_all = ""']
        return [*lines, f"WHERE {' AND '.join(f'{key} IS NOT NULL' for key in self.keys)}"]


def _events(plan: _Plan, index: str, time: str) -> list[str]:
    several = [f"({member.condition})" for member in plan.members]
    condition = plan.members[0].condition if len(several) == 1 else " OR ".join(several)
    # The time is not asked for: 8.19 takes `TO_LONG(COALESCE(a, b)) IS NOT NULL` for "a and b are there", and drops the
    # others. An event without a time makes no element of a list anyway.
    lines = [f"FROM {index} METADATA _id, _index", f"WHERE {condition}", f"EVAL remit_t = TO_LONG({time})"]
    return [*lines, *plan.columns()]


def _sets(plan: _Plan, elements: Sequence[str], more: str = "") -> str:
    """Gather each rule's elements by key, as `remit_0`, `remit_1` ...; `more` is a further column to group by."""
    tags = ["" if plan.alike else f' AND remit_rule == "{number}"' for number in range(len(plan.members))]
    parts = [
        f"remit_{number} = VALUES({element}) WHERE ({member.condition}){tag}"
        for number, (member, element, tag) in enumerate(zip(plan.members, elements, tags, strict=True))
    ]
    return f"STATS {', '.join(parts)} BY {plan.by}{more}"


def _union(plan: _Plan) -> str:
    """All elements of all rules in one list; an empty one stands for a rule without any."""
    together = 'COALESCE(remit_0, "")'
    for number in range(1, len(plan.members)):
        together = f'MV_APPEND({together}, COALESCE(remit_{number}, ""))'
    return f"EVAL remit_es = {together}"


def _element(what: str) -> str:
    return f'CONCAT(TO_STRING(remit_t), "|", {what})'


def _counted(plan: _Plan, count: int) -> list[str]:
    """In the sorted list of a key's events, one and the one `count` places on lie within the span."""
    element = _element(_EVENT)
    if plan.alike:
        lines = [f"STATS remit_es = VALUES({element}) BY {plan.by}"]
    else:
        lines = [_sets(plan, [element] * len(plan.members)), _union(plan), "EVAL remit_es = MV_DEDUPE(remit_es)"]
        lines += ["MV_EXPAND remit_es", 'WHERE remit_es != ""', f"STATS remit_es = VALUES(remit_es) BY {plan.by}"]
    if count == 1:
        return [*lines, "EVAL remit_close = TO_LONG(SUBSTRING(MV_MIN(remit_es), 1, 13))"]
    pairs = f'MV_ZIP(MV_SLICE(remit_es, 0, remit_n - {count}), MV_SLICE(remit_es, {count - 1}, remit_n - 1), ">")'
    return [
        *lines,
        "EVAL remit_n = MV_COUNT(remit_es)",
        f"WHERE remit_n >= {count}",
        "EVAL remit_es = MV_SORT(remit_es)",
        f"EVAL remit_p = {pairs}",
        f"KEEP {plan.by}, remit_p",
        "MV_EXPAND remit_p",
        "EVAL remit_open = TO_LONG(SUBSTRING(remit_p, 1, 13)), remit_close = TO_LONG(SUBSTRING(remit_p, 48, 13))",
        f"WHERE remit_close - remit_open <= {plan.span}",
    ]


def _pairs(plan: _Plan, condition: str) -> list[str]:
    """Two neighbors in the sorted list are of the one rule and the other. The second sorts before the first in the same
    millisecond: it does not follow it there."""
    return [
        _sets(plan, [_element('"1"'), _element('"0"')]),
        "WHERE remit_0 IS NOT NULL AND remit_1 IS NOT NULL",
        "EVAL remit_es = MV_SORT(MV_APPEND(remit_0, remit_1))",
        "EVAL remit_n = MV_COUNT(remit_es)",
        'EVAL remit_p = MV_ZIP(MV_SLICE(remit_es, 0, remit_n - 2), MV_SLICE(remit_es, 1, remit_n - 1), ">")',
        f"KEEP {plan.by}, remit_p",
        "MV_EXPAND remit_p",
        "EVAL remit_a = SUBSTRING(remit_p, 15, 1), remit_b = SUBSTRING(remit_p, 31, 1)",
        "EVAL remit_open = TO_LONG(SUBSTRING(remit_p, 1, 13)), remit_close = TO_LONG(SUBSTRING(remit_p, 17, 13))",
        f"WHERE {condition} AND remit_close - remit_open <= {plan.span}",
    ]


def _chain(plan: _Plan) -> list[str]:
    """From each event of the first rule on, the earliest next step leaves the most to come."""
    last = len(plan.members)
    lines = [
        _sets(plan, ["remit_t"] * last),
        "WHERE " + " AND ".join(f"remit_{number} IS NOT NULL" for number in range(last)),
        "EVAL remit_close = remit_0",
        "MV_EXPAND remit_close",
        "EVAL remit_open = remit_close",
    ]
    for number in range(1, last):
        kept = "".join(f", remit_{later} = VALUES(remit_{later})" for later in range(number + 1, last))
        lines += [
            f"MV_EXPAND remit_{number}",
            f"WHERE remit_{number} > remit_close AND remit_{number} - remit_open <= {plan.span}",
            f"STATS remit_close = MIN(remit_{number}){kept} BY {plan.by}, remit_open",
        ]
    return lines


_BUCKET = "remit_bucket"


def _buckets(plan: _Plan) -> list[str]:
    """An event is in the bucket of its time and in the next one: the window of every event is whole in its bucket."""
    bucket = f"remit_t / {plan.span}"
    return [f"EVAL {_BUCKET} = MV_APPEND({bucket}, {bucket} + 1)", f"MV_EXPAND {_BUCKET}"]


def _windows(plan: _Plan) -> list[str]:
    """Join every event of a bucket's own time with the elements of its window, as `remit_what` by `remit_close`."""
    return [
        "EVAL remit_close = remit_es",
        "MV_EXPAND remit_close",
        'WHERE remit_close != ""',
        "EVAL remit_close = TO_LONG(SUBSTRING(remit_close, 1, 13))",
        f"WHERE remit_close / {plan.span} == {_BUCKET}",
        f"STATS remit_es = VALUES(remit_es) BY {plan.by}, remit_close",
        "MV_EXPAND remit_es",
        'WHERE remit_es != ""',
        "EVAL remit_t = TO_LONG(SUBSTRING(remit_es, 1, 13)), remit_what = SUBSTRING(remit_es, 15)",
        f"WHERE remit_t <= remit_close AND remit_t >= remit_close - {plan.span}",
    ]


def _distinct(plan: _Plan, count: int) -> list[str]:
    """Every element of a list counts; several fields count as tuples."""
    element = _element(_tuple(plan.values))
    if plan.alike:
        gathered = [f"STATS remit_es = VALUES({element}) BY {plan.by}, {_BUCKET}"]
    else:
        gathered = [_sets(plan, [element] * len(plan.members), f", {_BUCKET}"), _union(plan)]
    return [
        *_buckets(plan),
        *gathered,
        f"WHERE MV_COUNT(remit_es) >= {count}",
        *_windows(plan),
        f"STATS remit_n = MV_COUNT(VALUES(remit_what)) BY {plan.by}, remit_close",
        f"WHERE remit_n >= {count}",
    ]


def _tuple(columns: Sequence[str]) -> str:
    """Return a text that is another one for every tuple: each value but the last with its length before it."""
    *others, last = columns
    parts = [part for name in others for part in (f"TO_STRING(LENGTH({name}))", '":"', name)]
    return f"CONCAT({', '.join([*parts, last])})" if parts else last


def _together(plan: _Plan, correlation: Correlation, count: int) -> list[str]:
    """The rules of a window: how many, or what the logic says of them."""
    elements = [_element(f'"{number}"') for number in range(len(plan.members))]
    flags = [f'remit_f{number} = MAX(CASE(remit_what == "{number}", 1, 0))' for number in range(len(plan.members))]
    condition = correlation.condition
    if isinstance(condition, Threshold):
        holds = f"{' + '.join(f'remit_f{number}' for number in range(len(plan.members)))} >= {count}"
    else:
        holds = _logic(condition, correlation.refs)
    return [
        *_buckets(plan),
        _sets(plan, elements, f", {_BUCKET}"),
        _union(plan),
        *_windows(plan),
        f"STATS {', '.join(flags)} BY {plan.by}, remit_close",
        f"WHERE {holds}",
    ]


def _logic(condition: Expression, refs: Sequence[str]) -> str:
    match condition:
        case Ref(name):
            return f"remit_f{refs.index(name)} == 1"
        case And(args) | Or(args):
            word = " AND " if isinstance(condition, And) else " OR "
            return word.join(f"({_logic(arg, refs)})" for arg in args)
        case _:
            raise AssertionError("negated logic is refused before")


def _result(correlation: Correlation, plan: _Plan) -> list[str]:
    lines = [f"STATS remit_first = MIN(remit_close) BY {plan.by}", f"EVAL {FIRST_CLOSE} = TO_DATETIME(remit_first)"]
    shown = [FIRST_CLOSE]
    for name, key in zip(correlation.group_by, plan.keys, strict=False):
        # A key that is no field of the index is shown as the rule calls it.
        own = key.startswith("remit_")
        lines += [f"EVAL {column(name)} = {key}"] if own else []
        shown.append(column(name) if own else key)
    return [*lines, f"KEEP {', '.join(shown)}", f"SORT {', '.join(shown)}", "LIMIT 10000"]

"""The stock Splunk backend with the leaves replaced by what is exact: it builds a tree of terms instead of text.

Applying a pipeline, parsing the condition and telling the kinds of values apart is the stock backend's; what it prints
for a value is not taken unless it is the documented, exact form.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn, TypeVar, cast

from sigma.backends.splunk.splunk import SplunkBackend
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.state import ConversionState
from sigma.exceptions import SigmaPlaceholderError
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaDetection, SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
)

from remit.targets.regex import Unsupported, nested_repeats, parse
from remit.targets.splunk.fields import Field, Schema
from remit.targets.splunk.networks import networks
from remit.targets.splunk.pcre import WideRange, counts_characters, show
from remit.targets.splunk.terms import (
    JSON_NULL,
    Node,
    Presence,
    Test,
    Text,
    all_of,
    any_of,
    any_value,
    leaves,
    name_in_search,
    negation,
)
from remit.targets.splunk.times import steps
from remit.targets.splunk.values import JSON_NUMBER, Pattern, quote

FieldCondition = ConditionFieldEqualsValueExpression
ValueType = TypeVar("ValueType", bound=SigmaType)

_HUNT = "run it with `remit hunt`, which does not need this form"
REFUSALS = {
    "absent-text": (
        "the add-on writes this very text where the member is absent",
        "ask for other values, or use `--pipeline raw`",
    ),
    "expand-unset": ("the placeholder has no value", "give it one in a pipeline (`value_placeholders`)"),
    "field-array-depth": (
        "the path has more than four members that may be lists, which makes too many field names",
        "declare the path under `splunk_fields` of a pipeline",
    ),
    "field-name": ("Splunk cannot name this field safely in a search", _HUNT),
    "fieldref-array": (
        "values of two lists cannot be compared piece by piece, and these fields may be lists",
        f"declare both fields under `splunk_fields` of a pipeline, or {_HUNT}",
    ),
    "keywords-json": (
        "the raw event holds key names and escaped values, so a keyword would find and miss the wrong things",
        f"name the fields, or {_HUNT}",
    ),
    "null-text": (
        'Splunk extracts a JSON null as the text "null", so the two cannot be told apart',
        f"ask for `null`, or {_HUNT}",
    ),
    "query-expression": ("a pipeline puts a text of its own into the query", "use a pipeline without it"),
    "regex-construct": ("{}: what it means depends on the dialect", f"write it without, or {_HUNT}"),
    "regex-heavy": (
        "a repetition inside a repetition: Splunk stops such an expression (match_limit) and takes it for no match",
        f"write it without, or {_HUNT}",
    ),
    "regex-wide-range": ("a range beyond ASCII that ignores case", f"spell its letters, or {_HUNT}"),
}
"""Each refusal of this target: why, and a way out."""


class NotExact(Exception):
    """A construct that has no exact form here: its name, the place (None: nobody knows), why, and a way out."""

    def __init__(self, construct: str, place: str | None, why: str, way_out: str) -> None:
        self.construct, self.place, self.why, self.way_out = construct, place, why, way_out
        super().__init__(construct)


class TermBackend(SplunkBackend):
    """Turns a Sigma rule into a tree of terms. One instance serves one rule."""

    def __init__(self, pipeline: ProcessingPipeline | None, schema: Schema) -> None:
        super().__init__(pipeline)
        self._schema = schema

    def terms(self, rule: SigmaRule) -> Node:
        """Apply the pipeline and return the condition; several conditions are alternatives.

        Raises NotExact for a construct without an exact form, and pySigma's errors for what a pipeline refuses."""
        self.init_processing_pipeline()
        self.last_processing_pipeline.apply(rule)
        state = ConversionState(processing_state=dict(self.last_processing_pipeline.state))
        _keep_places_of_items(rule)
        node = any_of([self._node(condition.parsed, state) for condition in rule.detection.parsed_condition])
        for leaf in leaves(node):
            if isinstance(leaf, Text) and leaf.asks_for_absent_text():
                raise NotExact("absent-text", leaf.place, *REFUSALS["absent-text"])
        return node

    def _node(self, cond: Any, state: ConversionState) -> Node:
        return cast("Node", self.convert_condition(cond, state))

    # Structure

    def decide_convert_condition_as_in_expression(self, cond: Any, state: ConversionState) -> bool:
        return False

    def convert_condition_or(self, cond: ConditionOR, state: ConversionState) -> Any:
        return any_of([self._node(arg, state) for arg in _args(cond)])

    def convert_condition_and(self, cond: ConditionAND, state: ConversionState) -> Any:
        return all_of([self._node(arg, state) for arg in _args(cond)])

    def convert_condition_not(self, cond: ConditionNOT, state: ConversionState) -> Any:
        return negation(self._node(_args(cond)[0], state))

    def convert_condition_field_eq_expansion(self, cond: FieldCondition, state: ConversionState) -> Any:
        values = _value(cond, SigmaExpansion).values
        return any_of([self._node(_same_place(FieldCondition(cond.field, value), cond), state) for value in values])

    # Leaves

    def _field(self, cond: FieldCondition) -> Field:
        try:
            return self._schema.field(cond.field)
        except ValueError as error:
            self._refuse(str(error), cond)

    def _refuse(self, construct: str, cond: FieldCondition | ConditionValueExpression, what: str = "") -> NoReturn:
        why, way_out = REFUSALS[construct]
        why = why.format(what)
        raise NotExact(construct, _place(cond), why, way_out)

    def convert_condition_field_eq_val_str(self, cond: FieldCondition, state: ConversionState) -> Any:
        return self._text(cond, cased=False)

    def convert_condition_field_eq_val_str_case_sensitive(self, cond: FieldCondition, state: ConversionState) -> Any:
        return self._text(cond, cased=True)

    def _text(self, cond: FieldCondition, *, cased: bool) -> Node:
        field = self._field(cond)
        try:
            pattern = Pattern.of(_value(cond, SigmaString))
        except SigmaPlaceholderError:
            self._refuse("expand-unset", cond)
        if field.nullable and not pattern.wild and pattern.matches(JSON_NULL):
            self._refuse("null-text", cond)
        if field.absent_text is not None and pattern.anything and field.scalar and field.searchable:
            return Presence(field, present=True)  # a scalar that is there is a value that `*` matches
        return Text(field, (pattern,), cased, _place(cond))

    def convert_condition_field_eq_val_bool(self, cond: FieldCondition, state: ConversionState) -> Any:
        text = "true" if _value(cond, SigmaBool).boolean else "false"
        return Text(self._field(cond), (Pattern((text,)),))

    def convert_condition_field_eq_val_num(self, cond: FieldCondition, state: ConversionState) -> Any:
        number = _value(cond, SigmaNumber).number
        field = self._field(cond)
        texts = [str(number)]
        if not field.number and isinstance(number, int):
            texts.append(f"{number}.0")  # the same number, as some producers write it
        return Text(field, tuple(Pattern((text,)) for text in texts))

    def convert_condition_field_eq_val_null(self, cond: FieldCondition, state: ConversionState) -> Any:
        return self._presence(cond, present=False)

    def convert_condition_field_eq_val_exists(self, cond: FieldCondition, state: ConversionState) -> Any:
        return self._presence(cond, present=_value(cond, SigmaExists).exists)

    def _presence(self, cond: FieldCondition, *, present: bool) -> Presence:
        field = self._field(cond)
        leaf = Presence(field, present)
        if field.absent_text is not None and leaf.search() is None:
            self._refuse("absent-text", cond)
        return leaf

    def convert_condition_field_eq_val_re(self, cond: FieldCondition, state: ConversionState) -> Any:
        value = _value(cond, SigmaRegularExpression)
        field = self._field(cond)
        text = str(value.regexp)
        try:
            tree, flags = parse(text, frozenset(value.sigma_to_re_flag[flag] for flag in value.flags))
            fold = "i" in flags and not field.ascii
            pcre = show(tree, fold=fold)
        except Unsupported as error:
            self._refuse("regex-construct", cond, str(error))
        except WideRange:
            self._refuse("regex-wide-range", cond)
        if nested_repeats(tree):
            self._refuse("regex-heavy", cond)
        prefix = "".join(sorted(flags - ({"i"} if fold else set())))
        prefix = f"(?{prefix})" if prefix else ""
        return Test(
            (field,),
            any_value("{0}", f"match({{0}},{_braced(quote(prefix + pcre))})"),
            named=frozenset({"pcre_utf8"} if counts_characters(tree) and not field.ascii else ()),
            without_null=re.search(text, JSON_NULL, re.ASCII | re.IGNORECASE) is not None,
        )

    def convert_condition_field_eq_val_cidr(self, cond: FieldCondition, state: ConversionState) -> Any:
        field = self._field(cond)
        nets = networks(_value(cond, SigmaCIDRExpression).network)
        terms = None
        if field.searchable and nets.searchable:
            inside = nets.inside[:1] if field.address else nets.inside
            terms = tuple(f'{name_in_search(name)}="{net}"' for name in field.names for net in inside)
        return Test((field,), any_value("{0}", nets.expression), terms)

    def convert_condition_field_compare_op_val(self, cond: FieldCondition, state: ConversionState) -> Any:
        value = _value(cond, SigmaCompareExpression)
        operator = self.compare_operators[value.op]
        if isinstance(value.number, SigmaTimestampPart):
            return self._time_part(cond, value.number, operator)
        field = self._field(cond)
        number = format_number(value.number.number)
        terms = None
        if field.number and field.searchable:
            terms = tuple(f"{name_in_search(name)}{operator}{number}" for name in field.names)
        guard = "" if field.number else f"match({{0}},{_braced(quote(JSON_NUMBER))}) AND "
        return Test((field,), any_value("{0}", f"{guard}tonumber({{0}}){operator}{number}"), terms)

    def convert_condition_field_eq_val_timestamp_part(self, cond: FieldCondition, state: ConversionState) -> Any:
        return self._time_part(cond, _value(cond, SigmaTimestampPart), "=")

    def _time_part(self, cond: FieldCondition, part: SigmaTimestampPart, operator: str) -> Test:
        field = self._field(cond)
        expression = any_value("{0}", f"tonumber({{0}}){operator}{format_number(part.number)}")
        return Test((field,), expression, steps=steps(part.timestamp_part))

    def convert_condition_field_eq_field(self, cond: FieldCondition, state: ConversionState) -> Any:
        reference = _value(cond, SigmaFieldReference)
        left = self._field(cond)
        right = self._field(_same_place(FieldCondition(reference.field, reference), cond))
        scalars = left.scalar and right.scalar
        if (reference.starts_with or reference.ends_with) and not scalars:
            self._refuse("fieldref-array", cond)
        named = frozenset() if left.ascii and right.ascii else frozenset({"site_fold"})
        if not scalars:
            return Test((left, right), SHARED_VALUE, named=named, without_null=True, steps=(CANONICAL,))
        form = SCALAR_REFERENCES[reference.starts_with, reference.ends_with]
        return Test((left, right), f"if({form},1,0)=1", named=named, without_null=True)

    def convert_condition_field_eq_query_expr(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("query-expression", cond)

    def convert_condition_val(self, cond: ConditionValueExpression, state: ConversionState) -> Any:
        self._refuse("keywords-json", cond)


CANONICAL = r'replace(lower({}),"\\A(-?\\d+)\\.0+\\z","\\1")'
"""A value as it is compared with one of another field: a number without needless zeros, letters in lower case."""
SHARED_VALUE = "if(mvcount(mvdedup(mvappend({0},{1})))<mvcount(mvdedup({0}))+mvcount(mvdedup({1})),1,0)=1"
"""Whether two columns have a value in common: together they have fewer distinct values than one by one."""
SCALAR_REFERENCES = {
    (False, False): '"x".lower({0})="x".lower({1})',
    (True, False): '"x".substr(lower({0}),1,len({1}))="x".lower({1})',
    (False, True): 'len({0})>=len({1}) AND "x".substr(lower({0}),len({0})-len({1})+1)="x".lower({1})',
    (True, True): "isnotnull({0}) AND (len({1})=0 OR mvcount(split(lower({0}),lower({1})))>1)",
}
"""By (starts with, ends with), both of which mean contains. The letter in front keeps two numbers a text."""


def format_number(number: float) -> str:
    return str(number)


def _braced(text: str) -> str:
    """Text for `Test.expression`, where braces have a meaning."""
    return text.replace("{", "{{").replace("}", "}}")


def _value(cond: FieldCondition, kind: type[ValueType]) -> ValueType:
    assert isinstance(cond.value, kind)  # noqa: S101 - the base class dispatched on it
    return cond.value


def _args(cond: ConditionItem) -> list[Any]:
    return [arg for arg in cond.args if arg is not None]


def _keep_places_of_items(rule: SigmaRule) -> None:
    """pySigma writes the place of a condition or a detection over that of every item in it, unless it has none."""
    for condition in rule.detection.parsed_condition:
        condition.source = None
    groups = list(rule.detection.detections.values())
    while groups:
        group = groups.pop()
        group.source = None
        groups += [item for item in group.detection_items if isinstance(item, SigmaDetection)]


def _same_place(made: FieldCondition, cond: FieldCondition) -> FieldCondition:
    made.source = getattr(cond, "source", None)
    return made


def _place(cond: FieldCondition | ConditionValueExpression) -> str | None:
    source = getattr(cond, "source", None)
    return None if source is None or source.line is None else f"{source.path}:{source.line}:{source.char}"

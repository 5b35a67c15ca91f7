"""The stock Splunk backend with the leaves replaced by what is exact: it builds a tree of terms instead of text.

Applying a pipeline, parsing the condition and telling the kinds of values apart is the stock backend's; what it prints
for a value is not taken unless it is the documented, exact form.
"""

from __future__ import annotations

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
from sigma.types import SigmaBool, SigmaExists, SigmaExpansion, SigmaNumber, SigmaString, SigmaType

from remit.targets.splunk.fields import Field, Schema
from remit.targets.splunk.terms import JSON_NULL, Node, Presence, Text, all_of, any_of, negation
from remit.targets.splunk.values import Pattern

FieldCondition = ConditionFieldEqualsValueExpression
ValueType = TypeVar("ValueType", bound=SigmaType)

_HUNT = "run it with `remit hunt`, which does not need this form"
REFUSALS = {
    "absent-text": (
        "the add-on writes this very text where the member is absent",
        "ask for other values, or use `--pipeline raw`",
    ),
    "cidr": ("networks have no form here yet", _HUNT),
    "comparison": ("comparisons of numbers have no form here yet", _HUNT),
    "expand-unset": ("the placeholder has no value", "give it one in a pipeline (`value_placeholders`)"),
    "field-array-depth": (
        "the path has more than three members that may be lists, which makes too many field names",
        "declare the path under `vars: fields` of a pipeline",
    ),
    "field-name": ("Splunk cannot name this field safely in a search", _HUNT),
    "fieldref": ("field references have no form here yet", _HUNT),
    "keywords-json": (
        "the raw event holds key names and escaped values, so a keyword would find and miss the wrong things",
        f"name the fields, or {_HUNT}",
    ),
    "null-text": (
        'Splunk extracts a JSON null as the text "null", so the two cannot be told apart',
        f"ask for `null`, or {_HUNT}",
    ),
    "query-expression": ("a pipeline puts a text of its own into the query", "use a pipeline without it"),
    "regex": ("regular expressions have no form here yet", _HUNT),
    "time-part": ("parts of a time have no form here yet", _HUNT),
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
        return any_of([self._node(condition.parsed, state) for condition in rule.detection.parsed_condition])

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

    def _refuse(self, construct: str, cond: FieldCondition | ConditionValueExpression) -> NoReturn:
        why, way_out = REFUSALS[construct]
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
        if field.absent_text is not None and pattern.matches(field.absent_text):
            self._refuse("absent-text", cond)
        return Text(field, (pattern,), cased)

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

    # What has no exact form yet

    def convert_condition_field_eq_val_re(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("regex", cond)

    def convert_condition_field_eq_val_cidr(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("cidr", cond)

    def convert_condition_field_compare_op_val(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("comparison", cond)

    def convert_condition_field_eq_val_timestamp_part(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("time-part", cond)

    def convert_condition_field_eq_field(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("fieldref", cond)

    def convert_condition_field_eq_query_expr(self, cond: FieldCondition, state: ConversionState) -> Any:
        self._refuse("query-expression", cond)

    def convert_condition_val(self, cond: ConditionValueExpression, state: ConversionState) -> Any:
        self._refuse("keywords-json", cond)


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

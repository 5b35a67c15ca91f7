"""Hand a rule over to pySigma, in a form that it cannot misread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigma.exceptions import SigmaRuleLocation
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule

from remit.content.expression import And, Expression, Item, Not, Or, Ref, leaves

if TYPE_CHECKING:
    from remit.content.places import Place
    from remit.content.rule import Rule


def to_sigma(rule: Rule) -> SigmaRule:
    """Return a fresh SigmaRule; see `Rule.sigma`."""
    used = dict.fromkeys(leaf.name for leaf in leaves(rule.condition) if isinstance(leaf, Ref))
    names = {name: f"d{number}" for number, name in enumerate(used)}
    detection = {names[name]: _definition(rule.detections[name]) for name in used}
    parsed = SigmaRule.from_dict(
        _header(rule) | {"detection": detection | {"condition": _spell(rule.condition, names)}},
        source=_location(rule.place),
    )
    for name in used:
        _locate(parsed.detection.detections[names[name]], rule.detections[name])
    for condition in parsed.detection.parsed_condition:
        condition.source = None
    return parsed


def _header(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": rule.title,
        "id": rule.id,
        "name": rule.name,
        "related": list(rule.related) or None,
        "status": rule.status,
        "description": rule.description or None,
        "license": rule.license,
        "author": rule.author,
        "references": list(rule.references),
        "date": rule.date,
        "modified": rule.modified,
        "tags": list(rule.tags),
        "fields": list(rule.fields),
        "falsepositives": list(rule.falsepositives),
        "level": rule.level,
        "scope": list(rule.scope) or None,
        "taxonomy": rule.taxonomy,
        "custom": rule.custom_source or None,
    }
    source = {name: getattr(rule.logsource, name) for name in ("category", "product", "service", "definition")}
    found["logsource"] = {name: value for name, value in source.items() if value is not None}
    return {key: value for key, value in found.items() if value is not None}


def _definition(detection: Expression) -> Any:
    """Return the YAML shape of a detection: a mapping, a list of mappings, or keywords."""
    match detection:
        case Item(key="") as item:
            return list(item.values)
        case Item() as item:
            return {item.key: _values(item)}
        case And(args):
            return {item.key: _values(item) for item in args if isinstance(item, Item)}
        case Or(args):
            return [_definition(arg) for arg in args]
        case _:
            raise AssertionError(f"a detection holds no {type(detection).__name__}")


def _values(item: Item) -> Any:
    return item.values[0] if len(item.values) == 1 else list(item.values)


def _spell(expression: Expression, names: dict[str, str]) -> str:
    match expression:
        case Ref(name):
            return names[name]
        case Not(arg):
            return f"not {_operand(arg, names)}"
        case And(args):
            return " and ".join(_operand(arg, names) for arg in args)
        case Or(args):
            return " or ".join(_operand(arg, names) for arg in args)
        case Item():
            raise AssertionError("a condition holds no item")


def _operand(expression: Expression, names: dict[str, str]) -> str:
    text = _spell(expression, names)
    return text if isinstance(expression, Ref) else f"({text})"


def _locate(parsed: SigmaDetection, detection: Expression) -> None:
    """Give every item its own place: pySigma knows only the file, and writes the place of a detection or condition over
    that of its items unless it has none."""
    parsed.source = None
    parts = detection.args if isinstance(detection, (And, Or)) else (detection,)
    for child, part in zip(parsed.detection_items, parts, strict=True):
        if isinstance(child, SigmaDetectionItem):
            assert isinstance(part, Item)  # noqa: S101 - built from the same detection a moment ago
            child.source = _location(part.place)
        else:
            _locate(child, part)


def _location(place: Place) -> SigmaRuleLocation:
    return SigmaRuleLocation(place.file, place.line, place.column)  # type: ignore[arg-type]

"""Every feature is a query that keeps the events that were decided, or a named refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tests.conformance.features import Feature, features
from tests.conformance.spl.evaluator import matches

from remit.targets import Refused
from remit.targets.splunk import TARGET

ANSWERED = [feature for feature in features() if feature.refused is None]
REFUSED = {
    "base64-wildcard": {"base64_literal_star"},
    "field-array-depth": {"long_path"},
    "field-name": {"quote_and_backslash_in_name", "two_dots"},
    "fieldref-array": {"fieldref_contains", "fieldref_endswith", "fieldref_startswith"},
    "keywords-json": {feature.name for feature in ANSWERED if None in (item.field for item in feature.rule().items())},
    "null-text": {"text_null_is_no_null"},
}
"""The features that have no exact form here, by the name of the refusal."""
OUTSIDE = {
    ("list_nested_flattens", 0): "a list in a list has a name of its own, `x{}{}`",
    ("list_nested_flattens", 1): "a list in a list has a name of its own, `x{}{}`",
    ("number_against_text", 1): "the text 7.0 is extracted as the number 7.0 is",
}
"""Events that lie outside the domain of exactness, and why."""


@pytest.mark.parametrize("feature", ANSWERED, ids=lambda feature: feature.name)
def test_a_feature_is_exact_or_refused(feature: Feature, tmp_path: Path) -> None:
    pipeline = _pipeline(feature, tmp_path)
    if (
        expected := next((construct for construct, names in REFUSED.items() if feature.name in names), None)
    ) is not None:
        with pytest.raises(Refused) as refused:
            TARGET.compile(feature.rule(), pipeline=pipeline, index=None, language=None)
        assert refused.value.construct == expected
        return
    query = TARGET.compile(feature.rule(), pipeline=pipeline, index=None, language=None).query
    inside = [number for number in range(len(feature.events)) if (feature.name, number) not in OUTSIDE]

    kept = [number for number in inside if matches(query, json.dumps(feature.events[number]).encode())]

    assert kept == [number for number in feature.expect if number in inside], query


def _pipeline(feature: Feature, folder: Path) -> str | Path:
    """What a user writes who gives placeholders their values."""
    if not feature.placeholders:
        return "raw"
    # In a pipeline `*` is a wildcard, in a placeholder of ours it is itself.
    values = {name: [str(v).replace("*", r"\*") for v in found] for name, found in feature.placeholders.items()}
    file = folder / "site.yml"
    file.write_text(yaml.safe_dump({"vars": values, "transformations": [{"type": "value_placeholders"}]}))
    return file


def test_no_more_is_refused_than_is_said() -> None:
    assert sum(map(len, REFUSED.values())) <= 25
    assert {name for names in REFUSED.values() for name in names} <= {feature.name for feature in ANSWERED}

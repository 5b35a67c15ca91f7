"""Which rules are compiled, and with which of a site's values."""

from __future__ import annotations

from pathlib import Path

import pytest

from remit.content import Content, Rule, load_content
from remit.selecting import Selection, selected, with_values

CONTENT = """\
title: Base
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0001
name: base
status: test
level: low
tags: [attack.t1098]
logsource: {product: aws, service: cloudtrail}
detection: {s: {x: a}, condition: s}
---
title: Plain
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0002
status: stable
level: high
logsource: {category: nhi_activity}
detection: {s: {x: b}, condition: s}
---
title: Burst
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0003
level: critical
correlation: {type: event_count, rules: [base], group-by: [user], timespan: 10m, condition: {gte: 3}}
"""


@pytest.fixture
def content(tmp_path: Path) -> Content:
    (tmp_path / "rules.yml").write_text(CONTENT)
    return load_content([tmp_path])


def titles(content: Content, **wanted: object) -> list[str]:
    return [rule.title for rule in selected(content, Selection(**wanted), {})]  # type: ignore[arg-type]


def test_a_rule_that_only_serves_a_correlation_has_no_query_of_its_own(content: Content) -> None:
    assert titles(content) == ["Plain", "Burst"]


def test_a_rule_that_also_alerts_by_itself_has_one(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(CONTENT.replace("gte: 3}}", "gte: 3}, generate: true}"))

    assert titles(load_content([tmp_path])) == ["Base", "Plain", "Burst"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"level": "high"}, ["Plain", "Burst"]),
        ({"level": "critical"}, ["Burst"]),
        ({"statuses": ("stable",)}, ["Plain"]),
        ({"tags": ("attack.t1098",)}, []),
        ({"logsource": "nhi_activity"}, ["Plain"]),
        ({"logsource": "aws/cloudtrail"}, ["Burst"]),
        ({"logsource": "aws"}, ["Burst"]),
    ],
)
def test_rules_are_wanted_by_what_their_file_says(
    content: Content, wanted: dict[str, object], found: list[str]
) -> None:
    assert titles(content, **wanted) == found


def values_of(content: Content, values: dict[str, tuple[str, ...]]) -> tuple[object, ...]:
    rule = with_values(content.rules[0], values)
    assert isinstance(rule, Rule)
    (item,) = rule.items()
    return (item.key, *item.values)


@pytest.mark.parametrize(
    ("item", "values", "found"),
    [
        ("{x|expand: '%agents%'}", {"agents": ("a*", "b")}, ("x", "a\\*", "b")),
        ("{x|contains|expand: 'pre-%agents%-%more%'}", {"agents": ("a",), "more": ("1", "2")},
         ("x|contains", "pre-a-1", "pre-a-2")),
        ("{x|expand: '%nobody%'}", {"agents": ("a",)}, ("x|expand", "%nobody%")),
        ("{x: '%agents%'}", {"agents": ("a",)}, ("x", "%agents%")),
    ],
)  # fmt: skip
def test_a_sites_values_stand_as_plain_texts_in_place_of_placeholders(
    tmp_path: Path, item: str, values: dict[str, tuple[str, ...]], found: tuple[object, ...]
) -> None:
    (tmp_path / "rules.yml").write_text(CONTENT.split("---")[0].replace("{x: a}", item))

    assert values_of(load_content([tmp_path]), values) == found

"""The query of a correlation as a reader sees it, and the schedule that it needs. The server says that it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from remit.content import Correlation, load_content
from remit.targets import Query, Refused, targets

BASE = """\
title: Key created
name: key
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: CreateAccessKey}, condition: s}
---
title: Many keys
id: 0f2b8f33-6f0e-4a3c-8a35-5a1d3d5f0009
correlation: {type: event_count, rules: [key], group-by: [userIdentity.arn], timespan: 10m, condition: {gte: 5}}
"""


def correlation(folder: Path, text: str = BASE) -> Correlation:
    (folder / "c.yml").write_text(text)
    return load_content([folder / "c.yml"]).correlations[0]


def compiled(what: Correlation, pipeline: str = "raw", language: str | None = None) -> Query:
    return targets()["elasticsearch"].compile(what, pipeline=pipeline, index=None, language=language)


def test_a_count_is_one_list_a_key_compared_with_itself(tmp_path: Path) -> None:
    query = compiled(correlation(tmp_path), "aws_cloudtrail")

    lines = query.query.split("\n| ")
    assert lines[:4] == [
        "FROM logs-aws.cloudtrail-* METADATA _id, _index",
        'WHERE QSTR("""event.action:"CreateAccessKey"""")',
        "EVAL remit_t = TO_LONG(TO_DATETIME(`@timestamp`))",
        "MV_EXPAND aws.cloudtrail.user_identity.arn",
    ]
    assert lines[-2:] == ["SORT `nhi.window.first_close`, aws.cloudtrail.user_identity.arn", "LIMIT 10000"]
    assert query.language == "esql"


def test_a_query_says_how_far_back_each_run_must_read(tmp_path: Path) -> None:
    assert compiled(correlation(tmp_path)).conditions == (
        "each run reads the last 20m: the span of 10m, the interval of 5m, and 5m for events that arrive late",
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (("gte: 5}", "lt: 5}"), "CORR_NONMONOTONE_TARGET"),
        (("correlation:", "custom: {schedule: {interval: 5m, lookback: 10m}}\ncorrelation:"), "CORR_LOOKBACK"),
        (("[userIdentity.arn]", "[requestParameters]"), "CORR_KEY_TYPE"),
    ],
)
def test_what_a_scheduled_query_cannot_do_is_refused_with_the_command_that_can(
    tmp_path: Path, change: tuple[str, str], name: str
) -> None:
    with pytest.raises(Refused) as refused:
        compiled(correlation(tmp_path, BASE.replace(*change)))

    assert refused.value.construct == name
    assert "remit hunt" in refused.value.way_out


def test_lucene_cannot_count(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="CORR_TARGET"):
        compiled(correlation(tmp_path), language="lucene")


def test_a_flattened_field_is_no_key(tmp_path: Path) -> None:
    text = BASE.replace("[userIdentity.arn]", "[requestParameters.userName]")

    with pytest.raises(Refused, match="CORR_KEY_TYPE: a field of type flattened"):
        compiled(correlation(tmp_path, text), "aws_cloudtrail")

"""The SPL of a correlation gives the firings that were decided, and those of the oracle on random events."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.features import START, Sequence, sequences
from tests.conformance.spl.pipeline import run

from remit.content import Correlation, load_content
from remit.meaning.sequences import Event, firings
from remit.targets import Refused
from remit.targets.splunk import TARGET

EXAMPLES = int(os.environ.get("REMIT_EXAMPLES", "40"))
ANSWERED = [sequence for sequence in sequences() if sequence.refused is None]
REFUSED = {
    "correlation_of_correlations": "CORR_NESTED",
    "median_of_an_even_number": "CORR_PERCENTILE",
    "not_before_within_the_window": "CORR_NEGATED_TEMPORAL",
    "temporal_logic_with_not": "CORR_NEGATED_TEMPORAL",
    "value_percentile_and_median": "CORR_PERCENTILE",
}


def fired(correlation: Correlation, events: tuple[Event, ...] | list[Event]) -> list[tuple[int, tuple[str, ...]]]:
    query = TARGET.compile(correlation, pipeline="raw", index=None, language=None).query
    rows = run(query, [(event.time, json.dumps(event.document).encode()) for event in events])
    return sorted((round(row["_time"] * 1000), tuple(row[name] for name in correlation.group_by)) for row in rows)


@pytest.mark.parametrize("sequence", ANSWERED, ids=lambda sequence: sequence.name)
def test_a_correlation_fires_where_it_was_decided_or_is_refused(sequence: Sequence) -> None:
    if sequence.name in REFUSED:
        with pytest.raises(Refused) as refused:
            fired(sequence.correlation(), sequence.events)
        assert refused.value.construct == REFUSED[sequence.name]
        return

    assert fired(sequence.correlation(), sequence.events) == sorted((close, key) for key, close in sequence.expect)


RULE = "title: {0}\nname: {0}\nlogsource: {{product: test}}\ndetection:\n  s: {{e: {0}}}\n  condition: s\n---\n"
FORMS: dict[str, dict[str, Any]] = {
    "many": {"type": "event_count", "rules": ["a"], "condition": {"gte": 3}},
    "exactly": {"type": "event_count", "rules": ["a", "b"], "condition": {"eq": 2}},
    "few": {"type": "event_count", "rules": ["a"], "condition": {"gt": 1, "lte": 3}},
    "values": {"type": "value_count", "rules": ["a"], "condition": {"field": "v", "gte": 2}},
    "pairs": {"type": "value_count", "rules": ["a"], "condition": {"field": ["v", "w"], "gt": 2}},
    "sum": {"type": "value_sum", "rules": ["a"], "condition": {"field": "n", "gte": 5}},
    "mean": {"type": "value_avg", "rules": ["a"], "condition": {"field": "n", "lt": 2}},
    "together": {"type": "temporal", "rules": ["a", "b", "c"]},
    "logic": {"type": "temporal", "rules": ["a", "b", "c"], "condition": "a and (b or c)"},
    "order": {"type": "temporal_ordered", "rules": ["a", "b", "c"]},
    "order_of_two": {"type": "temporal_ordered", "rules": ["b", "a"]},
}


def _correlation(form: str, group: list[str]) -> Correlation:
    block = FORMS[form] | {"timespan": "10m"} | ({"group-by": group} if group else {})
    source = "".join(map(RULE.format, "abc")) + yaml.safe_dump({"title": "it", "name": "it", "correlation": block})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "it.yml"
        file.write_text(source)
        return load_content([file]).correlations[-1]


VALUE = st.sampled_from(["x", "y", "Y", "1", ["x", "y"], ["z", "x"], None])
DOCUMENT = st.fixed_dictionaries(
    {"e": st.one_of(st.sampled_from("abcd"), st.sampled_from([["a", "b"], ["b", "c"]]))},
    optional={"g": st.sampled_from(["p", "q", ["p", "q"], None]), "v": VALUE, "w": VALUE,
              "n": st.one_of(st.integers(-3, 5), st.just("2"), st.just("x"), st.just([1, 2]))},
)  # fmt: skip
# A coarse grid of minutes, so that ties and windows of exactly ten minutes occur.
TIMED = st.tuples(st.sampled_from([0, 1, 4, 5, 9, 10, 10.001, 11, 14, 15, 20, 21, 25, 30]), DOCUMENT)


@pytest.mark.parametrize("group", [["g"], []], ids=["by g", "all"])
@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=EXAMPLES,
    derandomize="REMIT_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(timed=st.lists(TIMED, max_size=14))
def test_random_events_fire_as_the_oracle_says(form: str, group: list[str], timed: list[tuple[float, Any]]) -> None:
    correlation = _correlation(form, group)
    events = [Event(START + round(minute * 60_000), document) for minute, document in timed]

    expected = sorted((firing.close, firing.key) for firing in firings(correlation, events))

    assert fired(correlation, events) == expected

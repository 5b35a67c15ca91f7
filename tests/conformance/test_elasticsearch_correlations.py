"""Every correlation feature on a real Elasticsearch: the same keys with the same first close, or refused by name."""

from __future__ import annotations

import pytest
from tests.conformance.features import Sequence, sequences
from tests.engines.correlating import asked, compiled
from tests.engines.server import Server

from remit.targets import Refused

ANSWERED = [sequence for sequence in sequences() if sequence.refused is None]
REFUSED = {
    "event_count_other_operators": "CORR_NONMONOTONE_TARGET",
    "event_count_range": "CORR_NONMONOTONE_TARGET",
    "lt_holds_at_the_first_event": "CORR_NONMONOTONE_TARGET",
    "neq": "CORR_NONMONOTONE_TARGET",
    "value_sum_and_average": "CORR_NONMONOTONE_TARGET",
    "value_percentile_and_median": "CORR_NONMONOTONE_TARGET",
    "average_of_negative_values": "CORR_NONMONOTONE_TARGET",
    "sum_that_falls": "CORR_NONMONOTONE_TARGET",
    "median_of_an_even_number": "CORR_NONMONOTONE_TARGET",
    "no_number_no_sum": "CORR_NONMONOTONE_TARGET",
    "temporal_logic_with_not": "CORR_NEGATED_TEMPORAL",
    "not_before_within_the_window": "CORR_NEGATED_TEMPORAL",
    "correlation_of_correlations": "CORR_NESTED",
}


@pytest.mark.elasticsearch
@pytest.mark.parametrize("sequence", [s for s in ANSWERED if s.name not in REFUSED], ids=lambda sequence: sequence.name)
def test_a_compiled_correlation_answers_as_was_decided(elasticsearch: Server, sequence: Sequence) -> None:
    assert asked(elasticsearch, [sequence.correlation()], sequence.events) == [sequence.first_closes()]


@pytest.mark.parametrize("sequence", [s for s in ANSWERED if s.name in REFUSED], ids=lambda sequence: sequence.name)
def test_what_a_scheduled_query_cannot_say_is_refused_by_name_with_the_command_that_can(sequence: Sequence) -> None:
    with pytest.raises(Refused) as refused:
        compiled(sequence.correlation(), "remit-raw-*")

    assert refused.value.construct == REFUSED[sequence.name]
    assert "remit hunt" in refused.value.way_out

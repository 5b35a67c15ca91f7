"""Correlations mean what was decided before an engine was asked."""

from __future__ import annotations

import pytest
from tests.conformance.features import Sequence, sequences

from remit.content import ContentError
from remit.meaning.sequences import firings
from remit.targets import Refused

ANSWERED = [sequence for sequence in sequences() if sequence.refused is None]
REFUSED = [sequence for sequence in sequences() if sequence.refused is not None]


@pytest.mark.parametrize("sequence", ANSWERED, ids=lambda sequence: sequence.name)
def test_a_correlation_means_what_was_decided(sequence: Sequence) -> None:
    found = firings(sequence.correlation(), sequence.events)

    assert [(firing.key, firing.close) for firing in found] == list(sequence.expect)


@pytest.mark.parametrize("sequence", REFUSED, ids=lambda sequence: sequence.name)
def test_a_correlation_without_a_settled_meaning_is_refused_by_name(sequence: Sequence) -> None:
    with pytest.raises((ContentError, Refused), match=str(sequence.refused)):
        firings(sequence.correlation(), sequence.events)

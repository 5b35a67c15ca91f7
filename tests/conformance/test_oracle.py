"""The oracle gives the answers that were decided before it was written."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.conformance.features import Feature, features

from remit.meaning import matcher
from remit.targets import Refused

ANSWERED = [feature for feature in features() if feature.refused is None]
REFUSED = [feature for feature in features() if feature.refused is not None]


@pytest.mark.parametrize("feature", ANSWERED, ids=lambda feature: feature.name)
def test_a_feature_means_what_was_decided(feature: Feature) -> None:
    matches = matcher(feature.rule(), feature.placeholders)

    assert [number for number, event in enumerate(feature.events) if matches(event)] == list(feature.expect)


@pytest.mark.parametrize("feature", REFUSED, ids=lambda feature: feature.name)
def test_what_could_mean_something_else_is_refused_by_name(feature: Feature) -> None:
    rules, problems = feature.load()
    said = [str(problem) for problem in problems]
    if not problems:
        with pytest.raises(Refused) as refusal:
            matcher(rules[0], feature.placeholders)
        said = [str(refusal.value)]

    assert any(str(feature.refused) in message for message in said), said
    assert all(message.startswith(f"{feature.name}.yml:") for message in said)


@pytest.mark.parametrize("feature", ANSWERED, ids=lambda feature: feature.name)
def test_the_events_of_a_feature_can_tell_right_from_wrong(feature: Feature) -> None:
    assert 0 < len(feature.expect), "no event matches: a rule that never fires would pass"
    assert len(feature.expect) < len(feature.events), "every event matches: a rule that always fires would pass"


def test_names_are_unique() -> None:
    names = Counter(feature.name for feature in features())

    assert [name for name, count in names.items() if count > 1] == []

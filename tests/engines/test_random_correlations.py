"""Random events with ties, lists and gaps: every form of a correlation says what the oracle says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.engines.correlating import asked, first_closes
from tests.engines.server import Server

from remit.content import Correlation, load_content
from remit.meaning.sequences import Event

pytestmark = pytest.mark.elasticsearch

SETS, EVENTS = 40, 60
START = 1_793_448_000_000
MINUTE = 60_000

RULES = """
title: A
name: a
logsource: {category: random}
detection: {s: {e: a}, condition: s}
---
title: B
name: b
logsource: {category: random}
detection: {s: {e: b}, condition: s}
---
title: C
name: c
logsource: {category: random}
detection: {s: {e: c}, condition: s}
"""
FORMS = {
    "count_1": "{type: event_count, rules: [a], group-by: [user], timespan: 10m, condition: {gte: 1}}",
    "count_2": "{type: event_count, rules: [a, b], group-by: [user], timespan: 10m, condition: {gte: 2}}",
    "count_5": "{type: event_count, rules: [a], group-by: [user], timespan: 10m, condition: {gt: 4}}",
    "count_pairs": "{type: event_count, rules: [a], group-by: [user, host], timespan: 10m, condition: {gte: 2}}",
    "count_all": "{type: event_count, rules: [a], timespan: 10m, condition: {gte: 8}}",
    "count_alias": "{type: event_count, rules: [a, b], group-by: [who], timespan: 10m, condition: {gte: 3},"
    " aliases: {who: {a: user, b: host}}}",
    "values_3": "{type: value_count, rules: [a], group-by: [user], timespan: 10m, condition: {field: ip, gte: 3}}",
    "values_pairs": "{type: value_count, rules: [a, b], group-by: [user], timespan: 10m,"
    " condition: {field: [ip, host], gte: 4}}",
    "values_alias": "{type: value_count, rules: [a, b], group-by: [who], timespan: 10m, condition: {field: ip, gte: 3},"
    " aliases: {who: {a: user, b: host}}}",
    "two": "{type: temporal, rules: [a, b], group-by: [user], timespan: 10m}",
    "two_alias": "{type: temporal, rules: [a, b], group-by: [who], timespan: 10m, aliases: {who: {a: user, b: host}}}",
    "three": "{type: temporal, rules: [a, b, c], group-by: [user], timespan: 10m}",
    "two_of_three": "{type: temporal, rules: [a, b, c], group-by: [user], timespan: 10m, condition: {gte: 2}}",
    "logic": "{type: temporal, rules: [a, b, c], group-by: [user], timespan: 10m, condition: a and (b or c)}",
    "order": "{type: temporal_ordered, rules: [a, b], group-by: [user], timespan: 10m}",
    "order_3": "{type: temporal_ordered, rules: [a, b, c], group-by: [user], timespan: 10m}",
}


@cache
def correlations() -> dict[str, Correlation]:
    blocks = [f"title: {name}\nname: {name}\ncorrelation: {form}" for name, form in FORMS.items()]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "random.yml"
        file.write_text("\n---\n".join([RULES, *blocks]))
        return {str(each.name): each for each in load_content([file]).correlations}


def drawn(seed: int) -> list[Event]:
    """Return events in no order: on a grid, so that times tie, from a millisecond to five minutes."""
    random = Random(seed)
    grid = random.choice([1, 1000, MINUTE, 5 * MINUTE])
    span = random.choice([20, 60, 240]) * MINUTE
    return [Event(START + random.randrange(0, span, grid), _document(random)) for _ in range(EVENTS)]


def _document(random: Random) -> dict[str, Any]:
    return {
        "e": random.choice(["a", "a", "b", "c", "other", ["a", "b"], "A"]),
        "user": random.choice(["u1", "u2", "U2", 7, "7", None, ["u1", "u3"], "u|3", ""]),
        "host": random.choice(["h1", "u1", "u2", None, ["h1", "h2"]]),
        "ip": random.choice(["1.1.1.1", "2.2.2.2", "3.3.3.3", "x", "X", None, ["1.1.1.1", "4.4.4.4"], 5]),
    }


@pytest.mark.parametrize("seed", range(SETS))
def test_random_events_close_the_same_windows(elasticsearch: Server, seed: int) -> None:
    events = drawn(seed)
    forms = correlations()

    answers = asked(elasticsearch, list(forms.values()), events)

    for (name, correlation), answer in zip(forms.items(), answers, strict=True):
        assert answer == first_closes(correlation, events), name


def test_the_random_events_tell_the_forms_apart() -> None:
    closes = {name: [first_closes(form, drawn(seed)) for seed in range(SETS)] for name, form in correlations().items()}

    assert all(any(found) and len(set(map(frozenset, found))) > SETS // 4 for found in closes.values())

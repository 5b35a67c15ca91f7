from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remit_enrichment import scan

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
tricky = st.text(alphabet='{}[]",:\\/ aé\n\t', max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | tricky
values = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(tricky, v, max_size=4))
layouts = st.sampled_from([None, 1, 4])


@calm
@given(st.lists(values, max_size=5), layouts)
def test_elements_are_the_bytes_of_each_value(items: list[Any], indent: int | None) -> None:
    raw = json.dumps(items, indent=indent).encode()

    assert [json.loads(part) for part in scan.elements(raw)] == items


@calm
@given(st.lists(st.tuples(tricky, values), max_size=5), layouts)
def test_members_are_found_in_order_with_repeated_keys(pairs: list[tuple[str, Any]], indent: int | None) -> None:
    separator = b"," if indent is None else b" ,\r\n "
    raw = b"{" + separator.join(json.dumps(k).encode() + b" : " + json.dumps(v).encode() for k, v in pairs) + b"}"

    found = [(m.key, json.loads(raw[m.value : m.end])) for m in scan.members(raw)]

    assert found == pairs


@pytest.mark.parametrize("raw", [b"", b"1", b"[", b"[1", b"[1,", b"[1,]", b"[1 2]", b"[] x", b'["a', b"[}", b"[{]"])
def test_what_is_no_array_is_refused(raw: bytes) -> None:
    with pytest.raises(scan.NotJson):
        list(scan.elements(raw))


@pytest.mark.parametrize("raw", [b"{", b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,}', b"{a:1}", b'{"a":1}x', b'{"a":"}'])
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(scan.NotJson):
        list(scan.members(raw))


@calm
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\1 \n', max_size=60).map(str.encode))
def test_hostile_bytes_end_in_a_refusal_and_never_elsewhere(raw: bytes) -> None:
    for walk in (scan.elements, scan.members):
        try:
            list(walk(raw))
        except scan.NotJson:
            continue

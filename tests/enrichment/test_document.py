from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remit_enrichment import document
from remit_enrichment.document import MAX_DEPTH, MAX_RECORD, decode
from remit_enrichment.errors import Quarantine


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'  \t\xef\xbb\xbf {"a":1}\r\n', {"a": 1}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"":{"":1}}', {"": {"": 1}}),
        (rb'{"a":"\ud800"}', {"a": "\ufffd"}),
        (rb'{"a":["x\udc00y",{"\udfff":1}]}', {"a": ["x\ufffdy", {"\ufffd": 1}]}),
        (rb'{"a":"\ud83d\ude00\ud83d"}', {"a": "\U0001f600\ufffd"}),
        (b'{"a":1' + b"0" * 400 + b"}", {"a": 10**400}),
        (b'{"a":1' + b"0" * 5000 + b"}", {"a": "1" + "0" * 5000}),
        (b'{"a":1e999}', {"a": "1e999"}),
        (rb'{"a":"\u0000"}', {"a": "\x00"}),
    ],
)
def test_an_object_is_read_whatever_its_types(raw: bytes, expected: dict[str, Any]) -> None:
    assert decode(raw) == expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"plain text", "not JSON: Expecting value (character 0)"),
        (b'{"a":1', "not JSON: ends early, at character 6"),
        (b'{"a":"b', "not JSON: ends early, at character 7"),
        (b'{"a":NaN}', "not JSON: NaN is no number"),
        (b'{"a":-Infinity}', "not JSON: -Infinity is no number"),
        (b'{"a":"\x00"}', "not JSON: Invalid control character at (character 6)"),
        (b'{"a":"\xff"}', "not UTF-8: byte 0xff at offset 6"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8: byte 0xed at offset 6"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8: byte 0xff at offset 0"),
        (b"[]", "a JSON array, not an object"),
        (b'"a"', "a JSON string, not an object"),
        (b"1", "a JSON number, not an object"),
        (b"true", "a JSON boolean, not an object"),
        (b"null", "a JSON null, not an object"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Quarantine) as refusal:
        decode(raw)

    assert refusal.value.args[0] == reason


def test_nesting_of_100_is_read_and_of_101_refused() -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)

    assert decode(nested(MAX_DEPTH))
    for levels in (MAX_DEPTH + 1, 900, 100_000):
        with pytest.raises(Quarantine, match="deeper than 100"):
            decode(nested(levels))


def test_depth_counts_levels_and_not_brackets() -> None:
    assert decode(b'{"a":[' + b"[]," * 500 + b"{}]}")
    assert decode(b'{"a":"' + b"[{" * 500 + b'"}')


def test_a_record_of_4_mib_is_read_and_one_more_byte_refused() -> None:
    raw = b'{"a":"' + b"x" * (MAX_RECORD - 8) + b'"}'

    assert len(raw) == MAX_RECORD
    assert decode(raw)
    assert decode(b"\xef\xbb\xbf" + raw + b"\r\n")
    with pytest.raises(Quarantine, match="4194305 bytes"):
        decode(raw.replace(b'x"', b'xx"'))


calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4))


@calm
@given(st.dictionaries(st.text(), values), st.booleans())
def test_the_fast_and_the_slow_path_read_the_same(value: dict[str, Any], escaped: bool) -> None:
    raw = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")

    fast = decode(raw)

    assert fast == document._slow(raw) == json.loads(raw)


fragments = st.sampled_from(
    [rb"\ud800", rb"\udc00", rb"\ud83d\ude00", rb"\n", rb"\\", rb"\"", b"x", "é".encode(), "😀".encode(), rb"\u00e9"]
)


@calm
@given(st.lists(fragments, max_size=6))
def test_lone_surrogates_read_as_the_replacement_character(parts: list[bytes]) -> None:
    raw = b'{"k":"' + b"".join(parts) + b'"}'

    text = decode(raw)["k"]

    model = json.loads(raw)["k"]
    assert text == "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in model)


@settings(calm, max_examples=300)
@given(st.binary(max_size=40) | st.text(alphabet='{}[]",:\\u0dD8e1-.+ntfaE \t').map(str.encode))
def test_hostile_bytes_are_read_as_json_reads_them_or_quarantined(raw: bytes) -> None:
    try:
        got: Any = decode(raw)
    except Quarantine:
        got = None

    try:
        model = json.loads(document.trim(raw).decode("utf-8"))
    except ValueError:
        model = None
    if isinstance(model, dict) and all(math.isfinite(v) for v in model.values() if isinstance(v, float)):
        assert got is not None
    if got is not None:
        assert isinstance(model, dict)

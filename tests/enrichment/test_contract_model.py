"""The whole way from bytes to bytes against a slow model of the contract, which shares no code with it."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from remit_enrichment.job import Job
from remit_enrichment.readers import read
from remit_enrichment.sinks.jsonl import JsonLines
from remit_enrichment.summary import Summary

NHI = b'{"v":1}'


class Says(Struct):
    nhi: bytes = NHI
    source: str | None = None
    time: int | None = None
    duplicate: bool = False
    late: bool = False
    agent: bool = False
    level: str = "none"


def enrich(folder: Path, content: bytes) -> tuple[list[bytes], list[dict[str, Any]], Summary]:
    file, out, aside, summary = folder / "log", io.BytesIO(), io.BytesIO(), Summary()
    file.write_bytes(content)
    Job(lambda _: Says(), JsonLines(out, "out"), JsonLines(aside, "aside"), summary).run(read([str(file)]))
    lines = out.getvalue().split(b"\n")
    assert lines.pop() == b""
    return lines, [json.loads(line) for line in aside.getvalue().splitlines()], summary


# --- the model --------------------------------------------------------------------------------------------------------

DECODER = json.JSONDecoder()
Place = tuple[int, int]
"""Line and record."""


def refuse(_: str) -> None:
    raise ValueError("no number")


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((depth(v) for v in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(v) for v in value), default=0)
    return 0


def is_event(raw: bytes) -> bool:
    try:
        value = json.loads(raw.decode("utf-8").removeprefix("\ufeff"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and depth(value) <= 100


def own_texts(text: str, at: int) -> list[str]:
    """The text of each element of the array that begins at an index."""
    found: list[str] = []
    at += 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return found
        _, end = DECODER.raw_decode(text, at)
        found.append(text[at:end])
        at = end


def parts(raw: bytes) -> list[bytes] | None:
    """The records of a container."""
    try:
        text = raw.decode("utf-8").strip("\ufeff \t\r\n")
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        return [part.encode() for part in own_texts(text, 0)]
    if isinstance(value, dict):
        for key, others in (("Records", set()), ("Events", {"NextToken"}), ("records", set())):
            if isinstance(value.get(key), list) and set(value) <= {key} | others:
                return [part.encode() for part in own_texts(text, text.index("[", text.index(f'"{key}"')))]
    return None


def expected(content: bytes) -> list[tuple[Place, bytes, bool]]:
    """Place, own bytes and readability of every record."""
    found: list[tuple[Place, bytes, bool]] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        line = line.removesuffix(b"\r").lstrip(b" \t\r\n").removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        if line.strip(b" \t\r\n") == b"":
            continue
        inside = parts(line)
        for record, raw in enumerate([line] if inside is None else inside):
            found.append(((number, record), raw, is_event(raw)))
    return found


def is_own(key: str) -> bool:
    return key == "nhi" or key.startswith("nhi.")


def check(
    lines: list[bytes], aside: list[dict[str, Any]], summary: Summary, model: list[tuple[Place, bytes, bool]]
) -> None:
    good = [raw for _, raw, readable in model if readable]
    assert len(lines) == len(good)
    for line, raw in zip(lines, good, strict=True):
        pairs = json.loads(raw, object_pairs_hook=lambda p: p)
        if any(is_own(key) for key, _ in pairs):
            kept = [pair for pair in pairs if not is_own(pair[0])]
            assert json.loads(line, object_pairs_hook=lambda p: p) == [("nhi", [("v", 1)]), *kept]
        elif pairs:
            assert line == b'{"nhi":' + NHI + b"," + raw[1:]
        else:
            assert line == b'{"nhi":' + NHI + b"}"
    assert [(a["line"], a["record"]) for a in aside] == [place for place, _, readable in model if not readable]
    for quarantined, raw in zip(aside, [raw for _, raw, readable in model if not readable], strict=True):
        try:
            assert quarantined["raw"] == raw.decode()
            assert "raw_encoding" not in quarantined
        except UnicodeDecodeError:
            assert quarantined["raw_encoding"] == "base64"
        assert quarantined["reason"]
    assert summary.read == summary.written + summary.quarantined == len(model)


# --- what comes in ----------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["", "\x00", "\\", '"', "}{", "nhi"]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=3), max_leaves=8)
keys = texts | st.sampled_from(["nhi", "nhi.verdict.intent", "nhil", "NHI", "a", "b", "Records", "event"])


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """One JSON object, its keys repeated, escaped and spaced in every way."""
    escape, comma, colon = (
        draw(st.booleans()),
        draw(st.sampled_from([",", " , "])),
        draw(st.sampled_from([":", " :\t"])),
    )
    members = []
    for key, value in draw(st.lists(st.tuples(keys, values), max_size=5)):
        spelled = json.dumps(key, ensure_ascii=escape)
        if draw(st.booleans()):
            spelled = '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in key) + '"'
        members.append(f"{spelled}{colon}{json.dumps(value, ensure_ascii=escape)}")
    return ("{" + draw(st.sampled_from(["", " "])) + comma.join(members) + "}").encode()


odd = st.sampled_from(
    [
        rb'{"a":"\ud800"}',
        rb'{"a":"\udc00\ud83d\ude00"}',
        b'{"a":1' + b"0" * 400 + b"}",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":"\x00"}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[" * 5000,
        b'{"a":1',
        b'{"a":1}}',
        b'{"a":1}{"b":2}',
        b'{"a":01}',
        b"null",
        b'"{}"',
        b"plain text",
        b"",
        b"   ",
    ]
)
containers = st.tuples(
    st.sampled_from([b"[%b]", b'{"Records":[%b]}', b'{"NextToken":"x","Events" : [%b] }', b'{"records":[ %b ]}']),
    st.lists(objects() | st.sampled_from([b'{"a":NaN}', b"7", b"null", b'{"b":"\\ud800"}', b"[{}]"]), max_size=4),
).map(lambda drawn: drawn[0] % b" ,\t".join(drawn[1]))
ends = st.sampled_from([b"\n", b"\r\n", b"\n\n", b" \n"])
starts = st.sampled_from([b"", b" ", b"\t", b"\xef\xbb\xbf", b" \xef\xbb\xbf "])
lines = st.tuples(starts, objects() | odd | containers, ends).map(b"".join)
calm = settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@calm
@given(st.lists(lines, max_size=6), st.booleans(), st.booleans())
def test_every_line_is_written_or_set_aside_as_the_model_says(
    tmp_path: Path, drawn: list[bytes], packed: bool, cut_break: bool
) -> None:
    content = b'{"first":"line"}\n' + b"".join(drawn)
    if cut_break:
        content = content.rstrip(b"\r\n")

    result = enrich(tmp_path, gzip.compress(content) if packed else content)

    check(*result, expected(content))


@calm
@given(st.lists(objects(), max_size=5), st.sampled_from(["Records", "records", None]), st.sampled_from([1, 4, "\t"]))
def test_a_pretty_printed_document_gives_the_records_that_are_in_it(
    tmp_path: Path, drawn: list[bytes], key: str | None, indent: int | str
) -> None:
    events = [json.loads(raw) for raw in drawn]
    document = events if key is None else {key: events}

    lines, aside, _ = enrich(tmp_path, json.dumps(document, indent=indent).encode())

    kept = [{k: v for k, v in event.items() if not is_own(k)} for event in events]
    assert [json.loads(line) for line in lines] == [{"nhi": {"v": 1}, **event} for event in kept]
    assert aside == []


@calm
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_end_in_lines_or_in_quarantine(tmp_path: Path, content: bytes) -> None:
    lines, aside, summary = enrich(tmp_path, content)

    assert summary.read == len(lines) + len(aside)
    assert all(json.loads(line)["nhi"] == {"v": 1} for line in lines)
    if content.strip(b" \t\r\n\xef\xbb\xbf"):
        assert summary.read or content.strip().startswith(b"[")


@calm
@given(st.lists(objects(), min_size=1, max_size=4), st.data())
def test_a_document_that_is_cut_anywhere_loses_no_byte(tmp_path: Path, drawn: list[bytes], data: st.DataObject) -> None:
    whole = json.dumps({"Records": [json.loads(raw) for raw in drawn]}, indent=1).encode()
    content = whole[: data.draw(st.integers(1, len(whole) - 1))]

    lines, aside, summary = enrich(tmp_path, content)

    # A line that is an empty array on its own holds no record.
    assert summary.read == len([line for line in content.split(b"\n") if line.strip() not in (b"", b"[]")])
    assert len(lines) + len(aside) == summary.read


@pytest.mark.parametrize("key", ["nhi", "nhi.verdict.intent", "nhi.", "nhi.verdict"])
@pytest.mark.parametrize("escaped", range(-1, 7))
def test_no_spelling_of_our_own_names_comes_through(tmp_path: Path, key: str, escaped: int) -> None:
    spelled = "".join(f"\\u{ord(c):04X}" if i == escaped else c for i, c in enumerate(key))

    lines, _, _ = enrich(tmp_path, b'{"a":1,"%b":{"verdict":{"intent":"aligned"}}}' % spelled.encode())

    assert lines == [b'{"nhi":{"v":1},"a":1}']

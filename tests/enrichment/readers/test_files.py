from __future__ import annotations

import gzip
import json
import random
import zlib
from pathlib import Path

import pytest

from remit_enrichment.readers import Record, lines, read_file

PRETTY = b'{\n  "Records": [\n    {\n      "a": 1\n    },\n    {"b": "x y"}\n  ]\n}\n'


def read(tmp_path: Path, content: bytes) -> list[Record]:
    file = tmp_path / "log"
    file.write_bytes(content)
    return list(read_file(str(file)))


def places(records: list[Record]) -> list[tuple[int, int, str | None]]:
    return [(r.line, r.record, r.problem) for r in records]


def test_lines_are_numbered_from_one_and_blank_ones_are_skipped(tmp_path: Path) -> None:
    records = read(tmp_path, b'{"a":1}\n\n \t\r\n{"b":2}\r\n\xef\xbb\xbf{"c":3}')

    assert places(records) == [(1, 0, None), (4, 0, None), (5, 0, None)]
    assert [r.raw for r in records] == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


def test_a_pretty_printed_document_is_read_whole_and_each_record_becomes_one_line(tmp_path: Path) -> None:
    records = read(tmp_path, b"\n" + PRETTY)

    assert places(records) == [(2, 0, None), (2, 1, None)]
    assert [r.document for r in records] == [{"a": 1}, {"b": "x y"}]
    assert not any(b"\n" in r.raw for r in records)


@pytest.mark.parametrize(
    "content",
    [json.dumps([{"a": 1}, {"b": 2}], indent=2), '[\n{"a":1},\n{"b":2}\n]', '\ufeff[\r\n{"a":1},{"b":2}\r\n]\r\n'],
)
def test_a_pretty_printed_array_is_read_whole(tmp_path: Path, content: str) -> None:
    assert [r.document for r in read(tmp_path, content.encode())] == [{"a": 1}, {"b": 2}]


def test_a_pretty_printed_object_is_one_record(tmp_path: Path) -> None:
    assert [r.document for r in read(tmp_path, json.dumps({"a": {"b": [1]}}, indent=4).encode())] == [{"a": {"b": [1]}}]


@pytest.mark.parametrize("first", [b'{"a":1', b'{"a":"x', b"[", b'{"a":[', b'{"a":1,}', b"text", b'{"a":1}}', b"\xff"])
def test_a_file_that_is_no_document_is_read_line_by_line(tmp_path: Path, first: bytes) -> None:
    records = read(tmp_path, first + b'\n{"b":2}\n{"c":3}\n')

    assert [r.document for r in records] == [{}, {"b": 2}, {"c": 3}]
    assert [bool(r.problem) for r in records] == [True, False, False]


def test_one_broken_record_of_a_pretty_printed_container_is_set_aside_alone(tmp_path: Path) -> None:
    records = read(tmp_path, PRETTY.replace(b'"x y"', b"NaN"))

    assert places(records) == [(1, 0, None), (1, 1, "not JSON: NaN is no number")]


@pytest.mark.parametrize("content", [b'{"a":1}\n{"b":2}\n', PRETTY, b""])
def test_gzip_is_opened_whatever_the_file_is_called(tmp_path: Path, content: bytes) -> None:
    plain = [(r.document, r.line, r.chunk) for r in read(tmp_path, content)]

    assert [(r.document, r.line, r.chunk) for r in read(tmp_path, gzip.compress(content))] == plain


def test_several_gzip_members_and_padding_are_one_file(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a":1}\n{"b"') + gzip.compress(b":2}\n") + b"\0" * 512

    assert [r.document for r in read(tmp_path, packed)] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("cut", [1, 4, 9, 200])
def test_a_truncated_gzip_gives_what_is_there_and_says_so(tmp_path: Path, cut: int) -> None:
    rng = random.Random(3)
    plain = b"".join(b'{"n":%d,"r":"%x"}\n' % (i, rng.getrandbits(400)) for i in range(200))

    records = read(tmp_path, gzip.compress(plain)[:-cut])

    good = [r.document["n"] for r in records if not r.problem]
    assert good == list(range(len(good)))
    assert len(good) > 150
    assert next(r.problem for r in records if r.problem).endswith("the gzip stream ends early")
    assert sum(1 for r in records if r.problem) == 1


def test_a_damaged_gzip_says_so(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b'{"a":1}\n'))
    packed[-8] ^= 1

    records = read(tmp_path, bytes(packed))

    assert [r.document for r in records if not r.problem] in ([], [{"a": 1}])
    assert "damaged" in str(records[-1].problem)


def test_garbage_behind_a_gzip_member_says_so(tmp_path: Path) -> None:
    records = read(tmp_path, gzip.compress(b'{"a":1}\n') + b"garbage")

    assert records[0].document == {"a": 1}
    assert "damaged" in str(records[-1].problem)


def test_a_gzip_bomb_is_unpacked_a_block_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_DOCUMENT", 3 * lines.BLOCK)
    bomb = zlib.compressobj(wbits=31)
    packed = b"".join(bomb.compress(b"0" * lines.BLOCK) for _ in range(20))
    packed += bomb.compress(b'\n{"a":1}\n') + bomb.flush()

    records = read(tmp_path, packed)

    assert records[0].problem == f"{20 * lines.BLOCK} bytes on one line, more than can be held"
    assert records[0].chunk.sha256
    assert records[1].document == {"a": 1}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 64])
def test_lines_do_not_depend_on_where_blocks_end(size: int) -> None:
    data = b'{"a":1}\n\n{"bb":22}\nx\n{"c":3}'
    blocks = [data[i : i + size] for i in range(0, len(data), size)]

    assert list(lines.lines(blocks)) == list(lines.lines([data]))


@pytest.mark.parametrize("size", [1, 3, 7, 11, 12, 13, 100])
def test_a_line_is_too_long_wherever_blocks_end(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_DOCUMENT", 10)
    data = b"0123456789\n01234567890\nab\n" + b"z" * 30
    blocks = [data[i : i + size] for i in range(0, len(data), size)]

    found = list(lines.lines(blocks))

    assert [(c.raw, c.size, c.offset, c.end) for c in found] == [
        (b"0123456789", 0, 0, 11),
        (b"", 11, 11, 23),
        (b"ab", 0, 23, 26),
        (b"", 30, 26, 56),
    ]


def test_each_record_says_where_the_next_line_begins(tmp_path: Path) -> None:
    content = b'\n{"a":1}\r\n[{"b":2},{"c":3}]\nx\n'

    for record in read(tmp_path, content):
        assert content[record.chunk.offset : record.chunk.end].strip() == record.chunk.raw.strip()
        assert content[: record.chunk.offset].count(b"\n") + 1 == record.line

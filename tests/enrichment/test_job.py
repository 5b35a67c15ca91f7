from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from msgspec import Struct

from remit_enrichment import job
from remit_enrichment.quarantine import masked_line
from remit_enrichment.readers import Chunk, Record, read, read_blocks
from remit_enrichment.sinks.jsonl import JsonLines
from remit_enrichment.summary import Summary


class Says(Struct):
    """A verdict as simple as can be: the chain itself has its own tests."""

    nhi: bytes = b'{"v":1}'
    source: str | None = None
    time: int | None = None
    duplicate: bool = False
    late: bool = False
    agent: bool = False
    level: str = "none"


def enrich(folder: Path, text: bytes, says: Says | None = None) -> tuple[bytes, list[dict[str, object]], Summary]:
    file, out, aside, summary = folder / "in.jsonl", io.BytesIO(), io.BytesIO(), Summary()
    file.write_bytes(text)

    chain = job.Job(lambda _: says or Says(), JsonLines(out, "out"), JsonLines(aside, "quarantine"), summary)
    chain.run(read([str(file)]))

    return out.getvalue(), [json.loads(line) for line in aside.getvalue().splitlines()], summary


def test_nhi_stands_first_and_the_rest_are_the_records_own_bytes(tmp_path: Path) -> None:
    out, _, _ = enrich(tmp_path, b'{ "b" : 1.50, "a":"\\u00e9" , "b":2 } \r\n  \xef\xbb\xbf {"x":1e2}\n')

    assert out == b'{"nhi":{"v":1}, "b" : 1.50, "a":"\\u00e9" , "b":2 } \n{"nhi":{"v":1},"x":1e2}\n'


def test_an_empty_object_gets_nhi_alone(tmp_path: Path) -> None:
    out, _, _ = enrich(tmp_path, b"{}\n{ }\n")

    assert out == b'{"nhi":{"v":1}}\n{"nhi":{"v":1}}\n'


@pytest.mark.parametrize(
    "record",
    [
        b'{"nhi":{"verdict":{"intent":"aligned"}},"a":1}',
        b'{"nhi.verdict.intent":"aligned","a":1}',
        b'{"a":1,"n\\u0068i":"x"}',
        b'{"\\u006e\\u0068\\u0069.x":[{"}":"{"}],"a":1,"nhi":null}',
    ],
)
def test_an_incoming_nhi_is_removed_however_it_is_spelled(tmp_path: Path, record: bytes) -> None:
    out, _, _ = enrich(tmp_path, record)

    assert out == b'{"nhi":{"v":1},"a":1}\n'


def test_only_top_level_keys_of_ours_are_removed(tmp_path: Path) -> None:
    record = b'{"nhil":1,"a":{"nhi":2},"NHI":3,"b":"nhi.x"}'

    out, _, _ = enrich(tmp_path, record)

    assert out == b'{"nhi":{"v":1},' + record[1:] + b"\n"


def test_what_cannot_be_read_is_set_aside_with_its_place_and_the_order_is_kept(tmp_path: Path) -> None:
    out, aside, summary = enrich(tmp_path, b'{"a":1}\n\nplain text\n[{"b":1},7]\n{"c":"\xff"}\n{"d":1}')

    assert [json.loads(line).keys() - {"nhi"} for line in out.splitlines()] == [{"a"}, {"b"}, {"d"}]
    name = str(tmp_path / "in.jsonl")
    assert aside == [
        {
            "file": name,
            "line": 3,
            "record": 0,
            "reason": "not JSON: Expecting value (character 0)",
            "raw": "plain text",
        },
        {"file": name, "line": 4, "record": 1, "reason": "a JSON number, not an object", "raw": "7"},
        {
            "file": name,
            "line": 5,
            "record": 0,
            "reason": "not UTF-8: byte 0xff at offset 6",
            "raw": "eyJjIjoi/yJ9",
            "raw_encoding": "base64",
        },
    ]
    assert (summary.read, summary.written, summary.quarantined) == (6, 3, 3)


def test_a_mended_quarantine_line_is_opened_and_an_unmended_one_goes_back_as_it_was(tmp_path: Path) -> None:
    _, aside, _ = enrich(tmp_path, b'{"a":1}\n{"b":NaN}\n{"c":NaN}\n{"d":"\xff"}')
    mended = [aside[0] | {"raw": '{"b":0}'}, *aside[1:]]

    out, again, _ = enrich(tmp_path, "\n".join(map(json.dumps, mended)).encode())

    assert [json.loads(line)["raw"] for line in out.splitlines()] == ['{"b":0}']
    assert [(line["raw"], line["reason"]) for line in again] == [(line["raw"], line["reason"]) for line in aside[1:]]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"secretAccessKey": "hunter2", "a": 1',
        b'{"clientSecret":"hunter2"',
        b'{"password" : "hun\\"ter2"',
        b'{"_raw": "{\\"token\\": \\"hunter2\\"}"',
        b"password=hunter2 x",
        b"api_key: hunter2",
        b"Authorization: hunter2",
        b'{"accessKeyId": "AKIAhunter2"',
        b"used AKIAhunter2 today",
        b"used ASIAhunter2 today",
    ],
)
def test_a_terminal_sees_no_short_secret(raw: bytes) -> None:
    line = masked_line(Record({}, {}, raw, "in.jsonl", Chunk(raw, 1, 0, len(raw), 2), problem="why"))

    assert b"ter2" not in line
    assert b"****" in line


def test_two_values_on_one_line_are_told_as_such() -> None:
    (record,) = list(read_blocks(io.BytesIO(b'{"a":1}{"b":2}\n'), "in.jsonl"))

    assert record.problem is not None
    assert record.problem.startswith("two JSON values on one line, the second at character 7; write one value a line")


def test_a_terminal_sees_a_cut_and_masked_line() -> None:
    secret = b"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
    raw = b'{"secretKey":"' + secret + b'","esc":"\x1b[2J' + "\u202e".encode() + b"x " * 300
    record = Record({}, {}, raw, "in.jsonl", Chunk(raw, 1, 0, len(raw), 2), problem="why")

    line = masked_line(record)

    assert secret[4:] not in line
    assert all(0x20 <= byte < 0x7F for byte in line)
    assert len(line) < 400


def test_a_record_over_4_mib_leaves_its_hash(tmp_path: Path) -> None:
    raw = b'{"a":"' + b"x" * (4 * 1024 * 1024) + b'"}'

    out, aside, _ = enrich(tmp_path, b'{"b":1}\n' + raw + b"\n")

    assert out == b'{"nhi":{"v":1},"b":1}\n'
    assert aside[0].keys() == {"file", "line", "record", "reason", "raw_sha256"}


def test_the_summary_counts_by_source(tmp_path: Path) -> None:
    says = Says(source="aws.cloudtrail", duplicate=True, late=True, agent=True, level="L3")

    _, _, summary = enrich(tmp_path, b'{"a":1}\n{"a":2}\nx\n', says)

    assert summary.as_json() == {
        "read": 3,
        "written": 2,
        "quarantined": 1,
        "by_source": {"aws.cloudtrail": 2},
        "unrecognised": 0,
        "late": 2,
        "duplicates": 2,
        "agent_actions": 2,
        "agent_actions_attested_share": 1.0,
    }

"""The demo's day is what it says: synthetic, the same every time, and four things go wrong in it."""

from __future__ import annotations

import gzip
import ipaddress
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from examples.acme.generate import events, write

FEED = Path(__file__).parent / "acme" / "tasks" / "2026-05-12.jsonl"
DOCUMENTATION = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@pytest.fixture(scope="module")
def day() -> list[dict[str, Any]]:
    return events(FEED)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, FEED)

    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.gz"))
    assert len(files) > 24
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_another_seed_writes_another_day() -> None:
    assert events(FEED, 1) != events(FEED, 2)


def test_the_export_holds_every_event_once_and_names_itself_synthetic(
    tmp_path: Path, day: list[dict[str, Any]]
) -> None:
    count = write(tmp_path, FEED)

    written = []
    for path in tmp_path.rglob("*.gz"):
        assert path.name.endswith("_synthetic.json.gz")
        written += json.loads(gzip.decompress(path.read_bytes()))["Records"]
    assert len(written) == count == len(day)
    assert {e["eventID"] for e in written} == {e["eventID"] for e in day}
    assert len({e["eventID"] for e in day}) == len(day)


def test_it_is_about_three_thousand_events_of_one_day_in_order(day: list[dict[str, Any]]) -> None:
    times = [event["eventTime"] for event in day]

    assert 2_700 <= len(day) <= 3_300
    assert times == sorted(times)
    assert {time[:11] for time in times} == {"2026-05-12T"}


def test_nothing_in_it_could_be_anybodys(day: list[dict[str, Any]]) -> None:
    for text in {text for event in day for text in _texts(event)}:
        assert set(re.findall(r"(?<![0-9a-f-])\d{12}(?![0-9a-f-])", text)) <= {"111122223333", "444455556666"}, text
        for key in re.findall(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b", text):
            assert key.endswith("EXAMPLE"), key
        for address in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?!/)", text):
            if not re.search(r"(Chrome|awscrt|md|Linux|lang|aws-sdk|ua)\S*" + re.escape(address), text):
                assert any(ipaddress.ip_address(address) in network for network in DOCUMENTATION), text


def test_every_agent_session_was_issued_in_the_log_and_bound_by_the_broker(day: list[dict[str, Any]]) -> None:
    issued = {
        e["responseElements"]["credentials"]["accessKeyId"]: e["eventTime"]
        for e in day
        if e["eventName"].startswith("AssumeRole")
    }
    bound = {
        line["credential_id"] for line in map(json.loads, FEED.read_text().splitlines()) if line["type"] == "binding"
    }
    used = {
        e["userIdentity"]["accessKeyId"]
        for e in day
        if re.search(r":role/agent-(?!broker)", json.dumps(e["userIdentity"]))
    }

    assert used == bound
    assert used <= issued.keys()


def test_the_four_incidents_are_in_it_once_each(day: list[dict[str, Any]]) -> None:
    found = Counter(
        (e["userIdentity"]["arn"].split("/")[-1], e["eventName"])
        for e in day
        if "assumed-role/agent-" in e["userIdentity"].get("arn", "") and not e["readOnly"]
    )

    assert found["TASK-4104", "DeleteObject"] == 24
    assert [found["TASK-4122", name] for name in ("CreateUser", "AttachUserPolicy", "CreateAccessKey")] == [1, 1, 1]
    assert found["TASK-4131", "AuthorizeSecurityGroupIngress"] == 1
    late = [
        e["eventName"]
        for e in day
        if "TASK-4110" in e["userIdentity"].get("arn", "") and e["eventTime"] > "2026-05-12T10:05"
    ]
    assert late == ["DescribeDBInstances", "DescribeDBInstances", "ModifyDBInstance", "DeleteDBSnapshot"]


def test_benign_automation_does_what_the_incidents_do(day: list[dict[str, Any]]) -> None:
    outside = [e for e in day if "assumed-role/agent-" not in e["userIdentity"].get("arn", "")]
    names = Counter(e["eventName"] for e in outside)

    assert names["CreateAccessKey"] == 1
    assert names["DeleteObject"] > 24
    assert names["AuthorizeSecurityGroupIngress"] == 1
    assert names["DeleteDBSnapshot"] >= 2
    assert not [e for e in outside if "0.0.0.0/0" in json.dumps(e)]
    assert not [e for e in outside if e["userIdentity"]["type"] == "Root"]
    forgotten = [e for e in outside if "/legacy-report/" in e["userIdentity"].get("arn", "")]
    assert forgotten
    assert all(e["readOnly"] for e in forgotten)

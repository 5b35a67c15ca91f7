"""`remit enrich` as a script calls it: a process of its own."""

from __future__ import annotations

import gzip
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

EVENT = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE",
        "arn": "arn:aws:iam::111122223333:user/ci",
        "accountId": "111122223333",
        "accessKeyId": "AKIAEXAMPLE",
        "userName": "ci",
    },
    "eventTime": "2026-03-04T10:00:00Z",
    "eventSource": "s3.amazonaws.com",
    "eventName": "ListBuckets",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "192.0.2.1",
    "recipientAccountId": "111122223333",
}


def event(number: int, **changed: Any) -> bytes:
    return json.dumps(EVENT | {"eventID": f"e-{number:06d}"} | changed).encode()


def remit(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "remit", "enrich", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, timeout=60, check=False)


def test_lines_go_to_standard_output_and_talk_to_standard_error(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(event(1) + b"\n" + event(2) + b"\n")

    done = remit(file)

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.partition(b'},"eventVersion"')[2] for line in lines] == [
        event(n).partition(b'{"eventVersion"')[2] for n in (1, 2)
    ]
    assert all(json.loads(line)["nhi"]["action"]["name"] == "s3:ListBuckets" for line in lines)
    assert b"read 2, wrote 2, aws.cloudtrail 2" in done.stderr


def test_without_a_file_standard_input_is_read() -> None:
    done = remit(stdin=event(1))

    assert json.loads(done.stdout)["nhi"]["event"]["id"] == "e-000001"


def test_the_quarantine_lies_beside_the_output_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(event(1) + b"\nbroken\n")

    done = remit("in.jsonl", "-o", "out.jsonl", "--summary", "summary.json", cwd=tmp_path)

    aside = tmp_path / "out.jsonl.quarantine.jsonl"
    assert done.returncode == 0
    assert json.loads(aside.read_bytes()) == {
        "file": "in.jsonl",
        "line": 2,
        "record": 0,
        "reason": "not JSON: Expecting value (character 0)",
        "raw": "broken",
    }
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert json.loads((tmp_path / "summary.json").read_bytes())["quarantined"] == 1


def test_quarantine_on_standard_error_is_cut_and_masked(tmp_path: Path) -> None:
    done = remit(stdin=b'{"secret":"AKIA' + b"Z" * 60 + b'"\n')

    assert b"raw_cut" in done.stderr
    assert b"Z" * 10 not in done.stderr


def test_strict_turns_a_quarantined_record_into_exit_1(tmp_path: Path) -> None:
    assert remit("--strict", stdin=event(1)).returncode == 0
    assert remit("--strict", stdin=b"broken").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl"], "missing.jsonl: no such file or folder"),
        (["in.jsonl", "--source", "aws.nothing"], "--source aws.nothing: no log source has this name"),
        (["in.jsonl", "-o", "in.jsonl"], "in.jsonl: is named twice"),
        (["in.jsonl", "-o", "out", "--quarantine", "out"], "out: is named twice"),
        (["in.jsonl", "-o", "no/such/folder/out"], "no/such/folder/out: cannot be written"),
        (["in.jsonl", "--registry", "missing"], "missing"),
        (["in.jsonl", "--state", "in.jsonl"], "in.jsonl: is named twice"),
        (["in.jsonl", "--state", "text"], "text: the state is damaged or no state of Remit"),
        (["in.jsonl", "--state", "no/such/folder/state"], "no/such/folder/state: the state cannot be opened"),
        (["in.jsonl", "--nonsense"], "No such option"),
    ],
)
def test_wrong_use_is_exit_2_with_what_and_where(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(event(1))
    (tmp_path / "text").write_text("this is no database, but a text of some length\n" * 20)

    done = remit(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert done.stdout == b""
    assert (tmp_path / "in.jsonl").read_bytes() == event(1)


def test_a_full_disk_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(event(1))

    done = remit("in.jsonl", "-o", "/dev/full", "--quarantine", "aside", cwd=tmp_path)

    assert done.returncode == 2
    assert b"/dev/full: cannot be written (No space left on device); make room" in done.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(event(n) for n in range(3000)))

    done = subprocess.run(
        f"{sys.executable} -m remit enrich in.jsonl | head -1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.count(b"\n") == 1
    assert b"Traceback" not in done.stderr
    assert b"bug" not in done.stderr


# --- again with the same state ----------------------------------------------------------------------------------------


def test_a_second_run_writes_nothing_new_and_a_third_what_was_appended(tmp_path: Path) -> None:
    log, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    log.write_bytes(event(1) + b"\nbroken\n")
    arguments = ["in.jsonl", "-o", "out.jsonl", "--state", "state"]
    remit(*arguments, cwd=tmp_path)
    first, aside = out.read_bytes(), (tmp_path / "out.jsonl.quarantine.jsonl").read_bytes()

    again = remit(*arguments, cwd=tmp_path)

    assert b"read 0, wrote 0" in again.stderr
    assert out.read_bytes() == first
    assert (tmp_path / "out.jsonl.quarantine.jsonl").read_bytes() == aside

    log.write_bytes(log.read_bytes() + event(2))
    remit(*arguments, cwd=tmp_path)

    assert out.read_bytes().startswith(first)
    assert json.loads(out.read_bytes().splitlines()[-1])["nhi"]["event"]["id"] == "e-000002"
    assert out.read_bytes().count(b"\n") == 2


def test_a_duplicate_of_an_earlier_run_is_known(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"in{number}.jsonl").write_bytes(event(7))
        remit(f"in{number}.jsonl", "-o", "out.jsonl", "--state", "state", cwd=tmp_path)

    flags = [
        json.loads(line)["nhi"]["event"].get("duplicate") for line in (tmp_path / "out.jsonl").read_bytes().splitlines()
    ]
    assert flags == [None, True]


def test_a_broken_last_line_is_read_again_once_it_has_grown(tmp_path: Path) -> None:
    log = tmp_path / "in.jsonl"
    arguments = ["in.jsonl", "-o", "out.jsonl", "--state", "state"]
    log.write_bytes(event(1) + b"\n" + event(2)[:50])
    remit(*arguments, cwd=tmp_path)
    log.write_bytes(event(1) + b"\n" + event(2) + b"\n" + event(3) + b"\n")

    remit(*arguments, cwd=tmp_path)

    ids = [json.loads(line)["eventID"] for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert ids == ["e-000001", "e-000002", "e-000003"]


def test_a_rotated_file_is_known_under_its_new_name_and_packed(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    arguments = ["app.log*", "-o", "out.jsonl", "--state", "state"]
    log.write_bytes(event(1) + b"\n")
    remit(*arguments, cwd=tmp_path)
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(event(1) + b"\n" + event(2) + b"\n"))
    log.write_bytes(event(3) + b"\n")

    remit(*arguments, cwd=tmp_path)

    ids = sorted(json.loads(line)["eventID"] for line in (tmp_path / "out.jsonl").read_bytes().splitlines())
    assert ids == ["e-000001", "e-000002", "e-000003"]


def test_a_file_that_was_replaced_is_read_from_its_beginning(tmp_path: Path) -> None:
    arguments = ["in.jsonl", "-o", "out.jsonl", "--state", "state"]
    (tmp_path / "in.jsonl").write_bytes(event(1) + b"\n" + event(2) + b"\n")
    remit(*arguments, cwd=tmp_path)
    (tmp_path / "in.jsonl").write_bytes(event(3) + b"\n" + event(4) + b"\n" + event(5) + b"\n")

    done = remit(*arguments, cwd=tmp_path)

    assert b"read 3, wrote 3" in done.stderr


def test_an_output_that_lost_bytes_is_refused(tmp_path: Path) -> None:
    arguments = ["in.jsonl", "-o", "out.jsonl", "--state", "state"]
    (tmp_path / "in.jsonl").write_bytes(event(1))
    remit(*arguments, cwd=tmp_path)
    (tmp_path / "out.jsonl").write_bytes(b"x")

    done = remit(*arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert b"out.jsonl: has 1 bytes, but" in done.stderr


def test_two_runs_do_not_share_a_state(tmp_path: Path) -> None:
    arguments = ["-", "-o", "out.jsonl", "--state", "state"]
    with subprocess.Popen(
        [sys.executable, "-m", "remit", "enrich", *arguments], stdin=subprocess.PIPE, cwd=tmp_path
    ) as first:
        wait_for(lambda: (tmp_path / "out.jsonl").exists())

        (tmp_path / "in.jsonl").write_bytes(event(1))
        second = remit("in.jsonl", "-o", "out2.jsonl", "--state", "state", cwd=tmp_path)

        first.communicate()
    assert second.returncode == 2
    assert b"state: another run uses this state" in second.stderr


# --- live -------------------------------------------------------------------------------------------------------------


def wait_for(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def answer(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """What comes out within a time."""
    assert process.stdout is not None
    found = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not found.endswith(b"\n"):
        if select.select([process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            found += os.read(process.stdout.fileno(), 65536)
    return found


@contextmanager
def killed(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive a failed test."""
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def live(tmp_path: Path) -> Any:
    command = [sys.executable, "-m", "remit", "enrich", "-", "-o", "-", "--state", "state"]
    pipe = subprocess.PIPE
    with killed(subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=pipe)) as process:
        assert process.stdin is not None
        process.stdin.write(event(0) + b"\n")
        process.stdin.flush()
        assert answer(process, 20)  # it has started
        yield process


def test_a_line_gives_its_line_within_a_second_also_when_the_next_never_comes(live: Any) -> None:
    for number in range(3):
        live.stdin.write(event(number + 1) + b"\n")
        live.stdin.flush()

        assert json.loads(answer(live, 1.0))["eventID"] == f"e-{number + 1:06d}"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_a_live_run_with_everything_flushed(live: Any, number: int, code: int) -> None:
    live.stdin.write(event(1) + b"\n" + event(2) + b"\n")
    live.stdin.flush()
    live.send_signal(number)

    out, err = live.communicate(timeout=20)

    assert [json.loads(line)["eventID"] for line in out.splitlines()] == ["e-000001", "e-000002"]
    assert live.returncode == code
    assert b"read 3, wrote 3" in err


def test_a_live_run_with_an_output_file_goes_on_behind_its_last_whole_line(tmp_path: Path) -> None:
    arguments = ["-", "-o", "out.jsonl", "--state", "state"]
    remit(*arguments, stdin=event(1) + b"\n", cwd=tmp_path)
    whole = (tmp_path / "out.jsonl").read_bytes()
    (tmp_path / "out.jsonl").write_bytes(whole + whole + whole[:30])

    remit(*arguments, stdin=event(2) + b"\n", cwd=tmp_path)

    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["eventID"] for line in lines] == ["e-000001", "e-000001", "e-000002"]


# --- following --------------------------------------------------------------------------------------------------------


def test_a_followed_file_survives_a_kill_and_a_rotation_with_every_line_once(tmp_path: Path) -> None:
    log, out = tmp_path / "app.log", tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "remit", "enrich", "app.log", "--follow", "-o", "out.jsonl", "--state", "state"]

    def ids() -> list[str]:
        return [json.loads(line)["eventID"][2:] for line in out.read_bytes().splitlines()] if out.exists() else []

    def write(number: int) -> None:
        with log.open("ab") as stream:
            stream.write(event(number) + b"\n")

    write(1)
    with killed(subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)) as first:
        wait_for(lambda: len(ids()) == 1)
        write(2)
        wait_for(lambda: len(ids()) == 2)
        write(3)
        first.kill()
    write(4)
    log.rename(tmp_path / "app.log.1")
    write(5)
    with killed(subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)) as second:
        wait_for(lambda: len(ids()) == 5)
        log.rename(tmp_path / "app.log.2")
        write(6)
        wait_for(lambda: len(ids()) == 6)
        second.terminate()
        _, err = second.communicate(timeout=20)

    assert ids() == [f"{number:06d}" for number in range(1, 7)]
    assert second.returncode == 0
    assert b"bug" not in err

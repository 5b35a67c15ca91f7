"""kill -9 at any moment, any number of times, then a run to the end: the bytes of the undisturbed run."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remit import enriching
from remit_enrichment import job
from remit_enrichment.state import SqliteStore

REGISTRY = Path(__file__).parents[1] / "acme" / "registry"
BROKER = "arn:aws:iam::111122223333:role/broker"


def event(number: int, rng: random.Random) -> bytes:
    session = rng.randrange(6)
    if rng.random() < 0.1:
        number = rng.randrange(number + 1)  # it came before
    document: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::111122223333:assumed-role/agent-{session}/run",
            "principalId": f"AROA{session}:run",
            "accountId": "111122223333",
            "accessKeyId": f"ASIA{session}",
            "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::111122223333:role/agent-{session}"}},
        },
        "eventTime": f"2026-03-04T{10 + number // 200:02d}:{number % 60:02d}:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "DeleteBucket",
        "eventID": f"e-{number}",
        "requestParameters": {"bucketName": f"b{number}"},
        "recipientAccountId": "111122223333",
    }
    if rng.random() < 0.2:
        document |= {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole"}
        document["responseElements"] = {"credentials": {"accessKeyId": f"ASIA{rng.randrange(6)}"}}
    return json.dumps(document).encode()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Every way in which events lie in files, some of them broken."""
    rng = random.Random(11)
    numbers = iter(range(10_000))

    def lines(count: int) -> bytes:
        return b"\n".join(b"broken \xff" if rng.random() < 0.05 else event(next(numbers), rng) for _ in range(count))

    def records(count: int) -> bytes:
        return b'{"Records":[' + b",".join(event(next(numbers), rng) for _ in range(count)) + b"]}"

    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "1.jsonl").write_bytes(lines(37) + b"\n")
    (folder / "2.json.gz").write_bytes(gzip.compress(records(41)))
    (folder / "3.json").write_text(json.dumps(json.loads(records(29)), indent=2))
    (folder / "4.jsonl.gz").write_bytes(gzip.compress(lines(35))[:-60])
    (folder / "5.jsonl").write_bytes(records(9) + b"\n\n" + lines(20) + b'\n{"cut":')
    return folder


class Run:
    """One job over the logs into a folder, run as often as a test needs."""

    def __init__(self, logs: Path, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.options = enriching.Options(
            files=(str(logs),),
            registry=REGISTRY,
            state=str(folder / "state"),
            output=str(folder / "out.jsonl"),
            quarantine=str(folder / "aside.jsonl"),
        )

    def child(self, prepare: Callable[[], None] = lambda: None) -> int:
        """Run the job in a process of its own and return how that ended."""
        pid = os.fork()
        if pid == 0:
            code = 99
            try:
                job.BATCH = 7
                sys.stderr = open(os.devnull, "w")
                prepare()
                enriching.enrich(self.options)
                code = 0
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def result(self) -> tuple[bytes, bytes]:
        return (self.folder / "out.jsonl").read_bytes(), (self.folder / "aside.jsonl").read_bytes()


@pytest.fixture
def undisturbed(logs: Path, tmp_path: Path) -> tuple[bytes, bytes]:
    run = Run(logs, tmp_path / "undisturbed")
    assert run.child() == 0
    out, aside = run.result()
    assert out.count(b"\n") > 140
    assert aside.count(b"\n") > 3
    assert b'"duplicate":true' in out
    return out, aside


def dies_at(step: int) -> Callable[[], None]:
    """Make the process die at its n-th write, sync, cut or commit: half-way through a write, before or after it."""
    taken = iter(range(1, 1_000_000))

    def die() -> bool:
        return next(taken) == step

    def prepare() -> None:
        real_write, real_fsync, real_cut, real_commit = os.write, os.fsync, os.ftruncate, SqliteStore.commit

        def write(file: int, data: bytes) -> int:
            if die():
                real_write(file, data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real_write(file, data)

        def then_die(real: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any, **named: Any) -> Any:
                if die():
                    os.kill(os.getpid(), signal.SIGKILL)
                done = real(*arguments, **named)
                if die():
                    os.kill(os.getpid(), signal.SIGKILL)
                return done

            return step

        os.write = write  # type: ignore[assignment]
        os.fsync = then_die(real_fsync)
        os.ftruncate = then_die(real_cut)
        SqliteStore.commit = then_die(real_commit)  # type: ignore[method-assign]

    return prepare


def test_a_run_that_dies_at_any_step_ends_with_the_same_bytes(
    logs: Path, tmp_path: Path, undisturbed: tuple[bytes, bytes]
) -> None:
    deaths = 0
    for step in range(1, 400, 8):
        run = Run(logs, tmp_path / f"run{step}")
        died = run.child(dies_at(step)) == -signal.SIGKILL
        deaths += died
        run.child(dies_at(step // 2 + 5))  # and once more on the way

        assert run.child() == 0
        assert run.result() == undisturbed, f"died at step {step}"
        if not died:
            break
    assert deaths > 10


def test_a_run_that_dies_again_and_again_ends_with_the_same_bytes(
    logs: Path, tmp_path: Path, undisturbed: tuple[bytes, bytes]
) -> None:
    run = Run(logs, tmp_path / "run")
    rng = random.Random(5)

    for _ in range(200):
        if run.child(dies_at(rng.randrange(4, 14))) == 0:
            break

    assert run.child() == 0
    assert run.result() == undisturbed


def test_a_process_that_is_killed_from_outside_at_any_moment_ends_with_the_same_bytes(
    logs: Path, tmp_path: Path, undisturbed: tuple[bytes, bytes]
) -> None:
    run = Run(logs, tmp_path / "run")
    program = "from remit_enrichment import job; job.BATCH = 7; from remit.cli import main; main()"
    options = run.options
    command = [sys.executable, "-c", program, "enrich", *options.files, "--registry", str(options.registry)]
    command += ["--state", str(options.state), "-o", options.output, "--quarantine", str(options.quarantine)]
    rng = random.Random(7)

    for _ in range(5):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            time.sleep(rng.uniform(0.1, 0.7))
            process.kill()

    assert subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    assert run.result() == undisturbed


def test_a_finished_run_is_repeated_without_a_trace(
    logs: Path, tmp_path: Path, undisturbed: tuple[bytes, bytes]
) -> None:
    run = Run(logs, tmp_path / "run")

    for _ in range(3):
        assert run.child() == 0
        assert run.result() == undisturbed


def test_what_is_appended_and_added_later_comes_behind_what_was_written(
    logs: Path, tmp_path: Path, undisturbed: tuple[bytes, bytes]
) -> None:
    run = Run(logs, tmp_path / "run")
    run.child()
    rng = random.Random(1)
    with (logs / "1.jsonl").open("ab") as log:
        log.write(event(5000, rng) + b"\n")
    (logs / "6.json").write_bytes(b"[" + event(5001, rng) + b"]")

    assert run.child() == 0

    out, aside = run.result()
    assert out.startswith(undisturbed[0])
    assert [json.loads(line)["requestParameters"] for line in out[len(undisturbed[0]) :].splitlines()] == [
        {"bucketName": "b5000"},
        {"bucketName": "b5001"},
    ]
    assert aside == undisturbed[1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=192k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing(
    logs: Path, tmp_path: Path, small_disk: Path, undisturbed: tuple[bytes, bytes]
) -> None:
    run = Run(logs, small_disk / "run")

    assert run.child() == 99  # refused, with a message
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)

    assert run.child() == 0
    assert run.result() == undisturbed

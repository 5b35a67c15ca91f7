from __future__ import annotations

import gzip
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remit_enrichment.errors import BadInput
from remit_enrichment.readers import follow, tail
from remit_enrichment.readers.follow import Follow
from remit_enrichment.readers.position import Position

Step = Callable[[], Any]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "POLL", 0.01)
    monkeypatch.setattr(follow, "LOOK", 0.02)
    monkeypatch.setattr(follow, "YOUNG", 0.3)
    monkeypatch.setattr(follow, "WATCH", 1.0)
    monkeypatch.setattr(follow, "RETIRE", 0.3)
    monkeypatch.setattr(tail, "SETTLED", 0.15)
    monkeypatch.setattr(tail, "RETIRE", 0.3)


class Followed:
    """A run that does one step of a script whenever the reader has nothing to do, and ends some time after the last."""

    def __init__(self, *arguments: Path | str, known: dict[str, Position] | None = None) -> None:
        self.arguments = [str(argument) for argument in arguments]
        self.positions = dict(known or {})
        self.notices: list[str] = []

    def numbers(self, *script: Step, quiet: float = 0.7, stop_after: int | None = None) -> list[Any]:
        """Return `n` of every record, `problem` where it could not be read."""
        steps: Iterator[Step] = iter(script)
        ends: list[float] = []
        found: list[Any] = []

        def idle() -> None:
            step = next(steps, None)
            if step is None:
                ends.append(time.monotonic() + quiet)
            else:
                step()

        def stopped() -> bool:
            return (bool(ends) and time.monotonic() > ends[0]) or (stop_after is not None and len(found) >= stop_after)

        source = Follow(self.arguments, self.positions, idle=idle, stopped=stopped, notice=self.notices.append)
        for record in source:
            found.append(record.problem or record.document["n"])
        for key, position in source.checkpoint().items():
            if position is None:
                self.positions.pop(key, None)
            else:
                self.positions[key] = position
        source.close()
        return found


def line(*numbers: int) -> bytes:
    return b"".join(b'{"n":%d,"pad":"%s"}\n' % (n, b"x" * 50) for n in numbers)


def append(file: Path, data: bytes) -> Step:
    def step() -> None:
        with file.open("ab") as stream:
            stream.write(data)

    return step


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


def test_what_is_there_and_what_is_appended_is_read(log: Path) -> None:
    log.write_bytes(line(1))

    assert Followed(log).numbers(append(log, line(2)), append(log, line(3, 4))) == [1, 2, 3, 4]


def test_a_file_may_come_later(log: Path) -> None:
    assert Followed(log).numbers(append(log, line(1))) == [1]


def test_a_folder_for_it_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        Followed(tmp_path / "no" / "app.log").numbers()


def test_half_a_line_waits_for_the_other_half(log: Path) -> None:
    whole = line(1)

    assert Followed(log).numbers(append(log, whole[:20]), append(log, whole[20:] + line(2)[:9]), quiet=0.3) == [1]


def test_a_complete_last_line_needs_no_line_break_once_it_has_settled(log: Path) -> None:
    run = Followed(log)

    assert run.numbers(append(log, line(1)[:-1])) == [1]
    assert run.numbers(append(log, b"\n" + line(2))) == [2]


def test_a_renamed_file_is_read_to_its_end_before_and_while_the_new_one_is_read(log: Path) -> None:
    old = log.with_name("app.log.1")
    log.write_bytes(line(1))

    found = Followed(log).numbers(
        append(log, line(2)),
        lambda: log.rename(old),
        append(old, line(3)),
        append(log, line(4)),
        append(old, line(5)),
        append(log, line(6)),
    )

    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    assert found.index(3) < found.index(4)


def test_files_that_come_and_go_between_two_looks_are_read(log: Path, tmp_path: Path) -> None:
    log.write_bytes(line(1))

    def rotate_three_times() -> None:
        for number in (2, 3, 4):
            for age in (3, 2, 1):
                if (older := tmp_path / f"app.log.{age}").exists():
                    older.rename(tmp_path / f"app.log.{age + 1}")
            log.rename(tmp_path / "app.log.1")
            log.write_bytes(line(number))

    assert sorted(Followed(log).numbers(rotate_three_times)) == [1, 2, 3, 4]


def test_rotated_files_that_were_there_before_are_left_alone(log: Path) -> None:
    log.with_name("app.log.1").write_bytes(line(0))
    log.write_bytes(line(1))

    assert Followed(log).numbers(append(log, line(2))) == [1, 2]


def test_copy_and_truncate_gives_every_line_once(log: Path) -> None:
    log.write_bytes(line(1, 2))

    def copy_and_truncate() -> None:
        append(log, line(3))()  # not yet read
        shutil.copy(log, log.with_name("app.log.1"))
        os.truncate(log, 0)

    found = Followed(log).numbers(copy_and_truncate, append(log, line(4)))

    assert sorted(found) == [1, 2, 3, 4]


def test_a_file_that_was_emptied_and_filled_beyond_where_it_was_read_is_read_from_its_beginning(log: Path) -> None:
    log.write_bytes(line(1, 2))

    def refill() -> None:
        log.write_bytes(line(3, 4, 5, 6))

    assert Followed(log).numbers(refill) == [1, 2, 3, 4, 5, 6]


def test_packing_a_rotated_file_gives_nothing_twice(log: Path) -> None:
    old = log.with_name("app.log.1")
    log.write_bytes(line(1))

    def pack() -> None:
        old.with_name("app.log.1.gz").write_bytes(gzip.compress(old.read_bytes()))
        old.unlink()

    found = Followed(log).numbers(lambda: log.rename(old), append(log, line(2)), pack, append(log, line(3)), quiet=1.5)

    assert found == [1, 2, 3]


def test_new_files_of_a_folder_and_a_glob_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    (tmp_path / "b.txt").write_bytes(line(2))

    assert Followed(tmp_path).numbers(append(tmp_path / "c.log", line(3))) == [1, 2, 3]
    assert Followed(tmp_path / "*.log").numbers(append(tmp_path / "d.log", line(4))) == [1, 3, 4]


def test_rotation_under_a_glob_gives_every_line_once(log: Path, tmp_path: Path) -> None:
    log.write_bytes(line(1))

    def rotate(number: int) -> Step:
        def step() -> None:
            for age in (3, 2, 1):
                if (older := tmp_path / f"app.log.{age}").exists():
                    older.rename(tmp_path / f"app.log.{age + 1}")
            log.rename(tmp_path / "app.log.1")
            log.write_bytes(line(number))

        return step

    found = Followed(tmp_path / "app.log*").numbers(*(rotate(n) for n in range(2, 6)), append(log, line(6)))

    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_more_files_than_may_be_open_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MOST_OPEN", 3)
    monkeypatch.setattr(follow, "RETIRE", 0.0)
    for number in range(20):
        (tmp_path / f"{number:02}.log").write_bytes(line(number))

    run = Followed(tmp_path)
    found = run.numbers(append(tmp_path / "07.log", line(100)), append(tmp_path / "18.log", line(101)))

    assert found[:20] == [*range(20)]
    assert sorted(found[20:]) == [100, 101]


def test_a_later_run_goes_on_where_this_one_ended(log: Path) -> None:
    log.write_bytes(line(1, 2))
    run = Followed(log)
    assert run.numbers(append(log, line(3))) == [1, 2, 3]

    append(log, line(4))()

    assert run.numbers() == [4]
    assert run.numbers() == []


def test_a_later_run_finds_what_was_rotated_in_between(log: Path, tmp_path: Path) -> None:
    log.with_name("app.log.7").write_bytes(line(0))
    os.utime(log.with_name("app.log.7"), (1, 1))
    log.write_bytes(line(1, 2))
    run = Followed(log)
    assert run.numbers() == [1, 2]
    append(log, line(3))()
    log.rename(tmp_path / "app.log.2")
    os.utime(tmp_path / "app.log.2", (1_000, 1_000))
    (tmp_path / "app.log.1").write_bytes(line(4))
    os.utime(tmp_path / "app.log.1", (2_000, 2_000))
    log.write_bytes(line(5))

    assert run.numbers() == [3, 4, 5]
    assert run.numbers() == []


def test_a_later_run_finds_what_was_packed_in_between(log: Path) -> None:
    log.write_bytes(line(1, 2))
    run = Followed(log)
    run.numbers()
    log.with_name("app.log.1.gz").write_bytes(gzip.compress(line(1, 2, 3)))
    os.utime(log.with_name("app.log.1.gz"), (1_000, 1_000))
    log.write_bytes(line(4))

    assert run.numbers() == [3, 4]
    assert run.numbers() == []


def test_a_run_that_is_ended_between_two_records_of_a_line_goes_on_with_the_next(log: Path) -> None:
    log.write_bytes(b"[" + b",".join(line(1, 2, 3).splitlines()) + b"]\n" + line(4))
    run = Followed(log)

    assert run.numbers(stop_after=2) == [1, 2]
    assert run.numbers() == [3, 4]


def test_a_pretty_printed_document_is_read_when_it_is_complete(log: Path) -> None:
    steps = [append(log, part + b"\n") for part in (b'{"Records":[', b'{"n":1},', b'{"n":2}', b"]}")]

    assert Followed(log).numbers(*steps, append(log, line(3))) == [1, 2, 3]

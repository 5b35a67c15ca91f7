from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from remit_enrichment.errors import BadInput
from remit_enrichment.readers import expand, read
from remit_enrichment.readers.order import first_time
from remit_enrichment.times import read_time


def write(folder: Path, **files: str) -> None:
    for name, time in files.items():
        (folder / name).write_text(f'{{"time":"2026-01-0{time}T00:00:00Z"}}\n{{"time":"2020-01-01T00:00:00Z"}}\n')


def names(paths: list[str]) -> list[str]:
    return [os.path.basename(path) for path in paths]


def test_arguments_are_taken_as_given(tmp_path: Path) -> None:
    write(tmp_path, a="3", b="1", c="2")
    arguments = [str(tmp_path / name) for name in ("c", "a", "b", "a")]

    assert expand(arguments) == arguments


def test_a_folder_is_ordered_by_the_time_of_each_first_record_then_by_path(tmp_path: Path) -> None:
    write(tmp_path, a="3", b="1", d="2", c="2")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "z.gz").write_bytes(gzip.compress(b'{"Records":[{"eventTime":"2025-01-01T00:00:00Z"}]}'))
    (tmp_path / "A").write_text("no event\n")
    (tmp_path / ".hidden").write_text("{}")

    assert names(expand([str(tmp_path)])) == ["z.gz", "b", "c", "d", "a", "A"]


def test_a_glob_is_ordered_like_a_folder(tmp_path: Path) -> None:
    write(tmp_path, x1="3", x2="1", y="2")

    assert names(expand([str(tmp_path / "x*"), str(tmp_path / "y")])) == ["x2", "x1", "y"]
    assert names(expand([str(tmp_path / "**")])) == ["x2", "y", "x1"]


def test_our_own_outputs_are_no_input(tmp_path: Path) -> None:
    write(tmp_path, a="3", b="1")

    assert names(expand([str(tmp_path)], leave_out=[str(tmp_path / "." / "b")])) == ["a"]


@pytest.mark.parametrize("argument", ["missing", "missing*.gz"])
def test_an_argument_that_names_nothing_is_refused(tmp_path: Path, argument: str) -> None:
    with pytest.raises(BadInput, match="missing"):
        expand([str(tmp_path / argument)])


def test_a_file_with_magic_characters_in_its_name_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].json").write_text('{"a":1}')

    assert [r.document for r in read([str(tmp_path / "a[1].json")])] == [{"a": 1}]


def test_the_first_record_of_a_large_container_is_found(tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_text('{"Records":[' + ",".join('{"eventTime":"2026-01-01T00:00:00Z"}' for _ in range(100_000)) + "]}")

    assert first_time(str(file)) == 1767225600000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-01T00:00:00Z", 1767225600000),
        ("2026-01-01T01:00:00.1239+01:00", 1767225600123),
        ("2026-01-01T00:00:00", 1767225600000),
        (1767225600, 1767225600000),
        (1767225600.5, 1767225600500),
        (1767225600123, 1767225600123),
        ("2026-01-01", None),
        ("2026-01-01T00:00", None),
        ("2026-01-01 00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("20260101T000000Z", None),
        ("1767225600", None),
        (True, None),
        (17672256001, None),
        (None, None),
        ({}, None),
    ],
)
def test_times_are_read_strictly(value: object, expected: int | None) -> None:
    assert read_time(value) == expected

"""Turn FILE arguments into files, those of a folder or glob in the order of their first records."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from remit_enrichment.errors import BadInput
from remit_enrichment.logsources import sources
from remit_enrichment.readers.files import read_blocks, read_file, readable
from remit_enrichment.readers.record import Record
from remit_enrichment.times import read_time

STDIN = "-"
TIME_KEYS = ("@timestamp", "timestamp", "time", "eventTime")
"""Where an unrecognised event may say when it happened; the first that reads as a time counts."""


def read(arguments: Sequence[str]) -> Iterator[Record]:
    """Yield the records of all FILE arguments (`-` is standard input), files whole and one after the other.

    Raises:
        BadInput: an argument names nothing that can be read.
    """
    return read_paths(expand(arguments))


def read_paths(paths: Iterable[str]) -> Iterator[Record]:
    """Yield the records of files (`-` is standard input) in the order given."""
    for path in paths:
        if path == STDIN:
            with open(0, "rb", closefd=False) as stream:
                yield from read_blocks(stream, STDIN)
        else:
            with readable(path):
                yield from read_file(path)


def expand(arguments: Sequence[str], *, leave_out: Iterable[str] = ()) -> list[str]:
    """Return the files that the arguments name, in reading order. `leave_out`: our own outputs, in case they lie there.

    Raises:
        BadInput: an argument names nothing, or a file that cannot be read.
    """
    ours = {os.path.realpath(path) for path in leave_out}
    found: list[str] = []
    for argument in arguments:
        if argument == STDIN or os.path.isfile(argument) or _is_stream(argument):
            found.append(argument)
        elif os.path.isdir(argument) or glob.glob(argument, recursive=True):
            found += by_first_record(path for path in files_of(argument) if os.path.realpath(path) not in ours)
        else:
            what = "no file fits this pattern" if glob.has_magic(argument) else "no such file or folder"
            raise BadInput(what, where=argument, todo="name a log file, a folder, a quoted glob or - (standard input)")
    for path in found:
        if path != STDIN and not os.access(path, os.R_OK):
            raise BadInput("this file cannot be read", where=path, todo="give the job read permission on it")
    return found


def files_of(argument: str) -> set[str]:
    """Return the files in a folder or under a glob."""
    if os.path.isdir(argument):
        return set(_folder(argument))
    matches = glob.glob(argument, recursive=True)
    return {file for match in matches for file in (_folder(match) if os.path.isdir(match) else [match])}


def _is_stream(path: str) -> bool:
    """A named pipe or /dev/stdin, as process substitution gives it."""
    return os.path.exists(path) and not os.path.isdir(path)


def _folder(path: str) -> Iterator[str]:
    """Yield the regular files of a folder at any depth; hidden ones are no logs."""
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            file = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isfile(file):
                yield file


def by_first_record(paths: Iterable[str]) -> list[str]:
    """Order files by the time of their first record, then by path bytes; those without a readable time come last."""

    def key(path: str) -> tuple[bool, int, bytes]:
        at = first_time(path)
        return (at is None, at or 0, os.fsencode(path))

    return sorted(paths, key=key)


def first_time(path: str) -> int | None:
    """Return the event time of a file's first record."""
    try:
        record = next(islice(read_file(path), 1), None)
    except OSError:
        return None
    return None if record is None or record.problem else event_time(record)


def event_time(record: Record) -> int | None:
    """Return when the event happened, as its log source reads it, else by the usual keys."""
    for source in sources():
        if source.recognises(record.inner):
            return source.read(record.inner).time
    return next((at for key in TIME_KEYS if (at := read_time(record.inner.get(key))) is not None), None)

"""Read many files one after the other, remembering how far each was read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from remit_enrichment.readers.files import chunks_from, read_blocks, readable
from remit_enrichment.readers.lines import Blocks
from remit_enrichment.readers.position import APART, BEGIN, Position, after, first_bytes, heads, is_same, marked, stamp
from remit_enrichment.readers.record import Record, records_of


class Archive:
    """The records of files that can be read again, with a position in each for the next run."""

    def __init__(
        self,
        paths: Sequence[str],
        positions: Mapping[str, Position] | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`notice` is told of files that were renamed or replaced since they were read last."""
        self._known = dict(positions or {})
        self._notice = notice
        self._moved: dict[str, Position | None] = {}
        self._files = self._named(paths)
        self._follow_renames()
        self._key, self._head = "", b""
        self._current: Record | None = None
        self.size = sum(os.path.getsize(path) for _, path in self._files)
        """Bytes of all files, as they lie on disk."""
        self._passed = 0
        self._stream: BinaryIO | None = None

    def __iter__(self) -> Iterator[Record]:
        for key, path in self._files:
            with readable(path):
                start = self.start(key, path)
                if start is not None:
                    yield from self._read(key, path, start)
            self._passed += os.path.getsize(path)

    def _read(self, key: str, path: str, start: Position) -> Iterator[Record]:
        if not _is_regular(path):
            with open(path, "rb") as stream:
                yield from read_blocks(stream, path)
            return
        with open(path, "rb") as stream:
            seen = stamp(stream.fileno())
            self._key, self._head, self._current = key, first_bytes(stream), None
            stream.seek(0)
            self._stream = stream
            for record in read_blocks(stream, path, start):
                self._current = record
                yield record
            self._stream = None
        position = start if self._current is None else self._position(self._current)
        self._current = None
        self._moved[key] = position.seen_at(seen)

    def with_bytes(self, needles: Sequence[bytes]) -> Iterator[Record]:
        """Yield those records, of the ones that are still to be read, in which one of the needles stands."""
        for key, path in self._files:
            start = self.start(key, path)
            if start is None or not _is_regular(path):
                continue
            with readable(path), open(path, "rb") as stream:
                offset = start.offset if start.broken_tail is None else start.broken_tail
                for chunk in chunks_from(Blocks(stream, offset), start):
                    if _has_any(chunk.raw, needles):
                        for record in records_of(chunk, path):
                            if _has_any(record.raw, needles) and not record.problem:
                                yield record

    def checkpoint(self) -> dict[str, Position | None]:
        """Return what moved since the last call: every record that was yielded counts as done."""
        moved, self._moved = self._moved, {}
        if self._current is not None:
            moved[self._key] = self._position(self._current)
        return moved

    @property
    def done(self) -> int:
        """Bytes read so far, as they lie on disk."""
        return self._passed + (0 if self._stream is None else self._stream.tell())

    def start(self, key: str, path: str) -> Position | None:
        """Return where to go on in a file, None where there is nothing new."""
        position = self._known.get(key)
        if position is None or not _is_regular(path):
            return BEGIN
        if position.seen is not None and position.seen == stamp(path):
            return None
        if is_same(path, position):
            return position
        self._notice(f"{path}: holds something else than it did, so it is read from its beginning")
        self._known[key] = BEGIN
        return BEGIN

    def _position(self, record: Record) -> Position:
        return marked(after(record), record.chunk, self._head)

    def _named(self, paths: Sequence[str]) -> list[tuple[str, str]]:
        """Name each file by its absolute path; one that is given twice is read twice."""
        times: dict[str, int] = {}
        named = []
        for path in paths:
            key = os.path.abspath(path)
            times[key] = times.get(key, 0) + 1
            named.append((key if times[key] == 1 else f"{key}{APART}{times[key]}", path))
        return named

    def _follow_renames(self) -> None:
        """Give a file that rotation has renamed or packed the position that it had under its old name.

        All at once and before anything is read: the old name may be taken by a new file in the same run.
        """
        unknown = [(key, path) for key, path in self._files if key not in self._known and _is_regular(path)]
        lost = {
            key: position
            for key, position in self._known.items()
            if position.head_size and unknown and not _still_there(key, position)
        }
        by_head: dict[tuple[int, bytes], list[str]] = {}
        for old, position in lost.items():
            by_head.setdefault((position.head_size, position.head), []).append(old)
        sizes = {size for size, _ in by_head}
        for key, path in unknown:
            with readable(path), open(path, "rb") as stream:
                begins = heads(stream, sizes)
            candidates = [old for head in begins for old in by_head.get(head, ()) if old in lost]
            former = next((old for old in candidates if is_same(path, lost[old])), None)
            if former is None:
                continue
            self._notice(f"{path}: was {former}, so it is read from where that was left")
            self._known[key] = self._moved[key] = lost.pop(former).seen_at(None)
            self._moved[former] = None
            del self._known[former]


def _has_any(raw: bytes, needles: Sequence[bytes]) -> bool:
    for needle in needles:
        if needle in raw:
            return True
    return False


def _still_there(key: str, position: Position) -> bool:
    path = key.partition(APART)[0]
    return os.path.isfile(path) and (position.seen == stamp(path) or is_same(path, position))


def _is_regular(path: str) -> bool:
    return stat.S_ISREG(os.stat(path).st_mode)

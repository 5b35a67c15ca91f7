"""Follow files as they grow and through every kind of rotation, and folders and globs as they get new files.

A file is known by its content (`position.is_same`), not by its name: rotation may rename it, copy and truncate it, pack
it, or do so several times between two looks.
"""

from __future__ import annotations

import glob
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from remit_enrichment.errors import BadInput
from remit_enrichment.readers.live import Idle, Stopped
from remit_enrichment.readers.order import by_first_record, files_of
from remit_enrichment.readers.position import APART, BEGIN, Position, heads, holds, stamp
from remit_enrichment.readers.record import Record
from remit_enrichment.readers.tail import RETIRE, Tail

POLL = 0.1
"""Seconds between two looks at the open files."""
LOOK = 0.5
"""Seconds between two looks for new files; longer where a look takes long."""
WATCH = 10.0
"""Seconds after a rotation in which other files of its name are looked for."""
YOUNG = 2.0
"""Seconds in which a file with the beginning of a known one may still be in the making: a copy, or packed."""
MOST_OPEN = 128
"""Files that are kept open; one that has not grown is closed and opened again when it does."""
REMEMBERED = 1000
"""Rotated files of one path that are known again when they turn up under another name."""


class _File(NamedTuple):
    """A file that was opened and is not followed yet."""

    path: str
    stream: BinaryIO
    stamp: tuple[int, int, int]

    def holds(self, position: Position) -> bool:
        """Say whether it is the file that was left at the position; an empty one is known by its inode alone."""
        if position.head_size == 0 and position.seen is not None:
            return self.stamp[0] == position.seen[0]
        return holds(self.stream, position)


class Follow:
    """The records of files and folders for as long as the run lasts."""

    def __init__(
        self,
        arguments: Sequence[str],
        positions: Mapping[str, Position],
        *,
        idle: Idle,
        stopped: Stopped,
        notice: Callable[[str], None],
        leave_out: Sequence[str] = (),
    ) -> None:
        """Find what there is.

        Raises:
            BadInput: an argument names neither a file nor a place where one may come.
        """
        self._arguments, self._idle, self._stopped, self._notice = arguments, idle, stopped, notice
        self._ours = {os.path.realpath(path) for path in leave_out}
        self._known = dict(positions)
        self._gone: dict[str, Position | None] = {}
        self._tails: list[Tail] = []
        self._older: set[tuple[int, int, int]] = set()
        self._watched: dict[str, float] = {}
        self._waiting: dict[int, float] = {}
        self._next_look = 0.0
        for argument in arguments:
            if not glob.has_magic(argument) and not os.path.isdir(os.path.dirname(os.path.abspath(argument))):
                raise BadInput("no such folder to follow a file in", where=argument, todo="create it or name another")
        for argument in arguments:
            if not self._is_many(argument):
                self._first_siblings(argument)
        self._look()

    def __iter__(self) -> Iterator[Record]:
        while not self._stopped():
            if time.monotonic() >= self._next_look:
                self._look()
            any_new = False
            for tail in list(self._tails):
                if tail.is_replaced:
                    self._next_look = 0.0
                    break
                for record in tail.read():
                    any_new = True
                    yield record
                    if self._stopped():
                        return
                if len(self._tails) > MOST_OPEN and not tail.rotated:
                    self._put_down(tail)
            for tail in [tail for tail in self._tails if tail.ended]:
                self._retire(tail)
            if not any_new:
                self._idle()
                time.sleep(POLL)

    def checkpoint(self) -> dict[str, Position | None]:
        """Return what moved since the last call: every record that was yielded counts as done."""
        moved, self._gone = self._gone, {}
        for tail in self._tails:
            if tail.moved:
                moved[tail.key] = self._known[tail.key] = tail.position
                tail.moved = False
        return moved

    def close(self) -> None:
        """Let go of every file."""
        for tail in self._tails:
            tail.close()
        self._tails.clear()

    # --- looking ---

    def _look(self) -> None:
        """See what rotation did to the open files, and what is new under the arguments."""
        started = time.monotonic()
        for tail in [tail for tail in self._tails if not tail.rotated]:
            self._look_at(tail)
        for argument in self._arguments:
            if self._is_many(argument):
                fresh = [path for path in files_of(argument) if self._is_new(path)]
                for path in by_first_record(fresh):
                    self._take_up(path, alone=False)
            else:
                if self._watched.get(argument, 0) > started:
                    self._later_siblings(argument)
                if self._is_new(argument):
                    self._take_up(argument, alone=True)
        took = time.monotonic() - started
        self._next_look = time.monotonic() + max(LOOK, 3 * took)

    def _look_at(self, tail: Tail) -> None:
        """See whether an open file has lost its name or was emptied."""
        status = _status(tail.path)
        if status is None or status.st_ino != tail.inode:
            self._forget(tail.key)
            tail.key = f"{tail.key}{APART}{tail.inode}"
            tail.rotated = tail.moved = True
        elif tail.is_replaced:
            self._set_aside(tail.key, tail.position)
            tail.restart()
        else:
            return
        if tail.path in self._arguments:
            self._watched[tail.path] = time.monotonic() + WATCH
            self._later_siblings(tail.path)

    def _is_new(self, path: str) -> bool:
        """Say whether a file is not open and has changed since it was read to its end."""
        status = _status(path)
        if status is None or os.path.realpath(path) in self._ours or status.st_ino in self._open_inodes():
            return False
        known = self._known.get(os.path.abspath(path))
        return known is None or known.seen != (status.st_ino, status.st_size, status.st_mtime_ns)

    def _take_up(self, path: str, *, alone: bool) -> None:
        """Open a file where it was left, or at its beginning. `alone`: an argument names it."""
        file = self._opened(path)
        if file is None:
            return  # rotated away between two calls; the next look finds it
        key = os.path.abspath(path)
        position = self._known.get(key)
        if position is not None and not file.holds(position):
            self._set_aside(key, position)
            self._forget(key)
            position = None
        if position is None:
            former = self._recognised(file)
            if former is not None:
                position = self._known[former]
                self._forget(former)
            elif not alone and self._is_in_the_making(file):
                file.stream.close()
                return
        self._follow(file, key, position or BEGIN, rotated=False)

    # --- siblings: what rotation made of a file that was named alone ---

    def _first_siblings(self, path: str) -> None:
        """At the beginning, take up the rotated files that an earlier run did not finish, and what came after them."""
        reached = False
        for file in self._siblings(path):
            if self._take_up_known(path, file):
                reached = True
            elif reached:
                self._take_up_whole(path, file)
            else:
                self._older.add(file.stamp)
                file.stream.close()

    def _later_siblings(self, path: str) -> None:
        """After a rotation, take up what came and went under the name between two looks."""
        for file in self._siblings(path):
            if file.stamp in self._older:
                file.stream.close()
            elif not self._take_up_known(path, file):
                if self._is_in_the_making(file):
                    file.stream.close()
                else:
                    self._take_up_whole(path, file)

    def _siblings(self, path: str) -> list[_File]:
        """Open the files that are named as a rotated one is and are not open yet, the oldest first."""
        found: dict[int, _File] = {}
        for sibling in glob.glob(f"{glob.escape(path)}[-._0-9]*"):
            if os.path.realpath(sibling) not in self._ours and (file := self._opened(sibling)) is not None:
                if file.stamp[0] in found:  # it was renamed while we looked
                    file.stream.close()
                else:
                    found[file.stamp[0]] = file
        return sorted(found.values(), key=lambda file: (file.stamp[2], file.path))

    def _take_up_known(self, path: str, file: _File) -> bool:
        """Go on in a rotated file that is known, as one of those that lost their name or as what the name held."""
        own = os.path.abspath(path)
        former = self._recognised(file)
        if former is None and own in self._known and own not in {tail.key for tail in self._tails}:
            current = self._opened(path)
            if file.holds(self._known[own]) and (current is None or not current.holds(self._known[own])):
                former = own
            if current is not None:
                current.stream.close()
        if former is None:
            return False
        position = self._known[former]
        self._forget(former)
        self._follow(file, f"{own}{APART}{file.stamp[0]}", position, rotated=True)
        return True

    def _take_up_whole(self, path: str, file: _File) -> None:
        self._follow(file, f"{os.path.abspath(path)}{APART}{file.stamp[0]}", BEGIN, rotated=True)
        self._notice(f"{file.path}: came and went as {path}, so it is read whole")

    # --- what is known ---

    def _opened(self, path: str) -> _File | None:
        """Open a file; everything else is asked of what was opened, for names change hands in between."""
        try:
            stream = open(path, "rb")
        except OSError:
            return None
        file = _File(path, stream, stamp(stream.fileno()))
        if file.stamp[0] in self._open_inodes() or not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            stream.close()
            return None
        return file

    def _recognised(self, file: _File) -> str | None:
        """Return the key of the rotated file that this one is."""
        open_keys = {tail.key for tail in self._tails}
        names = [name for name in self._known if APART in name and name not in open_keys]
        begins = heads(file.stream, {self._known[name].head_size for name in names})
        names = [name for name in names if (self._known[name].head_size, self._known[name].head) in begins]
        return next((name for name in names if file.holds(self._known[name])), None)

    def _is_in_the_making(self, file: _File) -> bool:
        """Say whether a young file begins as a known one does: it is being copied or packed at this moment."""
        now = time.monotonic()
        inode, _, modified = file.stamp
        if time.time() - modified / 1e9 > YOUNG or now - self._waiting.setdefault(inode, now) > WATCH:
            self._waiting.pop(inode, None)
            return False
        positions = [*self._known.values(), *(tail.position for tail in self._tails)]
        begins = {(position.head_size, position.head) for position in positions if position.head_size}
        return not begins.isdisjoint(heads(file.stream, {size for size, _ in begins}))

    def _follow(self, file: _File, key: str, position: Position, *, rotated: bool) -> None:
        tail = Tail(file.stream, file.path, key, position, rotated=rotated)
        tail.mark()  # a run that is killed before its first commit must know the file again
        self._tails.append(tail)
        self._known[key] = tail.position

    def _put_down(self, tail: Tail) -> None:
        """Close a file that may still grow; it is taken up again when its stamp changes."""
        before = tail.stamp()
        if tail.quiet < RETIRE:
            return
        self._known[tail.key] = self._gone[tail.key] = tail.position.seen_at(before)
        tail.close()
        self._tails.remove(tail)

    def _retire(self, tail: Tail) -> None:
        """Close a rotated file and remember it by its content."""
        self._known[tail.key] = self._gone[tail.key] = tail.position
        tail.close()
        self._tails.remove(tail)
        path = tail.key.partition(APART)[0]
        for name in [name for name in self._known if name.startswith(path + APART)][:-REMEMBERED]:
            self._forget(name)

    def _set_aside(self, key: str, position: Position) -> None:
        """Remember the content that a path held."""
        number = 1 + sum(name.startswith(key + APART) for name in self._known)
        while (name := f"{key}{APART}#{number}") in self._known:
            number += 1
        self._known[name] = self._gone[name] = position

    def _forget(self, key: str) -> None:
        self._known.pop(key, None)
        self._gone[key] = None

    def _open_inodes(self) -> set[int]:
        return {tail.inode for tail in self._tails}

    def _is_many(self, argument: str) -> bool:
        return os.path.isdir(argument) or (glob.has_magic(argument) and not os.path.exists(argument))


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None

"""State on disk: what the chain remembers, how far each file was read and how long each output was, in one SQLite file.

A batch is one transaction, so that state, input positions and output lengths never disagree. Entries in use are kept in
memory; only what changed is written.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from remit_enrichment.errors import BadInput
from remit_enrichment.readers.position import Position

APPLICATION = 0x52454D54
"""`REMT`: marks the SQLite file as ours."""
FORMAT = 1

HOT = 10_000
"""Entries that one generation of the cache holds; there are two."""
HOT_VALUE = 64 * 1024
"""Bytes of a value above which it is not kept in memory."""

_SCHEMA = """
CREATE TABLE memory (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE files (path TEXT PRIMARY KEY, position BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE outputs (path TEXT PRIMARY KEY, length INTEGER NOT NULL) WITHOUT ROWID;
"""

_Key = tuple[str, str]
_ABSENT: Any = object()
_encode = msgspec.msgpack.Encoder().encode
_position = msgspec.msgpack.Decoder(Position).decode


class SqliteStore:
    """A `Store` that outlives the process, with the checkpoint beside it."""

    def __init__(self, path: str, *, durable: bool = True, create: bool = True) -> None:
        """Open the state, or create it. `durable` is False for one that ends with the process.

        Raises:
            BadInput: it is missing, in use, of another format, damaged, or no state of ours.
        """
        if not create:
            _must_exist(path)
        self.path = path
        self._dirty: dict[_Key, bytes | None] = {}
        self._young: dict[_Key, bytes | None] = {}
        self._old: dict[_Key, bytes | None] = {}
        with self._told():
            self._lock = _lock(path)
            try:
                self._db = sqlite3.connect(path, isolation_level=None)
                self._prepare(durable)
            except BaseException:
                os.close(self._lock)
                raise

    def _prepare(self, durable: bool) -> None:
        if os.path.getsize(self.path):
            _check_format(self._db, self.path)
        self._db.execute(f"PRAGMA journal_mode={'WAL' if durable else 'OFF'}")
        # After a loss of power the last batches may be missing as a whole; the outputs are then cut back to match.
        self._db.execute(f"PRAGMA synchronous={'NORMAL' if durable else 'OFF'}")
        self._db.execute("PRAGMA cache_size=-8000")
        if not self._db.execute("PRAGMA user_version").fetchone()[0]:
            self._db.executescript(
                f"BEGIN;{_SCHEMA}PRAGMA application_id={APPLICATION};PRAGMA user_version={FORMAT};COMMIT;"
            )
        self._on_disk = {kind for (kind,) in self._db.execute("SELECT DISTINCT kind FROM memory")}
        """Kinds of which an entry may lie on disk alone; of any other, what is not in memory does not exist."""

    # --- what the chain remembers ---

    def get(self, kind: str, key: str) -> bytes | None:
        place = (kind, key)
        value: bytes | None = self._young.get(place, _ABSENT)
        if value is _ABSENT:
            value = self._dirty.get(place, _ABSENT)
            if value is _ABSENT:
                value = self._old.get(place, _ABSENT)
                if value is _ABSENT:
                    value = self._read(place) if kind in self._on_disk else None
                self._keep(place, value)
        return value

    def _read(self, place: _Key) -> bytes | None:
        with self._told():
            row = self._db.execute("SELECT value FROM memory WHERE kind=? AND key=?", place).fetchone()
        return None if row is None else row[0]

    def put(self, kind: str, key: str, value: bytes) -> None:
        self._set((kind, key), value)

    def delete(self, kind: str, key: str) -> None:
        self._set((kind, key), None)

    def items(self, kind: str) -> Iterator[tuple[str, bytes]]:
        changed = {key: value for (other, key), value in self._dirty.items() if other == kind}
        with self._told():
            rows = self._db.execute("SELECT key, value FROM memory WHERE kind=? ORDER BY key", (kind,)).fetchall()
        held = {key: value for key, value in rows if key not in changed}
        held |= {key: value for key, value in changed.items() if value is not None}
        yield from sorted(held.items())

    @property
    def pending(self) -> int:
        """Entries that wait for the next commit."""
        return len(self._dirty)

    def _set(self, place: _Key, value: bytes | None) -> None:
        self._dirty[place] = value
        self._young.pop(place, None)
        self._old.pop(place, None)

    def _keep(self, place: _Key, value: bytes | None) -> None:
        """Two generations: what was used since the last change of generations is never thrown out."""
        if value is not None and len(value) > HOT_VALUE:
            self._on_disk.add(place[0])
            return
        self._young[place] = value
        if len(self._young) >= HOT:
            self._on_disk.update({kind for (kind, _), held in self._old.items() if held is not None})
            self._old, self._young = self._young, {}

    # --- the checkpoint ---

    def positions(self) -> dict[str, Position]:
        """Return how far each file was read, by absolute path."""
        with self._told():
            rows = self._db.execute("SELECT path, position FROM files").fetchall()
        return {path: _position(value) for path, value in rows}

    def lengths(self) -> dict[str, int]:
        """Return how long each output was at the last commit, in bytes, by absolute path."""
        with self._told():
            return dict(self._db.execute("SELECT path, length FROM outputs").fetchall())

    def commit(
        self, positions: Mapping[str, Position | None] | None = None, lengths: Mapping[str, int] | None = None
    ) -> None:
        """Write everything that changed as one transaction; a position of None forgets the file.

        Raises:
            BadInput: the disk is full or the state cannot be written; what was committed before still holds.
        """
        changed = [(kind, key, value) for (kind, key), value in self._dirty.items() if value is not None]
        gone = [place for place, value in self._dirty.items() if value is None]
        moved = [(path, _encode(position)) for path, position in (positions or {}).items() if position is not None]
        left = [(path,) for path, position in (positions or {}).items() if position is None]
        if not (changed or gone or moved or left or lengths):
            return
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany("INSERT OR REPLACE INTO memory VALUES (?,?,?)", changed)
                self._db.executemany("DELETE FROM memory WHERE kind=? AND key=?", gone)
                self._db.executemany("INSERT OR REPLACE INTO files VALUES (?,?)", moved)
                self._db.executemany("DELETE FROM files WHERE path=?", left)
                self._db.executemany("INSERT OR REPLACE INTO outputs VALUES (?,?)", list((lengths or {}).items()))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        for place, value in self._dirty.items():
            self._keep(place, value)
        self._dirty.clear()

    def close(self) -> None:
        """Close the file; what was not committed is forgotten."""
        self._db.close()
        os.close(self._lock)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of an error of the database what the operator can do about it."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # ours, not the operator's
        except sqlite3.DatabaseError as error:
            raise _explained(error, self.path) from error


@contextmanager
def temporary_store() -> Iterator[SqliteStore]:
    """Open a store that is bounded in memory and ends with the process, for a run without `--state`."""
    with TemporaryDirectory(prefix="remit-") as folder:
        store = SqliteStore(os.path.join(folder, "state"), durable=False)
        try:
            yield store
        finally:
            store.close()


def copy_state(path: str, to: str) -> None:
    """Copy a state as of its last commit, also while another run uses it.

    Raises:
        BadInput: it is missing, of another format, damaged, or no state of ours.
    """
    _must_exist(path)
    try:
        source = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        target = sqlite3.connect(to)
        try:
            _check_format(source, path)
            source.backup(target)
        finally:
            source.close()
            target.close()
    except sqlite3.DatabaseError as error:
        raise _explained(error, path) from error


def _must_exist(path: str) -> None:
    if not os.path.isfile(path):
        raise BadInput("no such state file", where=path, todo="name the file that `remit enrich --state` wrote")


def _check_format(db: sqlite3.Connection, path: str) -> None:
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    empty = not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if empty and not application:
        return
    if application != APPLICATION:
        raise BadInput("this SQLite file is no state of Remit", where=path, todo="name another file with --state")
    if version != FORMAT:
        todo = "use the version of Remit that wrote it, or start over with a new file"
        raise BadInput(f"the state has format {version}, this Remit reads {FORMAT}", where=path, todo=todo)


def _lock(path: str) -> int:
    """Take the state for this process; the lock goes with the process, however that ends."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        todo = "name a file that this user may write"
        raise BadInput(f"the state cannot be opened ({error.strerror})", where=path, todo=todo) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        todo = "wait for it to end, or give this run a state of its own"
        raise BadInput("another run uses this state", where=path, todo=todo) from error
    return descriptor


def _explained(error: sqlite3.DatabaseError, path: str) -> BadInput:
    reason = str(error)
    if "full" in reason or "disk I/O" in reason or "readonly" in reason:
        todo = "make room or give permission, then run the same command: it goes on where it was"
        return BadInput(f"the state cannot be written ({reason})", where=path, todo=todo)
    if "locked" in reason:
        return BadInput("another program uses this state", where=path, todo="wait for it to end")
    todo = "restore a copy, or start over with a new file"
    return BadInput(f"the state is damaged or no state of Remit ({reason})", where=path, todo=todo)

"""A snapshot: the registry as one read-only SQLite file that opens at once, however large it is.

`name` leads from the hash of an id or alias to the objects that may have it; `object` holds all versions of one object
as MessagePack, compressed with a dictionary that `meta` holds beside version, counts and short lists. A hash may lead
to more than one object, so what is found is compared with what was asked for. `meta` also holds a bit map of the
hashes: most questions are about names that nobody registered, and it answers them without the database.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import weakref
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec

from remit_enrichment.errors import BadInput
from remit_enrichment.registry.collector import without_collector
from remit_enrichment.registry.objects import INDEXES, LISTED, NAMED, InMemory
from remit_enrichment.registry.reading import MAX_NAME

FORMAT = 1
"""Raise it with every change that an older reader would read wrongly."""
APPLICATION = int.from_bytes(b"REMT")
CACHED = 8192
"""Objects, and answers of indexes, that stay in memory: at most some 30 MB."""

_SQLITE = b"SQLite format 3\0"
_WINDOW, _MEMORY = 13, 6
"""How far back the compression looks (2 ** 13 bytes, so the dictionary need not be longer) and its size in memory:
small, for a fresh copy is taken for every object."""
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE object (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, versions BLOB NOT NULL);
CREATE TABLE name (hash INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (hash, number)) WITHOUT ROWID;
"""
_FIND = "SELECT versions FROM name JOIN object USING (number) WHERE hash = ? AND kind = ? ORDER BY number"

_BITS_A_NAME = 16
"""At least so many bits of the map stand for one name: one question in sixteen passes it in vain, at two to four bytes
a name."""

_Numbers = dict[type[Any], dict[str, int]]
"""Row of each object, by kind and id."""


def is_snapshot(path: Path) -> bool:
    """Say whether the file is a SQLite database, and so a snapshot of some format or none."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def build(objects: InMemory, path: Path) -> None:
    """Write the objects, which passed all checks, as a snapshot; a file at the path is replaced whole or not at all.

    Raises:
        BadInput: the file cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        draft.unlink(missing_ok=True)
        with without_collector(), contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as database:
            _write(database, objects)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise BadInput(
            f"the snapshot cannot be written: {error}", where=str(path), todo="check folder and space"
        ) from None


def _write(database: sqlite3.Connection, objects: InMemory) -> None:
    database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA application_id={APPLICATION};")
    database.executescript(f"BEGIN; PRAGMA user_version={FORMAT}; {_TABLES}")
    dictionary = _dictionary(objects)
    meta = {
        "version": objects.version.encode(),
        "dictionary": dictionary,
        "counts": msgspec.msgpack.encode({kind.__name__: objects.count(kind) for kind in (*NAMED, *LISTED)}),
        **{kind.__name__: msgspec.msgpack.encode(objects.listed(kind)) for kind in LISTED},
    }
    numbers: _Numbers = {kind: {} for kind in NAMED}
    database.executemany("INSERT INTO object VALUES (?, ?, ?)", _rows(objects, dictionary, numbers))
    names = sorted(_names(objects, numbers))
    database.executemany("INSERT OR IGNORE INTO name VALUES (?, ?)", names)
    meta["map"] = _map([hash for hash, _ in names])
    database.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
    database.execute("COMMIT")


def _rows(
    objects: InMemory, dictionary: bytes, numbers: dict[type[Any], dict[str, int]]
) -> Iterator[tuple[int, int, bytes]]:
    """Yield the row of every object, and note its number."""
    number = 0
    blank = zlib.compressobj(6, zlib.DEFLATED, _WINDOW, _MEMORY, zdict=dictionary)
    encode = msgspec.msgpack.Encoder().encode
    for code, kind in enumerate(NAMED):
        for id, versions in objects.all(kind):
            number += 1
            numbers[kind][id] = number
            squeeze = blank.copy()
            yield number, code, squeeze.compress(encode(versions)) + squeeze.flush()


def _names(objects: InMemory, numbers: _Numbers) -> Iterator[tuple[int, int]]:
    """Yield every name with the number of each object that it leads to."""
    for kind, ids in numbers.items():
        for id, number in ids.items():
            yield _hash(kind.__name__, id), number
    for index, key, found in objects.entries():
        for id in found:
            yield _hash(index, key), numbers[INDEXES[index].kind][id]


def _dictionary(objects: InMemory) -> bytes:
    """Return what objects have in common, as some of each kind, for the compression to refer to."""
    some = b""
    for kind in NAMED:
        for _, (_, versions) in zip(range(20), objects.all(kind), strict=False):
            some += msgspec.msgpack.encode(versions)
    return some[-(2**_WINDOW) :]


def _map(hashes: list[int]) -> bytes:
    """Return the bit map of these hashes; its length in bits is a power of two."""
    bits = bytearray(1 << max(0, (len(hashes) * _BITS_A_NAME - 1).bit_length() - 3))
    last = len(bits) - 1
    for hash in hashes:
        bits[hash >> 3 & last] |= 1 << (hash & 7)
    return bytes(bits)


def _hash(space: str, key: str) -> int:
    digest = hashlib.blake2b(f"{space}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


class Snapshot:
    """The objects of a snapshot file, looked up one by one; implements `Objects`.

    Raises BadInput, when it is opened or later, where the file is of an unknown format or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._reading():
            # Immutable: nobody writes to a snapshot, so no lock is taken; a rebuilt one is another file.
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            weakref.finalize(self, self._database.close)
            self._check_format()
            meta: dict[str, bytes] = dict(self._database.execute("SELECT key, value FROM meta"))
            self.version = meta["version"].decode()
            self._dictionary = meta["dictionary"]
            # A snapshot built before there was a map has none: then every bit is set, and the database is asked.
            self._map = meta.get("map", b"\xff")
            self._last = len(self._map) - 1
            self._counts: dict[str, int] = msgspec.msgpack.decode(meta["counts"], type=dict[str, int])
            self._listed = {
                kind: msgspec.msgpack.decode(meta[kind.__name__], type=tuple[kind, ...])  # type: ignore[valid-type]
                for kind in LISTED
            }
        self._decoders = {kind: msgspec.msgpack.Decoder(tuple[kind, ...]) for kind in NAMED}  # type: ignore[valid-type]
        self._versions = lru_cache(CACHED)(self._find_versions)
        self._ids = lru_cache(CACHED)(self._find_ids)

    def versions(self, kind: type[Any], id: str) -> tuple[Any, ...]:
        return () if len(id) > MAX_NAME else self._versions(cast(Any, kind), id)

    def ids(self, index: str, key: str) -> tuple[str, ...]:
        # Twice, for a key may hold two names; whatever is longer was never registered and must not fill the cache.
        return () if len(key) > 2 * MAX_NAME else self._ids(index, key)

    def listed(self, kind: type[Any]) -> tuple[Any, ...]:
        return self._listed[kind]

    def count(self, kind: type[Any]) -> int:
        return self._counts[kind.__name__]

    def _find_versions(self, kind: Any, id: str) -> tuple[Any, ...]:
        found = (versions for versions in self._find(kind.__name__, id, kind) if versions[0].id == id)
        return next(found, ())

    def _find_ids(self, index: str, key: str) -> tuple[str, ...]:
        kind, keys = INDEXES[index]
        found = self._find(index, key, kind)
        return tuple(sorted(versions[0].id for versions in found if key in keys(versions)))

    def _find(self, space: str, key: str, kind: type[Any]) -> list[tuple[Any, ...]]:
        hash = _hash(space, key)
        if not self._map[hash >> 3 & self._last] >> (hash & 7) & 1:
            return []
        with self._reading():
            rows = self._database.execute(_FIND, (hash, NAMED.index(kind))).fetchall()
            return [self._decoders[kind].decode(self._opened(blob)) for (blob,) in rows]

    def _opened(self, blob: bytes) -> bytes:
        return zlib.decompressobj(_WINDOW, self._dictionary).decompress(blob)

    def _check_format(self) -> None:
        (application,) = self._database.execute("PRAGMA application_id").fetchone()
        (format,) = self._database.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION:
            raise BadInput(
                "a SQLite file, but no snapshot", where=str(self._path), todo="give what `registry build` made"
            )
        if format != FORMAT:
            what = f"snapshot format {format}; this version of Remit reads format {FORMAT}"
            raise BadInput(what, where=str(self._path), todo="build it again with `remit registry build`")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, zlib.error, msgspec.MsgspecError, KeyError, UnicodeDecodeError):
            todo = "build it again with `remit registry build`"
            raise BadInput("the snapshot is damaged", where=str(self._path), todo=todo) from None

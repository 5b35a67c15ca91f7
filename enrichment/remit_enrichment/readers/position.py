"""How far a file was read, and how to recognise it again when it has grown, was renamed, packed or replaced."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import blake2b
from typing import BinaryIO

from msgspec import Struct, structs

from remit_enrichment.readers.lines import Blocks
from remit_enrichment.readers.record import Chunk, Record

MARK = 1024
"""Bytes at the beginning of a file, and before the position, whose hashes say that it is still the same file."""


class Position(Struct, frozen=True, array_like=True):
    """A place between two records of a file, in bytes of what it unpacks to."""

    offset: int = 0
    """Where the line begins that is read next."""
    line: int = 1
    """The number of that line."""
    record: int = 0
    """How many records of that line are done already."""
    broken_tail: int | None = None
    """Where the last line began if it was unreadable and had no line break yet: once it has grown, it is read again."""
    broken_line: int = 1
    told: bool = False
    """Whether it was said that the file is not whole."""
    head_size: int = 0
    head: bytes = b""
    tail_size: int = 0
    tail: bytes = b""
    seen: tuple[int, int, int] | None = None
    """Inode, size and time of change (ns) of a file that was read to its end."""

    def seen_at(self, seen: tuple[int, int, int] | None) -> Position:
        """Return the position of a file that was read to its end while it had this stamp."""
        return structs.replace(self, seen=seen)


BEGIN = Position()

APART = "//"
"""In the key of a position, behind the path: a file that has lost its name or is named once more. No path has it."""


def after(record: Record) -> Position:
    """Return the place behind a record, without its marks."""
    chunk = record.chunk
    if chunk.kind == "trouble":
        return Position(chunk.offset, chunk.line, told=True)
    if not record.last:
        return Position(chunk.offset, chunk.line, record.record + 1)
    if record.problem and not chunk.closed and chunk.kind == "line":
        return Position(chunk.end, chunk.end_line, broken_tail=chunk.offset, broken_line=chunk.line)
    return Position(chunk.end, chunk.end_line)


def marked(position: Position, chunk: Chunk, head: bytes) -> Position:
    """Return the position with the marks of its file: `head` are its first bytes, `chunk` what was read last."""
    size = min(MARK, position.offset, len(head))
    tail = b""
    if position.offset == chunk.end and chunk.sha256 is None:
        tail = (chunk.raw[-MARK:] + (b"\n" if chunk.closed else b""))[-MARK:]
    return structs.replace(
        position, head_size=size, head=_hash(head[:size]), tail_size=len(tail), tail=_hash(tail) if tail else b""
    )


def begun(position: Position, head: bytes, seen: tuple[int, int, int]) -> Position:
    """Return the position in a file that was opened and not read, marked by its first bytes; an empty one by `seen`."""
    return structs.replace(position, head_size=len(head), head=_hash(head), seen=None if head else seen)


def heads(stream: BinaryIO, sizes: Iterable[int]) -> set[tuple[int, bytes]]:
    """Return size and mark of the beginning of an open file, for each of the sizes that it reaches."""
    head = first_bytes(stream)
    return {(size, _hash(head[:size])) for size in sizes if size <= len(head)}


def is_same(path: str, position: Position) -> bool:
    """Say whether the file holds what it held up to the position; whatever came behind it."""
    with open(path, "rb") as stream:
        return holds(stream, position)


def holds(stream: BinaryIO, position: Position) -> bool:
    """Say the same of an open file."""
    if position.head_size == 0:
        return True
    if _hash(first_bytes(stream, position.head_size)) != position.head:
        return False
    tail = first_bytes(stream, position.tail_size, position.offset - position.tail_size)
    return len(tail) == position.tail_size and (not tail or _hash(tail) == position.tail)


def first_bytes(stream: BinaryIO, size: int = MARK, start: int = 0) -> bytes:
    """Return the bytes of an open file from `start` on, after decompression; fewer where it ends before."""
    found = b""
    if not size:
        return found
    stream.seek(0)
    for block in Blocks(stream, start):
        found += block[: size - len(found)]
        if len(found) == size:
            break
    return found


def stamp(file: str | int) -> tuple[int, int, int]:
    """Return what changes when a file (its path or descriptor) changes."""
    status = os.stat(file)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()

"""Read a file: line by line, or as one document where its first line is not a complete value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from remit_enrichment import scan
from remit_enrichment.document import BLANKS, MAX_RECORD, trim
from remit_enrichment.errors import BadInput
from remit_enrichment.readers.lines import BLOCK, MAX_DOCUMENT, Blocks, lines
from remit_enrichment.readers.position import BEGIN, Position
from remit_enrichment.readers.record import Chunk, Record, records_of
from remit_enrichment.readers.unwrap import container


def read_file(path: str, name: str | None = None, start: Position = BEGIN) -> Iterator[Record]:
    """Yield the records of a file from a position on. `name` is how the operator called it.

    Raises:
        OSError: it cannot be opened or read.
    """
    with open(path, "rb") as stream:
        yield from read_blocks(stream, name or path, start)


@contextmanager
def readable(path: str) -> Iterator[None]:
    """Turn what the system says of a file while it is read into an error that teaches.

    Raises:
        BadInput: it cannot be opened or read.
    """
    try:
        yield
    except OSError as error:
        todo = "give a file of logs, and see that its disk is well"
        raise BadInput(f"cannot be read: {error.strerror}", where=path, todo=todo) from error


def read_blocks(stream: BinaryIO, name: str, start: Position = BEGIN) -> Iterator[Record]:
    """Yield the records of a stream of bytes, its first line possibly the beginning of one long document."""
    blocks = Blocks(stream, start.offset if start.broken_tail is None else start.broken_tail)
    last = Chunk(b"", start.line, start.offset, start.offset, start.line)
    told = start.told or start.broken_tail is not None
    for chunk in chunks_from(blocks, start):
        last, told = chunk, False
        for record in records_of(chunk, name):
            if chunk.offset == start.offset and record.record < start.record:
                continue
            if record.problem and not chunk.closed and blocks.trouble:
                record.problem = f"{record.problem}; {blocks.trouble}"
                told = True
            yield record
    if blocks.trouble and not told:
        end = Chunk(b"", last.end_line, last.end, last.end, last.end_line, closed=False, kind="trouble")
        yield Record({}, {}, b"", name, end, problem=blocks.trouble)


def chunks_from(blocks: Blocks, start: Position) -> Iterator[Chunk]:
    """Yield the lines or documents of a stream that begins at `start`."""
    if start.broken_tail is not None:
        grown = lines(blocks, start.broken_tail, start.broken_line)
        # A tail that is as it was has been set aside already.
        yield from (chunk for chunk in grown if chunk.closed or chunk.end != start.offset)
    elif start.offset == 0 or start.record:
        yield from documents(lines(blocks, start.offset, start.line))
    else:
        yield from lines(blocks, start.offset, start.line)


def documents(stream: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield the lines of a stream, or the one document that it is: its first line opens a value without closing it."""
    first = next((chunk for chunk in stream if trim(chunk.raw) or chunk.sha256), None)
    if first is None:
        return
    if not opens_a_value(first):
        yield first
        yield from stream
        return
    held = bytearray(first.raw + b"\n")
    too_long: list[Chunk] = []
    viable = False
    for chunk in stream:
        if chunk.sha256:
            too_long.append(chunk)
            break
        held += chunk.raw + (b"\n" if chunk.closed else b"")
        if len(held) > MAX_DOCUMENT:
            break
        if not viable and len(held) >= BLOCK:
            viable = may_go_on(bytes(held))
            if not viable:
                break
    else:
        whole = as_document(bytes(held), first)
        if whole is not None:
            yield whole
            return
    yield from lines([bytes(held)], first.offset, first.line)
    yield from too_long
    yield from stream


def opens_a_value(first: Chunk) -> bool:
    """Say whether the line opens a value that it does not close."""
    body = trim(first.raw)
    if not first.closed or body[:1] not in (b"{", b"["):
        return False
    depth = scan.depth_after(body)
    return depth is not None and depth > 0


def may_go_on(prefix: bytes) -> bool:
    """Say whether whole lines may be the beginning of one JSON value: a parser fails at their end, if at all."""
    text = trim(prefix).decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text.rstrip()) - 1  # a comma at the end is reported itself
    except RecursionError:
        return False
    return True


def as_document(data: bytes, first: Chunk) -> Chunk | None:
    """Return the data, which begins with the line `first`, as one chunk; None where it is not one readable value."""
    body = trim(data)
    if scan.value_end(body, 0) != len(body.rstrip(BLANKS)):
        return None
    end_line = first.line + data.count(b"\n")
    whole = Chunk(data, first.line, first.offset, first.offset + len(data), end_line, closed=False, kind="document")
    if container(body) is not None or len(body) > MAX_RECORD:
        return whole
    problem = next(iter(records_of(whole, ""))).problem
    return None if problem else whole

"""Read a file: line by line, or as one document where its first line is not a complete value."""

from __future__ import annotations

import json
from collections.abc import Iterator

from remit_enrichment import scan
from remit_enrichment.document import BLANKS, MAX_RECORD, trim
from remit_enrichment.readers.lines import BLOCK, MAX_DOCUMENT, Blocks, lines
from remit_enrichment.readers.record import Chunk, Record, records_of
from remit_enrichment.readers.unwrap import container


def read_file(path: str, name: str | None = None) -> Iterator[Record]:
    """Yield the records of a file from its beginning. `name` is how the operator called it.

    Raises:
        OSError: it cannot be opened or read.
    """
    with open(path, "rb") as stream:
        yield from read_blocks(Blocks(stream), name or path)


def read_blocks(blocks: Blocks, name: str) -> Iterator[Record]:
    """Yield the records of a whole stream of bytes, its first line possibly the beginning of one long document."""
    last = Chunk(b"", 0, 0, 0, 1)
    for last in documents(lines(blocks)):
        for record in records_of(last, name):
            if record.problem and not last.closed and blocks.trouble:
                record.problem = f"{record.problem}; {blocks.trouble}"
                blocks.trouble = None
            yield record
    if blocks.trouble:
        end = Chunk(b"", last.end_line, last.end, last.end, last.end_line)
        yield Record({}, {}, b"", name, end, problem=blocks.trouble)


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
    """Say whether the bytes may be the beginning of one JSON value: a parser fails at their end, if at all."""
    text = trim(prefix).decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        # A literal, number or escape that is cut by the end of the bytes is reported where it begins.
        return error.pos >= len(text.rstrip()) - len(r"\ud83d\ude00") or error.msg.startswith("Unterminated string")
    except RecursionError:
        return False
    return True


def as_document(data: bytes, first: Chunk) -> Chunk | None:
    """Return the data, which begins with the line `first`, as one chunk; None where it is not one readable value."""
    body = trim(data)
    if scan.value_end(body, 0) != len(body.rstrip(BLANKS)):
        return None
    end_line = first.line + data.count(b"\n") + (not data.endswith(b"\n"))
    whole = Chunk(data, first.line, first.offset, first.offset + len(data), end_line, closed=False)
    if container(body) is not None or len(body) > MAX_RECORD:
        return whole
    problem = next(iter(records_of(whole, ""))).problem
    return None if problem else whole

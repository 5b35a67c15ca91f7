"""Read a file: line by line, or as one document where its first line is not a complete value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

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
    for last in chunks(blocks):
        for record in records_of(last, name):
            if record.problem and not last.closed and blocks.trouble:
                record.problem = f"{record.problem}; {blocks.trouble}"
                blocks.trouble = None
            yield record
    if blocks.trouble:
        end = Chunk(b"", last.end_line, last.end, last.end, last.end_line)
        yield Record({}, {}, b"", name, end, problem=blocks.trouble)


def chunks(blocks: Blocks) -> Iterator[Chunk]:
    """Yield the lines of the stream, or the one document that it is."""
    stream = iter(blocks)
    head = _first_lines(stream)
    if not opens_a_document(head):
        yield from lines(chain([head], stream))
        return
    held = bytearray(head)
    for block in stream:
        held += block
        if len(held) > MAX_DOCUMENT:
            break
    else:
        whole = as_document(bytes(held))
        if whole is not None:
            yield whole
            return
    yield from lines(chain([bytes(held)], stream))


def _first_lines(stream: Iterator[bytes]) -> bytes:
    """Return blocks until they hold a line that is not blank, and then up to a block more."""
    head = bytearray()
    for block in stream:
        head += block
        if (len(head) >= BLOCK and b"\n" in trim(bytes(head))) or len(head) > MAX_DOCUMENT:
            break
    return bytes(head)


def opens_a_document(head: bytes) -> bool:
    """Say whether the first line opens a value without closing it, and nothing in `head` forbids that it goes on."""
    body = trim(head)
    first, line_break, _ = body.partition(b"\n")
    if not line_break or first[:1] not in (b"{", b"["):
        return False
    depth = scan.depth_after(first)
    return depth is not None and depth > 0 and may_go_on(body[:BLOCK])


def may_go_on(prefix: bytes) -> bool:
    """Say whether the bytes may be the beginning of one JSON value: a parser fails at their end, if at all."""
    text = prefix.decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        # A literal, number or escape that is cut by the end of the bytes is reported where it begins.
        return error.pos >= len(text.rstrip()) - len(r"\ud83d\ude00") or error.msg.startswith("Unterminated string")
    except RecursionError:
        return False
    return True


def as_document(data: bytes) -> Chunk | None:
    """Return the data as one chunk where it is one JSON value, None where it is none."""
    body = trim(data)
    start = data.index(body[:1])
    if scan.value_end(body, 0) != len(body.rstrip(BLANKS)):
        return None
    line = 1 + data.count(b"\n", 0, start)
    whole = Chunk(body, line, 0, len(data), 1 + data.count(b"\n") + (not data.endswith(b"\n")))
    if container(body) is not None or len(body) > MAX_RECORD:
        return whole
    problem = next(iter(records_of(whole, ""))).problem
    return None if problem else whole

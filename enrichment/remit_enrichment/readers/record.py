"""Record: one event as it was read, with the place it came from. Every consumer of logs reads these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from remit_enrichment.document import decode, trim
from remit_enrichment.errors import Quarantine
from remit_enrichment.readers.unwrap import container, quarantined, unwrap
from remit_enrichment.splice import is_ours, may_hold_nhi, without_nhi


class Chunk(Struct, frozen=True):
    """One line of a file, or one document of many lines."""

    raw: bytes
    """A line without its line break, a document as it is; empty where it was longer than MAX_DOCUMENT."""
    line: int
    """Number of its first line, from 1."""
    offset: int
    """Where it begins, in bytes of the file after decompression."""
    end: int
    """Where the next one begins."""
    end_line: int
    """Number of the line on which the next one begins."""
    size: int = 0
    """Bytes, where it was longer than MAX_DOCUMENT."""
    sha256: str | None = None
    """Of the bytes, where it was longer than MAX_DOCUMENT."""
    closed: bool = True
    """Whether a line break ended it that is not part of `raw`."""
    kind: Literal["line", "document", "trouble"] = "line"
    """`trouble`: no text, but word that the file is not whole."""


class Record(Struct):
    """One event, or one that could not be read (`problem`)."""

    document: dict[str, Any]
    """The whole record, decoded, without an incoming `nhi`."""
    inner: dict[str, Any]
    """What rules see: the event inside a 1:1 wrapper, else `document` itself."""
    raw: bytes
    """The record's own bytes without an incoming `nhi`: from `{` on, no line break in them. As read where `problem`."""
    file: str
    """The path as given, `-` for standard input. It is the channel too."""
    chunk: Chunk
    record: int = 0
    """Place inside a container, from 0."""
    last: bool = True
    """Whether it is the last of its line."""
    problem: str | None = None
    """Why it cannot be read; it belongs into quarantine."""
    closed_wrapper: str | None = None
    """Why a wrapper stayed closed: path and reason. The event then is what the wrapper's own members say."""

    @property
    def line(self) -> int:
        """Line of the file, from 1."""
        return self.chunk.line

    @property
    def channel(self) -> str:
        return self.file


def records_of(chunk: Chunk, file: str) -> Iterator[Record]:
    """Yield the records of one line or document: none for a blank one, several for a container."""
    if chunk.sha256 is not None:
        yield Record({}, {}, b"", file, chunk, problem=f"{chunk.size} bytes on one line, more than can be held")
        return
    raw = chunk.raw
    if raw[:1] != b"{" or raw[-1:] == b"\r":
        raw = trim(raw)
        if not raw:
            return
    parts = container(raw)
    if parts is None:
        record = read_record(raw, file, chunk)
        original = quarantined(record.document)
        parts = None if original is None else container(original)
        if parts is None:
            yield record if original is None else _replayed(record, original)
            return
    final = len(parts) - 1
    for index, part in enumerate(parts):
        yield read_record(bytes(part), file, chunk, index, index == final)


def _replayed(record: Record, original: bytes) -> Record:
    """Open a line of our own quarantine. What is still broken goes back there as what it was, not wrapped once more."""
    inner = read_record(original, record.file, record.chunk)
    if inner.problem:
        return inner
    record.inner, record.closed_wrapper = inner.document, None
    return record


def read_record(raw: bytes, file: str, chunk: Chunk, index: int = 0, last: bool = True) -> Record:
    """Read one record; what cannot be read comes back with its `problem`."""
    try:
        document = decode(raw)
    except Quarantine as error:
        return Record({}, {}, raw, file, chunk, index, last, str(error))
    if chunk.kind == "document":
        raw = raw.translate(None, b"\r\n")  # in valid JSON a line break stands between tokens only
    if may_hold_nhi(raw) and any(map(is_ours, document)):
        raw, document = without_nhi(raw, document)
    inner, closed = unwrap(document)
    return Record(document, inner, raw, file, chunk, index, last, None, closed)

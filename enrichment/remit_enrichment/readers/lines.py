"""Cut a stream of bytes into lines, opening gzip on the way. Memory is bounded by the longest line that is held."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from remit_enrichment.readers.record import Chunk

BLOCK = 1024 * 1024
MAX_DOCUMENT = 256 * 1024 * 1024
"""Bytes of a line or of a pretty-printed document: beyond, it is passed over and only its hash is kept."""

GZIP_MAGIC = b"\x1f\x8b"


class Blocks:
    """The bytes of a stream in blocks, decompressed where they are gzip (by content, not by name)."""

    def __init__(self, stream: BinaryIO, start: int = 0) -> None:
        """`start`: bytes to pass over, counted after decompression."""
        self._stream, self._start = stream, start
        self.trouble: str | None = None
        """Set when the stream is at its end: why it is not whole."""

    def __iter__(self) -> Iterator[bytes]:
        block = self._stream.read(BLOCK)
        if block.startswith(GZIP_MAGIC):
            over = self._start
            for plain in self._gunzip(block):
                if over < len(plain):
                    yield plain[over:]
                over = max(0, over - len(plain))
            return
        if self._start:
            self._stream.seek(self._start)
            block = self._stream.read(BLOCK)
        while block:
            yield block
            block = self._stream.read(BLOCK)

    def _gunzip(self, packed: bytes) -> Iterator[bytes]:
        """A gzip file may have several members; zeros behind the last are padding."""
        member = zlib.decompressobj(wbits=31)
        while packed:
            try:
                # At most a block at a time: a small file may unpack to any size.
                plain = member.decompress(packed, BLOCK)
            except zlib.error as error:
                self.trouble = f"the gzip stream is damaged ({error})"
                return
            if plain:
                yield plain
            packed = member.unconsumed_tail
            if member.eof:
                packed = member.unused_data.lstrip(b"\0") or self._stream.read(BLOCK).lstrip(b"\0")
                if packed:
                    member = zlib.decompressobj(wbits=31)
            elif not packed:
                packed = self._stream.read(BLOCK)
        if not member.eof:
            self.trouble = "the gzip stream ends early"


def lines(blocks: Iterable[bytes], offset: int = 0, line: int = 1) -> Iterator[Chunk]:
    """Yield every line; the last one also without a line break (`closed` is False then)."""
    held: list[bytes] = []
    size = 0
    digest = None
    for block in blocks:
        parts = block.split(b"\n")
        for part in parts[:-1]:
            if not held and digest is None and len(part) <= MAX_DOCUMENT:
                end = offset + len(part) + 1
                yield Chunk(part, line, offset, end, line + 1)
            else:
                held.append(part)
                size += len(part)
                end = offset + size + 1
                yield _joined(held, size, digest, line, offset, end, closed=True)
                held, size, digest = [], 0, None
            offset = end
            line += 1
        if parts[-1]:
            held.append(parts[-1])
            size += len(parts[-1])
            if size > MAX_DOCUMENT:
                digest = digest or hashlib.sha256()
                for part in held:
                    digest.update(part)
                held = []
    if size:
        yield _joined(held, size, digest, line, offset, offset + size, closed=False)


def _joined(
    held: list[bytes], size: int, digest: hashlib._Hash | None, line: int, offset: int, end: int, *, closed: bool
) -> Chunk:
    if digest is None and size > MAX_DOCUMENT:
        digest = hashlib.sha256()
    if digest is None:
        return Chunk(b"".join(held), line, offset, end, line + closed, closed=closed)
    for part in held:
        digest.update(part)
    return Chunk(b"", line, offset, end, line + closed, size, digest.hexdigest(), closed)

"""Set aside what cannot be read, so that it can be mended and replayed."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import msgspec

from remit_enrichment.document import MAX_RECORD
from remit_enrichment.readers.record import Record

SHOWN = 160
"""Characters of a broken record that a terminal gets to see."""
_NAMED = re.compile(
    r"""((?:secret|token|passw(?:or)?d|passphrase|pwd|credential|authorization|bearer|signature|key)[\w.-]*\\*["']?\s*[:=]\s*)"""
    r"""(?:((?P<escape>\\*)")(?:(?!(?<!\\)(?P=escape)").)*|(?!\\*")[^\s,;&}\]]+)""",
    re.IGNORECASE | re.DOTALL,
)
"""What stands behind a name that speaks of a secret, up to its closing quote or to where the value ends."""
_KEY_ID = re.compile(r"(AKIA|ASIA)[A-Za-z0-9]+")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_MASKED = "****"


def quarantine_line(record: Record) -> bytes:
    """Return the quarantine line of an unreadable record, without its line break."""
    return msgspec.json.encode(_place(record) | _raw(record))


def masked_line(record: Record) -> bytes:
    """Return the same for a terminal or a log: the text cut, whatever may be a secret masked, plain ASCII."""
    text = record.raw[: SHOWN * 4].decode("utf-8", "replace")
    shown = _NAMED.sub(lambda found: f"{found[1]}{found[2] or ''}{_MASKED}", text)
    shown = _KEY_ID.sub(rf"\1{_MASKED}", shown)
    shown = _TOKEN.sub(lambda found: found[0][:4] + _MASKED, shown)[:SHOWN]
    if len(record.raw) > SHOWN:
        shown += "..."
    line = msgspec.json.encode(_place(record) | {"raw_cut": shown}).decode()
    return "".join(c if " " <= c <= "~" else _escaped(c) for c in line).encode()


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _place(record: Record) -> dict[str, str | int]:
    return {
        "file": _printable(record.file),
        "line": record.line,
        "record": record.record,
        "reason": record.problem or "",
    }


def _raw(record: Record) -> dict[str, str | int]:
    if record.chunk.sha256 is not None:
        return {"raw_sha256": record.chunk.sha256}
    if len(record.raw) > MAX_RECORD:
        return {"raw_sha256": hashlib.sha256(record.raw).hexdigest()}
    try:
        return {"raw": record.raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {"raw": b64encode(record.raw).decode(), "raw_encoding": "base64"}


def _printable(path: str) -> str:
    """A path may hold bytes that are no UTF-8; JSON cannot."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

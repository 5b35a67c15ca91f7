"""Put `nhi` in front of a record's own bytes, and take out what came in under that name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit_enrichment.scan import members


def splice(nhi: bytes, raw: bytes, *, empty: bool) -> bytes:
    """Return the output line, without its line break: `{"nhi":` + `nhi` + the record from behind its opening brace.

    `raw` begins with `{`; `empty` says that the record has no member.
    """
    if empty:
        return b'{"nhi":%b}' % nhi
    return b'{"nhi":%b,%b' % (nhi, raw[1:])


def is_ours(key: str) -> bool:
    """Say whether a top-level key of an incoming record is one that only Remit may write."""
    return key == "nhi" or key.startswith("nhi.")


def may_hold_nhi(raw: bytes) -> bool:
    """Say cheaply whether a top-level key may be ours; an escape may spell any key."""
    return b'"nhi' in raw or b"\\u" in raw


def without_nhi(raw: bytes, document: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """Return the record without the members that are ours, however they are spelled: never believed, never merged."""
    kept = [raw[member.start : member.end] for member in members(raw) if not is_ours(member.key)]
    return b"{%b}" % b",".join(kept), {key: value for key, value in document.items() if not is_ours(key)}

"""What the state remembers of one identity: to look at, and to forget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from remit_enrichment.ledger import Minted
from remit_enrichment.store import Store

OF_IDENTITY = ("identity", "recent", "taint", "baseline", "made_by_nhi")
"""Kinds whose keys end with the identity. What belongs to a charter, task or credential is not the identity's own."""

_minted = msgspec.msgpack.Decoder(tuple[Minted, ...]).decode


class Memory(Struct, frozen=True):
    """One entry of the state."""

    kind: str
    key: str
    says: dict[str, Any]
    """What it holds, for a reader: times in milliseconds, counts in place of marks."""


def remembered(store: Store, identity: str) -> list[Memory]:
    """Return every entry that is about an identity, by its registered or native id as `nhi.identity.id` shows it."""
    own = [
        Memory(kind, key, _told(kind, msgspec.msgpack.decode(value)))
        for kind in OF_IDENTITY
        for key, value in store.items(kind)
        if key.rpartition("|")[2] in (identity, f"identity:{identity}")
    ]
    return own + list(_minted_by(store, identity))


def forget(store: Store, identity: str) -> list[Memory]:
    """Remove every entry that is about an identity and return what was removed. Nothing is committed."""
    found = remembered(store, identity)
    for memory in found:
        store.delete(memory.kind, memory.key)
    return found


def _minted_by(store: Store, identity: str) -> Iterator[Memory]:
    for key, value in store.items("ledger"):
        entries = [entry for entry in _minted(value) if entry.minter.id == identity]
        if entries:
            yield Memory("ledger", key, {"minted": [entry.time for entry in entries]})


def _told(kind: str, value: Any) -> dict[str, Any]:
    if kind == "identity":
        return {"first_seen": value}
    if kind == "made_by_nhi":
        return {"made_by": value}
    if kind == "baseline":
        return {"since": value["since"], "values": {name: len(marks) for name, marks in value["seen"].items()}}
    return {name: len(found) for name, found in value.items() if found}

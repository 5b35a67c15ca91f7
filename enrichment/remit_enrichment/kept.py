"""Entries of the state, kept unpacked in memory between events and packed only when the state is saved."""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

import msgspec

from remit_enrichment.constants import HOT_KEYS
from remit_enrichment.store import Store

T = TypeVar("T")
_UNASKED: Final[Any] = object()


class Kept(Generic[T]):
    """One kind of entry: what was read or changed lately stays unpacked; `save` writes what changed."""

    def __init__(self, store: Store, kind: str, type_: type[T], most: int = HOT_KEYS) -> None:
        self._store, self._kind, self._most = store, kind, most
        self._decode = msgspec.msgpack.Decoder(type_).decode
        self._held: dict[str, T | None] = {}
        self._changed: set[str] = set()

    def get(self, key: str) -> T | None:
        """Return the entry; whoever changes it says so by `put`. That there is none is remembered too."""
        held: T | None = self._held.get(key, _UNASKED)
        if held is _UNASKED:
            packed = self._store.get(self._kind, key)
            held = None if packed is None else self._decode(packed)
            self._hold(key, held)
        return held

    def put(self, key: str, value: T) -> None:
        """Remember an entry that is new or has changed."""
        self._hold(key, value)
        self._changed.add(key)

    def delete(self, key: str) -> None:
        """Forget the entry."""
        self._held[key] = None
        self._changed.discard(key)
        self._store.delete(self._kind, key)

    def save(self) -> None:
        """Pack what changed into the store, in the order of the keys."""
        for key in sorted(self._changed):
            self._store.put(self._kind, key, _encode(self._held[key]))
        self._changed.clear()

    def _hold(self, key: str, value: T | None) -> None:
        if len(self._held) >= self._most and key not in self._held:
            self.save()
            self._held.clear()
        self._held[key] = value


_encode = msgspec.msgpack.Encoder().encode

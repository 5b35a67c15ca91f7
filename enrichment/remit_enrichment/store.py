"""Where the chain remembers: a small key-value store, in memory or (state.py) on disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Store(Protocol):
    """What ledger, counters and baselines are built on. A `kind` is a table, a key is unique within it."""

    def get(self, kind: str, key: str) -> bytes | None:
        """Return the value as of the last `put`, also of one that is not yet committed."""
        ...

    def put(self, kind: str, key: str, value: bytes) -> None: ...

    def delete(self, kind: str, key: str) -> None:
        """Forget the key; nothing happens where there is none."""
        ...

    def items(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """Yield every pair of the kind, ordered by key."""
        ...


class MemoryStore:
    """A store that ends with the process."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, bytes]] = {}

    def get(self, kind: str, key: str) -> bytes | None:
        table = self._kinds.get(kind)
        return None if table is None else table.get(key)

    def put(self, kind: str, key: str, value: bytes) -> None:
        self._kinds.setdefault(kind, {})[key] = value

    def delete(self, kind: str, key: str) -> None:
        self._kinds.get(kind, {}).pop(key, None)

    def items(self, kind: str) -> Iterator[tuple[str, bytes]]:
        yield from sorted(self._kinds.get(kind, {}).items())

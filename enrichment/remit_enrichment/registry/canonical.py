"""The version of a registry: the hash of what it says, however it is split, ordered, commented or written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from remit_enrichment.registry.model import Environment
from remit_enrichment.registry.objects import LISTED, NAMED, InMemory


def fingerprint(objects: InMemory, *, over: str = "") -> str:
    """Return the SHA-256 of all objects as hex; `over` is the version of the registry below a feed."""
    digest = hashlib.sha256(over.encode())
    for kind in NAMED:
        _feed(digest, kind, (version for _, versions in objects.all(kind) for version in versions))
    for kind in LISTED:
        things = objects.listed(kind)
        # Only of environments the order decides (the first that fits).
        _feed(digest, kind, things if kind is Environment else sorted(things, key=msgspec.json.encode))
    return digest.hexdigest()


def _feed(digest: Any, kind: type[Any], things: Iterable[Any]) -> None:
    encoder = msgspec.json.Encoder()
    for thing in things:
        digest.update(b"%s %s\n" % (kind.__name__.encode(), encoder.encode(thing)))

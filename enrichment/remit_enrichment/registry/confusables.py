"""Skeletons: what an id looks like to a reader, so that a look-alike of a registered id can be named."""

from __future__ import annotations

import unicodedata


def skeleton(id: str) -> str:
    """Return the id without the differences of case, width and look-alike letters."""
    return unicodedata.normalize("NFKC", id).casefold()

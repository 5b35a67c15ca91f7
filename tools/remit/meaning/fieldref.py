"""`field|fieldref: other`: two fields of one document compared with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from remit.content import Item
from remit.meaning.values import fold, path_of, scalars_at, text_of


def referring(item: Item) -> Callable[[Mapping[str, Any]], bool]:
    """Return the test whether any value of the field equals any value of the other one (fold, canonical text).

    With startswith, endswith or contains it begins with, ends with or holds it. Null equals nothing.
    """
    own = path_of(item.field or "")
    others = [path_of(str(name)) for name in item.values]
    relation = _relation(item.modifiers)
    join = all if "all" in item.modifiers else any

    def holds(document: Mapping[str, Any]) -> bool:
        mine = [fold(text_of(value)) for value in scalars_at(document, own)]
        return join(
            any(relation(text, fold(text_of(value))) for text in mine for value in scalars_at(document, other))
            for other in others
        )

    return holds


def _relation(modifiers: tuple[str, ...]) -> Callable[[str, str], bool]:
    if "startswith" in modifiers:
        return str.startswith
    if "endswith" in modifiers:
        return str.endswith
    return str.__contains__ if "contains" in modifiers else str.__eq__

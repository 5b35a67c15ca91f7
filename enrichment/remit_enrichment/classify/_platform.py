"""What the map of a platform is made of: patterns of action names by class, the first that fits wins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Mapped(NamedTuple):
    """What the maps know of an action."""

    action_class: str
    access_level: str | None


Patterns = tuple[tuple[str, re.Pattern[str]], ...]


def compiled(by_class: Mapping[str, str]) -> Patterns:
    """(class, pattern) for names separated by blanks, `*` in them for any text; compared without case."""
    return tuple((action_class, any_of(names)) for action_class, names in by_class.items())


def any_of(names: str) -> re.Pattern[str]:
    """One pattern for several names."""
    return re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in names.split()), re.I | re.S)

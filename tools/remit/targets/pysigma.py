"""What pySigma 1.5 reads otherwise than the rule says, so that no target may go on with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from remit.targets import Refused

if TYPE_CHECKING:
    from remit.content import Rule

_ESCAPED_WILDCARD = re.compile(r"\\[*?]")


def refuse_what_is_misread(rule: Rule) -> None:
    """Raise `Refused` for an encoding that would come out wrong.

    pySigma encodes the backslash before a wildcard as well, and writes the mark of UTF-16 as UTF-8."""
    for item in rule.items():
        encoded = {"base64", "base64offset"}.intersection(item.modifiers)
        if encoded and any(isinstance(value, str) and _ESCAPED_WILDCARD.search(value) for value in item.values):
            why = "a literal `*` or `?` under base64 would be encoded with its backslash"
            raise Refused("base64-wildcard", str(item.place), why, "write the base64 text itself with `contains`")
        if "utf16" in item.modifiers:
            why = "the byte order mark would be encoded as UTF-8"
            raise Refused("utf16-mark", str(item.place), why, "use `wide`, or write the text itself")

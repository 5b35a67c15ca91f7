"""Text from a log, made harmless for a reader: nothing moves the cursor, turns the writing around, hides or floods."""

from __future__ import annotations

import unicodedata

MAX_TEXT = 400
"""Characters of one value that are shown; the rest is counted, never silently dropped."""
MAX_MARKS = 3
"""Combining marks that may follow one another; more of them climb over the neighboring lines."""

# Letters and symbols that draw nothing: they would pass for a blank or for nothing at all.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Controls, formats (bidi, zero width), lone surrogates, private use, unassigned, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def inert(value: object, limit: int = MAX_TEXT) -> str:
    """Return a value as one line of visible text: what cannot be seen is spelled `⟨U+202E⟩`, what is too long is cut.

    Angle brackets of markup are not its business: the terminal gets plain text, the HTML template escapes.
    """
    text = value if isinstance(value, str) else str(value)
    shown = "".join(_visible(text[:limit]))
    return shown if len(text) <= limit else f"{shown}… (+{len(text) - limit:,} characters)"


def _visible(text: str) -> list[str]:
    out: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in _UNSEEN or char in _BLANK or marks > MAX_MARKS:
            out.append(f"⟨U+{ord(char):04X}⟩")
        else:
            out.append(" " if category == "Zs" else char)
    return out

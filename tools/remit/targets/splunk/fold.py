"""Case folding as a rule means it (Unicode simple lower case, code point by code point), spelled for PCRE.

`(?i)` is not that fold: PCRE lets `s` match U+017F and does not let `i` match U+0130, and without UTF mode it folds
ASCII only. So a letter becomes the set of characters that fold to the same one, written as alternatives that mean the
same whether the server's PCRE runs in UTF mode or not.
"""

from __future__ import annotations

from functools import cache

# The characters whose inverse image holds more than themselves and one upper case (Unicode 15).
_MORE = {
    "i": "İ", "k": "\u212a", "å": "\u212b", "ß": "ẞ", "θ": "ϴ", "ω": "\u2126",
    "ǆ": "ǅ", "ǉ": "ǈ", "ǌ": "ǋ", "ǳ": "ǲ",
    "ᾀ": "ᾈ", "ᾁ": "ᾉ", "ᾂ": "ᾊ", "ᾃ": "ᾋ", "ᾄ": "ᾌ", "ᾅ": "ᾍ", "ᾆ": "ᾎ", "ᾇ": "ᾏ",
    "ᾐ": "ᾘ", "ᾑ": "ᾙ", "ᾒ": "ᾚ", "ᾓ": "ᾛ", "ᾔ": "ᾜ", "ᾕ": "ᾝ", "ᾖ": "ᾞ", "ᾗ": "ᾟ",
    "ᾠ": "ᾨ", "ᾡ": "ᾩ", "ᾢ": "ᾪ", "ᾣ": "ᾫ", "ᾤ": "ᾬ", "ᾥ": "ᾭ", "ᾦ": "ᾮ", "ᾧ": "ᾯ",
    "ᾳ": "ᾼ", "ῃ": "ῌ", "ῳ": "ῼ",
}  # fmt: skip


def lower(character: str) -> str:
    """Return the simple lower case of one character; `İ` alone has a longer full one."""
    return "i" if character == "İ" else character.lower()


@cache
def variants(character: str) -> str:
    """Return every character that folds like this one, lower case first."""
    low = lower(character)
    upper = low.upper()
    plain = low + (upper if len(upper) == 1 and upper != low and lower(upper) == low else "")
    return plain + _MORE.get(low, "")

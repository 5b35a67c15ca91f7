"""Skeletons: what an id looks like to a reader, so that a look-alike of a registered id can be named.

The idea and the letters are those of Unicode Technical Standard #39 (https://www.unicode.org/reports/tr39), its file
confusables.txt of version 17.0.0: every Latin, Greek, Cyrillic and Armenian letter that it maps to one letter or digit
of ASCII, and the marks that pass for `-`, `_`, `/` and `:`. What compatibility normalization (NFKC) folds is left out.
"""

from __future__ import annotations

import unicodedata

_LOOK_ALIKES = {
    "-": "˗‐‒–⁃−",
    "/": "⁁⁄∕╱⟋⧸",
    "2": "ƧꙄꝚ",
    "3": "ƷȜЗӠꝪꞫ",
    "5": "Ƽ",
    "6": "б",
    "8": "Ȣȣ",
    "9": "Ꝯ",
    ":": "ː˸։׃∶꞉",
    "A": "ΑА",
    "B": "ΒВꞴ",
    "C": "С",
    "E": "ΕЕ",
    "F": "ϜꞘ",
    "G": "Ԍ",
    "H": "ΗН",
    "J": "ͿЈꞲ",
    "K": "ΚК",
    "M": "ΜϺМ",
    "N": "Ν",
    "O": "ΟОՕ",
    "P": "ΡР",
    "R": "Ʀ",
    "S": "ЅՏ",
    "T": "ΤТ",
    "U": "Ս",
    "V": "Ѵ",
    "W": "Ԝ",
    "X": "ΧХꞳ",
    "Y": "ΥУҮ",
    "Z": "Ζ",
    "_": "ߺ",
    "a": "ɑαа",
    "b": "ƄЬ",
    "c": "сᴄ",
    "d": "ԁ",
    "e": "еҽꬲ",
    "f": "ƒքẝꞙꬵ",
    "g": "ƍɡցᶃ",
    "h": "һհ",
    "i": "ıɩɪιіւꙇ",
    "j": "ϳј",
    "l": "ƖǀΙІӀӏ",
    "n": "ոռ",
    "o": "οσоօᴏᴑꬽ",
    "p": "þƿρϸр",
    "q": "ԛգզ",
    "r": "гᴦꭇꭈ",
    "s": "ƽѕꜱ",
    "u": "ʋυսᴜꞟꭎꭒ",
    "v": "νѵᴠ",
    "w": "ɯшѡԝաᴡ",
    "x": "х",
    "y": "ɣʏγуүᶌỿꭚ",
    "z": "ᴢ",
}
_LETTERS = str.maketrans({other: letter for letter, others in _LOOK_ALIKES.items() for other in others})

# After folding: an upper-case I is a lower-case L to the eye, so the two cannot be told apart once case is gone.
_FOLDED = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})


def skeleton(id: str) -> str:
    """Return the id without the differences of case, width and look-alike letters, and without invisible characters.

    Two ids with one skeleton look alike; it is compared, never shown.
    """
    if not (id.isascii() and id.isprintable()):
        visible = (c for c in unicodedata.normalize("NFKC", id) if unicodedata.category(c) not in ("Cf", "Cc", "Mn"))
        id = "".join(visible).translate(_LETTERS)
    return id.casefold().translate(_FOLDED).replace("rn", "m")

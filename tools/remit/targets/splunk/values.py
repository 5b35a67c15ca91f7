"""Values: a Sigma text as a `search` term where that is exact, and as a PCRE for `match()` where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sigma.exceptions import SigmaPlaceholderError
from sigma.types import Placeholder, SigmaString, SpecialChars

from remit.targets.splunk.fold import lower, variants

# Characters that a `search` term may hold and still be exact. Left out: what a producer may write as an escape in
# `_raw` (the index then holds other tokens than the value has), what is syntax in or around a quoted string, non-ASCII.
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.:-/@,#;(){}!~^%?")
# The ASCII letters to which one beyond ASCII folds in some reading of Unicode: ı and İ, the Kelvin sign, the long s.
_FOLDED_TO = frozenset("iIkKsS")
JSON_NUMBER = r"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\z"
"""A text that is a JSON number."""
_NUMBER = re.compile(JSON_NUMBER.replace(r"\z", r"\Z"))
_NETWORK = re.compile(r"[0-9A-Fa-f:.]+/[0-9]+\Z")
# ASCII punctuation that stands for itself in a PCRE and in a quoted SPL string.
_VERBATIM = frozenset("_ -:/@,#;!~%")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One text to match: literal pieces and wildcards, both ends anchored."""

    parts: tuple[str | SpecialChars, ...]

    @classmethod
    def of(cls, value: SigmaString) -> Pattern:
        parts: list[str | SpecialChars] = []
        for part in value.s:
            if isinstance(part, Placeholder):
                raise SigmaPlaceholderError(part.name)
            if part is SpecialChars.WILDCARD_MULTI and parts and parts[-1] is part:
                continue
            parts.append(part)
        return cls(tuple(parts))

    @property
    def core(self) -> tuple[str | SpecialChars, ...]:
        """The parts without a leading and a trailing `*`."""
        parts = self.parts[1:] if self.parts and self.parts[0] is SpecialChars.WILDCARD_MULTI else self.parts
        return parts[:-1] if parts and parts[-1] is SpecialChars.WILDCARD_MULTI else parts

    @property
    def anything(self) -> bool:
        """Whether every value matches."""
        return self.parts == (SpecialChars.WILDCARD_MULTI,)

    @property
    def wild(self) -> bool:
        return any(isinstance(part, SpecialChars) for part in self.parts)

    @property
    def inner(self) -> bool:
        """Whether a wildcard stands anywhere but at the ends."""
        return any(isinstance(part, SpecialChars) for part in self.core)

    def matches(self, text: str) -> bool:
        """Whether a lower-case text that Splunk or an add-on writes for an absent value matches, case set aside."""
        if sum(len(part) for part in self.parts if isinstance(part, str)) > len(text):
            return False
        ends = {0}  # how many characters of `text` the parts so far can have matched
        for part in self.parts:
            if part is SpecialChars.WILDCARD_MULTI:
                ends = set(range(min(ends), len(text) + 1)) if ends else ends
            elif part is SpecialChars.WILDCARD_SINGLE:
                ends = {end + 1 for end in ends if end < len(text)}
            else:
                piece = "".join(map(lower, str(part)))
                ends = {end + len(piece) for end in ends if text.startswith(piece, end)}
        return len(text) in ends

    def is_number(self) -> bool:
        """Whether it is the text of one number."""
        return len(self.parts) == 1 and isinstance(self.parts[0], str) and _NUMBER.match(self.parts[0]) is not None

    def is_plain(self) -> bool:
        """Whether a `search` term says exactly this: plain characters, `*` at the ends only."""
        core = self.core
        if self.anything:
            return True
        if len(core) != 1 or not isinstance(core[0], str):
            return False
        text = core[0]
        outer_blank = text.strip() != text and len(core) == len(self.parts)
        # `search` reads 10.0.0.0/8 as a network, whatever it was meant as.
        network = len(core) == len(self.parts) and _NETWORK.match(text)
        return PLAIN.issuperset(text) and "  " not in text and not outer_blank and not network

    def as_search(self) -> str:
        """The quoted value of a `search` term; only for plain patterns."""
        return quote("".join("*" if part is SpecialChars.WILDCARD_MULTI else str(part) for part in self.parts))

    def as_pcre(self, *, fold: bool) -> str:
        """The PCRE of the value without anchors at a `*`; `fold` spells letters as classes of what folds alike."""
        start = "" if self.parts and self.parts[0] is SpecialChars.WILDCARD_MULTI else r"\A"
        end = "" if self.parts and self.parts[-1] is SpecialChars.WILDCARD_MULTI else r"\z"
        if self.anything:
            return ""
        return start + "".join(_pieces(self.core, fold)) + end

    @property
    def foldable(self) -> bool:
        """Whether a character beyond ASCII may fold to one of the pattern, or some server may think so."""
        return any(_FOLDED_TO.intersection(part) for part in self.parts if isinstance(part, str))

    @property
    def single(self) -> bool:
        return SpecialChars.WILDCARD_SINGLE in self.parts


def _pieces(parts: Iterable[str | SpecialChars], fold: bool) -> Iterator[str]:
    for part in parts:
        if part is SpecialChars.WILDCARD_MULTI:
            yield ".*"
        elif part is SpecialChars.WILDCARD_SINGLE:
            yield "."
        else:
            yield from (any_case(character) if fold else literal(character) for character in str(part))


def literal(character: str) -> str:
    """One character as a PCRE that needs no further thought inside a quoted SPL string."""
    if character.isalnum() or character in _VERBATIM or ord(character) > 0x7F:
        return character
    if character == ".":
        return r"\."
    return f"\\x{ord(character):02x}"


def any_case(character: str) -> str:
    """One character, in every case that folds to it."""
    same = variants(character)
    if len(same) == 1:
        return literal(character)
    return f"[{same}]" if same.isascii() else f"(?:{'|'.join(same)})"


def quote(text: str) -> str:
    r"""A quoted SPL string: `\` and `"` are the two characters that are escaped inside one."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

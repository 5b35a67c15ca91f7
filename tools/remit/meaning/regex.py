r"""Regular expressions, in one dialect: what Python, RE2, Rust and PCRE agree on.

RE2 runs them, in time linear to the text: whoever writes the log cannot make an expression backtrack. `\d \w \s` are
ASCII, `$` is the end of the value (of a line with `m`), and `i` is the fold of texts, spelled out as classes, because
no engine's own `(?i)` is that fold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import NamedTuple

from remit.meaning.values import fold

_INLINE = re.compile(r"\(\?([ims]+)\)")
_COUNT = re.compile(r"\{[0-9]+(,[0-9]*)?\}")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\v\f\r\x20"}
_PLACES = frozenset("bBAz")
_HEX = {"x": 2, "u": 4, "U": 8}


class Unsupported(Exception):
    """`args[0]`: what stands in the expression that has no settled meaning."""


def searcher(pattern: str, flags: Collection[str]) -> Callable[[str], bool]:
    """Return the test whether the expression is found anywhere in a text. `flags`: of i, m, s.

    Raises:
        Unsupported: look-around, back references and the like.
    """
    import re2  # type: ignore[import-untyped]  # loaded late: only rules with `re` need it

    inline = _INLINE.match(pattern)
    asked = frozenset(flags) | frozenset(inline[1] if inline else "")
    body = _Translation(pattern[inline.end() if inline else 0 :], "i" in asked).run()
    options = re2.Options()
    options.log_errors = False
    prefix = "".join(sorted(asked - {"i"}))
    try:
        compiled = re2.compile(f"(?{prefix}:{body})" if prefix else body, options)
    except re2.error as error:
        raise Unsupported(error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)) from None
    return lambda text: compiled.search(text) is not None


class _Part(NamedTuple):
    """One character or class of an expression."""

    char: str | None
    """A character that stands for itself; None: `raw` says it."""
    raw: str
    end: int


class _Translation:
    def __init__(self, pattern: str, ignore_case: bool) -> None:
        self._pattern, self._ignore_case = pattern, ignore_case

    def run(self) -> str:
        pattern, out, at = self._pattern, [], 0
        while at < len(pattern):
            char = pattern[at]
            if char == "[":
                text, at = self._set(at)
            elif char == "(":
                text, at = self._group(at)
            elif char == "{" and (count := _COUNT.match(pattern, at)):
                text, at = count[0], count.end()
            elif char in "*+?|).^$":
                text, at = char, at + 1
            else:
                part = self._part(at)
                text, at = (part.raw if part.char is None else self._literal(part.char)), part.end
            out.append(text)
        return "".join(out)

    def _group(self, at: int) -> tuple[str, int]:
        rest = self._pattern[at:]
        if rest.startswith("(?:"):
            return "(?:", at + 3
        if name := re.match(r"\(\?P?<\w+>", rest):
            return "(?:", at + name.end()
        if rest.startswith("(?"):
            raise Unsupported(f"`{rest[:4]}`: look-around, conditions and flags amid an expression")
        return "(?:", at + 1

    def _part(self, at: int) -> _Part:
        """Read one character or escape."""
        char = self._pattern[at]
        if char == "{" and re.match(r"\{,[0-9]+\}", self._pattern[at:]):
            raise Unsupported("`{,n}`, which is a count to some engines and text to others")
        if char != "\\":
            return _Part(char, "", at + 1)
        letter = self._pattern[at + 1 : at + 2]
        if not letter.isalnum():
            return _Part(letter, "", at + 2)
        if letter in _CONTROLS:
            return _Part(_CONTROLS[letter], "", at + 2)
        if letter in _PLACES:
            return _Part(None, f"\\{letter}", at + 2)
        if letter.lower() in _CLASSES:
            return _Part(None, f"[{'^' if letter.isupper() else ''}{_CLASSES[letter.lower()]}]", at + 2)
        if letter in _HEX:
            digits = self._pattern[at + 2 : at + 2 + _HEX[letter]]
            return _Part(chr(int(digits, 16)), "", at + 2 + len(digits))
        raise Unsupported(f"`\\{letter}`")

    def _set(self, at: int) -> tuple[str, int]:
        """Translate `[...]`; with `i` every member brings along what folds to the same."""
        out = ["[^" if self._pattern.startswith("[^", at) else "["]
        at = start = at + len(out[0])
        while at == start or self._pattern[at] != "]":
            if self._pattern.startswith("[:", at):
                raise Unsupported("`[:class:]`")
            first = self._part(at)
            at = first.end
            if first.char is None:
                out.append(self._class_in_set(first.raw))
            elif self._pattern.startswith("-", at) and self._pattern[at + 1] != "]":
                last = self._part(at + 1)
                if last.char is None:
                    raise Unsupported("a range that ends in a class")
                out.append(self._range(first.char, last.char))
                at = last.end
            else:
                out += map(_in_set, self._alike(first.char))
        return "".join([*out, "]"]), at + 1

    def _class_in_set(self, raw: str) -> str:
        if raw.startswith("[^"):
            return _complement(raw[2:-1])
        if raw.startswith("["):
            return raw[1:-1]
        raise Unsupported(f"`{raw}` inside of brackets")

    def _range(self, first: str, last: str) -> str:
        plain = f"{_in_set(first)}-{_in_set(last)}"
        if not self._ignore_case:
            return plain
        if not (first + last).isascii():
            raise Unsupported(f"the range `{first}-{last}` with `i`: beyond ASCII it has no settled meaning")
        others = {other for code in range(ord(first), ord(last) + 1) for other in _alike(chr(code))}
        return plain + "".join(map(_in_set, sorted(others)))

    def _literal(self, char: str) -> str:
        alike = self._alike(char)
        return re.escape(char) if len(alike) == 1 else f"[{''.join(map(_in_set, alike))}]"

    def _alike(self, char: str) -> tuple[str, ...]:
        return _alike(char) if self._ignore_case else (char,)


def _in_set(char: str) -> str:
    return f"\\{char}" if char in "\\]^-[" else char


def _complement(ascii_class: str) -> str:
    r"""Return the members of `\D \W \S` as ranges, for use inside of brackets."""
    inside = re.compile(f"[{ascii_class}]")
    outside = [chr(code) for code in range(128) if not inside.match(chr(code))]
    return "".join(f"\\x{ord(char):02x}" for char in outside) + r"\x{80}-\x{10ffff}"


def _alike(char: str) -> tuple[str, ...]:
    """Return every character of the same fold."""
    return _preimages().get(fold(char), (char,))


@cache
def _preimages() -> Mapping[str, tuple[str, ...]]:
    """Fold -> the characters that have it, where there are several."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in range(0x1F000):  # no character beyond has a lower case
        char = chr(code)
        if not 0xD800 <= code < 0xE000:
            found[fold(char)].append(char)
    return {folded: tuple(chars) for folded, chars in found.items() if len(chars) > 1}

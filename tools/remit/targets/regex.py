r"""Regular expressions as data: the part of the syntax that means the same in Python, RE2, Rust and PCRE.

A target prints its own dialect from this tree. Refused by name, because a dialect lacks it or gives it another meaning:
look-around, back references, atomic and possessive forms, `\Z`-like letters beyond `\A \Z \b \B`, comments, `(?x)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

MOST = 1000
"""The largest counted repetition."""
_DEEPEST = 50
_CATEGORIES = frozenset("dDwWsS")
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_FLAGS = frozenset("ims")


class Unsupported(Exception):
    """`args`: what stands in the expression, in words."""


@dataclass(frozen=True, slots=True)
class Char:
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """Any character; a newline only with `s`."""


@dataclass(frozen=True, slots=True)
class Category:
    r"""`\d \w \s` and their complements, all of ASCII."""

    letter: str


@dataclass(frozen=True, slots=True)
class Set:
    """`[...]`: categories and inclusive ranges of characters."""

    members: tuple[Category | tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """A place: of the value, of a line where `m` is set, of a word."""

    place: Literal["start", "end", "line_start", "line_end", "word", "no_word"]


@dataclass(frozen=True, slots=True)
class Repeat:
    arg: Regex
    least: int
    most: int | None
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class Seq:
    args: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Either:
    args: tuple[Regex, ...]


Regex: TypeAlias = Char | Dot | Category | Set | At | Repeat | Seq | Either


def parse(text: str, flags: frozenset[str] = frozenset()) -> tuple[Regex, frozenset[str]]:
    """Return the tree and the flags (`i`, `m`, `s`) of an expression that Python's `re` accepts.

    Raises Unsupported for what the dialects do not agree on."""
    return _Parser(text, flags).parse()


def nested_repeats(regex: Regex, inside: bool = False) -> bool:
    """Whether an unbounded repetition stands inside another, which backtracking engines may give up on."""
    match regex:
        case Repeat(arg, _, most):
            unbounded = most is None
            return (inside and unbounded) or nested_repeats(arg, inside or unbounded)
        case Seq(args) | Either(args):
            return any(nested_repeats(arg, inside) for arg in args)
        case _:
            return False


class _Parser:
    def __init__(self, text: str, flags: frozenset[str]) -> None:
        self._text, self._at, self._depth = text, 0, 0
        self._flags = flags

    def parse(self) -> tuple[Regex, frozenset[str]]:
        while self._text.startswith("(?", self._at) and (end := self._text.find(")", self._at)) > 0:
            letters = self._text[self._at + 2 : end]
            if not letters.isalpha():
                break
            if not set(letters) <= _FLAGS | {"a"}:
                raise Unsupported(f"the flags (?{letters})")
            self._flags |= set(letters) - {"a"}
            self._at = end + 1
        tree = self._either()
        if self._at < len(self._text):
            self._stop("a parenthesis that closes nothing")
        return tree, self._flags

    def _stop(self, what: str) -> NoReturn:
        raise Unsupported(what)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            self._stop("an expression that ends early")
        self._at += 1
        return character

    def _either(self) -> Regex:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._stop("groups nested too deep")
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _sequence(self) -> Regex:
        parts: list[Regex] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._one()))
        return parts[0] if len(parts) == 1 else Seq(tuple(parts))

    def _one(self) -> Regex:
        character = self._take()
        match character:
            case ".":
                return Dot()
            case "^":
                return At("line_start" if "m" in self._flags else "start")
            case "$":
                return At("line_end" if "m" in self._flags else "end")
            case "(":
                return self._group()
            case "[":
                return self._set()
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                self._stop("a repetition of nothing")
            case _:
                return Char(character)

    def _group(self) -> Regex:
        if self._peek() == "?":
            self._at += 1
            kind = self._take()
            if kind == "P" and self._peek() == "<":
                self._at = self._text.index(">", self._at) + 1
            elif kind != ":":
                self._stop(f"a group (?{kind}")
        inside = self._either()
        if self._take() != ")":
            self._stop("a parenthesis that is not closed")
        return inside

    def _repeated(self, one: Regex) -> Regex:
        counts = self._counts()
        if counts is None:
            return one
        if isinstance(one, At):
            self._stop("a repetition of a place")
        lazy = self._peek() == "?"
        if lazy:
            self._at += 1
        if self._peek() == "+" or self._counts() is not None:
            self._stop("a repetition of a repetition, or a possessive one")
        return Repeat(one, *counts, lazy)

    def _counts(self) -> tuple[int, int | None] | None:
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if (found := simple.get(self._peek())) is not None:
            self._at += 1
            return found
        if self._peek() != "{" or (end := self._text.find("}", self._at)) < 0:
            return None
        least, comma, most = self._text[self._at + 1 : end].partition(",")
        if not (least + most).isdigit() or not (least or comma):
            return None  # a literal brace, as everywhere
        self._at = end + 1
        low = int(least or 0)
        high = int(most) if most else None if comma else low
        if max(low, high or 0) > MOST:
            self._stop(f"a repetition of more than {MOST} times")
        return low, high

    def _escape(self) -> Regex:
        character = self._take()
        if character in _CATEGORIES:
            return Category(character)
        places: dict[str, At] = {"A": At("start"), "Z": At("end"), "b": At("word"), "B": At("no_word")}
        if character in places:
            return places[character]
        return Char(self._escaped(character))

    def _escaped(self, character: str) -> str:
        """The character that an escape stands for."""
        digits = {"x": 2, "u": 4, "U": 8}.get(character)
        if digits is not None:
            self._at += digits
            return chr(int(self._text[self._at - digits : self._at], 16))
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character.isalnum() and character.isascii():
            self._stop(f"the escape \\{character}")
        return character

    def _set(self) -> Regex:
        negated = self._peek() == "^"
        if negated:
            self._at += 1
        members: list[Category | tuple[str, str]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._member()
            if isinstance(low, Category):
                members.append(low)
                continue
            members.append((low, self._range_end(low)))
        self._at += 1
        return Set(tuple(members), negated)

    def _range_end(self, low: str) -> str:
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] == "]":
            return low
        self._at += 1
        high = self._member()
        if isinstance(high, Category):
            self._stop("a range that ends in a category")
        return high

    def _member(self) -> str | Category:
        character = self._take()
        if character == "[" and self._peek() in (":", "=", "."):
            self._stop("a POSIX class")
        if character != "\\":
            return character
        escaped = self._take()
        if escaped == "b":
            return "\b"
        return Category(escaped) if escaped in _CATEGORIES else self._escaped(escaped)

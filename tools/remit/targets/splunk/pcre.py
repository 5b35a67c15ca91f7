r"""A regular expression in the dialect of `match()`.

Splunk's regular expressions are PCRE ("About Splunk regular expressions"). `$` means the end of the value there only as
`\z`; groups do not capture; letters that are to match in any case are spelled out, because `(?i)` folds otherwise.
"""

from __future__ import annotations

from remit.targets.regex import At, Category, Char, Dot, Either, Regex, Repeat, Seq, Set
from remit.targets.splunk.fold import variants
from remit.targets.splunk.values import any_case, literal

_PLACES = {
    "start": r"\A", "end": r"\z", "line_start": "^", "line_end": r"(?=\n|\z)", "word": r"\b", "no_word": r"\B",
}  # fmt: skip


class WideRange(Exception):
    """A range beyond ASCII that is to match in any case."""


def show(regex: Regex, *, fold: bool) -> str:
    """The expression as PCRE; `fold` spells every letter in the cases that fold to it.

    Raises WideRange."""
    match regex:
        case Char(text):
            return any_case(text) if fold else literal(text)
        case Dot():
            return "."
        case Category(letter):
            return f"\\{letter}"
        case Set():
            return _set(regex, fold)
        case At(place):
            return _PLACES[place]
        case Repeat(arg, least, most, lazy):
            return _unit(arg, fold) + _counts(least, most) + ("?" if lazy else "")
        case Seq(args):
            return "".join(
                f"(?:{show(arg, fold=fold)})" if isinstance(arg, Either) else show(arg, fold=fold) for arg in args
            )
        case Either(args):
            return "|".join(show(arg, fold=fold) for arg in args)


def counts_characters(regex: Regex) -> bool:
    """Whether it matters that a character beyond ASCII counts as one."""
    match regex:
        case Dot() | Set(negated=True):
            return True
        case Set(members):
            return any(isinstance(member, tuple) and not "".join(member).isascii() for member in members)
        case Category(letter):
            return letter.isupper()
        case Repeat(arg, least, most):
            free = least == 0 and most is None and not isinstance(arg, (Seq, Either, Repeat))
            return not free and counts_characters(arg)
        case Seq(args) | Either(args):
            return any(map(counts_characters, args))
        case _:
            return False


def _unit(arg: Regex, fold: bool) -> str:
    """What a repetition may follow: one character or class, or a group."""
    text = show(arg, fold=fold)
    if isinstance(arg, (Dot, Category, Set)) or (isinstance(arg, Char) and (text.isascii() or text.startswith("(?:"))):
        return text
    return f"(?:{text})"


def _counts(least: int, most: int | None) -> str:
    match least, most:
        case 0, None:
            return "*"
        case 1, None:
            return "+"
        case 0, 1:
            return "?"
        case _ if least == most:
            return f"{{{least}}}"
        case _:
            return f"{{{least},{'' if most is None else most}}}"


def _set(found: Set, fold: bool) -> str:
    inside, wide = "", ""
    for member in found.members:
        if isinstance(member, Category):
            inside += f"\\{member.letter}"
            continue
        low, high = member
        if fold and low != high and not high.isascii():
            raise WideRange
        if low == high or fold:
            characters = [chr(code) for code in range(ord(low), ord(high) + 1)]
            same = sorted({other for c in characters for other in (variants(c) if fold else c)})
            inside += _ranges([c for c in same if c.isascii()])
            wide += "".join(c for c in same if not c.isascii())
        else:
            inside += _ranges_of(low, high)
    if found.negated:
        return f"[^{inside}{wide}]"
    if not wide:
        return f"[{inside}]"
    return f"(?:{'|'.join([*([f'[{inside}]'] if inside else []), *wide])})"


def _ranges(characters: list[str]) -> str:
    """Sorted characters as ranges."""
    shown = ""
    start = 0
    for at in range(1, len(characters) + 1):
        if at == len(characters) or ord(characters[at]) != ord(characters[at - 1]) + 1:
            shown += _ranges_of(characters[start], characters[at - 1])
            start = at
    return shown


def _ranges_of(low: str, high: str) -> str:
    if ord(high) - ord(low) < 2:
        return "".join(map(_in_set, (low,) if low == high else (low, high)))
    return f"{_in_set(low)}-{_in_set(high)}"


def _in_set(character: str) -> str:
    return (
        character
        if character.isalnum() or ord(character) > 0x7F or character in "_ @,;:/.!~%#"
        else f"\\x{ord(character):02x}"
    )

"""The glob language of charters, tasks and channels: `*` is any text, `?` one character, all else itself; anchored.

A glob that begins with `arn:` is an ARN glob: its first five fields are matched field by field (a wildcard there never
runs over a colon), the rest as one string. The same holds for an ARN behind `platform:type:`, as ids of identities have
it. The text may be hostile and long: matching never goes back over what has matched, so it cannot be made to explode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

ARN_FIELDS = 5
_ID_PREFIX = re.compile(r"[^:]*:[^:]*:(?=arn:)")

_MAX_PAIRS = 20_000
"""How far the containment test looks before it says "not contained"."""


def problem(glob: str) -> str | None:
    """Say what is wrong with a glob, None where nothing is."""
    if not glob:
        return "an empty glob matches only empty text"
    if any(ord(character) < 0x20 for character in glob):
        return "a control character in a glob"
    if _fields(glob) and glob.count(":") < _fields(glob):
        return "an ARN glob needs all six fields (arn:partition:service:region:account:resource)"
    return None


@lru_cache(maxsize=16384)
def matcher(glob: str, fold: bool = False) -> Callable[[str], bool]:
    """Return the test of one glob; with `fold` upper and lower case are one."""
    match = re.compile(_regex(glob.casefold() if fold else glob), re.DOTALL).fullmatch
    if fold:
        return lambda text: match(text.casefold()) is not None
    return lambda text: match(text) is not None


def matches(glob: str, text: str) -> bool:
    """Say whether the glob matches the whole text, case and all."""
    return matcher(glob)(text)


def matches_any(globs: Iterable[str], text: str) -> bool:
    """Say whether any of the globs matches the text."""
    return any(matcher(glob)(text) for glob in globs)


def matches_action(globs: Iterable[str], action: str, platform: str) -> bool:
    """Say whether any of the globs matches the action's name, in the way of the identity's platform."""
    fold = folds_actions(platform)
    return any(matcher(glob, fold)(action) for glob in globs)


def folds_actions(platform: str) -> bool:
    """Say whether action names of the platform are one in upper and lower case: IAM compares them so, and a deny that
    did not would fail open (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html)."""
    return platform == "aws"


def matches_path(glob: str, path: str) -> bool:
    """Say whether the glob matches the path as given or any tail of it that begins at a folder or file name."""
    match = matcher(glob)
    parts = path.split("/")
    return any(match("/".join(parts[start:])) for start in range(len(parts)))


@lru_cache(maxsize=65536)
def covers(outer: str, inner: str, fold: bool = False) -> bool:
    """Say whether every text that `inner` matches is matched by `outer` too; False also if that takes too long.

    Walks all pairs of a place in `inner` and the set of places in `outer` that one text can have led to, over the
    characters that either names and one that stands for all others.
    """
    if fold:
        outer, inner = outer.casefold(), inner.casefold()
    if outer == inner:
        return True
    wide, narrow = _tokens(outer), _tokens(inner)
    letters = _letters(wide, narrow)
    pending: list[tuple[int, int]] = [(0, _with_empty_runs(wide, 1))]
    seen = set(pending)
    while pending:
        place, places = pending.pop()
        if place == len(narrow):
            if not places >> len(wide) & 1:
                return False
            continue
        for step in _steps(narrow[place], place, wide, places, letters):
            if step not in seen:
                seen.add(step)
                pending.append(step)
        if len(seen) > _MAX_PAIRS:
            return False
    return True


# A token is a literal character or one of these; those of a field stop at a colon.
_ONE, _RUN, _FIELD_ONE, _FIELD_RUN = "?", "*", "f?", "f*"


def _tokens(glob: str) -> tuple[str, ...]:
    fields, tokens = _fields(glob), []
    for character in glob:
        tokens.append(f"f{character}" if fields and character in "*?" else character)
        if fields and character == ":":
            fields -= 1
    return tuple(tokens)


def _fields(glob: str) -> int:
    """Return how many leading colon fields of the glob are matched one by one."""
    if glob.startswith("arn:"):
        return ARN_FIELDS
    return ARN_FIELDS + 2 if _ID_PREFIX.match(glob) else 0


_REGEX = {_ONE: ".", _RUN: ".*", _FIELD_ONE: "[^:]", _FIELD_RUN: "[^:]*"}


def _regex(glob: str) -> str:
    """Return the glob as a regular expression that never goes back over a run once what follows the run has matched:
    for a glob the first place that fits is as good as any later one, but the last run of a field or of the whole."""
    parts, run, rest = [], "", ""
    for part in _tokens(glob):
        if part in (_RUN, _FIELD_RUN):
            parts.append(f"(?>{run}?{rest})" if run and rest else run + rest)
            run, rest = _REGEX[part], ""
        elif part == ":" and run == _REGEX[_FIELD_RUN]:
            parts.append(run + rest + part)
            run, rest = "", ""
        else:
            rest += _REGEX.get(part) or re.escape(part)
    return "".join((*parts, run, rest))


def _letters(wide: tuple[str, ...], narrow: tuple[str, ...]) -> tuple[str, ...]:
    """Return the characters that tell texts apart: those that are named, the colon, and one for all others."""
    named = {token for token in (*wide, *narrow) if len(token) == 1} | {":"}
    other = next(chr(code) for code in range(0xE000, 0x10FFFF) if chr(code) not in named)
    return (*sorted(named - {_ONE, _RUN}), other)


def _accepts(token: str, letter: str) -> bool:
    if token in (_FIELD_ONE, _FIELD_RUN):
        return letter != ":"
    return token in (_ONE, _RUN) or token == letter


def _steps(
    token: str, place: int, wide: tuple[str, ...], places: int, letters: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """Yield where one more character of the inner glob's text leads to, or the end of a run."""
    run = token in (_RUN, _FIELD_RUN)
    if run:
        yield place + 1, places
    for letter in letters if len(token) > 1 or token in (_ONE, _RUN) else token:
        if _accepts(token, letter):
            yield (place if run else place + 1), _advance(wide, places, letter)


def _advance(wide: tuple[str, ...], places: int, letter: str) -> int:
    after = 0
    for index, token in enumerate(wide):
        if places >> index & 1 and _accepts(token, letter):
            after |= 1 << (index if token in (_RUN, _FIELD_RUN) else index + 1)
    return _with_empty_runs(wide, after)


def _with_empty_runs(wide: tuple[str, ...], places: int) -> int:
    for index, token in enumerate(wide):
        if places >> index & 1 and token in (_RUN, _FIELD_RUN):
            places |= 1 << (index + 1)
    return places

"""How much work the server would have with an expression: it builds a deterministic automaton within a budget, and one
that exceeds it is, by default, taken for "matches nothing" without a word."""

from __future__ import annotations

from msgspec import Struct

from remit.targets.elastic.charsets import EVERYTHING, Ranges, accepted
from remit.targets.regex import At, Category, Char, Dot, Either, Regex, Repeat, Seq, Set

BUDGET = 32_768
"""Sizes of all sets of positions together. Of 29 expressions the server took all up to 32,768 (`a.{11}b`) and none from
69,632 on (`a.{12}b`)."""
_MOST_POSITIONS = 2_000


class _Part(Struct):
    """A piece of the position automaton (Glushkov): its first and last positions, and whether it may be empty."""

    first: frozenset[int]
    last: frozenset[int]
    empty: bool


class _TooLarge(Exception):
    pass


class _Positions:
    def __init__(self, flags: frozenset[str]) -> None:
        self._flags = flags
        self.takes: list[Ranges] = []
        self.follow: list[set[int]] = []

    def step(self, takes: Ranges) -> _Part:
        if len(self.takes) >= _MOST_POSITIONS:
            raise _TooLarge
        self.takes.append(takes)
        self.follow.append(set())
        here = frozenset([len(self.takes) - 1])
        return _Part(here, here, False)

    def part(self, tree: Regex) -> _Part:
        match tree:
            case Char() | Dot() | Category() | Set():
                return self.step(accepted(tree, self._flags))
            case Seq(args):
                return self.sequence([self.part(arg) for arg in args])
            case Either(args):
                parts = [self.part(arg) for arg in args]
                return _Part(
                    frozenset().union(*(part.first for part in parts)),
                    frozenset().union(*(part.last for part in parts)),
                    any(part.empty for part in parts),
                )
            case Repeat(arg, least, most):
                return self._repeat(arg, least, most)
            case At():
                return _Part(frozenset(), frozenset(), True)

    def _repeat(self, arg: Regex, least: int, most: int | None) -> _Part:
        copies = [self.part(arg) for _ in range(max(least, most or 0, 1))]
        for at, copy in enumerate(copies):
            copy.empty = copy.empty or at >= least
        if most is None:
            self._join(copies[-1].last, copies[-1].first)
        return self.sequence(copies)

    def sequence(self, parts: list[_Part]) -> _Part:
        whole = _Part(frozenset(), frozenset(), True)
        for part in parts:
            self._join(whole.last, part.first)
            whole = _Part(
                whole.first | part.first if whole.empty else whole.first,
                whole.last | part.last if part.empty else part.last,
                whole.empty and part.empty,
            )
        return whole

    def _join(self, last: frozenset[int], first: frozenset[int]) -> None:
        for position in last:
            self.follow[position] |= first


def affordable(tree: Regex, flags: frozenset[str]) -> bool:
    """Whether the automaton that finds `tree` anywhere in a value, and those of its parts, stay within the budget."""
    parts = [tree, *_repeated(tree)]
    return all(work(part, flags, anywhere=anywhere) <= BUDGET for part in parts for anywhere in (True, False))


def _repeated(tree: Regex) -> list[Regex]:
    """Return the counted repetitions of more than a character: the server makes each deterministic by itself first."""
    match tree:
        case Repeat(arg, least, most):
            counted = isinstance(arg, (Seq, Either, Repeat)) and max(least, most or 0) > 1
            return [*([tree] if counted else []), *_repeated(arg)]
        case Seq(args) | Either(args):
            return [found for arg in args for found in _repeated(arg)]
        case _:
            return []


def work(tree: Regex, flags: frozenset[str], *, anywhere: bool) -> int:
    """Return the sizes of all sets of positions together; stops counting beyond the budget."""
    positions = _Positions(flags)
    try:
        parts = []
        if anywhere:
            anything = positions.step(EVERYTHING)
            positions.follow[0].add(0)
            parts = [_Part(anything.first, anything.last, True)]
        whole = positions.sequence([*parts, positions.part(tree)])
    except _TooLarge:
        return BUDGET + 1
    return _work(positions, whole.first)


def _work(positions: _Positions, first: frozenset[int]) -> int:
    edges = sorted({edge for takes in positions.takes for low, high in takes for edge in (low, high + 1)})
    # One character for each class that the expression tells apart.
    accepting = [
        frozenset(p for p, takes in enumerate(positions.takes) if any(low <= edge <= high for low, high in takes))
        for edge in edges[:-1]
    ]
    symbols = list(dict.fromkeys(accepting))
    seen = {first}
    queue = [first]
    work = 0
    while queue and work <= BUDGET:
        current = queue.pop()
        work += len(current)
        for symbol in symbols:
            following = frozenset().union(*(positions.follow[p] for p in current & symbol))
            if following and following not in seen:
                seen.add(following)
                queue.append(following)
    return work

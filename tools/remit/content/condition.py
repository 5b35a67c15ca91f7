"""Conditions: `selection and not 1 of filter_*`.

Read here and not by pySigma, whose 1.5 takes the beginning of a name such as `notable` or `android` for an operator and
drops selectors that match nothing.

    or-term   = and-term {"or" and-term}
    and-term  = not-term {"and" not-term}
    not-term  = "not" not-term | "(" or-term ")" | selector | name
    selector  = ("1" | "any" | "all") "of" ("them" | pattern with `*`)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from remit.content.expression import And, Expression, Not, Or, Ref

OPERATORS = frozenset({"and", "or", "not"})
_QUANTIFIERS = frozenset({"1", "any", "all"})
_WORD = re.compile(r"[()|]|[^\s()|]+")
_DEEPEST = 50


class ConditionError(Exception):
    """`args` are what is wrong and what to do about it."""


def parse_condition(text: str, names: Collection[str]) -> Expression:
    """Return the condition's logic; selectors become the references that they stand for, in the order of `names`.

    Raises:
        ConditionError: bad syntax, an unknown name, a selector that matches nothing.
    """
    return _Parser(_WORD.findall(text), names).parse()


class _Parser:
    def __init__(self, words: list[str], names: Collection[str]) -> None:
        self._words, self._names, self._at, self._depth = words, names, 0, 0

    def parse(self) -> Expression:
        expression = self._or()
        if (word := self._peek()) is not None:
            raise ConditionError(f"`{word}` is not expected here", "join the parts by `and` or `or`")
        return expression

    def _peek(self) -> str | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _next(self) -> str:
        word = self._peek()
        if word is None:
            raise ConditionError("the condition ends early", "complete it")
        self._at += 1
        return word

    def _or(self) -> Expression:
        return self._chain("or", self._and, Or)

    def _and(self) -> Expression:
        return self._chain("and", self._not, And)

    def _chain(
        self, operator: str, operand: Callable[[], Expression], join: Callable[[tuple[Expression, ...]], Expression]
    ) -> Expression:
        args = [operand()]
        while self._peek() == operator:
            self._at += 1
            args.append(operand())
        return args[0] if len(args) == 1 else join(tuple(args))

    def _not(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ConditionError(f"nested deeper than {_DEEPEST} levels", "split the rule")
        try:
            return self._term()
        finally:
            self._depth -= 1

    def _term(self) -> Expression:
        word = self._next()
        if word == "not":
            return Not(self._not())
        if word == "(":
            inside = self._or()
            if self._next() != ")":
                raise ConditionError("a parenthesis is not closed", "add `)`")
            return inside
        if self._peek() == "of" and word not in self._names:
            return self._selector(word)
        if word in OPERATORS or word == ")":
            raise ConditionError(f"`{word}` is not expected here", "name a detection")
        if word == "|":
            raise ConditionError("aggregations after `|` are no longer part of Sigma", "write a correlation rule")
        if word not in self._names:
            raise ConditionError(f"no detection is called `{word}`", f"there are {', '.join(self._names)}")
        return Ref(word)

    def _selector(self, quantifier: str) -> Expression:
        if quantifier not in _QUANTIFIERS:
            raise ConditionError(f"`{quantifier} of` is no selector", "write `1 of` or `all of`")
        self._at += 1
        pattern = self._next()
        names = [name for name in self._names if _selects(pattern, name)]
        if not names:
            raise ConditionError(f"`{quantifier} of {pattern}` matches no detection", "name one that is there")
        refs = tuple(map(Ref, names))
        if len(refs) == 1:
            return refs[0]
        return And(refs) if quantifier == "all" else Or(refs)


def _selects(pattern: str, name: str) -> bool:
    # Names that start with `_` are private: only a pattern that starts so too reaches them.
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    return pattern == "them" or re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None

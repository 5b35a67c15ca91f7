"""What the stock Splunk backend's searches answer, on events made from each rule, next to what the rule means.

Only plain searches are compared: a query with further commands is counted apart. Search terms are read as Splunk's
manual has them (OR before AND, `*` in values, any value of a field), over the fields that KV_MODE = json extracts.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sigma.backends.splunk.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from tests.conformance.spl.extraction import fields
from tests.conformance.spl.mutants import events

from remit.content import Rule
from remit.meaning import matcher
from remit.targets import Refused
from remit.targets.splunk import TARGET

Row = dict[str, list[str]]
Test = Callable[[Row], bool]
_WORD = re.compile(r'\s*(?:(\(|\)|,)|("(?:[^"\\]|\\.)*"|[^\s(),="<>]+)(=|<=|>=|<|>)?)')


def compare(rules: list[Rule]) -> Counter[str]:
    """Count the rules by how the stock search answers."""
    return Counter(_kind(rule) for rule in rules)


def _kind(rule: Rule) -> str:
    try:
        ours = TARGET.compile(rule, pipeline="raw", index=None, language=None).query
        meant = matcher(rule)
    except Refused:
        return "refused by us"
    try:
        stock = "".join(SplunkBackend().convert(SigmaCollection([rule.sigma()])))
    except (SigmaError, NotImplementedError):
        return "raises"
    stock = stock.partition(" | table ")[0]
    if "|" in stock:
        return "with further commands, not compared"
    try:
        asked = _Parser(stock).parse()
    except (ValueError, IndexError):
        return "no valid search"
    random.seed(0)
    documents = events(rule, ours)
    wrong = [one for one in documents if asked(fields(json.dumps(one).encode())) is not meant(one)]
    if not wrong:
        return "equal"
    return "differs" if any("[" not in json.dumps(one) for one in wrong) else "differs on lists only"


class _Parser:
    def __init__(self, text: str) -> None:
        self._words = list(_words(text))
        self._at = 0

    def parse(self) -> Test:
        found = self._conjunction()
        if self._at < len(self._words):
            raise ValueError(self._words[self._at])
        return found

    def _conjunction(self) -> Test:
        """Terms side by side; each may be alternatives, because OR binds closer."""
        parts = [self._alternatives()]
        while self._at < len(self._words) and self._words[self._at] != ")":
            parts.append(self._alternatives())
        return lambda row: all(part(row) for part in parts)

    def _alternatives(self) -> Test:
        parts = [self._unit()]
        while self._at < len(self._words) and self._words[self._at] == "OR":
            self._at += 1
            parts.append(self._unit())
        return lambda row: any(part(row) for part in parts)

    def _unit(self) -> Test:
        word = self._next()
        if word == "NOT":
            inner = self._unit()
            return lambda row: not inner(row)
        if word == "(":
            inside = self._conjunction()
            self._expect(")")
            return inside
        name = word.strip('"')
        operator = self._next()
        if operator == "IN":
            return self._one_of(name)
        if operator != "=":
            raise ValueError(operator)
        return _equals(name, [self._next()])

    def _one_of(self, name: str) -> Test:
        self._expect("(")
        values = [self._next()]
        while self._next() == ",":
            values.append(self._next())
        return _equals(name, values)

    def _next(self) -> str:
        self._at += 1
        return self._words[self._at - 1]

    def _expect(self, word: str) -> None:
        if self._next() != word:
            raise ValueError(word)


def _words(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        found = _WORD.match(text, at)
        if found is None:
            raise ValueError(text[at:])
        yield from (part for part in found.groups() if part)
        at = found.end()


def _equals(name: str, values: list[str]) -> Test:
    patterns = [_pattern(value) for value in values]
    return lambda row: any(pattern.fullmatch(found) for pattern in patterns for found in row.get(name, []))


def _pattern(value: str) -> re.Pattern[str]:
    plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    return re.compile(".*".join(map(re.escape, plain.split("*"))), re.DOTALL | re.IGNORECASE)


def table(counts: Counter[str]) -> list[str]:
    """The counts as lines of Markdown."""
    heading = "The stock Splunk backend's search, on events made from each rule, against what the rule means:"
    return ["", heading, "", *(f"- {count} × {kind}" for kind, count in counts.most_common())]

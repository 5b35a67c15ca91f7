"""All rules of a log source as one index: a document becomes a set of facts, and the set tells which rules hold.

A fact is a bit: "some value at this path passes this test", "something stands at this path", or "these two fields are
equal". One walk over the document along the tree of all paths finds the facts; what a value at a
path passes is computed once, by the oracle's own tests, and remembered. So is which rules hold for a set of facts. The
cost of a document therefore hardly depends on the number of rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from remit.content import And, Expression, Item, Not, Or, Ref, Rule, Scalar
from remit.content.modifiers import PLACING
from remit.meaning import Matcher, item_matcher
from remit.meaning.items import Placeholders, ValueTest, value_tests
from remit.meaning.patterns import literal, parse
from remit.meaning.regex import Unsupported, searcher
from remit.meaning.values import Path, fold, path_of, scalars_in, text_of

Check = Callable[[int, int], bool]
"""Whether a rule can hold: takes every fact that may be so, and those that are. Where all are known both are one."""

MOST_REMEMBERED = 50_000
"""Values of a path, and sets of facts, that are remembered; beyond, all are forgotten and learnt anew."""
LONGEST_REMEMBERED = 512
"""Characters of a remembered value."""
_ESCAPED = re.compile(r'[\x00-\x1f"/\\\x7f]')
"""What JSON may write as an escape other than `\\u`, and what only that can write."""
_NUMBER_LIKE = re.compile(r"[-+.0-9e]*")


class Node:
    """A place in the tree of paths."""

    __slots__ = (
        "any_needle", "children", "holding", "needles", "of_others", "of_texts", "plain", "present", "seen_others",
        "seen_texts",
    )  # fmt: skip

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.present = 0
        """Fact that anything stands here, 0 where nobody asks."""
        self.plain: dict[str, int] = {}
        """Folded text -> facts of the items that ask for exactly that text."""
        self.holding: list[tuple[ValueTest, int]] = []
        """Tests that only a text can pass that holds one of `needles`, with their facts."""
        self.needles: set[str] = set()
        self.any_needle: Callable[[str], bool] | None = None
        self.of_texts: list[tuple[ValueTest, int]] = []
        """The other tests that a text has to pass, with their facts."""
        self.of_others: list[tuple[ValueTest, int]] = []
        """The tests that a number or boolean has to pass."""
        self.seen_texts: dict[str, int] = {}
        self.seen_others: dict[tuple[type, Scalar], int] = {}

    @property
    def facts(self) -> int:
        """Every fact that this place alone decides."""
        found = self.present
        for _, fact in self.of_others:
            found |= fact
        return found

    def facts_of(self, value: Scalar) -> int:
        """Return the facts of one scalar here."""
        if isinstance(value, str):
            known = self.seen_texts.get(value)
            if known is None:
                known = self._facts_of_text(value, fold(value))
                if len(value) <= LONGEST_REMEMBERED:
                    _remember(self.seen_texts, value, known)
            return known
        key = (type(value), value)
        known = self.seen_others.get(key)
        if known is None:
            known = _passed(self.of_others, value)
            _remember(self.seen_others, key, known)
        return known

    def _facts_of_text(self, value: str, folded: str) -> int:
        facts = _passed(self.of_texts, value) | self.plain.get(folded, 0)
        if self.needles:
            if self.any_needle is None:
                self.any_needle = _any_of(self.needles)
            if self.any_needle(folded):
                facts |= _passed(self.holding, value)
        return facts


def _ask(node: Node, item: Item, value: Scalar, test: ValueTest, fact: int) -> None:
    """Ask a test of every value at a place."""
    node.of_others.append((test, fact))
    modifiers = frozenset(item.modifiers) - {"all", "neq"}
    if isinstance(value, bool) or not modifiers <= PLACING:
        node.of_texts.append((test, fact))
        return
    pattern = parse(text_of(value)) if isinstance(value, str) or item.field is None else ()
    whole = literal(pattern)
    if item.field is not None and isinstance(value, str) and whole is not None and not modifiers:
        node.plain[fold(whole)] = node.plain.get(fold(whole), 0) | fact
    elif needle := max((fold(part) for part in pattern if isinstance(part, str)), key=len, default=""):
        node.holding.append((test, fact))
        node.needles.add(needle)
        node.any_needle = None
    else:
        node.of_texts.append((test, fact))


def _any_of(needles: Iterable[str]) -> Callable[[str], bool]:
    """Return the test whether a folded text holds any of these: one pass over it, however many they are."""
    try:
        return searcher("|".join(re.escape(needle) for needle in sorted(needles)), ())
    except Unsupported:  # more of them than one automaton can hold: then every test is asked
        return lambda text: True


def _passed(tests: Iterable[tuple[ValueTest, int]], value: Scalar) -> int:
    facts = 0
    for test, fact in tests:
        if test(value):
            facts |= fact
    return facts


class Index:
    """Rules that are asked together."""

    def __init__(self, rules: Sequence[Rule], placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._root = Node()
        self._anywhere = Node()
        """What keywords ask of any scalar, wherever it stands."""
        self._facts: dict[object, int] = {}
        self._whole: list[tuple[Matcher, int]] = []
        self._checks = [(rule, self._check(rule.expression)) for rule in rules]
        self._fired: dict[int, tuple[Rule, ...]] = {}

    def fired(self, document: Mapping[str, Any], *, keywords: bool = True) -> tuple[Rule, ...]:
        """Return the rules that match a document, in their order.

        `keywords`: whether it may hold a keyword of a rule.
        """
        facts = walk(self._root, document)
        if keywords and self._anywhere.of_others:
            facts |= _everywhere(self._anywhere, document.values())
        for holds, fact in self._whole:
            if holds(document):
                facts |= fact
        known = self._fired.get(facts)
        if known is None:
            known = tuple(rule for rule, check in self._checks if check(facts, facts))
            _remember(self._fired, facts, known)
        return known

    def can_fire(self, facts: int, unknown: int) -> bool:
        """Say whether any rule can match a document of which these facts are known and those are not."""
        return any(check(facts | unknown, facts) for _, check in self._checks)

    def telling(self, absent: int) -> list[str]:
        """Return the members with members of their own that tell of rules which nothing at the top rules out.

        `absent`: facts that are known not to be so.
        """
        top = {name for name, node in self._root.children.items() if not node.children}
        decided = absent
        for name in (*top, "nhi"):
            decided |= facts_beneath(self._root.children.get(name) or Node())
        blind = [rule for rule, check in self._checks if check(self.everything & ~decided, 0)]
        asked = {path_of(item.field)[0]: None for rule in blind for item in rule.items() if item.field is not None}
        return [name for name in asked if name in self._root.children and name not in top]

    def keywords(self) -> tuple[int, frozenset[str]]:
        """Return facts of keywords, and texts: where one of the facts is so, the line holds one of the texts.

        That is, a line of ASCII without the escape `\\u`, in small or capital letters.
        """
        needles = set()
        for needle in self._anywhere.needles:
            if not needle.isascii():
                continue  # then it is in no such line
            part = max(_ESCAPED.split(needle), key=len)
            if not part or _NUMBER_LIKE.fullmatch(needle):  # numbers are written in many ways
                return 0, frozenset()
            needles.add(part)
        facts = 0
        for _, fact in self._anywhere.holding:
            facts |= fact
        return facts, frozenset(needles)

    @property
    def everywhere(self) -> int:
        """Every fact that keywords decide."""
        return self._anywhere.facts

    @property
    def root(self) -> Node:
        return self._root

    @property
    def everything(self) -> int:
        """Every fact there is."""
        return (1 << len(self._facts)) - 1

    # --- building ---

    def _check(self, expression: Expression) -> Check:
        match expression:
            case Item():
                return self._item(expression)
            case Not(arg):
                inner = self._check(arg)
                return lambda may, are: not inner(are, may)
            case And(args):
                all_of = [self._check(arg) for arg in args]
                return lambda may, are: all(check(may, are) for check in all_of)
            case Or(args):
                any_of = [self._check(arg) for arg in args]
                return lambda may, are: any(check(may, are) for check in any_of)
            case Ref(name):
                raise AssertionError(f"unresolved reference to {name}")

    def _item(self, item: Item) -> Check:
        equal = self._equal(item)
        return (lambda may, are: not equal(are, may)) if "neq" in item.modifiers else equal

    def _equal(self, item: Item) -> Check:
        if item.field is None:
            facts = self._value_facts(self._anywhere, item)
            return _all(facts) if "all" in item.modifiers else _any(facts)
        if "fieldref" in item.modifiers:
            return _any(self._document_fact(item))
        path = path_of(item.field)
        if "exists" in item.modifiers:
            present = self._present_fact(path)
            return _any(present) if item.values[0] is True else lambda may, are: not are & present
        facts = self._value_facts(self._node(path), item)
        holds = _all(facts) if "all" in item.modifiers else _any(facts)
        if None not in item.values:
            return holds
        present = self._present_fact(path)
        if "all" in item.modifiers:
            return lambda may, are: not are & present and holds(may, are)
        return lambda may, are: not are & present or holds(may, are)

    def _document_fact(self, item: Item) -> int:
        fact, new = self._fact(("document", item.field, item.modifiers, *_typed(item.values)))
        if new:
            plain = Item(
                item.field, tuple(name for name in item.modifiers if name != "neq"), item.values, item.key, item.place
            )
            self._whole.append((item_matcher(plain, self._placeholders), fact))
        return fact

    def _present_fact(self, path: Path) -> int:
        fact, new = self._fact(("present", path))
        if new:
            self._node(path).present = fact
        return fact

    def _value_facts(self, node: Node, item: Item) -> int:
        modifiers = frozenset(item.modifiers) - {"all", "neq"}
        values = [value for value in item.values if value is not None]
        together = 0
        for value, test in zip(values, value_tests(item, self._placeholders), strict=True):
            fact, new = self._fact((id(node), modifiers, *_typed((value,))))
            together |= fact
            if new:
                _ask(node, item, value, test, fact)
        return together

    def _node(self, path: Path) -> Node:
        node = self._root
        for step in path:
            node = node.children.setdefault(step, Node())
        return node

    def _fact(self, key: object) -> tuple[int, bool]:
        new = key not in self._facts
        return self._facts.setdefault(key, 1 << len(self._facts)), new


def facts_beneath(node: Node) -> int:
    """Every fact that is decided at a place and beneath it."""
    facts = node.facts
    for child in node.children.values():
        facts |= facts_beneath(child)
    return facts


def walk(node: Node, value: Any) -> int:
    """Return the facts at and beneath a place, lists looked through."""
    if isinstance(value, dict):
        facts = node.present if node.present and any(True for _ in scalars_in(value)) else 0
        return facts | _walk_members(node.children, value, node)
    if isinstance(value, list):
        facts = 0
        for inner in value:
            facts |= walk(node, inner)
        return facts
    if value is None:
        return 0
    return node.present | node.facts_of(value) if node.of_others else node.present


def _walk_members(children: dict[str, Node], members: Mapping[str, Any], node: Node) -> int:
    """The hot loop: most members are texts that were seen before, or nobody asks for them."""
    facts = 0
    for key, inner in members.items():
        child = children.get(key)
        if child is None:
            if "." in key:
                facts |= _walk_dotted(node, key, inner)
        elif type(inner) is str:
            facts |= child.present
            if child.of_others:
                known = child.seen_texts.get(inner)
                facts |= child.facts_of(inner) if known is None else known
        else:
            facts |= walk(child, inner)
    return facts


def _everywhere(node: Node, values: Iterable[Any]) -> int:
    """Return the facts of every scalar in some values, at any depth."""
    facts = 0
    for value in values:
        if type(value) is str:
            known = node.seen_texts.get(value)
            facts |= node.facts_of(value) if known is None else known
        elif isinstance(value, dict):
            facts |= _everywhere(node, value.values())
        elif isinstance(value, list):
            facts |= _everywhere(node, value)
        elif value is not None:
            facts |= node.facts_of(value)
    return facts


def _walk_dotted(node: Node, key: str, value: Any) -> int:
    """A literal key `a.b` is the path a -> b."""
    for step in key.split("."):
        child = node.children.get(step)
        if child is None:
            return 0
        node = child
    return walk(node, value)


def _any(facts: int) -> Check:
    return lambda may, are: may & facts != 0


def _all(facts: int) -> Check:
    return lambda may, are: may & facts == facts


def _typed(values: Iterable[Scalar]) -> tuple[tuple[type, Scalar], ...]:
    """Values as parts of a key: True, 1 and 1.0 are three."""
    return tuple((type(value), value) for value in values)


def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
    if len(memory) >= MOST_REMEMBERED:
        memory.clear()
    memory[key] = value

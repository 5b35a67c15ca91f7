"""The condition of a rule as a tree, and the two ways to write it.

A leaf that a `search` term says exactly is written there, where people read and tune it; the others become an
expression of `where`. Both commands have their own precedence (`search`: OR before AND; `where`: AND before OR), so
every node is parenthesised in both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remit.targets.splunk.fields import Field
from remit.targets.splunk.values import Pattern, quote

JSON_NULL = "null"
"""What Splunk extracts for a JSON null."""
MAX_VALUES = 200
MAX_BYTES = 8000
"""Of one alternation: PCRE limits the size of a compiled pattern."""


_NOT_NULL = r'mvfilter(NOT match({},"\\Anull\\z"))'


@dataclass(frozen=True, slots=True)
class Column:
    """A field with what is done to each of its values before it is asked."""

    field: Field
    steps: tuple[str, ...] = ()
    """Expressions over `{}`, one value; each makes the value for the next."""
    single: bool = False
    """Without the elements of a list that lies there."""
    container: bool = False
    """The JSON text of the object or list that lies there, not what is extracted from it."""

    @property
    def sources(self) -> list[str]:
        if self.field.shadowed and not self.container:
            whole, elements = (f'json_extract(_raw,"{self.field.names[0]}{end}")' for end in ("", "{}"))
            return [f"if(isnull({elements}),{whole},json_array_to_mv({elements}))"]
        if self.container or self.single:
            names = [name for name in self.field.names if not name.endswith("{}")]
            return [f'json_extract(_raw,"{name}")' if self.container else f"'{name}'" for name in names]
        return [f"'{name}'" for name in self.field.names]


class Columns:
    """The eval columns `r0`, `r1` ... of one query."""

    def __init__(self) -> None:
        self._columns: list[Column] = []
        self._without_null: set[Column] = set()

    def of(self, field: Field, *, without_null: bool = False, steps: tuple[str, ...] = ()) -> str:
        """The column of a field; `without_null` where the text of a JSON null must not count as a value."""
        return self.named(Column(field, steps), without_null=without_null)

    def named(self, column: Column, *, without_null: bool = False) -> str:
        if column not in self._columns:
            self._columns.append(column)
        if without_null and column.field.nullable:
            self._without_null.add(column)
        return f"r{self._columns.index(column)}"

    @property
    def names(self) -> list[str]:
        return [f"r{i}" for i in range(len(self._columns))]

    @property
    def assignments(self) -> str:
        assigned = []
        for name, column in zip(self.names, self._columns, strict=True):
            sources = column.sources
            assigned.append(f"{name}={sources[0]}" if len(sources) == 1 else f"{name}=mvappend({','.join(sources)})")
            if column in self._without_null:
                assigned.append(f"{name}={_NOT_NULL.format(name)}")
            assigned += [f"{name}=mvmap({name},{step.replace('{}', name)})" for step in column.steps]
        return ", ".join(assigned)


@dataclass(frozen=True, slots=True)
class Text:
    """Any value of the field matches any of the patterns."""

    field: Field
    patterns: tuple[Pattern, ...]
    cased: bool = False
    place: str | None = dataclasses.field(default=None, compare=False)

    def asks_for_absent_text(self) -> bool:
        """Whether it also finds the text that an add-on fills in for an absent member."""
        text = self.field.absent_text
        return text is not None and any(pattern.matches(text) for pattern in self.patterns)

    def without_absent_text(self) -> tuple[Pattern, ...]:
        """The patterns that are not just this text."""
        text = self.field.absent_text
        return tuple(p for p in self.patterns if text is None or p.wild or not p.matches(text))

    @property
    def fields(self) -> tuple[Field, ...]:
        return (self.field,)

    def search(self) -> tuple[str, ...] | None:
        if self.cased or not self.field.searchable or not all(p.is_plain() for p in self.patterns):
            return None
        nulls = self.field.nullable and any(p.matches(JSON_NULL) for p in self.patterns)
        if nulls and not self.field.scalar:
            return None
        values = [p.as_search() for p in self.patterns]
        terms = tuple(_term(name, values) for name in self.field.names)
        return (f'({terms[0]} NOT {name_in_search(self.field.names[0])}="null")',) if nulls else terms

    def where(self, columns: Columns) -> str:
        column = columns.of(self.field, without_null=any(p.matches(JSON_NULL) for p in self.patterns))
        if any(p.anything for p in self.patterns):
            return f"isnotnull({column})"
        fold = not self.cased and not self.field.ascii
        flags = ("i" if self.field.ascii and not self.cased else "") + (
            "s" if any(p.inner for p in self.patterns) else ""
        )
        chunks = [
            f"(?{flags}){body}" if flags else body
            for body in _alternations([p.as_pcre(fold=fold) for p in self.patterns])
        ]
        atoms = [any_value(column, f"match({column},{quote(chunk)})") for chunk in chunks]
        return atoms[0] if len(atoms) == 1 else f"({' OR '.join(atoms)})"

    def conditions(self, *, searched: bool) -> set[str]:
        named = set()
        if searched and not self.field.number and any(p.is_number() for p in self.patterns):
            named.add("number_text")
        if not self.field.ascii:
            if searched and any(p.foldable for p in self.patterns):
                named.add("site_fold")
            if not searched and any(p.single for p in self.patterns):
                named.add("pcre_utf8")
        if any(p.parts in ((), ("",)) for p in self.patterns):
            named.add("empty_values")
        return named


@dataclass(frozen=True, slots=True)
class Test:
    """Another question about one or two fields."""

    fields: tuple[Field, ...]
    expression: str
    """Of `where`, with a `{}` for each column and doubled braces: `if({}=...,1,0)=1`."""
    terms: tuple[str, ...] | None = None
    """The `search` terms of which any may hold, where that is exact."""
    named: frozenset[str] = frozenset()
    """Conditions, wherever it is written."""
    without_null: bool = False
    steps: tuple[str, ...] = ()

    def search(self) -> tuple[str, ...] | None:
        return self.terms

    def where(self, columns: Columns) -> str:
        return self.expression.format(
            *(columns.of(field, without_null=self.without_null, steps=self.steps) for field in self.fields)
        )

    def conditions(self, *, searched: bool) -> set[str]:
        return set(self.named)


_SCALAR_INSIDE = r":\s*[\x22\dtf-]|[\x5b,]\s*(?:[\dtf-]|\x22(?:[^\x22\x5c]|\x5c.)*\x22\s*[\x5d,])"
"""In the JSON text of an object or list: a value other than null. A text before a colon is the name of a member."""


@dataclass(frozen=True, slots=True)
class Presence:
    """The field has a value, or has none."""

    field: Field
    present: bool

    @property
    def fields(self) -> tuple[Field, ...]:
        return (self.field,)

    def search(self) -> tuple[str, ...] | None:
        """Texts that stand for "absent" (a JSON null, what an add-on fills in) are no values."""
        if not self.field.searchable or not self.field.scalar:
            return None
        name = name_in_search(self.field.names[0])
        texts = [*([JSON_NULL] if self.field.nullable else []), *filter(None, [self.field.absent_text])]
        if not texts:
            return (f"{name}=*",) if self.present else (f"NOT {name}=*",)
        absent = _term(name, [quote(text) for text in texts])
        return (f"({name}=* NOT {absent})",) if self.present else (f"NOT {name}=*", absent)

    def where(self, columns: Columns) -> str:
        if self.field.scalar or self.field.shadowed:
            column = columns.of(self.field, without_null=True)
            return f"isnotnull({column})" if self.present else f"isnull({column})"
        if not any(not name.endswith("{}") for name in self.field.names):
            column = columns.of(self.field, without_null=True)
            return f"isnotnull({column})" if self.present else f"isnull({column})"
        alone = columns.named(Column(self.field, single=True), without_null=True)
        inside = columns.named(Column(self.field, container=True))
        beneath = any_value(inside, f"match({inside},{quote(_SCALAR_INSIDE)})")
        found = f"(isnotnull({alone}) OR {beneath})"
        return found if self.present else f"(NOT {found})"

    def conditions(self, *, searched: bool) -> set[str]:
        return set() if self.field.early else {"empty_values"}


@dataclass(frozen=True, slots=True)
class Not:
    arg: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    args: tuple[Node, ...]


Leaf = Text | Test | Presence
Node = Leaf | Not | AllOf | AnyOf


def any_of(args: Iterable[Node]) -> Node:
    """OR; texts of one field become one list, which reads as `field IN (...)`."""
    parts = [part for arg in args for part in (arg.args if isinstance(arg, AnyOf) else (arg,))]
    # Where absence will do, so does the text that an add-on fills in for it.
    absent = {part.field for part in parts if isinstance(part, Presence) and not part.present}
    lists: dict[tuple[Field, bool], int] = {}
    merged: list[Node] = []
    for part in parts:
        if not isinstance(part, Text):
            merged.append(part)
            continue
        patterns = part.without_absent_text() if part.field in absent else part.patterns
        if not patterns:
            continue
        at = lists.setdefault((part.field, part.cased), len(merged))
        if at < len(merged):
            before = merged[at]
            assert isinstance(before, Text)  # noqa: S101 - `lists` holds places of texts only
            merged[at] = Text(part.field, before.patterns + patterns, part.cased, before.place)
        else:
            merged.append(Text(part.field, patterns, part.cased, part.place))
    return merged[0] if len(merged) == 1 else AnyOf(tuple(merged))


def all_of(args: Iterable[Node]) -> Node:
    flat = [part for arg in args for part in (arg.args if isinstance(arg, AllOf) else (arg,))]
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def negation(node: Node) -> Node:
    match node:
        case Not(arg):
            return arg
        case Presence(field, present):
            return Presence(field, not present)
        case _:
            return Not(node)


def is_plain(node: Node) -> bool:
    """Whether the whole node can be written in `search`."""
    match node:
        case Not(arg):
            return is_plain(arg)
        case AllOf(args) | AnyOf(args):
            return all(map(is_plain, args))
        case _:
            return node.search() is not None


def as_search(node: Node) -> str:
    """The node as a `search` expression; only for plain nodes."""
    match node:
        case Not(arg):
            return f"NOT {as_search(arg)}"
        case AllOf(args):
            return f"({' '.join(map(as_search, args))})"
        case _:
            found = list(_alternatives(node))
            return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _alternatives(node: Node) -> Iterator[str]:
    """`search` expressions of which any may hold."""
    match node:
        case Not() | AllOf():
            yield as_search(node)
        case AnyOf(args):
            for arg in args:
                yield from _alternatives(arg)
        case _:
            terms = node.search()
            assert terms is not None  # noqa: S101 - the caller has asked is_plain()
            yield from terms


def as_where(node: Node, columns: Columns) -> str:
    """The node as a boolean expression of `where` that is never NULL."""
    match node:
        case Not(arg):
            return f"(NOT {as_where(arg, columns)})"
        case AllOf(args):
            return f"({' AND '.join(as_where(arg, columns) for arg in args)})"
        case AnyOf(args):
            return f"({' OR '.join(as_where(arg, columns) for arg in args)})"
        case _:
            return node.where(columns)


def leaves(node: Node) -> Iterable[Leaf]:
    match node:
        case Not(arg):
            yield from leaves(arg)
        case AllOf(args) | AnyOf(args):
            for arg in args:
                yield from leaves(arg)
        case _:
            yield node


def any_value(column: str, test: str) -> str:
    """Whether any value passes: 0 where the field is missing, so NOT, AND and OR compose freely."""
    return f"if(mvcount(mvfilter({test}))>0,1,0)=1"


def name_in_search(name: str) -> str:
    """A field name on the left of a `search` term."""
    return f'"{name}"' if "{}" in name else name


def _term(name: str, values: list[str]) -> str:
    left = name_in_search(name)
    return f"{left}={values[0]}" if len(values) == 1 else f"{left} IN ({', '.join(values)})"


def _alternations(bodies: list[str]) -> Iterable[str]:
    """Alternations of bounded size; what is anchored at both ends shares the anchors."""
    whole = [body[2:-2] for body in bodies if body.startswith(r"\A") and body.endswith(r"\z")]
    parts = [body for body in bodies if not (body.startswith(r"\A") and body.endswith(r"\z"))]
    for chunk in _chunks(whole):
        yield rf"\A(?:{'|'.join(chunk)})\z" if len(chunk) > 1 else rf"\A{chunk[0]}\z"
    for chunk in _chunks(parts):
        yield "|".join(chunk)


def _chunks(bodies: list[str]) -> Iterable[list[str]]:
    chunk: list[str] = []
    size = 0
    for body in bodies:
        if chunk and (len(chunk) == MAX_VALUES or size + len(body.encode()) > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(body)
        size += len(body.encode())
    if chunk:
        yield chunk

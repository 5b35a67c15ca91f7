"""What a field is on the Elastic side: which name answers which kind of question.

Two sources of this knowledge: our own index template (`own_template`), where every path is a keyword with sub-fields,
and what a processing pipeline declares of a vendor's mapping (`Declarations`), under `vars: elastic_fields:`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from remit_enrichment.errors import BadInput

Type = Literal["keyword", "wildcard", "flattened", "ip", "long", "double", "boolean", "date"]


HUNT = "run it with `remit hunt`"


class Unsayable(Exception):
    """A comparison that this index cannot answer; where it stands in the rule is known one level up."""

    def __init__(self, construct: str, why: str, way_out: str = HUNT) -> None:
        self.construct, self.why, self.way_out = construct, why, way_out
        super().__init__(construct)


class Field(Struct, frozen=True, kw_only=True):
    """A field of the index. A name is None where the index cannot answer that kind of question."""

    text: str | None
    """The value as it was logged, as one term."""
    folded: str | None = None
    """The same in lower case."""
    number: str | None = None
    coerced: str | None = None
    """Numbers and the texts that read as one."""
    address: str | None = None
    date: str | None = None
    iso: bool = False
    """Whether a time is always written as an ISO time, never as a number."""
    boolean: str | None = None
    type: Type = "keyword"
    printed: str | None = None
    """Of a flattened field: a keyword that holds the whole object as Java prints it."""
    vocabulary: tuple[str, ...] = ()
    """Values that the vendor spells in one way only; any other value is still found, by a longer query."""
    ascii: bool = False
    """Whether its values have no letters beyond ASCII."""
    empty: bool = True
    """Whether an empty text is kept."""
    condition: str | None = None
    """What must hold for the index to have the value, in words."""
    is_object: bool = False
    """Whether there is an object and not a value; then only what is beneath it is indexed."""

    @property
    def present(self) -> str:
        """The name to ask whether there is any value."""
        return self.text or self.folded or self.address or self.number or self.boolean or self.date or ""

    def read(self, name: str) -> tuple[str, str]:
        """Return what a query that reads `name` stands on: of our template the path and the sub-field, else the field
        and its type."""
        if name == "@timestamp":
            return name, "time"
        if self.folded and self.text:
            return self.text, name.removeprefix(self.text).removeprefix(".")
        if name == self.printed:
            return name, "keyword"
        return name, "ip" if name == self.address else self.type


def own_template(path: str, *, is_object: bool = False, iso: bool = False) -> Field:
    """Return the field of our own template: the vendor's own path, with sub-fields."""
    return Field(
        text=path,
        folded=f"{path}.lc",
        number=f"{path}.num",
        coerced=f"{path}.coerced",
        address=f"{path}.ip",
        date=f"{path}.date",
        is_object=is_object,
        iso=iso,
    )


class Declared(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `elastic_fields` in a processing pipeline."""

    type: Type
    ip: str | None = None
    """The name of a field of type `ip` that holds the same value where it is an address."""
    printed: str | None = None
    vocabulary: tuple[str, ...] = ()
    normalizer: Literal["lowercase"] | None = None
    """Of a keyword: it holds the value in lower case only."""
    ascii: bool = False
    condition: str | None = None


class Declarations(Struct, frozen=True):
    """What a pipeline declares, by field name; of a flattened field everything beneath it."""

    elastic_fields: Mapping[str, Declared] = {}
    elastic_keeps_empty: bool = True
    elastic_objects: tuple[str, ...] = ()
    """Paths of the vendor's own JSON that hold an object."""
    elastic_iso_times: tuple[str, ...] = ()
    """Paths of the vendor's own JSON that hold a time as text."""

    def find(self, name: str) -> Field | None:
        """Return the declared field, None where the pipeline says nothing about it."""
        if declared := self.elastic_fields.get(name):
            return None if declared.type == "flattened" else self._field(name, declared)
        above = name
        while "." in above:
            above = above.rpartition(".")[0]
            parent = self.elastic_fields.get(above)
            if parent and parent.type == "flattened":
                return self._field(name, parent)
        return None

    def _field(self, name: str, declared: Declared) -> Field:
        kind = declared.type
        return Field(
            type=kind,
            text=name if kind in ("keyword", "wildcard", "flattened") and declared.normalizer is None else None,
            folded=name if declared.normalizer else None,
            number=name if kind in ("long", "double") else None,
            address=name if kind == "ip" else declared.ip,
            date=name if kind == "date" else None,
            boolean=name if kind == "boolean" else None,
            printed=declared.printed,
            vocabulary=declared.vocabulary,
            ascii=declared.ascii,
            empty=self.elastic_keeps_empty,
            condition=declared.condition,
        )


def merged(several: Iterable[Declarations]) -> Declarations:
    """Return what several pipelines declare together; the last word counts."""
    each = list(several)
    fields = {name: declared for one in each for name, declared in one.elastic_fields.items()}
    return Declarations(
        fields,
        all(one.elastic_keeps_empty for one in each),
        tuple(path for one in each for path in one.elastic_objects),
        tuple(path for one in each for path in one.elastic_iso_times),
    )


def declarations(variables: Mapping[str, Any], where: str) -> Declarations:
    """Read what a pipeline's `vars` say about Elastic; others are none of our business.

    Raises `BadInput` naming the wrong entry."""
    try:
        return msgspec.convert(dict(variables), Declarations)
    except msgspec.ValidationError as error:
        raise BadInput(
            f"vars: {error}", where=where, todo="see pipelines/elastic/aws_cloudtrail.yml for the form"
        ) from None

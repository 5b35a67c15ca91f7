"""Write the pages that come from tables of the code: fields, reason codes, constants. `python -m remit.docs docs`."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from remit_enrichment import constants
from remit_enrichment.fields import FIELDS, Field
from remit_enrichment.reasons import REASONS

NOTE = "<!-- Written by `python -m remit.docs docs` from the code's own tables; change those. -->"


def pages() -> Mapping[str, str]:
    """Return each generated page by its file name."""
    made = {"fields.md": fields_page, "reason-codes.md": reasons_page, "constants.md": constants_page}
    return {name: "\n".join(page()) + "\n" for name, page in made.items()}


def fields_page() -> Iterator[str]:
    """Yield the page of every `nhi.*` field."""
    yield from ("# Fields", "", NOTE, "")
    yield "What the enrichment writes beside an event, nested under `nhi`. A field that is absent says nothing, unless"
    yield 'the column "written" says otherwise: flags are written only when true.'
    for head, group in groupby(FIELDS, key=lambda field: field.name.partition(".")[0]):
        yield from ("", f"## nhi.{head}", "", "| Field | Type | Written | Meaning |", "|---|---|---|---|")
        yield from (_row(field) for field in group)


def _row(field: Field) -> str:
    kind = f"list of {field.type}" if field.many else field.type
    values = "" if field.type == "boolean" or not field.values else f" One of {_values(field)}."
    return f"| `nhi.{field.name}` | {kind} | {field.when} | {field.meaning}{values} |"


def _values(field: Field) -> str:
    if field.name == "verdict.reasons":
        return "the [reason codes](reason-codes.md)"
    return ", ".join(f"`{value}`" for value in field.values)


def reasons_page() -> Iterator[str]:
    """Yield the page of the reason codes."""
    yield from ("# Reason codes", "", NOTE, "")
    yield "The values of `nhi.verdict.reasons`. Codes are append-only: saved searches may rely on them."
    yield from ("", "| Code | Meaning | What to ask |", "|---|---|---|")
    yield from (f"| `{code}` | {reason.meaning} | {reason.question} |" for code, reason in REASONS.items())


def constants_page() -> Iterator[str]:
    """Yield the page of every threshold and weight."""
    yield from ("# Constants", "", NOTE, "")
    yield "Every threshold and weight of the judgement. Times are milliseconds."
    yield from ("", "| Constant | Value | Meaning |", "|---|---|---|")
    for name, meaning in documented(inspect.getsource(constants)):
        yield f"| `{name}` | {_shown(getattr(constants, name))} | {meaning} |"


def documented(source: str) -> Iterator[tuple[str, str]]:
    """Yield each constant of a module with the text that stands beneath it."""
    body = ast.parse(source).body
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            value = after.value if isinstance(after, ast.Expr) else None
            text = str(value.value) if isinstance(value, ast.Constant) else ""
            yield statement.target.id, " ".join(text.split())


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {weight}" for key, weight in value.items())
    if isinstance(value, tuple):
        return ", ".join(f"{word} from {least}" for least, word in value)
    return f"{value:,}"


def write(folder: Path) -> None:
    """Write every generated page."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

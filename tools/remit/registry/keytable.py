"""The tables of keys in docs/registry.md, made from the tables that the loader reads by.

`python -m remit.registry.keytable docs/registry.md` writes them anew; a test fails where the page says otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from remit_enrichment.registry.keys import FEED, LISTS, REGISTRY
from remit_enrichment.registry.reading import Record

BEGIN = "<!-- keys: written by `python -m remit.registry.keytable`, do not edit -->"
END = "<!-- end of keys -->"


def tables() -> str:
    """Return one Markdown table for each kind of object."""
    plurals = {singular: plural for plural, singular in LISTS.items()}
    parts = [_table(f"`{plurals[name]}` (JSON lines: `{name}`)", record) for name, record in REGISTRY.items()]
    parts += [_table(f"Feed: `{name}`", record) for name, record in FEED.items() if name not in REGISTRY]
    more = [key for key in FEED["task"].keys if key not in REGISTRY["task"].keys]
    parts.append(_table("Feed: `task`, all keys of `tasks` and", Record(tuple(more), FEED["task"].make)))
    return "\n".join(parts)


def _table(title: str, record: Record) -> str:
    rows = [f"| {name} | {kind} | {about} |" for name, kind, about in _rows(record)]
    return "\n".join([f"### {title}", "", "| Key | Value | Meaning |", "|---|---|---|", *rows, ""])


def _rows(record: Record, path: str = "") -> Iterator[tuple[str, str, str]]:
    for key in record.keys:
        name = f"`{path}{key.name}`"
        yield f"**{name}**" if key.required else name, key.type.label.replace("|", "\\|"), key.about
        if key.type.record:
            many = key.type.label.startswith("list")
            yield from _rows(key.type.record, f"{path}{key.name}{'[]' if many else ''}.")


def with_tables(page: str) -> str:
    """Return the page with its tables as they should be.

    Raises:
        ValueError: the page has not the two marks between which they stand.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_tables(page.read_text("utf-8")), "utf-8")

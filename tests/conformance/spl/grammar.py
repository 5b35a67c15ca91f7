"""The grammar of the SPL that may be written, as a parser."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree


@cache
def parser() -> Lark:
    text = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True)


def parse(query: str) -> Tree[Token]:
    """Return the tree of a query; raises lark.exceptions.LarkError for SPL that is none of the documented forms."""
    return parser().parse(query)

from __future__ import annotations

import pytest
from lark.exceptions import LarkError
from tests.conformance.spl.grammar import parse

EVAL = "`m`\n| eval r0='a'\n| where {}\n| fields - r0"
ATOM = 'if(mvcount(mvfilter(match(r0,"x")))>0,1,0)=1'


@pytest.mark.parametrize(
    "query",
    [
        '`m` a="b"',
        "`m` a=*",
        '`m` NOT (a="b" c="d")',
        'index="a" sourcetype="b:c" "a{}.b" IN ("x*", "*y")',
        EVAL.format(ATOM),
        EVAL.format(f"{ATOM} AND (NOT {ATOM})"),
    ],
)
def test_documented_forms_are_in_the_grammar(query: str) -> None:
    parse(query)


@pytest.mark.parametrize(
    "query",
    [
        'a="b"',  # no scope
        '`m` a="b*c"',  # a wildcard in the middle
        '`m` a="b\\\\c"',  # an escape in a search value
        '`m` a="b" OR c="d"',  # OR outside parentheses
        '`m` (a="b" c="d" OR e="f")',  # two operators in one group
        '`m` a!="b"',
        "`m` a=b",
        '`m` "a b"="c"',
        '`m` a=CASE("b")',
        '`m` a="b" | delete',
        '`m` a="b"\n| regex a="x"',
        '`m` a="$x$"',
        '`m` [search index="x"]',
        EVAL.format('match(r0,"x")'),  # NULL where the field is missing
        EVAL.format('a="x"'),
        EVAL.format(f"NOT {ATOM}"),
        EVAL.format(f"{ATOM} OR {ATOM}"),
        EVAL.format(f"({ATOM} AND {ATOM} OR {ATOM})"),
        EVAL.format(ATOM.replace("x", "\\\\A`x`")),
        EVAL.format(ATOM.replace("x", "\\A")),  # a single backslash
        EVAL.format(ATOM.replace("x", "$a$")),
        EVAL.format('like(r0,"a%")'),
        "`m`\n| where " + ATOM,
    ],
)
def test_anything_else_is_outside_the_grammar(query: str) -> None:
    with pytest.raises(LarkError):
        parse(query)

"""Writing text into the query languages."""

from __future__ import annotations

import sys

import pytest
from sigma.types import Placeholder, SigmaString

from remit.meaning.values import fold
from remit.targets.elastic.text import esql_string, lucene_name, lucene_pattern, lucene_phrase, spellings


def test_a_letter_class_holds_exactly_the_characters_that_fold_alike() -> None:
    alike: dict[str, list[str]] = {}
    for character in map(chr, range(sys.maxunicode + 1)):
        if character.isascii() or character.lower() != character or character.upper() != character:
            alike.setdefault(fold(character), []).append(character)

    wrong = [c for c, expected in alike.items() if spellings(c) != tuple(sorted(expected))]

    assert wrong == []


@pytest.mark.parametrize(
    ("name", "written"),
    [("a.b", "a.b"), ("user name", r"user\ name"), ("AND", r"\AND"), ('q"t', r"q\"t"), ("b\\s", r"b\\s")],
)
def test_a_field_name_is_escaped_only_where_it_must(name: str, written: str) -> None:
    assert lucene_name(name) == written


def test_a_phrase_escapes_only_quotes_and_backslashes() -> None:
    assert lucene_phrase('a*b "c" \\d OR') == r'"a*b \"c\" \\d OR"'


def test_an_escaped_wildcard_of_sigma_is_a_literal() -> None:
    parts = [part for part in SigmaString(r"s3:\*/a?b*").s if not isinstance(part, Placeholder)]

    assert lucene_pattern(parts) == r"s3\:\*\/a?b*"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        ('f:"a\\b"', '"""f:"a\\b""""'),
        ('f:"a\nb"', '"f:\\"a\\nb\\""'),
        ('f:"""', '"f:\\"\\"\\""'),
    ],
)
def test_esql_text_is_readable_where_no_escape_is_needed(text: str, written: str) -> None:
    assert esql_string(text) == written

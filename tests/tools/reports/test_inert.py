"""A value of a log cannot move the cursor, turn the writing around, hide or flood."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.reports.inert import MAX_MARKS, MAX_TEXT, inert


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain text, ümläut, 漢字", "plain text, ümläut, 漢字"),
        ("\x1b[31mred\x1b[0m", "⟨U+001B⟩[31mred⟨U+001B⟩[0m"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("a\nb\r\tc", "a⟨U+000A⟩b⟨U+000D⟩⟨U+0009⟩c"),
        ("\u202egpj.exe", "⟨U+202E⟩gpj.exe"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("ad\u200bmin\ufeff", "ad⟨U+200B⟩min⟨U+FEFF⟩"),
        ("\U000e0041tag", "⟨U+E0041⟩tag"),
        ("blank\u3164", "blank⟨U+3164⟩"),
        ("no\u00a0break", "no break"),
        ("\ud800", "⟨U+D800⟩"),
        ("line\u2028sep", "line⟨U+2028⟩sep"),
        ("", ""),
        (7, "7"),
    ],
)
def test_what_cannot_be_seen_is_spelled(value: object, shown: str) -> None:
    assert inert(value) == shown


def test_marks_do_not_climb_over_the_neighboring_lines() -> None:
    assert inert("z" + "\u0301" * 50).count("\u0301") == MAX_MARKS


def test_a_long_value_is_cut_and_says_by_how_much() -> None:
    shown = inert("A" * 5000)

    assert shown == "A" * MAX_TEXT + "… (+4,600 characters)"


@given(st.text(st.characters(codec=None, categories=None)))
def test_every_text_becomes_one_bounded_line_of_visible_characters(text: str) -> None:
    shown = inert(text, 50)

    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in shown)
    assert len(shown.splitlines()) <= 1
    assert len(shown) <= 50 * len("⟨U+10FFFF⟩") + 40


@given(st.text())
def test_shown_again_it_stays_as_it_is(text: str) -> None:
    assert inert(inert(text, 50), 10_000) == inert(text, 50)

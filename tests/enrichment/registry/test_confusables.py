from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remit_enrichment.registry.confusables import skeleton

ROLE = "aws:role:arn:aws:iam::111122223333:role/agent-admin-01"


@pytest.mark.parametrize(
    "other",
    [
        ROLE.replace("agent", "Agent"),
        ROLE.replace("agent", "ａｇｅｎｔ"),
        ROLE.replace("a", "а"),
        ROLE.replace("e", "е"),
        ROLE.replace("a", "Α"),
        ROLE.replace("-", "‐"),
        ROLE.replace("-", "–"),
        ROLE.replace("/", "∕"),
        ROLE.replace("01", "O1"),
        ROLE.replace("01", "0l"),
        ROLE.replace("01", "0I"),
        ROLE.replace("i", "і"),
        ROLE.replace("m", "rn"),
        ROLE + "\u200b",
        ROLE.replace("agent", "ag\u00adent"),
        ROLE.replace("agent", "agent\u0336"),
    ],
)
def test_case_width_look_alike_letters_and_invisible_characters_make_no_difference(other: str) -> None:
    assert other != ROLE
    assert skeleton(other) == skeleton(ROLE)


@pytest.mark.parametrize(
    "other",
    [
        ROLE.replace("111122223333", "111122223334"),
        ROLE.replace("01", "02"),
        ROLE.replace("agent-admin", "agentadmin"),
        ROLE.replace("agent", "agént"),
        ROLE + "x",
    ],
)
def test_any_other_difference_does(other: str) -> None:
    assert skeleton(other) != skeleton(ROLE)


@given(st.text(alphabet="aé\x00ａ①\u200b\u0301Аﬁ"))
@example("\x00ａ")
def test_a_skeleton_is_the_same_for_every_compatible_form(text: str) -> None:
    assert skeleton(unicodedata.normalize("NFKC", text)) == skeleton(text)

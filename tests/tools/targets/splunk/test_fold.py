from __future__ import annotations

import sys

from remit.targets.splunk.fold import lower, variants


def test_the_variants_of_a_letter_are_all_of_unicode_that_folds_like_it() -> None:
    same: dict[str, set[str]] = {}
    for point in range(sys.maxunicode + 1):
        if not 0xD800 <= point < 0xE000:
            character = chr(point)
            same.setdefault(lower(character), set()).add(character)

    assert [folded for folded, characters in same.items() if set(variants(folded)) != characters] == []


def test_the_long_s_and_the_final_sigma_are_letters_of_their_own() -> None:
    assert set(variants("s")) == {"s", "S"}
    assert set(variants("σ")) == {"σ", "Σ"}
    assert set(variants("K")) == {"k", "K", "\u212a"}
    assert set(variants("I")) == {"i", "I", "İ"}

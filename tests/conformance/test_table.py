"""The page of features and targets says what is so."""

from __future__ import annotations

from tests.conformance.table import PAGE, page


def test_the_page_is_what_the_targets_do_today() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.conformance.table`"

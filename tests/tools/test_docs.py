"""The generated pages are those of today's tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from remit.docs import documented, pages
from remit_enrichment import constants

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", pages())
def test_a_page_is_what_its_table_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run: python -m remit.docs docs"


def test_every_constant_is_on_the_page() -> None:
    names = {name for name in vars(constants) if name.isupper()}

    assert {name for name, _ in documented(Path(constants.__file__).read_text())} == names

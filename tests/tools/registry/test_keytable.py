from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from remit.registry.keytable import with_tables
from remit_enrichment.registry.loading import inspect_registry

PAGE = Path(__file__).parents[3] / "docs" / "registry.md"


def test_the_page_lists_the_keys_that_the_loader_accepts() -> None:
    page = PAGE.read_text("utf-8")

    assert page == with_tables(page), "run: python -m remit.registry.keytable docs/registry.md"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the page needs the lines"):
        with_tables("# Registry\n")


def test_the_examples_of_the_page_load_without_a_warning(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    ((registry,), (feed,)) = (re.findall(rf"```{kind}\n(.*?)```", page, re.S) for kind in ("yaml", "json"))
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.yml").write_text(registry)
    (tmp_path / "feed.jsonl").write_text(feed)

    loaded = inspect_registry(tmp_path / "r", [tmp_path / "feed.jsonl"])

    assert yaml.safe_load(registry).keys() == {"owners", "identities", "charters", "coverage"}
    assert (loaded.problems, loaded.warnings) == ((), ())
    assert loaded.registry.counts()["binding"] == 1

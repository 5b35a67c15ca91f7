"""A real Chromium. Without it tests are skipped with one line, or fail where `REMIT_ENGINES=required`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium as the system has it; playwright's own download is not used."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "no Chromium for the tests: apt-get install chromium"
        if os.environ.get("REMIT_ENGINES") == "required":
            pytest.fail(f"{reason} (REMIT_ENGINES=required)", pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()

"""Fixtures that tests of several folders share."""

from tests.browser import chromium
from tests.engines.fixtures import elasticsearch

__all__ = ["chromium", "elasticsearch"]

"""Fixtures that tests of several folders share."""

from tests.engines.fixtures import elasticsearch

__all__ = ["elasticsearch"]

"""The tools around Remit's content: check, test, hunt, compile, report."""

from remit_enrichment import __version__

__all__ = ["__version__"]

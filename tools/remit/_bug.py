"""The report of a crash: what to paste into an issue, without a value of the log or a path of the machine."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Sequence
from pathlib import PurePath

from remit_enrichment import __version__


def report(error: BaseException, arguments: Sequence[str]) -> str:
    """Return the text to paste: versions, the verb and options, the call stack. The message of the exception is left
    out, because it may quote a log line."""
    frames = traceback.extract_tb(error.__traceback__)
    words = [word if word.startswith("-") or i == 0 else "<value>" for i, word in enumerate(arguments)]
    stack = "\n".join(f"  {PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames)
    return (
        "remit: this is a bug of ours, nothing you did wrong. Please report it with these lines:\n"
        f"  remit {__version__}, Python {sys.version.split()[0]}, {platform.system()} {platform.machine()}\n"
        f"  remit {' '.join(words)}\n"
        f"  {type(error).__module__}.{type(error).__qualname__} at\n{stack}"
    )

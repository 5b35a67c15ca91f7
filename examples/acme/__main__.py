"""`python -m examples.acme OUT`: write the day below OUT."""

from __future__ import annotations

import sys
from pathlib import Path

from .generate import write

FEED = Path(__file__).parents[2] / "tests" / "acme" / "tasks" / "2026-05-12.jsonl"

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python -m examples.acme OUT")
    sys.stdout.write(f"{write(Path(sys.argv[1]), FEED)} events\n")

"""Draw the README's pictures anew: `python docs/images/make.py DEMO`, where DEMO is what `remit demo -o DEMO` wrote.

Both show the real thing: the card as `remit.reports.card` prints it, and the report as Chromium shows it.
"""

from __future__ import annotations

import re
import shutil
import sys
from io import StringIO
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from remit.reports.card import show
from remit.reports.incidents import incidents
from remit.reports.reading import read_alerts

HERE = Path(__file__).parent
SUBJECT = "meeting-notes"


def draw(browser: Browser, demo: Path) -> None:
    page = browser.new_page(viewport={"width": 1120, "height": 1180}, device_scale_factor=1, color_scheme="light")
    page.goto((demo / "report.html").resolve().as_uri())
    page.screenshot(path=HERE / "report.png")
    page = browser.new_page(
        viewport={"width": 1120, "height": 600}
    )  # the report's policy would forbid the card's style
    page.set_content(f"<body style='margin:0'>{_card(demo)}</body>")
    page.locator("svg").screenshot(path=HERE / "card.png")


def _card(demo: Path) -> str:
    console = Console(record=True, file=StringIO(), width=112, force_terminal=True, color_system="truecolor")
    show([i for i in incidents(read_alerts(str(demo / "alerts.jsonl"))) if i.subject == SUBJECT], console)
    # rich refers to a font on the web; the picture is to be the same without a network.
    return re.sub(r"@font-face\s*{.*?}\s*", "", console.export_svg(title="remit hunt"), flags=re.DOTALL).replace(
        "Fira Code", "DejaVu Sans Mono"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python docs/images/make.py DEMO")
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        draw(playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]), Path(sys.argv[1]))

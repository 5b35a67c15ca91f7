"""The card in the terminal: one incident, a headline and eight lines."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from remit.reports.facts import INTENTS, deed_line, lines
from remit.reports.incidents import Incident
from remit.reports.inert import inert

MAX_LINE = 260
MAX_WIDTH = 120
COLORS = {"critical": "bold white on red", "high": "bold black on dark_orange", "medium": "bold black on yellow"}
ALARMING = ("ORPHAN, the owner has left", "nobody known", "nobody")
BORDERS = {"critical": "red", "high": "dark_orange", "medium": "yellow"}


def show(incidents: Iterable[Incident], console: Console) -> None:
    """Print one card for each incident."""
    for incident in incidents:
        console.print(card(incident), width=min(console.width, MAX_WIDTH))


def card(incident: Incident) -> Panel:
    """Return the card of an incident. Values are plain text to rich: no markup in them is ever read."""
    body = Table.grid(padding=(0, 2), expand=True)
    body.add_column(style="bold cyan", no_wrap=True)
    body.add_column(ratio=1, overflow="fold")
    for label, text in lines(incident):
        answer = Text(inert(text, MAX_LINE), overflow="fold")
        if label in ("Task", "Owner"):
            answer.highlight_words([*INTENTS.values(), *ALARMING], BORDERS.get(incident.level, "blue") + " bold")
        body.add_row(Text(label), answer)
    headline = Text(inert(deed_line(incident), MAX_LINE), style="bold", overflow="fold")
    grid = Table.grid(expand=True)
    grid.add_row(headline)
    grid.add_row(Padding(body, (1, 0, 0, 0)))
    return Panel(grid, title=_title(incident), title_align="left", border_style=BORDERS.get(incident.level, "blue"),
                 subtitle=Text(inert(incident.id, 40), style="dim"), subtitle_align="right")  # fmt: skip


def _title(incident: Incident) -> Text:
    level = Text(f" {inert(incident.level, 20).upper()} ", style=COLORS.get(incident.level, "bold white on blue"))
    title = Text(f" {inert(incident.lead.rule.title, 100)} ", style="bold")
    count = len([alert for alert in incident.alerts if alert.superseded_by is None])
    return Text.assemble(" ", level, title, (f"{count} alert{'s' if count != 1 else ''} ", "dim"))

"""`remit report`: an HTML page, or Markdown for tickets, on the alerts that `remit hunt` wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from remit_enrichment.errors import BadInput


@click.command(short_help="Make an HTML page of alert lines.")
@click.argument("alerts", metavar="ALERTS")
@click.option("--format", "output_format", type=click.Choice(["html", "markdown"]), default="html", show_default=True)
@click.option(
    "-o", "output", metavar="FILE", default="-", show_default=True, help="Where the page goes; - is standard output."
)
def command(alerts: str, output_format: str, output: str) -> int:
    """Make one self-contained HTML page of ALERTS, the lines that `remit hunt -o` wrote (- is standard input).

    The page loads nothing from a network and runs no script; values of logs are shown as text. With --format markdown
    it is a section for each incident instead, to paste into a ticket.
    """
    from remit.overwriting import refuse_overwriting
    from remit.reports.reading import read_alerts

    if output != "-" and alerts != "-":
        refuse_overwriting([output], [alerts])
    found = read_alerts(alerts)
    if output_format == "markdown":
        from remit.reports.markdown import tickets

        page = tickets(found)
    else:
        from remit.reports.html import report

        page = report(found)
    if output == "-":
        sys.stdout.buffer.write(page.encode())  # UTF-8, whatever the terminal is: the page says so
        sys.stdout.buffer.flush()
        return 0
    try:
        Path(output).write_text(page, "utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot be written: {error.strerror}", where=output, todo="name another file with -o"
        ) from error
    return 0

"""`remit report`: one HTML page on the alerts that `remit hunt` wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from remit_enrichment.errors import BadInput


@click.command(short_help="Make an HTML page of alert lines.")
@click.argument("alerts", metavar="ALERTS")
@click.option(
    "-o", "output", metavar="FILE", default="-", show_default=True, help="Where the page goes; - is standard output."
)
def command(alerts: str, output: str) -> int:
    """Make one self-contained HTML page of ALERTS, the lines that `remit hunt -o` wrote (- is standard input).

    The page loads nothing from a network and runs no script; values of logs are shown as text.
    """
    from remit.reports.html import report
    from remit.reports.reading import read_alerts

    page = report(read_alerts(alerts))
    if output == "-":
        sys.stdout.buffer.write(page.encode())  # the page says that it is UTF-8, whatever the terminal is
        sys.stdout.buffer.flush()
        return 0
    try:
        Path(output).write_text(page, "utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot be written: {error.strerror}", where=output, todo="name another file with -o"
        ) from error
    return 0

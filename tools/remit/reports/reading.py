"""Alert lines back into alerts, strictly: a report must not leave one out silently."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from remit.alerts import Alert
from remit_enrichment.errors import BadInput

STDIN = "-"


def read_alerts(name: str) -> list[Alert]:
    """Return the alerts of a file, or of standard input where it is named `-`.

    Raises:
        BadInput: the file cannot be read, or a line is no alert; the message says which line.
    """
    decoder = msgspec.json.Decoder(Alert)
    alerts: list[Alert] = []
    for number, line in enumerate(_lines(name), start=1):
        if not line.strip():
            continue
        try:
            alerts.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInput(
                f"no alert line: {error}", where=f"{name}:{number}", todo="give the file that `remit hunt -o` wrote"
            ) from error
    return alerts


def _lines(name: str) -> Iterator[bytes]:
    if name == STDIN:
        yield from sys.stdin.buffer
        return
    try:
        yield from Path(name).read_bytes().split(b"\n")
    except OSError as error:
        raise BadInput(
            f"cannot be read: {error.strerror}", where=name, todo="name the file that `remit hunt -o` wrote"
        ) from error

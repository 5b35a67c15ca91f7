"""Refuse to write over what is read: by whatever name, link or folder it was given."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from remit_enrichment.errors import BadInput

Name = str | Path


def refuse_overwriting(outputs: Iterable[Name], inputs: Iterable[Name]) -> None:
    """Refuse an output that is one of the inputs, or two outputs in one file; call it before anything is opened.

    Streams (a terminal, a pipe, /dev/null) hold nothing that could be lost.

    Raises:
        BadInput: names the output.
    """
    taken = {same: path for path in inputs if (same := _identity(path))}
    for output in outputs:
        same = _identity(output)
        if same in taken:
            what = f"is named twice, as input or output: it is the same file as {taken[same]}"
            raise BadInput(what, where=str(output), todo="give each a file of its own")
        if same:
            taken[same] = output


def files_below(paths: Iterable[Name | None]) -> Iterator[str]:
    """Yield every file of files and folders, linked folders too; None names nothing."""
    seen: set[object] = set()
    for path in paths:
        if path is None:
            continue
        yield str(path)
        for folder, folders, files in os.walk(path, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            yield from (os.path.join(folder, name) for name in files)


def _identity(path: Name) -> tuple[int, int] | str | None:
    """What two names of one file share; None where there is nothing that could be written over."""
    try:
        status = os.stat(path)
    except OSError:
        return os.path.realpath(path)
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None

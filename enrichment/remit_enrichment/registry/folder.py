"""Find the files of a registry's folder; whatever looks like a part of it and would not be read is refused.

A file of trust that is silently passed over would let an identity register its own tasks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from remit_enrichment.registry.keys import LISTS
from remit_enrichment.registry.places import Refuse
from remit_enrichment.registry.problems import Problem

ENDINGS = (".yml", ".jsonl")
_LIKE = (".yml", ".yaml", ".jsonl")
_LIST = re.compile(rb"""^["']?(?:%b)["']?[ \t]*:|^[ \t]*\{.*"type"[ \t]*:""" % "|".join(LISTS).encode(), re.MULTILINE)
"""How a line of a registry's file begins."""


def registry_files(folder: Path, refuse: Refuse) -> list[Path]:
    """Return the registry's files below a folder, ordered by path; links to folders are followed, each folder once."""
    files = sorted(_walk(folder, set(), refuse), key=lambda p: p.as_posix().encode("utf-8", "surrogateescape"))
    return [file for file in files if _is_read(file, folder, refuse)]


def _walk(folder: Path, seen: set[tuple[int, int]], refuse: Refuse) -> Iterator[Path]:
    """Yield everything below a folder that is no folder."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        names = sorted(os.listdir(folder))
    except OSError as error:
        refuse(
            Problem(str(folder), 0, "not_read", f"cannot be read: {error.strerror}", "let it be read, or move it out")
        )
        return
    for name in names:
        path = folder / name
        if not path.is_dir():
            yield path
        elif name != ".git":
            yield from _walk(path, seen, refuse)


def _is_read(file: Path, folder: Path, refuse: Refuse) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    if hidden:
        if file.suffix.lower() in _LIKE and _holds_lists(file):
            what = "holds a part of a registry, but hidden files are not read"
            refuse(Problem(str(file), 0, "file_name", what, "name it without a leading dot, or move it out"))
        return False
    if file.is_symlink() and not file.exists():
        what = f"is a link to {os.readlink(file)!a}, where nothing is"
        refuse(Problem(str(file), 0, "not_read", what, "let it lead to the file that is meant, or remove it"))
    elif file.suffix.lower() not in _LIKE:
        pass  # a readme
    elif not file.is_file():
        refuse(Problem(str(file), 0, "not_read", "is no regular file", "put a file there, or move it out"))
    elif file.suffix not in ENDINGS:
        refuse(Problem(str(file), 0, "file_name", "registry files end in .yml or .jsonl", "rename it"))
    else:
        return True
    return False


def _holds_lists(file: Path) -> bool:
    try:
        return file.is_file() and _LIST.search(file.read_bytes()) is not None
    except OSError:
        return True  # it cannot be shown that nothing is left out

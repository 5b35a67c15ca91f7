"""Where content lies: what came with the installation, and files and folders that are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from remit_enrichment.errors import BadInput

_ENDINGS = frozenset({".yml", ".yaml"})


@cache
def content_root() -> Path:
    """Return the folder that holds `rules/`, `pipelines/` and `tests/`: in the wheel, else the checkout."""
    package = Path(__file__).resolve().parent.parent
    for root in (package / "_content", package.parent.parent):
        if (root / "rules").is_dir():
            return root
    raise BadInput("the rules that come with Remit are missing", where=str(package), todo="install it again")


def files_of(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every YAML file of files and folders once, with the name that messages and alerts call it by.

    Raises:
        BadInput: a path does not exist, or a folder holds no YAML file.
    """
    seen: set[Path] = set()
    for path in paths:
        for file in _expand(path):
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield file, display_name(file)


def display_name(path: Path) -> str:
    """Return the path relative to the content's root where it lies there, else as given."""
    try:
        return path.resolve().relative_to(content_root()).as_posix()
    except ValueError:
        return path.as_posix()


def _expand(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadInput("no such file or folder", where=str(path), todo="name a rule file or a folder of rules")
    found = sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS and file.is_file())
    if not found:
        raise BadInput("no rule in this folder", where=str(path), todo="name a folder that holds .yml files")
    return found

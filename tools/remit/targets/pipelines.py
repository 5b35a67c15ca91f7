"""Which processing pipeline a rule goes through when the user names none.

A target's pipelines lie in `pipelines/<folder of the target>/`, one file a log source, `<product>_<service>.yml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from remit.content import Correlation, content_root

if TYPE_CHECKING:
    from remit.content import Rule
    from remit.targets import Target

RAW = "raw"
"""No mapping at all: the vendor's own names, in the index of tagged events."""
TAGS = "nhi"


def pipeline_folder(target: Target) -> Path:
    return content_root() / "pipelines" / type(target).__module__.rpartition(".")[2]


def default_pipeline(rule: Rule | Correlation, folder: Path) -> str:
    """Return `raw` for a rule that reads tags, which exist only in our own index; else the vendor's own data where its
    mapping is known. A correlation goes where all of its rules go, else to our own index."""
    if isinstance(rule, Correlation):
        names = {default_pipeline(base, folder) for base in rule.bases}
        return names.pop() if len(names) == 1 and not _groups_by_tags(rule) else RAW
    name = f"{rule.logsource.product}_{rule.logsource.service}"
    return RAW if reads_tags(rule) or not (folder / f"{name}.yml").is_file() else name


def reads_tags(rule: Rule) -> bool:
    return any(item.field is not None and _is_tag(item.field) for item in rule.items())


def _groups_by_tags(correlation: Correlation) -> bool:
    aliased = [field for fields in correlation.aliases.values() for field in fields.values()]
    return any(_is_tag(name) for name in [*correlation.group_by, *aliased])


def _is_tag(field: str) -> bool:
    return field.split(".")[0] == TAGS

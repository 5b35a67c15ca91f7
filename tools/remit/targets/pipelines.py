"""Which processing pipeline a rule goes through when the user names none.

A target's pipelines lie in `pipelines/<folder of the target>/`, one file a log source, `<product>_<service>.yml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from remit.content import content_root

if TYPE_CHECKING:
    from remit.content import Rule
    from remit.targets import Target

RAW = "raw"
"""No mapping at all: the vendor's own names, in the index of tagged events."""
TAGS = "nhi"


def pipeline_folder(target: Target) -> Path:
    return content_root() / "pipelines" / type(target).__module__.rpartition(".")[2]


def default_pipeline(rule: Rule, folder: Path) -> str:
    """Return `raw` for a rule that reads tags, which exist only in our own index; else the vendor's own data where its
    mapping is known."""
    name = f"{rule.logsource.product}_{rule.logsource.service}"
    return RAW if reads_tags(rule) or not (folder / f"{name}.yml").is_file() else name


def reads_tags(rule: Rule) -> bool:
    return any(item.field is not None and item.field.split(".")[0] == TAGS for item in rule.items())

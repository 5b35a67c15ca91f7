"""Pipelines of this target: which index a rule reads and how its fields are named and typed there.

`raw` is our own template: the vendor's JSON names, any log source. The others are Sigma processing pipelines in YAML:
`pipelines/elastic/<product>_<service>.yml` and those of a user.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import yaml
from msgspec import Struct
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingPipeline

from remit.content import Rule
from remit.targets.elastic.fields import Declarations, Field, Unsayable, declarations, merged, own_template
from remit.targets.pipelines import RAW, default_pipeline
from remit_enrichment.errors import BadInput

RAW_INDEX = "remit-raw-*"


class Source(Struct, frozen=True):
    """Where a rule looks."""

    name: str
    pipeline: ProcessingPipeline
    lookup: Callable[[str], Field]
    """Raises `Unsayable` for a field that is not there."""
    index: str | None
    """None where the pipeline itself sets it."""


def source(rule: Rule, option: str | Path, folder: Path) -> Source:
    """Return what `--pipeline` means for a rule: `raw`, a name of ours, or a file of the user's on top of ours.

    Raises `BadInput` for a pipeline that does not exist or cannot be read."""
    name = str(option)
    if name == RAW:
        return Source(RAW, ProcessingPipeline(), _own, RAW_INDEX)
    ours = folder / f"{name}.yml"
    if ours.is_file():
        return _declared(name, [ours])
    if not Path(name).is_file():
        known = ", ".join([RAW, *sorted(p.stem for p in folder.glob("*.yml"))])
        raise BadInput(f"there is no pipeline `{name}`", todo=f"name a file, or one of: {known}")
    base = default_pipeline(rule, folder)
    if base == RAW:
        return _declared(name, [Path(name)])
    return _declared(f"{base}+{name}", [folder / f"{base}.yml", Path(name)])


def _own(name: str) -> Field:
    return own_template(name.replace("{}", ""))


def _declared(name: str, files: list[Path]) -> Source:
    # Priorities decide the order of the items; adding is what pySigma does with several pipelines of one command.
    each = [_read(file) for file in files]
    # pySigma would let the fields of one replace those of the other as a whole.
    known = merged(declarations(pipeline.vars, str(file)) for pipeline, file in zip(each, files, strict=True))
    return Source(name, sum(each, ProcessingPipeline()), _lookup(name, known), None)


def _lookup(name: str, known: Declarations) -> Callable[[str], Field]:
    def lookup(field: str) -> Field:
        found = known.find(field.replace("{}", ""))
        if found is None:
            raise Unsayable(
                f"field `{field}`",
                f"the pipeline {name} declares no such field",
                f"use `--pipeline {RAW}` on tagged events, or declare it in a pipeline of your own",
            )
        return found

    return lookup


@cache
def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the pipeline cannot be read: {error}", where=str(path)) from None


def _read(path: Path) -> ProcessingPipeline:
    """Return a fresh pipeline: pySigma keeps the state of a conversion in it."""
    try:
        return ProcessingPipeline.from_yaml(_text(path))
    except (SigmaError, yaml.YAMLError, AttributeError, TypeError, KeyError) as error:
        raise BadInput(f"no Sigma processing pipeline: {error}", where=str(path)) from None

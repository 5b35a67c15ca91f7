"""Pipelines of this target: which index a rule reads and how its fields are named and typed there.

`raw` is our own template: the vendor's JSON names, any log source. The others are Sigma processing pipelines in YAML:
`pipelines/elastic/<product>_<service>.yml` and those of a user.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from msgspec import Struct
from sigma.processing.pipeline import ProcessingPipeline

from remit.content import Rule
from remit.targets.elastic.fields import Declarations, Field, Unsayable, declarations, merged, own_template
from remit.targets.pipelines import RAW, TAGS, default_pipeline
from remit.targets.processing import read_pipeline
from remit_enrichment.errors import BadInput
from remit_enrichment.fields import FIELDS

RAW_INDEX = "remit-raw-*"
TIME = "TO_DATETIME(`@timestamp`)"
_RAW_TIME = "COALESCE(`@timestamp`, nhi.event.time.date)"
"""What the SIEM takes for the time of an event, else what the event itself says."""
_RAW_TIME_READS = (("@timestamp", "time"), ("nhi.event.time", "date"))
_TIMES = tuple(f"{TAGS}.{field.name}" for field in FIELDS if field.type == "date")


class Source(Struct, frozen=True):
    """Where a rule looks."""

    name: str
    pipeline: ProcessingPipeline
    lookup: Callable[[str], Field]
    """Raises `Unsayable` for a field that is not there."""
    index: str | None
    """Where the pipeline itself sets none."""
    time: str
    """The time of an event, as an expression of ES|QL."""
    time_reads: tuple[tuple[str, str], ...]


def source(rule: Rule, option: str | Path, folder: Path) -> Source:
    """Return what `--pipeline` means for a rule: `raw`, a name of ours, or a file of the user's on top of ours.

    Raises `BadInput` for a pipeline that does not exist or cannot be read."""
    name = str(option)
    if name == RAW:
        return _raw(rule, folder, None)
    ours = folder / f"{name}.yml"
    if ours.is_file():
        return _declared(name, ours)
    mine = Path(name)
    if not mine.is_file():
        known = ", ".join([RAW, *sorted(p.stem for p in folder.glob("*.yml"))])
        raise BadInput(f"there is no pipeline `{name}`", todo=f"name a file, or one of: {known}")
    base = default_pipeline(rule, folder)
    if base != RAW:
        return _declared(f"{base}+{name}", folder / f"{base}.yml", mine)
    return _declared(name, mine) if _read(mine)[1].elastic_fields else _raw(rule, folder, mine)


def _raw(rule: Rule, folder: Path, mine: Path | None) -> Source:
    """Our own template, with what is known of the log source's own JSON and, on top, what the user's pipeline does."""
    paths = [item.field.replace("{}", "") for item in rule.items() if item.field]
    facts = folder / f"{rule.logsource.product}_{rule.logsource.service}.yml"
    read = [_read(file) for file in (facts, mine) if file is not None and file.is_file()]
    known = merged(declared for _, declared in read)
    objects = _tag_objects().union(known.elastic_objects, *map(_above, paths))
    times = frozenset([*known.elastic_iso_times, *_TIMES])

    def lookup(field: str) -> Field:
        path = field.replace("{}", "")
        if path == "@timestamp":
            return Field(text=None, date=path, type="date")
        if _PATTERN.search(path) or not path.strip(" ."):
            raise Unsayable(f"field-name `{field}`", "Elasticsearch reads it as a pattern, or has no name for it")
        return own_template(path, is_object=path in objects, iso=path in times)

    if mine is None:
        return Source(RAW, ProcessingPipeline(), lookup, RAW_INDEX, _RAW_TIME, _RAW_TIME_READS)
    return Source(f"{RAW}+{mine}", _read(mine)[0], lookup, RAW_INDEX, _RAW_TIME, _RAW_TIME_READS)


_PATTERN = re.compile(r"[*?]")
"""What makes a field name stand for several, escaped or not."""


@cache
def _tag_objects() -> frozenset[str]:
    return frozenset().union(*(_above(f"{TAGS}.{field.name}") for field in FIELDS))


def _above(path: str) -> set[str]:
    parts = path.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


@cache
def _declared(name: str, *files: Path) -> Source:
    each = [_read(file) for file in files]
    # pySigma adds pipelines in the order given; by priority is what its command line does.
    ordered = sorted((pipeline for pipeline, _ in each), key=lambda pipeline: pipeline.priority)
    # pySigma would let the fields of one replace those of the other as a whole.
    known = merged(declared for _, declared in each)
    return Source(name, sum(ordered, ProcessingPipeline()), _lookup(name, known), None, TIME, (("@timestamp", "time"),))


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
def _read(path: Path) -> tuple[ProcessingPipeline, Declarations]:
    """Return a pipeline and what it declares. One object serves all rules: pySigma resets its state before each."""
    pipeline = read_pipeline(path)
    return pipeline, declarations(pipeline.vars, str(path))

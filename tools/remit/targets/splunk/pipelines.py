"""Pipelines of this target: what a vendor's add-on does to a log source, and what is declared about its fields.

A file `pipelines/splunk/<log source>.yml` is an ordinary Sigma processing pipeline; its `vars` hold what Sigma has no
words for: `splunk_logsource` (product and service it is for), `splunk_macro` and `splunk_sourcetype` (where the
add-on's events are), `splunk_fields` (see `fields.KINDS`) and `splunk_absent_text` (what the add-on fills in for an
absent member).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sigma.processing.pipeline import ProcessingPipeline

from remit.targets.pipelines import RAW
from remit.targets.processing import read_pipeline
from remit.targets.splunk.fields import Schema, schema
from remit_enrichment.errors import BadInput

RAW_MACRO = "remit_index"
_PREFIX = "splunk_"
_KNOWN = frozenset({"logsource", "macro", "sourcetype", "fields", "absent_text"})


@dataclass(frozen=True)
class Source:
    """Where the events are, and how their fields are named."""

    name: str
    macro: str | None = None
    """Without back quotes; None: that of the tagged events."""
    sourcetype: str | None = None
    logsource: tuple[str | None, str | None] = (None, None)
    """Product and service that the pipeline is for; (None, None) for any."""
    pipeline: ProcessingPipeline | None = field(default=None, compare=False)
    schema: Schema = field(default_factory=Schema)


def source(
    pipeline: str | Path, logsource: tuple[str | None, str | None], folder: Path, *, tagged: bool = False
) -> Source:
    """Return the source of a pipeline: `raw`, the name of a file in `folder`, or a file of a user on top of ours.

    Ours is that of the log source, or raw for a rule that reads tags (`tagged`).
    Raises BadInput where there is no such pipeline or it cannot be used."""
    facts = folder / f"{logsource[0]}_{logsource[1]}.yml"
    ours = load(facts) if facts.is_file() else None
    # Tagged events keep the vendor's sourcetype, so what an add-on fills in is filled in there, too.
    raw = Source(RAW, schema=Schema() if ours is None else ours.schema)
    if str(pipeline) == RAW:
        return raw
    named = folder / f"{pipeline}.yml"
    if named.is_file():
        return load(named)
    mine = Path(pipeline)
    if not mine.is_file():
        names = ", ".join([RAW, *sorted(p.stem for p in folder.glob("*.yml"))])
        raise BadInput(f"there is no pipeline {str(pipeline)!r}", todo=f"name one of {names}, or a file")
    return _stacked(raw if ours is None or tagged else ours, load(mine))


def _stacked(base: Source, mine: Source) -> Source:
    """A user's pipeline on top of ours: both are applied, in the order of their priority; what it declares wins."""
    pipelines = sorted(filter(None, (base.pipeline, mine.pipeline)), key=lambda pipeline: pipeline.priority)
    return Source(
        name=f"{base.name}+{mine.name}",
        macro=mine.macro or base.macro,
        sourcetype=mine.sourcetype or base.sourcetype,
        logsource=base.logsource if mine.logsource == (None, None) else mine.logsource,
        pipeline=sum(pipelines, ProcessingPipeline()),
        schema=Schema(
            kinds={**base.schema.kinds, **mine.schema.kinds},
            absent_text={**base.schema.absent_text, **mine.schema.absent_text},
        ),
    )


@cache
def load(path: Path) -> Source:
    """Read one pipeline file."""
    pipeline = read_pipeline(path)
    declared = {name[len(_PREFIX) :]: value for name, value in pipeline.vars.items() if name.startswith(_PREFIX)}
    if unknown := sorted(set(declared) - _KNOWN):
        raise BadInput(
            f"unknown vars {', '.join(_PREFIX + name for name in unknown)}",
            where=str(path),
            todo=f"use {', '.join(_PREFIX + name for name in sorted(_KNOWN))}",
        )
    logsource = declared.get("logsource", {})
    return Source(
        name=path.stem,
        macro=declared.get("macro"),
        sourcetype=declared.get("sourcetype"),
        logsource=(logsource.get("product"), logsource.get("service")),
        pipeline=pipeline,
        schema=schema(declared.get("fields", {}), declared.get("absent_text", {}), str(path)),
    )

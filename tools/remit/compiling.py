"""Compile rules for one or several targets: what became a query, what was refused, and the report of both."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import msgspec
from msgspec import Struct
from sigma.exceptions import SigmaError

from remit.content import Correlation, Rule
from remit.targets import Query, Refused, Target
from remit.targets.pipelines import default_pipeline, pipeline_folder
from remit_enrichment.errors import BadInput


class Compiled(Struct, frozen=True, kw_only=True):
    """A rule and what one target makes of it: a query or a refusal."""

    rule: Rule | Correlation
    target: Target
    pipeline: str
    query: Query | None = None
    refused: Refused | None = None


def compile_rules(
    rules: Sequence[Rule | Correlation],
    targets: Sequence[Target],
    *,
    pipeline: str | Path | None = None,
    index: str | None = None,
    language: str | None = None,
) -> list[Compiled]:
    """Compile every rule for every target; rule by rule in the order given. A language is for the targets that have it.

    Raises `BadInput` for an unusable option."""
    if language is not None and not any(language in target.LANGUAGES for target in targets):
        known = ", ".join(name for target in targets for name in target.LANGUAGES)
        raise BadInput(f"there is no query language `{language}` here", todo=f"use one of {known}")
    found = []
    for rule in rules:
        for target in targets:
            chosen = default_pipeline(rule, pipeline_folder(target)) if pipeline is None else pipeline
            found.append(_compile(rule, target, chosen, index, language if language in target.LANGUAGES else None))
    return found


def _compile(
    rule: Rule | Correlation, target: Target, pipeline: str | Path, index: str | None, language: str | None
) -> Compiled:
    try:
        query = target.compile(rule, pipeline=pipeline, index=index, language=language)
    except Refused as refused:
        return Compiled(rule=rule, target=target, pipeline=str(pipeline), refused=refused)
    except SigmaError as error:
        # What pySigma cannot take is a matter of this rule: the others are compiled all the same.
        way_out = "write it in another way, or run it with `remit hunt`"
        lost = Refused("sigma", str(rule.place), str(error), way_out)
        return Compiled(rule=rule, target=target, pipeline=str(pipeline), refused=lost)
    return Compiled(rule=rule, target=target, pipeline=query.pipeline, query=query)


def refusal_line(compiled: Compiled) -> str:
    """Return the one line by which a refusal is announced."""
    refused = compiled.refused
    assert refused is not None  # noqa: S101 - only refusals are announced
    return f"refused: {compiled.rule.id} {refused.where} {refused.construct}: {refused.why}; {refused.way_out}"


def pretty(compiled: Compiled) -> str:
    """Return a query for the eye, under a comment that says what it is."""
    rule, query = compiled.rule, compiled.query
    assert query is not None  # noqa: S101 - only queries are printed
    digest = hashlib.sha256(query.query.encode()).hexdigest()[:16]
    facts = [compiled.target.NAME, query.language, query.index, f"pipeline {query.pipeline}", query.proof]
    lines = [f"# {_one_line(rule.title)}", f"# {rule.id} sha256:{digest}", f"# {' | '.join(facts)}"]
    return "\n".join([*lines, *(f"# if {condition}" for condition in query.conditions), query.query, ""])


def report(compiled: Iterable[Compiled]) -> bytes:
    """Return `report.json`: one entry for each rule and target."""
    return msgspec.json.format(msgspec.json.encode([_entry(each) for each in compiled]), indent=2) + b"\n"


def _entry(compiled: Compiled) -> dict[str, Any]:
    rule, query, refused = compiled.rule, compiled.query, compiled.refused
    entry = {
        "rule": {"id": rule.id, "file": rule.file},
        "target": compiled.target.NAME,
        "language": query and query.language,
        "pipeline": compiled.pipeline,
        "index": query and query.index,
        "status": "compiled" if query else "refused",
        "proof": query and query.proof,
        "conditions": list(query.conditions) if query else [],
        "query": query and query.query,
    }
    if refused is not None:
        names = ("construct", "where", "why", "way_out")
        entry |= {name: getattr(refused, name) for name in names}
    return entry


def files(compiled: Sequence[Compiled]) -> Mapping[str, bytes]:
    """Return what `-o DIR` holds, by file name: a file a query, what the targets want beside them, and the report."""
    found: dict[str, bytes] = {}
    queries: dict[str, list[Query]] = {}
    by_name = {each.target.NAME: each.target for each in compiled}
    twice = _shared_stems(compiled)
    for each in compiled:
        if each.query is not None:
            stem = PurePath(each.rule.file).stem
            name = f"{stem}-{each.rule.id}" if stem in twice else stem
            found[f"{name}.{each.query.language}"] = each.query.query.encode() + b"\n"
            queries.setdefault(each.target.NAME, []).append(each.query)
    for target, of_target in queries.items():
        found |= {name: text.encode() for name, text in by_name[target].companions(of_target).items()}
    return found | {"report.json": report(compiled)}


def _shared_stems(compiled: Iterable[Compiled]) -> set[str]:
    """Return the names of rule files that do not tell their rules apart."""
    rules = {(PurePath(each.rule.file).stem, each.rule.id) for each in compiled}
    return {stem for stem, count in Counter(stem for stem, _ in rules).items() if count > 1}


def _one_line(text: str) -> str:
    return " ".join(text.split())

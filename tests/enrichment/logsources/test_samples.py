"""The readers on public collections of real events, where those are at hand (`REMIT_SAMPLES`)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remit_enrichment.classify import classify
from remit_enrichment.document import decode
from remit_enrichment.logsources import LogSource, sources
from remit_enrichment.readers.unwrap import container, unwrap

SAMPLES = Path(os.environ.get("REMIT_SAMPLES") or "samples") / "real"
COLLECTIONS = {
    "aws.cloudtrail": "aws.cloudtrail",
    "aws.cloudtrail.agent": "aws.cloudtrail",
    "aws.bedrock_invocation": "aws.bedrock_invocation",
    "azure.audit": "entra.audit",
    "azure.signin": "entra.signin",
    "github.audit": "github.audit",
    "k8s.audit": "kubernetes.audit",
    "okta.system": "okta.system",
    "okta.system.workload": "okta.system",
    "otel.otlp_trace": "otel.gen_ai",
}
WHO = {
    "aws.cloudtrail": "userIdentity",
    "aws.bedrock_invocation": "identity",
    "entra.audit": "properties.initiatedBy",
    "entra.signin": "properties",
    "github.audit": "actor",
    "kubernetes.audit": "user",
    "okta.system": "actor",
}


def records(collection: str) -> Iterator[dict[str, Any]]:
    path = SAMPLES / f"{collection}.jsonl"
    if not path.is_file():
        pytest.skip(f"{path.name} is not at hand; point REMIT_SAMPLES to the folder above its folder")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            original = json.loads(line)["raw"]
            if original is None:  # the collection kept mapped fields alone
                continue
            raw = json.dumps(original).encode()
            for record in container(raw) or (raw,):
                yield unwrap(decode(bytes(record)))[0]


def names(record: dict[str, Any], path: str) -> bool:
    found: Any = record
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return bool(found)


def reader(name: str) -> LogSource:
    return next(source for source in sources() if source.NAME == name)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_real_events_are_recognised_and_their_principals_found(collection: str) -> None:
    source = reader(COLLECTIONS[collection])
    found = list(records(collection))
    known = [record for record in found if source.recognises(record)]
    who = WHO.get(source.NAME)
    named = [source.read(record) for record in known if who is None or names(record, who)]
    missing = [a for a in named if who and (a.principal is None or not (a.principal.id or a.principal.native))]

    assert len(known) >= 0.99 * len(found)
    assert len(missing) <= 0.03 * len(named)


def test_the_verb_decides_the_class_of_at_most_2_percent_of_real_cloudtrail_events() -> None:
    source = reader("aws.cloudtrail")
    classes = [classify(source.read(record)) for record in records("aws.cloudtrail") if source.recognises(record)]
    guessed = sorted({found.name for found in classes if found.source == "fallback"})

    assert sum(found.source == "fallback" for found in classes) <= 0.02 * len(classes), guessed

"""What an attacker would write, told in sentences: registry, raw events and expected verdicts stand in the YAML files.

A case names an attack (or an honest way of working), adds to the company's registry and feed what it needs, and lists
raw events with what must come of them: `reasons` must be among the codes, `codes` are all of them (but first sights).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.enrichment.scene import verdict_of

from remit_enrichment.enricher import Enriched, Enricher
from remit_enrichment.fields import INTENTS
from remit_enrichment.judgement import FINDINGS
from remit_enrichment.reasons import REASONS
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.store import MemoryStore

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yml"))
EXPECTATIONS = {"intent", "reasons", "codes", "level", "task", "owner", "duplicate"}


class _Plain(yaml.SafeLoader):
    """YAML without dates: times stay the text that they are in a log."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case.get('attack') or case['honest']}")
        for file in FILES
        for case in yaml.load(file.read_text(), _Plain)["cases"]
    ]


def registry_of(case: dict[str, Any], folder: Path) -> Registry:
    """The company's registry with what the case adds, through the real loader."""
    (folder / "registry").mkdir()
    (folder / "registry" / "company.yml").write_text((HERE / "company" / "registry.yml").read_text())
    if "registry" in case:
        plain = json.loads(json.dumps(case["registry"]))  # a registry has no anchors: what is shared stands twice
        (folder / "registry" / "case.yml").write_text(yaml.safe_dump(plain, allow_unicode=True))
    feed = folder / "feed.jsonl"
    feed.write_text("".join(json.dumps(line) + "\n" for line in case.get("feed", ())))
    return load_registry(folder / "registry", [feed])


def enriched(case: dict[str, Any], folder: Path) -> list[Enriched]:
    enricher = Enricher(registry_of(case, folder), MemoryStore())
    found = []
    for number, step in enumerate(case["events"]):
        document = {"eventID": f"e{number}", **step["event"]}
        raw = json.dumps(document).encode()
        found.append(enricher.enrich(document, raw=raw, channel=step.get("channel")))
    return found


@pytest.mark.parametrize("case", cases())
def test_every_attack_gets_the_verdict_that_its_file_says(case: dict[str, Any], tmp_path: Path) -> None:
    for number, (step, found) in enumerate(zip(case["events"], enriched(case, tmp_path), strict=True)):
        tags, expect = found.tags, step["expect"]
        assert set(expect) <= EXPECTATIONS
        intent, codes = verdict_of(tags)
        told = f"event {number}: {intent} {sorted(codes)} {tags['attribution']}"
        assert intent == expect.get("intent", intent), told
        assert set(expect.get("reasons", ())) <= codes, told
        assert codes == set(expect.get("codes", codes)), told
        assert tags["attribution"]["level"] == expect.get("level", tags["attribution"]["level"]), told
        assert tags.get("task", {}).get("id") == expect.get("task", tags.get("task", {}).get("id")), told
        assert tags.get("owner", {}).get("id") == expect.get("owner", tags.get("owner", {}).get("id")), told
        assert found.duplicate == expect.get("duplicate", False), told


def test_the_files_speak_of_intents_and_codes_that_exist_and_every_attack_ends_in_a_finding() -> None:
    for file in FILES:
        for case in yaml.load(file.read_text(), _Plain)["cases"]:
            expected = [step["expect"] for step in case["events"]]
            intents = {expect["intent"] for expect in expected if "intent" in expect}
            assert intents <= set(INTENTS)
            assert {code for expect in expected for code in expect.get("reasons", ())} <= set(REASONS)
            assert ("attack" in case) == bool(intents & FINDINGS), case

"""Every conformance feature on a real Elasticsearch, through our own template: as was decided, or refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import Struct
from tests.conformance.features import FOLDER, Feature, features
from tests.engines.server import Server

from remit.content import Scalar
from remit.targets import Query, Refused, targets

pytestmark = pytest.mark.elasticsearch

LANGUAGES = ("lucene", "esql")
ANSWERED = [feature for feature in features() if feature.refused is None]


class Asked(Struct, frozen=True):
    """All features compiled, and their events in one index."""

    server: Server
    index: str
    compiled: dict[tuple[str, str], Query | Refused]

    def answer(self, feature: Feature, language: str) -> list[int] | Refused:
        query = self.compiled[feature.name, language]
        if isinstance(query, Refused):
            return query
        found = self.server.lucene(self.index, query.query) if language == "lucene" else self.server.esql(query.query)
        mine = f"{feature.name}/"
        return sorted(int(name.removeprefix(mine)) for name in found if name.startswith(mine))


@pytest.fixture(scope="module")
def asked(elasticsearch: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    pattern = elasticsearch.index_name("remit-raw-conformance-*-")
    folder = tmp_path_factory.mktemp("placeholders")
    compiled = {
        (feature.name, language): _compile(feature, language, f"{pattern}*", folder)
        for feature in ANSWERED
        for language in LANGUAGES
    }
    _install(elasticsearch, pattern, [query for query in compiled.values() if isinstance(query, Query)])
    index = f"{pattern}0"
    elasticsearch.create(index)
    elasticsearch.load(
        index,
        {
            f"{feature.name}/{number}": json.dumps(event).encode()
            for feature in ANSWERED
            for number, event in enumerate(feature.events)
        },
    )
    yield Asked(elasticsearch, index, compiled)
    elasticsearch.delete(index)
    elasticsearch.delete_template(pattern)


def _install(server: Server, pattern: str, queries: Sequence[Query]) -> None:
    raw = [query for query in queries if query.reads]
    template = targets()["elasticsearch"].companions(raw)["index-template.json"]
    server.put_template(pattern, json.loads(template))


def _compile(feature: Feature, language: str, index: str, folder: Path) -> Query | Refused:
    try:
        return targets()["elasticsearch"].compile(
            feature.rule(), pipeline=_pipeline(feature, folder), index=index, language=language
        )
    except Refused as refused:
        return refused


def _pipeline(feature: Feature, folder: Path) -> str | Path:
    """What a site would write beside the rule: the values of placeholders, and which paths of its data hold objects."""
    objects = sorted({path for event in feature.events for path in _objects(event)})
    if not feature.placeholders and not objects:
        return "raw"
    path = folder / f"{feature.name}.yml"
    pipeline = {
        "name": feature.name,
        "priority": 10,
        "vars": {**_as_sigma(feature.placeholders), "elastic_objects": objects},
        "transformations": [{"type": "value_placeholders"}] if feature.placeholders else [],
    }
    path.write_text(json.dumps(pipeline))
    return path


def _as_sigma(placeholders: Mapping[str, list[Scalar]]) -> dict[str, list[Scalar]]:
    """A pipeline reads wildcards in its values; a feature's values are plain."""
    escaped = {
        name: [re.sub(r"[\\\\*?]", r"\\\g<0>", v) if isinstance(v, str) else v for v in values]
        for name, values in placeholders.items()
    }
    return escaped


def _objects(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for child in value:
            yield from _objects(child, path)
    if isinstance(value, dict):
        if path:
            yield path
        for key, child in value.items():
            yield from _objects(child, f"{path}.{key}" if path else key)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("feature", ANSWERED, ids=lambda feature: feature.name)
def test_a_compiled_feature_answers_as_was_decided(asked: Asked, feature: Feature, language: str) -> None:
    answer = asked.answer(feature, language)

    if not isinstance(answer, Refused):
        assert answer == list(feature.expect), asked.compiled[feature.name, language]


KEYWORDS = {"keywords", "keywords_all", "kw_and_field"}
ONLY_ESQL = {"fieldref", "fieldref_dotted_not", "fieldref_startswith", "fieldref_or", "time_hour", "time_hour_eq"}


@pytest.mark.parametrize(("language", "refused"), [("lucene", KEYWORDS | ONLY_ESQL), ("esql", KEYWORDS)])
def test_of_the_core_features_only_these_are_refused(asked: Asked, language: str, refused: set[str]) -> None:
    core = {entry["name"] for entry in yaml.safe_load((FOLDER / "core.yml").read_text("utf-8"))}
    compiled = asked.compiled

    found = {f.name for f in ANSWERED if f.name in core and isinstance(compiled[f.name, language], Refused)}

    assert found == refused


def test_every_refusal_has_one_of_the_known_names(asked: Asked) -> None:
    names = {answer.construct for answer in asked.compiled.values() if isinstance(answer, Refused)}

    assert names == {"keywords", "fieldref", "time part", "base64-wildcard", "exists"}

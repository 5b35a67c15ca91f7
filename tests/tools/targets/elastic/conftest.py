"""Compiling a detection without a rule file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remit.content import read_rules
from remit.targets import Query, targets

Compile = Callable[..., Query]


@pytest.fixture
def compiled() -> Compile:
    def compiled(
        detection: dict[str, Any],
        *,
        pipeline: str | Path = "raw",
        index: str | None = None,
        language: str | None = None,
        logsource: dict[str, str] | None = None,
    ) -> Query:
        source = logsource or {"product": "aws", "service": "cloudtrail"}
        text = json.dumps({"title": "t", "logsource": source, "detection": detection}, indent=1)
        rules, problems = read_rules(text.encode(), "rules/x.yml")
        assert not problems, problems
        return targets()["elasticsearch"].compile(rules[0], pipeline=pipeline, index=index, language=language)

    return compiled

"""Every rule has cases, every case file has a rule, and every case is answered as a person answered it."""

from __future__ import annotations

from pathlib import Path

import pytest

from remit.cases import Case, acme, case_path, load_cases, prove, read_cases
from remit.cli.test import ENGINES
from remit.content import content_root, load_content, load_rules
from remit_enrichment.registry.lookup import Registry

CONTENT = load_content()
RULES = [*CONTENT.rules, *CONTENT.correlations]
CASES = load_cases(RULES)


@pytest.fixture(scope="session")
def registry() -> Registry:
    return acme()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}:{case.name}")
def test_a_case_is_answered_as_written(case: Case, registry: Registry) -> None:
    outcomes = list(prove([case], CONTENT, registry, ENGINES))

    assert [(outcome.engine, outcome.complaints) for outcome in outcomes] == [(name, ()) for name in ENGINES]


def test_every_case_file_has_a_rule() -> None:
    with_cases = {case_path(rule) for rule in RULES}

    assert set((content_root() / "tests" / "rules").rglob("*.yml")) == with_cases


def test_a_wrong_expectation_is_told(registry: Registry) -> None:
    fires = next(case for case in CASES if case.kind == "fires")
    turned = Case(
        rule=fires.rule, name="turned", kind="benign", place=fires.place, events=fires.events, match=frozenset()
    )

    [outcome] = prove([turned], CONTENT, registry, {"meaning": ENGINES["meaning"]})

    assert outcome.complaints[0].startswith("fires on event 0")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no case of kind fires, near_miss, benign"),
        ("- {name: a, kind: fires, events: []}", "a case without events"),
        ("- {name: a, kind: often, events: [{a: 1}]}", "`often` is no kind of case"),
        ("- {name: a, kind: fires, events: [{nhi: {a: 1}}]}", "holds `nhi`"),
        ("- {name: a, kind: fires, match: [1], events: [{a: 1}]}", "`match` counts out events"),
        ("- {name: a, kind: fires, expect: yes, events: [{a: 1}]}", "unknown key `expect`"),
        ("- {name: a, kind: fires, events: [{account: 0123}]}", "is read differently by different tools"),
    ],
)
def test_a_bad_case_file_is_refused(text: str, said: str) -> None:
    _, problems = read_cases(text, "tests/rules/x.yml", "x")

    assert any(said in problem.what for problem in problems)


def test_a_rule_without_cases_is_refused(tmp_path: Path) -> None:
    rule = tmp_path / "lonely.yml"
    rule.write_text(
        "title: x\nid: 11111111-1111-4111-8111-111111111111\nlogsource: {product: aws}\n"
        "detection: {a: {b: c}, condition: a}\n"
    )

    with pytest.raises(Exception, match="the rule has no cases"):
        load_cases(load_rules([rule]))

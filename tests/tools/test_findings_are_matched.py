"""No finding on a change is silent: whatever the verdict, one of the rules on the tags fires."""

from __future__ import annotations

from itertools import product

import pytest

from remit.content import Rule, load_rules
from remit.meaning import matcher
from remit_enrichment.fields import CLASSES
from remit_enrichment.judgement import FINDINGS, MUTATING

ON_VERDICT = {rule.id: (rule, matcher(rule)) for rule in load_rules() if rule.logsource.category == "nhi_activity"}
OUT_OF_BOUNDARY = [("scope", "out_of_boundary"), ("network", "out_of_boundary"), ("time", "off_hours")]


def fired(action_class: str | None, **verdict: str) -> list[Rule]:
    nhi = {"verdict": verdict} | ({} if action_class is None else {"action": {"class": action_class}})
    return [rule for rule, holds in ON_VERDICT.values() if holds({"nhi": nhi})]


@pytest.mark.parametrize(("intent", "action_class"), sorted(product(FINDINGS, MUTATING)))
def test_a_finding_on_a_change_fires_exactly_one_rule(intent: str, action_class: str) -> None:
    assert len(fired(action_class, intent=intent)) == 1


@pytest.mark.parametrize(("where", "action_class"), sorted(product(OUT_OF_BOUNDARY, MUTATING)))
def test_a_change_out_of_the_boundary_fires_even_where_the_task_allows_it(
    where: tuple[str, str], action_class: str
) -> None:
    assert len(fired(action_class, intent="aligned", **dict([where]))) == 1


@pytest.mark.parametrize("intent", ["aligned", "not_applicable"])
@pytest.mark.parametrize("action_class", CLASSES)
def test_what_is_no_finding_fires_nothing(intent: str, action_class: str) -> None:
    assert fired(action_class, intent=intent, scope="in_boundary") == []


@pytest.mark.parametrize(("intent", "action_class"), sorted(product(FINDINGS, set(CLASSES) - MUTATING)))
def test_a_finding_that_changes_nothing_is_left_to_other_rules(intent: str, action_class: str) -> None:
    assert fired(action_class, intent=intent) == []


def test_an_event_that_broke_the_enrichment_fires() -> None:
    assert len(fired(None, intent="indeterminate")) == 1

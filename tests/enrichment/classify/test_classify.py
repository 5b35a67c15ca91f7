"""Classes of actions against their definitions: named examples, event facts, the marked fallback."""

from __future__ import annotations

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import _classify, classify
from remit_enrichment.judgement import Classified


def classified(action: str, level: str | None = None, event_class: str | None = None) -> Classified:
    return classify(
        Activity(
            source="aws.cloudtrail",
            platform="aws",
            event_id=None,
            time=None,
            action=action,
            access_level=level,
            event_class=event_class,
        )
    )


@pytest.mark.parametrize(
    ("action", "action_class"),
    [
        ("ec2:DescribeInstances", "discovery"),
        ("sts:GetCallerIdentity", "discovery"),
        ("s3:GetObject", "data_read"),
        ("dynamodb:GetItem", "data_read"),
        ("logs:GetLogEvents", "data_read"),
        ("secretsmanager:GetSecretValue", "secrets_read"),
        ("ssm:GetParameter", "secrets_read"),
        ("rds:StartExportTask", "data_export"),
        ("s3:DeleteObject", "delete"),
        ("ec2:TerminateInstances", "delete"),
        ("kms:ScheduleKeyDeletion", "delete"),
        ("iam:CreateUser", "identity_admin"),
        ("iam:AttachUserPolicy", "identity_admin"),
        ("iam:PutRolePolicy", "identity_admin"),
        ("iam:CreateAccessKey", "identity_admin"),
        ("ec2:AuthorizeSecurityGroupIngress", "network_admin"),
        ("ec2:CreateRoute", "network_admin"),
        ("ec2:DeleteNetworkAclEntry", "network_admin"),
        ("cloudtrail:StopLogging", "logging_admin"),
        ("cloudtrail:DeleteTrail", "logging_admin"),
        ("ssm:SendCommand", "compute_exec"),
        ("ssm:StartSession", "compute_exec"),
        ("ec2:RunInstances", "compute_exec"),
        ("lambda:UpdateFunctionCode", "compute_exec"),
        ("sts:AssumeRole", "auth"),
        ("signin:ConsoleLogin", "auth"),
    ],
)
def test_the_map_agrees_with_the_definition_of_the_class(action: str, action_class: str) -> None:
    found = classified(action)

    assert (found.action_class, found.source) == (action_class, "map")


@pytest.mark.parametrize("event_class", [None, "data_read"])
@pytest.mark.parametrize(
    ("action", "action_class"),
    [("s3:DeleteObject", "delete"), ("ec2:RunInstances", "compute_exec"), ("iam:CreateUser", "identity_admin")],
)
def test_a_read_only_flag_never_lowers_the_class_of_a_known_action(
    action: str, action_class: str, event_class: str | None
) -> None:
    found = classified(action, "read", event_class)

    assert (found.action_class, found.source) == (action_class, "map")
    assert found.access_level in ("write", "permissions")


def test_what_the_event_states_is_not_contradicted_by_a_guess() -> None:
    assert classified("newthing:DeleteThing", level="read").action_class == "read"
    assert classified("ec2:DescribeSomething", level="write").action_class == "write"
    assert classified("s3:GetObject", "read", "data_read").action_class == "data_read"
    assert classified("newthing:GetRecords", "read", "data_read").action_class == "data_read"


def test_what_the_event_states_is_refined() -> None:
    assert classified("s3:ListObjects", "read", "data_read").action_class == "discovery"
    assert classified("secretsmanager:GetSecretValue", level="read").action_class == "secrets_read"
    assert classified("iam:CreateUser", level="write").action_class == "identity_admin"
    assert classified("signin:ConsoleLogin", level="write").action_class == "auth"


@pytest.mark.parametrize(
    ("action", "action_class"),
    [("newthing:RemoveEverything", "delete"), ("newthing:GetThing", "read"), ("newthing:FrobThing", "write")],
)
def test_an_unknown_action_falls_back_on_its_verb_and_says_so(action: str, action_class: str) -> None:
    found = classified(action)

    assert (found.action_class, found.source) == (action_class, "fallback")


def test_the_verb_is_no_fallback_where_the_event_says_as_much() -> None:
    assert classified("newthing:FrobThing", level="write").source == "event"
    assert classified("newthing:RemoveThing", level="write").source == "fallback"


def test_a_very_long_name_is_classed_and_not_remembered() -> None:
    before = _classify.cache_info().currsize

    assert classified("tool:delete_" + "x" * 10_000).action_class == "delete"
    assert _classify.cache_info().currsize == before


def test_a_name_without_letters_is_a_write() -> None:
    assert classified("").action_class == "write"
    assert classified("::").action_class == "write"

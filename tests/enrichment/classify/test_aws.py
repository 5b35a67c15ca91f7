"""The AWS maps: the hand map names real actions, and the table of facts gives the classes that are defined."""

from __future__ import annotations

import pytest

from remit_enrichment.classify import aws
from remit_enrichment.classify._aws_names import ACTIONS, SERVICES, iam_name
from remit_enrichment.classify._platform import any_of

NOT_IN_IAM = {
    "cloudtrail:Insight",  # our own name for what CloudTrail itself observed
    "signin:*",
    "bedrock-agentcore:InvokeMcp",  # the name of InvokeGateway during the preview
    "rolesanywhere:CreateSession",
    "sso:Authenticate",
    "sso:CreateToken*",
    "sso:Federate",
    "sso:GetRoleCredentials",
    "sso:Logout",
    "sso-oauth:*",
    "ec2-instance-connect:GetSerial*",
}
"""Logged by CloudTrail, unknown to the Service Authorization Reference."""


def known() -> set[str]:
    return set(aws._table()[0])


@pytest.mark.parametrize("action_class", aws.BY_HAND)
def test_every_pattern_of_the_hand_map_fits_an_action_that_aws_documents(action_class: str) -> None:
    actions = known()
    dead = []
    for pattern in aws.BY_HAND[action_class].split():
        if pattern in NOT_IN_IAM or iam_name(pattern) in actions:
            continue
        service, _, action = pattern.partition(":")
        fits = any_of(f"{SERVICES.get(service, service)}:{action}")
        logged = [name for name, iam in ACTIONS.items() if iam in actions]
        if not any(fits.fullmatch(name) for name in [*actions, *logged]):
            dead.append(pattern)

    assert dead == []


def test_every_alias_leads_to_an_action_that_aws_documents() -> None:
    assert {iam for iam in ACTIONS.values() if iam not in known()} == set()


@pytest.mark.parametrize(
    ("logged", "iam"),
    [
        ("monitoring:PutMetricAlarm", "cloudwatch:putmetricalarm"),
        ("s3:ListObjects", "s3:listbucket"),
        ("s3:HeadBucket", "s3:listbucket"),
        ("s3:DeleteObjects", "s3:deleteobject"),
        ("s3:GetBucketMetricsConfiguration", "s3:getmetricsconfiguration"),
        ("s3:ListBucketInventoryConfigurations", "s3:getinventoryconfiguration"),
        ("lambda:Invoke", "lambda:invokefunction"),
        ("lambda:GetFunction20150331v2", "lambda:getfunction"),
        ("cloudfront:CreateDistribution2020_05_31", "cloudfront:createdistribution"),
        ("tagging:GetResources", "tag:getresources"),
    ],
)
def test_what_cloudtrail_logs_is_found_under_its_iam_name(logged: str, iam: str) -> None:
    assert iam_name(logged) == iam
    assert iam in known()


@pytest.mark.parametrize(
    ("name", "action_class", "level"),
    [
        # by the table alone: access level, verb, tags
        ("ec2:DescribeRouteTables", "discovery", "list"),
        ("iam:GetRole", "read", "read"),
        ("iam:ListUsers", "discovery", "list"),
        ("codecommit:GetBlob", "data_read", "read"),
        ("ecr:GetAuthorizationToken", "secrets_read", "read"),
        ("lightsail:DownloadDefaultKeyPair", "secrets_read", "write"),
        ("rds:ModifyDBInstance", "write", "write"),
        ("rds:DeleteDBInstance", "delete", "write"),
        ("s3:DeleteObjectTagging", "write", "tagging"),
        ("ecr:SetRepositoryPolicy", "identity_admin", "permissions"),
        ("iam:DeleteUser", "identity_admin", "permissions"),
        ("iam:TagRole", "identity_admin", "tagging"),
        # by hand
        ("iam:UpdateAssumeRolePolicy", "identity_admin", "permissions"),
        ("s3:PutBucketPolicy", "network_admin", "permissions"),
        ("lambda:CreateFunctionUrlConfig", "network_admin", "write"),
        ("s3:PutBucketLifecycle", "delete", "write"),
        ("ec2:ModifySnapshotAttribute", "data_export", "permissions"),
        ("bedrock:UpdateAgent", "agent_admin", "write"),
        ("bedrock-agentcore:CreateGateway", "agent_admin", "write"),
        ("bedrock-agentcore:GetGateway", "read", "read"),
        ("bedrock:DeleteGuardrail", "logging_admin", "write"),
        ("bedrock:PutModelInvocationLoggingConfiguration", "logging_admin", "write"),
        ("bedrock-agentcore:InvokeCodeInterpreter", "compute_exec", "write"),
        ("servicequotas:RequestServiceQuotaIncrease", "billing", "write"),
        ("secretsmanager:GetSecretValue", "secrets_read", "read"),
    ],
)
def test_classes_and_levels_of_named_actions(name: str, action_class: str, level: str) -> None:
    assert aws.mapped(name) == (action_class, level)


def test_case_does_not_hide_an_action() -> None:
    assert aws.mapped("IAM:createuser") == aws.mapped("iam:CreateUser")


def test_no_reading_action_of_the_table_is_classed_as_a_change() -> None:
    levels, _ = aws._table()
    changing = {
        name
        for name, level in levels.items()
        if level in ("list", "read") and (found := aws.mapped(name)) and found.action_class in aws._STATEFUL
    }

    assert changing == set()


def test_an_action_that_neither_map_knows_is_unknown() -> None:
    assert aws.mapped("newthing:FrobThing") is None
    assert aws.mapped("") is None

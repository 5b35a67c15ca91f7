"""Classes of AWS actions, by hand where the meaning matters more than the verb.

Each class lists name patterns (`*` stands for any text); the first class with a pattern that fits wins, so what is
graver stands first. Definitions of the classes: docs, "Action classes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

BY_HAND: Mapping[str, tuple[str, ...]] = {
    "discovery": (
        "sts:GetCallerIdentity",
        "iam:GetAccountSummary",
        "*:Describe*",
        "*:List*",
        "cloudtrail:LookupEvents",
        "cloudtrail:Insight",
    ),
    "auth": (
        "sts:AssumeRole*",
        "sts:AssumeRoot",
        "sts:GetSessionToken",
        "sts:GetFederationToken",
        "signin:*",
        "sso:CreateToken",
        "sso:GetRoleCredentials",
        "sso:Federate",
        "sso:Authenticate",
    ),
    "secrets_read": (
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "ec2:GetPasswordData",
    ),
    "data_read": (
        "s3:GetObject",
        "s3:SelectObjectContent",
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
    ),
    "read": ("iam:Get*", "iam:Simulate*", "iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"),
    "identity_admin": (
        "iam:*",
        "kms:PutKeyPolicy",
        "kms:CreateGrant",
        "lambda:AddPermission*",
        "secretsmanager:PutResourcePolicy",
    ),
    "logging_admin": (
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:PutInsightSelectors",
        "logs:DeleteLogGroup",
        "logs:DeleteLogStream",
        "logs:PutRetentionPolicy",
        "ec2:DeleteFlowLogs",
        "s3:PutBucketLogging",
        "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder",
        "guardduty:DeleteDetector",
        "guardduty:UpdateDetector",
    ),
    "network_admin": (
        "ec2:AuthorizeSecurityGroup*",
        "ec2:RevokeSecurityGroup*",
        "ec2:ModifySecurityGroupRules",
        "ec2:CreateSecurityGroup",
        "ec2:DeleteSecurityGroup",
        "ec2:CreateRoute",
        "ec2:ReplaceRoute",
        "ec2:DeleteRoute",
        "ec2:*NetworkAcl*",
        "lambda:CreateFunctionUrlConfig",
        "s3:PutBucketPolicy",
        "s3:PutBucketAcl",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:DeleteBucketPublicAccessBlock",
        "rds:AuthorizeDBSecurityGroupIngress",
    ),
    "data_export": (
        "ec2:ModifySnapshotAttribute",
        "ec2:ModifyImageAttribute",
        "ec2:CreateStoreImageTask",
        "ec2:CreateInstanceExportTask",
        "rds:StartExportTask",
        "rds:ModifyDBSnapshotAttribute",
        "rds:ModifyDBClusterSnapshotAttribute",
        "dynamodb:ExportTableToPointInTime",
    ),
    "compute_exec": (
        "ssm:SendCommand",
        "ssm:StartSession",
        "ssm:ResumeSession",
        "ssm:StartAutomationExecution",
        "ec2:RunInstances",
        "ec2:StartInstances",
        "ec2-instance-connect:SendSSHPublicKey",
        "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
        "lambda:Invoke*",
        "lambda:UpdateFunctionCode",
        "lambda:CreateFunction",
    ),
    "delete": ("*:Delete*", "*:Terminate*", "kms:ScheduleKeyDeletion", "s3:PutBucketLifecycle*"),
}


def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns), re.DOTALL)


_PATTERNS = tuple((action_class, _compiled(patterns)) for action_class, patterns in BY_HAND.items())


def mapped_class(name: str) -> str | None:
    """Class of an AWS action by the map; None where the map does not know it."""
    for action_class, pattern in _PATTERNS:
        if pattern.fullmatch(name):
            return action_class
    return None

"""Classes of AWS actions: by hand where the meaning matters more than the access level, else from the table of facts.

Definitions of the classes: docs, "Action classes". `aws_actions.tsv` is made by `tools/facts/aws_actions.py`.
"""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Mapping
from functools import cache

from remit_enrichment.classify._aws_names import ACTIONS, SERVICES, iam_name
from remit_enrichment.classify._platform import Mapped, compiled

BY_HAND: Mapping[str, str] = {
    "auth": """
        sts:AssumeRo* sts:GetSessionToken sts:GetFederationToken sts:GetDelegatedAccessToken signin:*
        sso:CreateToken* sso:GetRoleCredentials sso:Federate sso:Authenticate sso:Logout sso-oauth:*
        cognito-idp:*InitiateAuth cognito-idp:*RespondToAuthChallenge cognito-identity:GetId
        cognito-identity:GetCredentialsForIdentity cognito-identity:GetOpenIdToken*
        rolesanywhere:CreateSession eks-auth:AssumeRoleForPodIdentity bedrock-agentcore:GetWorkloadAccessToken*
    """,
    "secrets_read": """
        secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue
        ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath ssm:GetParameterHistory
        ec2:GetPasswordData ec2-instance-connect:GetSerial*
        bedrock-agentcore:GetResourceOauth2Token bedrock-agentcore:GetResourceApiKey
        redshift:GetClusterCredentials* redshift-serverless:GetCredentials lightsail:GetInstanceAccessDetails
        lightsail:DownloadDefaultKeyPair lightsail:GetRelationalDatabaseMasterUserPassword
    """,
    "read": """
        kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey* kms:GenerateMac kms:GenerateRandom kms:Sign
        kms:Verify* kms:DeriveSharedSecret bedrock:InvokeModel* bedrock:Converse* bedrock:ApplyGuardrail
        waf:GetChangeToken waf-regional:GetChangeToken
    """,
    "write": "bedrock-agentcore:InvokeGateway bedrock-agentcore:InvokeMcp",
    "discovery": "sts:GetCallerIdentity cloudtrail:LookupEvents cloudtrail:Insight iam:GetAccountSummary",
    "untrusted_read": "support:DescribeCommunications workmailmessageflow:GetRawMessageContent",
    "logging_admin": """
        cloudtrail:StopLogging cloudtrail:StartLogging cloudtrail:CreateTrail cloudtrail:DeleteTrail
        cloudtrail:UpdateTrail cloudtrail:PutEventSelectors cloudtrail:PutInsightSelectors
        cloudtrail:PutEventConfiguration cloudtrail:StopEventDataStoreIngestion cloudtrail:*EventDataStore
        cloudtrail:DisableFederation cloudtrail:*Channel
        logs:DeleteLogGroup logs:DeleteLogStream logs:PutRetentionPolicy logs:DeleteRetentionPolicy
        logs:*SubscriptionFilter logs:*Destination logs:*DeliverySource logs:*DeliveryDestination logs:*Delivery
        logs:*DataProtectionPolicy logs:*MetricFilter
        ec2:CreateFlowLogs ec2:DeleteFlowLogs ec2:DisableEbsEncryptionByDefault ec2:DisableImageBlockPublicAccess
        ec2:DisableSnapshotBlockPublicAccess s3:PutBucketLogging
        config:DeleteConfigurationRecorder config:StopConfigurationRecorder config:PutConfigurationRecorder
        config:StartConfigurationRecorder config:DeleteDeliveryChannel config:PutDeliveryChannel
        config:DeleteConfigRule config:DeleteEvaluationResults config:DeleteConfigurationAggregator
        config:*ConformancePack config:*OrganizationConfigRule
        guardduty:CreateDetector guardduty:DeleteDetector guardduty:UpdateDetector guardduty:*Filter guardduty:*IPSet
        guardduty:*ThreatIntelSet guardduty:*PublishingDestination guardduty:DisassociateFromMasterAccount
        guardduty:DisassociateFromAdministratorAccount guardduty:DisassociateMembers guardduty:DeleteMembers
        guardduty:StopMonitoringMembers guardduty:ArchiveFindings guardduty:DisableOrganizationAdminAccount
        securityhub:Disable* securityhub:BatchDisableStandards securityhub:Disassociate* securityhub:Delete*
        securityhub:UpdateStandardsControl securityhub:UpdateSecurityHubConfiguration
        macie2:Disable* macie2:UpdateMacieSession inspector2:Disable* detective:DeleteGraph
        access-analyzer:DeleteAnalyzer access-analyzer:*ArchiveRule securitylake:Delete*
        monitoring:DeleteAlarms monitoring:DisableAlarmActions monitoring:SetAlarmState monitoring:PutMetricAlarm
        events:DisableRule events:DeleteRule events:RemoveTargets
        route53resolver:*QueryLogConfig wafv2:*LoggingConfiguration waf*:DeleteLoggingConfiguration
        bedrock:PutModelInvocationLoggingConfiguration bedrock:DeleteModelInvocationLoggingConfiguration
        bedrock:CreateGuardrail bedrock:UpdateGuardrail bedrock:DeleteGuardrail bedrock:CreateGuardrailVersion
        bedrock:*EnforcedGuardrailConfiguration organizations:DisableAWSServiceAccess
    """,
    "network_admin": """
        ec2:AuthorizeSecurityGroup* ec2:RevokeSecurityGroup* ec2:ModifySecurityGroupRules
        ec2:UpdateSecurityGroupRuleDescriptions* ec2:CreateSecurityGroup ec2:DeleteSecurityGroup
        ec2:*SecurityGroupVpc ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute ec2:*RouteTable*
        ec2:*NetworkAcl* ec2:*InternetGateway ec2:*NatGateway ec2:*VpcPeeringConnection* ec2:*VpcEndpoint*
        ec2:*VpnConnection* ec2:*VpnGateway* ec2:*CustomerGateway ec2:*TransitGateway* ec2:AssociateAddress
        ec2:DisassociateAddress ec2:*ClientVpn* ec2:*ManagedPrefixList ec2:ModifyVpcBlockPublicAccess*
        ec2:*NetworkInterfacePermission
        lambda:CreateFunctionUrlConfig lambda:UpdateFunctionUrlConfig
        s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketAcl s3:*PublicAccessBlock s3:PutBucketWebsite
        s3:PutBucketCors s3:PutObjectAcl s3:*AccessPointPolicy
        rds:*DBSecurityGroup* redshift:*ClusterSecurityGroup* redshift:ModifyClusterSubnetGroup
        elasticache:*CacheSecurityGroup* elasticfilesystem:*MountTarget* network-firewall:*
        wafv2:* waf:* waf-regional:* shield:* route53resolver:*Firewall* apigateway:UpdateRestApiPolicy
    """,
    "data_export": """
        ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute ec2:ModifyFpgaImageAttribute ec2:CreateStoreImageTask
        ec2:CreateInstanceExportTask ec2:ExportImage ebs:GetSnapshotBlock
        rds:StartExportTask rds:ModifyDBSnapshotAttribute rds:ModifyDBClusterSnapshotAttribute
        dynamodb:ExportTableToPointInTime logs:CreateExportTask redshift:AuthorizeSnapshotAccess
        redshift:AuthorizeDataShare redshift:ModifySnapshot* s3:PutBucketReplication s3:CreateJob
        lightsail:ExportSnapshot backup:StartCopyJob datasync:StartTaskExecution dms:StartReplicationTask
        ram:CreateResourceShare ram:AssociateResourceShare kms:GetParametersForImport
    """,
    "compute_exec": """
        ssm:SendCommand ssm:StartSession ssm:ResumeSession ssm:StartAutomationExecution ssm:CreateAssociation*
        ssm:UpdateAssociation ec2:RunInstances ec2:StartInstances ec2:RequestSpotInstances ec2:RequestSpotFleet
        ec2:CreateFleet ec2-instance-connect:SendSSHPublicKey ec2-instance-connect:SendSerialConsoleSSHPublicKey
        ec2-instance-connect:OpenTunnel
        lambda:Invoke* lambda:UpdateFunctionCode lambda:CreateFunction lambda:CreateEventSourceMapping
        ecs:RunTask ecs:StartTask ecs:ExecuteCommand ecs:CreateService batch:SubmitJob
        glue:StartJobRun glue:CreateJob glue:UpdateJob glue:CreateDevEndpoint glue:UpdateDevEndpoint glue:RunStatement
        glue:CreateSession
        sagemaker:CreateNotebookInstance sagemaker:StartNotebookInstance
        sagemaker:CreatePresigned* sagemaker:CreateTrainingJob sagemaker:CreateProcessingJob
        codebuild:StartBuild* codebuild:CreateProject codebuild:UpdateProject codepipeline:StartPipelineExecution
        elasticmapreduce:RunJobFlow elasticmapreduce:AddJobFlowSteps emr-serverless:StartJobRun
        emr-containers:StartJobRun states:StartExecution states:StartSyncExecution datapipeline:ActivatePipeline
        cloudshell:CreateSession cloudshell:StartEnvironment apprunner:CreateService
        bedrock-agentcore:*InvokeCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession
        bedrock-agentcore:StartBrowserSession bedrock-agentcore:InvokeAgentRuntimeCommand*
    """,
    "agent_admin": """
        bedrock:CreateAgent* bedrock:UpdateAgent* bedrock:DeleteAgent* bedrock:PrepareAgent
        bedrock:AssociateAgent* bedrock:DisassociateAgent* bedrock:*KnowledgeBase bedrock:*DataSource
        bedrock:StartIngestionJob bedrock:CreateFlow* bedrock:UpdateFlow* bedrock:DeleteFlow* bedrock:PrepareFlow
        bedrock:CreatePrompt* bedrock:UpdatePrompt bedrock:DeletePrompt bedrock:*KnowledgeBaseDocuments
        bedrock-agentcore:Create* bedrock-agentcore:Update* bedrock-agentcore:Delete* bedrock-agentcore:Put*
        bedrock-agentcore:Set* bedrock-agentcore:Synchronize*
        qbusiness:CreatePlugin qbusiness:UpdatePlugin qbusiness:DeletePlugin qbusiness:*DataAccessor
    """,
    "billing": """
        bedrock:CreateFoundationModelAgreement bedrock:DeleteFoundationModelAgreement
        bedrock:PutFoundationModelEntitlement bedrock:PutUseCaseForModelAccess
        bedrock:CreateProvisionedModelThroughput servicequotas:Request* servicequotas:PutServiceQuota*
        budgets:Create* budgets:Update* budgets:Delete* ce:Create* ce:Update* ce:Delete*
        agreement-marketplace:Accept* agreement-marketplace:Cancel* billing:Update* payments:Update*
        savingsplans:Create* ec2:Purchase* rds:Purchase*
    """,
    "identity_admin": """
        organizations:*Policy organizations:*PolicyType organizations:*DelegatedAdministrator
        organizations:LeaveOrganization organizations:InviteAccountToOrganization organizations:AcceptHandshake
        organizations:CreateAccount organizations:EnableAWSServiceAccess
        kms:PutKeyPolicy kms:CreateGrant kms:RetireGrant kms:RevokeGrant
        *:AddPermission *:RemovePermission *:PutResourcePolicy *:DeleteResourcePolicy
        cognito-identity:SetIdentityPoolRoles cognito-idp:AdminCreateUser cognito-idp:AdminSetUserPassword
        cognito-idp:AdminAddUserToGroup eks:*AccessEntry eks:*AccessPolicy eks:*PodIdentityAssociation
        ec2:*IamInstanceProfile ec2:ReplaceIamInstanceProfileAssociation ec2:ModifyInstanceMetadataOptions
        rolesanywhere:Create* rolesanywhere:Update* rolesanywhere:Delete* rolesanywhere:Enable*
        ssm:ModifyDocumentPermission
    """,
    "delete": """
        kms:ScheduleKeyDeletion kms:DeleteImportedKeyMaterial s3:PutBucketLifecycle* s3:DeleteBucketLifecycle
        ec2:DeregisterImage organizations:CloseAccount sqs:PurgeQueue
    """,
}
"""Patterns by class, `*` for any text; the first class whose pattern fits wins. Reads that a pattern would catch by its
noun (`ec2:DescribeRouteTables`) are told apart by the access level of the table."""

IDENTITY_SERVICES = frozenset({"iam", "sso", "identitystore", "sso-directory", "identity-sync"})
"""Whatever changes state here changes who may do what."""

_STATEFUL = frozenset({"identity_admin", "network_admin", "logging_admin", "agent_admin", "billing", "delete"})
_CHANGING = frozenset({"write", "permissions", "tagging"})
_DELETING = re.compile(r"^(batch)?(delete|terminate|purge|destroy)")


@cache
def _table() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """(action -> access level, tag -> actions), lower-cased."""
    levels: dict[str, str] = {}
    tags: dict[str, frozenset[str]] = {}
    text = (importlib.resources.files("remit_enrichment.classify") / "aws_actions.tsv").read_text("utf-8")
    for line in text.lower().splitlines():
        if line.startswith("#"):
            continue
        service, level, names = line.split("\t")
        if service == "*":
            tags[level] = frozenset(names.split())
        else:
            levels.update(dict.fromkeys([f"{service}:{name}" for name in names.split()], level))
    return levels, tags


@cache
def known_actions() -> frozenset[str]:
    """Names of all actions that the maps know, lower-cased, as logs and as IAM write them."""
    levels, _ = _table()
    logged: dict[str, list[str]] = {}
    for service, iam in SERVICES.items():
        logged.setdefault(iam, []).append(service)
    renamed = {
        f"{service}:{action}"
        for name in levels
        for iam, _, action in (name.partition(":"),)
        for service in logged.get(iam, ())
    }
    return frozenset(levels) | frozenset(ACTIONS) | renamed


_PATTERNS = compiled(BY_HAND)


def mapped(name: str) -> Mapped | None:
    """What the maps know of an AWS action; None where neither knows it."""
    levels, tags = _table()
    iam = iam_name(name)
    level = levels.get(iam)
    reads = level == "list" or level == "read"
    for action_class, pattern in _PATTERNS:
        if pattern.fullmatch(name) and not (reads and action_class in _STATEFUL):
            return Mapped(action_class, level)
    if level is None:
        return None
    return Mapped(_by_facts(iam, level, tags), level)


def _by_facts(iam: str, level: str, tags: Mapping[str, frozenset[str]]) -> str:
    service, _, action = iam.partition(":")
    if level in _CHANGING:
        if service in IDENTITY_SERVICES or level == "permissions" or iam in tags["privesc"]:
            return "identity_admin"
        return "delete" if level == "write" and _DELETING.match(action) else "write"
    if iam in tags["credentialexposure"]:
        return "secrets_read"
    if iam in tags["dataaccess"]:
        return "data_read"
    return "discovery" if level == "list" or action.startswith("describe") else "read"

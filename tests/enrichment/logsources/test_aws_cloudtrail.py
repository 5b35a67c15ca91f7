"""The CloudTrail reader, on events after the CloudTrail and IAM user guides."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim, Issuance
from remit_enrichment.logsources import aws_cloudtrail as cloudtrail
from remit_enrichment.logsources import sources

ROLE = "arn:aws:iam::111122223333:role/agents/dba"
SESSION = "arn:aws:sts::111122223333:assumed-role/dba/TASK-1"


def event(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": assumed(),
        "eventTime": "2026-04-12T09:30:00Z",
        "eventSource": "rds.amazonaws.com",
        "eventName": "ModifyDBInstance",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2.34",
        "requestParameters": {"dBInstanceIdentifier": "staging-1"},
        "responseElements": None,
        "eventID": "e-1",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "recipientAccountId": "111122223333",
    }
    return {**base, **changes}


def assumed(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEDBA0000001:TASK-1",
        "arn": SESSION,
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLE000000001",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEDBA0000001",
                "arn": ROLE,
                "accountId": "111122223333",
                "userName": "dba",
            },
            "attributes": {"creationDate": "2026-04-12T09:00:00Z", "mfaAuthenticated": "false"},
        },
    }
    return {**base, **changes}


def iam_user(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE0000000001",
        "arn": "arn:aws:iam::111122223333:user/bots/ci",
        "accountId": "111122223333",
        "accessKeyId": "AKIAEXAMPLE000000001",
        "userName": "ci",
    }
    return {**base, **changes}


def read(**changes: Any) -> Activity:
    return cloudtrail.read(event(**changes))


def s3(name: str, parameters: dict[str, Any], **changes: Any) -> Activity:
    return read(eventSource="s3.amazonaws.com", eventName=name, requestParameters=parameters, **changes)


def test_the_module_is_found_as_a_log_source() -> None:
    assert "aws.cloudtrail" in {source.NAME for source in sources()}


def test_a_role_session_is_named_by_the_roles_own_arn_with_its_path() -> None:
    principal = read().principal

    assert principal is not None
    assert principal.id == f"aws:role:{ROLE}"
    assert (principal.kind, principal.unique_id, principal.native) == ("role", "AROAEXAMPLEDBA0000001", SESSION)


def test_a_session_without_its_issuer_has_a_unique_id_and_no_invented_arn() -> None:
    principal = read(userIdentity=assumed(sessionContext={})).principal

    assert principal is not None
    assert principal.id is None
    assert principal.aliases == ("AROAEXAMPLEDBA0000001",)


def test_an_iam_user_is_human_only_by_console_evidence() -> None:
    plain = read(userIdentity=iam_user(), userAgent="Mozilla/5.0").principal
    console = read(userIdentity=iam_user(), sessionCredentialFromConsole="true").principal

    assert plain is not None
    assert console is not None
    assert (plain.kind, plain.human_evidence) == ("user", None)
    assert (console.kind, console.human_evidence) == ("human", "sessionCredentialFromConsole")
    assert plain.id == "aws:user:arn:aws:iam::111122223333:user/bots/ci"


@pytest.mark.parametrize(
    ("identity", "expected_id", "kind"),
    [
        ({"type": "Root", "accountId": "1", "arn": "arn:aws:iam::1:root"}, "aws:root:1", "human"),
        ({"type": "Root", "arn": "arn:aws:iam::1:root"}, "aws:root:1", "human"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "aws:service:ec2.amazonaws.com", "platform_service"),
        ({"type": "AWSService", "invokedBy": "AWS Internal"}, None, "platform_service"),
        ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}, None, "human"),
        ({"type": "SAMLUser", "principalId": "x:Sam", "userName": "Sam"}, None, "human"),
        ({"type": "WebIdentityUser", "principalId": "idp:aud:sub"}, None, "external"),
        ({"type": "AWSAccount", "principalId": "AROAX:s", "accountId": "2"}, None, "external"),
        ({"type": "Unknown", "accountId": "anonymous"}, None, "unknown"),
    ],
)
def test_the_other_callers(identity: dict[str, Any], expected_id: str | None, kind: str) -> None:
    principal = read(userIdentity=identity).principal

    assert principal is not None
    assert (principal.id, principal.kind) == (expected_id, kind)


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_1", "human"),
        ("arn:aws:iam::1:role/AWSReservedSSO_Admin_1", "role"),
        ("arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", "platform_service"),
    ],
)
def test_only_the_reserved_paths_make_people_and_services_of_roles(arn: str, kind: str) -> None:
    principal = read(userIdentity=assumed(sessionContext={"sessionIssuer": {"arn": arn}})).principal

    assert principal is not None
    assert principal.kind == kind
    assert (principal.human_evidence is not None) == (kind == "human")


def test_a_federated_session_acts_for_the_user_who_asked_for_it() -> None:
    issuer = {"type": "IAMUser", "principalId": "AIDAX", "arn": "arn:aws:iam::1:user/x", "userName": "x"}
    activity = read(
        userIdentity={
            "type": "FederatedUser",
            "arn": "arn:aws:sts::1:federated-user/TASK-9",
            "accessKeyId": "ASIAY",
            "sessionContext": {"sessionIssuer": issuer},
        }
    )

    assert activity.principal is not None
    assert activity.principal.id == "aws:user:arn:aws:iam::1:user/x"
    assert activity.claims == (Claim("TASK-9", "session_name", "userIdentity.arn"),)


def test_credential_session_and_age() -> None:
    activity = read()
    key = read(userIdentity=iam_user())

    assert activity.credential is not None
    assert (activity.credential.id, activity.credential.type) == ("ASIAEXAMPLE000000001", "sts_session")
    assert activity.credential.issued == 1775984400000  # 2026-04-12T09:00:00Z
    assert activity.session == "ASIAEXAMPLE000000001"
    assert key.credential is not None
    assert (key.credential.type, key.credential.issued, key.session) == ("long_lived_key", None, None)
    assert key.handles == ("AKIAEXAMPLE000000001",)


def test_claims_are_collected_from_every_carrier_of_the_caller() -> None:
    identity = assumed()
    identity["sessionContext"]["sourceIdentity"] = "TASK-2"
    activity = read(userIdentity=identity, userAgent="[boto3/1.40 nhi.task/TASK-3]")

    assert activity.claims == (
        Claim("TASK-2", "source_identity", "userIdentity.sessionContext.sourceIdentity"),
        Claim("TASK-1", "session_name", "userIdentity.arn"),
        Claim("TASK-3", "user_agent", "userAgent"),
    )


@pytest.mark.parametrize(
    ("source", "name", "action"),
    [
        ("iam.amazonaws.com", "CreateUser", "iam:CreateUser"),
        ("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("cloudfront.amazonaws.com", "CreateDistribution2020_05_31", "cloudfront:CreateDistribution2020_05_31"),
        ("ec2.amazonaws.com.cn", "RunInstances", "ec2:RunInstances"),
        ("aws-mcp.us-east-1.api.aws", "CallTool", "aws-mcp.us-east-1.api.aws:CallTool"),
    ],
)
def test_action_names(source: str, name: str, action: str) -> None:
    assert read(eventSource=source, eventName=name).action == action


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (None, "success"),
        ("", "success"),
        ("AccessDenied", "denied"),
        ("AccessDeniedException", "denied"),
        ("Client.UnauthorizedOperation", "denied"),
        ("VpceAccessDenied", "denied"),
        ("NoSuchBucket", "failure"),
        ("Client.DryRunOperation", "failure"),
    ],
)
def test_outcomes(code: str | None, outcome: str) -> None:
    assert read(errorCode=code).outcome == outcome


def test_a_failed_console_login_has_no_error_code() -> None:
    activity = read(
        eventSource="signin.amazonaws.com", eventName="ConsoleLogin", responseElements={"ConsoleLogin": "Failure"}
    )

    assert activity.outcome == "failure"


@pytest.mark.parametrize(
    ("source", "parameters", "resources"),
    [
        ("rds", {"dBInstanceIdentifier": "db1"}, ("arn:aws:rds:eu-west-1:111122223333:db:db1",)),
        ("secretsmanager", {"secretId": "staging/db"},
         ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:staging/db",)),
        ("secretsmanager", {"secretId": "arn:aws:secretsmanager:eu-west-1:2:secret:x-1"},
         ("arn:aws:secretsmanager:eu-west-1:2:secret:x-1",)),
        ("kms", {"keyId": "alias/app"}, ("arn:aws:kms:eu-west-1:111122223333:alias/app",)),
        ("ssm", {"name": "/app/db"}, ("arn:aws:ssm:eu-west-1:111122223333:parameter/app/db",)),
        ("ssm", {"instanceIds": ["i-1", "i-2"]},
         ("arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "arn:aws:ec2:eu-west-1:111122223333:instance/i-2")),
        ("ec2", {"instancesSet": {"items": [{"instanceId": "i-1"}]}},
         ("arn:aws:ec2:eu-west-1:111122223333:instance/i-1",)),
        ("iam", {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
         ("arn:aws:iam::111122223333:user/bob",)),
        ("sts", {"roleArn": ROLE}, (ROLE,)),
        ("madeup", {"name": "x"}, None),
        ("rds", None, None),
    ],
)  # fmt: skip
def test_resources_are_built_from_the_request(source: str, parameters: Any, resources: tuple[str, ...] | None) -> None:
    activity = read(eventSource=f"{source}.amazonaws.com", eventName="Something", requestParameters=parameters)

    assert activity.resources == resources


def test_the_bucket_of_an_object_is_no_resource_of_its_own() -> None:
    listed = [{"ARN": "arn:aws:s3:::b/k"}, {"ARN": "arn:aws:s3:::b", "type": "AWS::S3::Bucket"}]

    assert s3("GetObject", {"bucketName": "b", "key": "k"}, resources=listed).resources == ("arn:aws:s3:::b/k",)
    assert s3("GetObject", {"bucketName": "b", "key": "k"}).resources == ("arn:aws:s3:::b/k",)
    assert s3("DeleteBucket", {"bucketName": "b"}).resources == ("arn:aws:s3:::b",)


def test_the_source_of_a_copy_is_always_added() -> None:
    parameters = {"bucketName": "out", "key": "k", "x-amz-copy-source": "secret%2Dplans/a%20b?versionId=1"}
    listed = [{"ARN": "arn:aws:s3:::out/k"}, {"ARN": "arn:aws:s3:::out"}]

    assert s3("CopyObject", parameters, resources=listed).resources == (
        "arn:aws:s3:::out/k",
        "arn:aws:s3:::secret-plans/a b",
    )


def test_partitions_come_from_the_event() -> None:
    china = read(awsRegion="cn-north-1", userIdentity=None)
    gov = read(
        userIdentity=assumed(arn="arn:aws-us-gov:sts::111122223333:assumed-role/dba/x"), awsRegion="us-gov-west-1"
    )

    assert china.resources == ("arn:aws-cn:rds:cn-north-1:111122223333:db:staging-1",)
    assert gov.resources == ("arn:aws-us-gov:rds:us-gov-west-1:111122223333:db:staging-1",)


def test_a_user_named_without_path_is_the_caller_where_it_is_the_caller() -> None:
    own = read(
        userIdentity=iam_user(),
        eventSource="iam.amazonaws.com",
        eventName="AttachUserPolicy",
        requestParameters={"userName": "ci"},
    )
    other = read(
        userIdentity=iam_user(),
        eventSource="iam.amazonaws.com",
        eventName="AttachUserPolicy",
        requestParameters={"userName": "eve"},
    )

    assert [target.id for target in own.targets] == ["aws:user:arn:aws:iam::111122223333:user/bots/ci"]
    assert [target.id for target in other.targets] == ["aws:user:arn:aws:iam::111122223333:user/eve"]


def test_a_refused_call_whose_parameters_are_hidden_is_not_taken_for_one_on_the_caller() -> None:
    def targets(**changes: Any) -> list[str | None]:
        activity = read(
            userIdentity=iam_user(), eventSource="iam.amazonaws.com", eventName="CreateLoginProfile", **changes
        )
        return [target.id for target in activity.targets]

    assert targets(requestParameters=None, errorCode="AccessDenied") == []
    assert targets(requestParameters={}, errorCode="AccessDenied") == [
        "aws:user:arn:aws:iam::111122223333:user/bots/ci"
    ]
    assert targets(requestParameters=None) == ["aws:user:arn:aws:iam::111122223333:user/bots/ci"]


def test_assume_role_mints_a_session_of_the_role_with_its_tags() -> None:
    activity = read(
        userIdentity=iam_user(),
        eventSource="sts.amazonaws.com",
        eventName="AssumeRole",
        requestParameters={
            "roleArn": ROLE,
            "roleSessionName": "TASK-1",
            "sourceIdentity": "TASK-1",
            "tags": [{"key": "nhi:task", "value": "TASK-X"}, {"key": "team", "value": "data"}],
            "incomingTransitiveTags": {"nhi:task": "TASK-1"},
        },
        responseElements={
            "credentials": {"accessKeyId": "ASIANEW", "expiration": "Apr 12, 2026, 10:30:00 PM", "sessionToken": "x"},
            "assumedRoleUser": {"assumedRoleId": "AROAEXAMPLEDBA0000001:TASK-1", "arn": SESSION},
            "sourceIdentity": "TASK-1",
        },
    )

    minted = activity.issuance
    assert minted is not None
    assert (minted.credential_id, minted.principal.id, minted.principal.unique_id) == (
        "ASIANEW",
        f"aws:role:{ROLE}",
        "AROAEXAMPLEDBA0000001",
    )
    assert minted.source_identity == "TASK-1"
    assert minted.session_tags == (("nhi:task", "TASK-1"), ("team", "data"))
    assert (minted.expires, minted.long_lived, minted.provider) == (1776033000000, False, None)
    assert [target.id for target in activity.targets] == [f"aws:role:{ROLE}"]


def test_web_identity_names_provider_audience_and_subject() -> None:
    minted = read(
        userIdentity={"type": "WebIdentityUser", "principalId": "idp.example.com:sts.amazonaws.com:agent-broker:7"},
        eventSource="sts.amazonaws.com",
        eventName="AssumeRoleWithWebIdentity",
        requestParameters={"roleArn": ROLE, "principalTags": {"nhi:task": "TASK-1"}},
        responseElements={
            "provider": "idp.example.com",
            "audience": "sts.amazonaws.com",
            "subjectFromWebIdentityToken": "agent-broker:7",
            "credentials": {"accessKeyId": "ASIAWEB"},
            "sourceIdentity": "TASK-1",
        },
    ).issuance

    assert minted is not None
    assert (minted.provider, minted.audience, minted.subject) == (
        "idp.example.com",
        "sts.amazonaws.com",
        "agent-broker:7",
    )
    assert minted.session_tags == (("nhi:task", "TASK-1"),)


def test_an_access_key_is_long_lived_and_belongs_to_the_named_user() -> None:
    def minted(parameters: Any, **changes: Any) -> Issuance | None:
        return read(
            userIdentity=iam_user(),
            eventSource="iam.amazonaws.com",
            eventName="CreateAccessKey",
            requestParameters=parameters,
            responseElements={"accessKey": {"accessKeyId": "AKIANEW", "status": "Active"}},
            **changes,
        ).issuance

    named, own = minted({"userName": "eve"}), minted(None)
    assert named is not None
    assert own is not None
    assert (named.principal.id, named.long_lived) == ("aws:user:arn:aws:iam::111122223333:user/eve", True)
    assert own.principal.id == "aws:user:arn:aws:iam::111122223333:user/bots/ci"
    assert minted({"userName": "eve"}, errorCode="LimitExceeded") is None


def test_own_facts_of_the_event() -> None:
    data = s3("GetObject", {"bucketName": "b", "key": "k"}, eventCategory="Data", readOnly=True)

    assert (data.event_class, data.access_level) == ("data_read", "read")
    assert (read().event_class, read().access_level) == (None, "write")
    assert read(readOnly=None).access_level is None


def test_a_wrong_type_is_unknown_and_named() -> None:
    activity = read(eventTime=7, sourceIPAddress=["192.0.2.7"], requestParameters="x", eventID={"a": 1})

    assert (activity.time, activity.address, activity.resources, activity.event_id) == (None, None, None, None)
    assert set(activity.errors) == {"eventTime", "sourceIPAddress", "requestParameters", "eventID"}


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [[None]], {"a": {"b": []}}, True])
def test_no_value_of_any_field_makes_the_reader_fail(junk: Any) -> None:
    names = [*event(), "resources", "errorCode", "additionalEventData", "sessionCredentialFromConsole"]
    for name in names:
        assert isinstance(cloudtrail.read(event(**{name: junk})), Activity)
    for name in assumed():
        assert isinstance(read(userIdentity=assumed(**{name: junk})), Activity)
    for name in ("sessionIssuer", "attributes", "sourceIdentity"):
        assert isinstance(read(userIdentity=assumed(sessionContext={name: junk})), Activity)
    for action in ("AssumeRole", "AssumeRoleWithSAML", "GetSessionToken", "GetFederationToken", "CreateAccessKey"):
        for parameters in ({"roleArn": junk, "tags": junk, "principalTags": junk}, {"roleArn": ROLE, "tags": [junk]}):
            for response in (
                {"credentials": junk, "accessKey": junk},
                {"credentials": {"accessKeyId": "A"}, "provider": junk},
            ):
                for host in ("sts.amazonaws.com", "iam.amazonaws.com"):
                    activity = read(
                        eventSource=host, eventName=action, requestParameters=parameters, responseElements=response
                    )
                    assert isinstance(activity, Activity)


@pytest.mark.parametrize(
    "document",
    [
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "awsRegion": "x",
            "eventTime": "x",
            "userIdentity": {},
        },
        {"eventSource": "aws:dynamodb", "eventName": "INSERT", "awsRegion": "eu-west-1"},
        {"eventName": "CreateUser", "responseElements": {}},
        {"eventType": "logout"},
        {"source": "aws.s3", "detail": {}},
        {},
    ],
)
def test_what_is_not_cloudtrail_is_not_recognised(document: dict[str, Any]) -> None:
    assert not cloudtrail.recognises(document)


def test_cloudtrail_is_recognised_whatever_is_missing_or_of_a_wrong_type() -> None:
    assert cloudtrail.recognises(event())
    assert cloudtrail.recognises(event(eventSource=7, eventName=None, userIdentity=[], eventTime={}))
    assert cloudtrail.recognises({"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "eventTime": "x"})
    assert cloudtrail.recognises({"eventType": "AwsCloudTrailInsight", "insightDetails": {}})


def test_an_insights_event_is_the_work_of_cloudtrail_itself() -> None:
    activity = cloudtrail.read(
        {"eventType": "AwsCloudTrailInsight", "eventTime": "2026-04-12T09:30:00Z", "insightDetails": {"eventName": "X"}}
    )

    assert activity.action == "cloudtrail:Insight"
    assert activity.principal is not None
    assert activity.principal.kind == "platform_service"

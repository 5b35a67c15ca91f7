"""Objects that AWS requests name, against the ARN formats of the Service Authorization Reference."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.logsources._aws_arns import Place, built, model_arn, second_objects, without_containers

PLACE = Place("aws", "eu-west-1", "111122223333")
HERE = "eu-west-1:111122223333"


def named(action: str, parameters: dict[str, Any], place: Place = PLACE) -> list[str]:
    return [*built(action, parameters, place), *second_objects(action, parameters, place)]


@pytest.mark.parametrize(
    ("action", "parameters", "arns"),
    [
        ("sqs:SendMessage", {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/444455556666/jobs"},
         ["arn:aws:sqs:eu-west-1:444455556666:jobs"]),
        ("sqs:SendMessage", {"queueUrl": "https://eu-west-1.queue.amazonaws.com/444455556666/jobs"},
         ["arn:aws:sqs:eu-west-1:444455556666:jobs"]),
        ("sqs:CreateQueue", {"queueName": "jobs"}, [f"arn:aws:sqs:{HERE}:jobs"]),
        ("sqs:ListQueues", {}, []),
        ("sns:Publish", {"topicArn": "arn:aws:sns:eu-west-1:1:t"}, ["arn:aws:sns:eu-west-1:1:t"]),
        ("sns:CreateTopic", {"name": "t"}, [f"arn:aws:sns:{HERE}:t"]),
        ("ecr:PutImage", {"repositoryName": "team/app"}, [f"arn:aws:ecr:{HERE}:repository/team/app"]),
        ("eks:DescribeCluster", {"name": "c"}, [f"arn:aws:eks:{HERE}:cluster/c"]),
        ("eks:DeleteNodegroup", {"clusterName": "c", "nodegroupName": "n"}, [f"arn:aws:eks:{HERE}:cluster/c"]),
        ("ecs:UpdateService", {"cluster": "prod", "service": "web"}, [f"arn:aws:ecs:{HERE}:service/prod/web"]),
        ("ecs:StopTask", {"task": "abc"}, [f"arn:aws:ecs:{HERE}:task/default/abc"]),
        ("ecs:RunTask", {"taskDefinition": "web:3"}, [f"arn:aws:ecs:{HERE}:task-definition/web:3"]),
        ("ecs:DeleteCluster", {"cluster": "prod"}, [f"arn:aws:ecs:{HERE}:cluster/prod"]),
        ("logs:GetLogEvents", {"logGroupName": "/app", "logStreamName": "s"},
         [f"arn:aws:logs:{HERE}:log-group:/app:log-stream:s"]),
        ("logs:DeleteLogGroup", {"logGroupName": "/app"}, [f"arn:aws:logs:{HERE}:log-group:/app"]),
        ("logs:CreateExportTask", {"logGroupName": "/app", "destination": "out"},
         [f"arn:aws:logs:{HERE}:log-group:/app", "arn:aws:s3:::out"]),
        ("cloudtrail:StopLogging", {"name": "main"}, [f"arn:aws:cloudtrail:{HERE}:trail/main"]),
        ("bedrock:InvokeModel", {"modelId": "amazon.nova-pro-v1:0"},
         ["arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0"]),
        ("bedrock:InvokeModel", {"modelId": "eu.amazon.nova-pro-v1:0"},
         [f"arn:aws:bedrock:{HERE}:inference-profile/eu.amazon.nova-pro-v1:0"]),
        ("bedrock:UpdateAgent", {"agentId": "A1"}, [f"arn:aws:bedrock:{HERE}:agent/A1"]),
        ("bedrock:InvokeAgent", {"agentId": "A1", "agentAliasId": "L1"}, [f"arn:aws:bedrock:{HERE}:agent-alias/A1/L1"]),
        ("bedrock-agentcore:DeleteGateway", {"gatewayIdentifier": "g"},
         [f"arn:aws:bedrock-agentcore:{HERE}:gateway/g"]),
        ("cloudformation:DeleteStack", {"stackName": "app"}, [f"arn:aws:cloudformation:{HERE}:stack/app/"]),
        ("route53:ChangeResourceRecordSets", {"hostedZoneId": "/hostedzone/Z1"}, ["arn:aws:route53:::hostedzone/Z1"]),
        ("route53:GetHostedZone", {"id": "Z1"}, ["arn:aws:route53:::hostedzone/Z1"]),
        ("sagemaker:DeleteEndpoint", {"endpointName": "e"}, [f"arn:aws:sagemaker:{HERE}:endpoint/e"]),
        ("glue:GetTable", {"databaseName": "d", "name": "t"}, [f"arn:aws:glue:{HERE}:table/d/t"]),
        ("glue:GetTables", {"databaseName": "d"}, [f"arn:aws:glue:{HERE}:database/d"]),
        ("glue:DeleteDatabase", {"name": "d"}, [f"arn:aws:glue:{HERE}:database/d"]),
        ("glue:StartJobRun", {"jobName": "j"}, [f"arn:aws:glue:{HERE}:job/j"]),
        ("glue:CreateJob", {"name": "j"}, [f"arn:aws:glue:{HERE}:job/j"]),
        ("redshift:DeleteCluster", {"clusterIdentifier": "c"}, [f"arn:aws:redshift:{HERE}:cluster:c"]),
        ("redshift:CopyClusterSnapshot", {"snapshotIdentifier": "s", "snapshotClusterIdentifier": "c"},
         [f"arn:aws:redshift:{HERE}:snapshot:c/s"]),
        ("rds:CopyDBSnapshot", {"sourceDBSnapshotIdentifier": "a", "targetDBSnapshotIdentifier": "b"},
         [f"arn:aws:rds:{HERE}:snapshot:b", f"arn:aws:rds:{HERE}:snapshot:a", f"arn:aws:rds:{HERE}:snapshot:a"]),
        ("rds:CreateDBSnapshot", {"dBInstanceIdentifier": "db", "dBSnapshotIdentifier": "s"},
         [f"arn:aws:rds:{HERE}:db:db", f"arn:aws:rds:{HERE}:snapshot:s"]),
        ("dynamodb:BatchGetItem", {"requestItems": {"a": {}, "b": {}}},
         [f"arn:aws:dynamodb:{HERE}:table/a", f"arn:aws:dynamodb:{HERE}:table/b"]),
        ("dynamodb:TransactWriteItems",
         {"transactItems": [{"put": {"tableName": "a"}}, {"delete": {"tableName": "b"}}]},
         [f"arn:aws:dynamodb:{HERE}:table/a", f"arn:aws:dynamodb:{HERE}:table/b"]),
        ("lambda:Invoke", {"functionName": "111122223333:function:f"}, [f"arn:aws:lambda:{HERE}:function:f"]),
        ("lambda:Invoke", {"functionName": "f:live"}, [f"arn:aws:lambda:{HERE}:function:f:live"]),
        ("ssm:StartSession", {"target": "i-1"}, [f"arn:aws:ec2:{HERE}:instance/i-1"]),
        ("ssm:StartSession", {"target": "mi-1"}, [f"arn:aws:ssm:{HERE}:managed-instance/mi-1"]),
        ("ssm:StartSession", {"target": "ecs:cluster_task"}, []),
        ("ssm:SendCommand",
         {"targets": [{"key": "InstanceIds", "values": ["i-1"]}], "documentName": "AWS-RunShellScript"},
         [f"arn:aws:ec2:{HERE}:instance/i-1"]),
        ("ssm:DeleteDocument", {"name": "d"}, [f"arn:aws:ssm:{HERE}:document/d"]),
        ("ec2:AttachVolume", {"instanceId": "i-1", "volumeId": "vol-1"},
         [f"arn:aws:ec2:{HERE}:instance/i-1", f"arn:aws:ec2:{HERE}:volume/vol-1"]),
        ("ec2:DeleteVpc", {"vpcId": "vpc-1"}, [f"arn:aws:ec2:{HERE}:vpc/vpc-1"]),
        ("ec2:CreateSecurityGroup", {"vpcId": "vpc-1", "groupId": "sg-1"}, [f"arn:aws:ec2:{HERE}:security-group/sg-1"]),
        ("ec2:CreateRoute", {"routeTableId": "rtb-1", "instanceId": "i-1"}, [f"arn:aws:ec2:{HERE}:route-table/rtb-1"]),
        ("ec2:ModifySnapshotAttribute", {"snapshotId": "snap-1"}, ["arn:aws:ec2:eu-west-1::snapshot/snap-1"]),
        ("ec2:CreateFlowLogs", {"CreateFlowLogsRequest": {"ResourceId": {"tag": 1, "content": "vpc-1"}}},
         [f"arn:aws:ec2:{HERE}:vpc/vpc-1"]),
        ("eks:ListAssociatedAccessPolicies", {"resourceArn": "arn%3Aaws%3Aeks%3Aeu-west-1%3A1%3Acluster%2Fc"},
         ["arn:aws:eks:eu-west-1:1:cluster/c"]),
        ("s3:ListAccessPoints", {"bucket": "b"}, ["arn:aws:s3:::b"]),
        ("s3:DeleteObjects", {"bucketName": "b", "delete": {"objects": [{"key": "k"}]}},
         ["arn:aws:s3:::b", "arn:aws:s3:::b/k"]),
        ("s3:CopyObject", {"bucketName": "b", "key": "k", "x-amz-copy-source": "/src/a%2Fb"},
         ["arn:aws:s3:::b/k", "arn:aws:s3:::src/a/b"]),
        ("s3:CopyObject", {"bucketName": "b", "key": "k", "x-amz-copy-source": ["src/a"]},
         ["arn:aws:s3:::b/k", "arn:aws:s3:::src/a"]),
        ("organizations:DescribeAccount", {"accountId": "1"}, []),
        ("kms:CreateAlias", {"aliasName": "alias/a", "targetKeyId": "k"},
         [f"arn:aws:kms:{HERE}:key/k", f"arn:aws:kms:{HERE}:alias/a"]),
    ],
)  # fmt: skip
def test_a_request_names_its_objects(action: str, parameters: dict[str, Any], arns: list[str]) -> None:
    assert named(action, parameters) == arns


def test_braces_in_a_name_are_only_braces() -> None:
    arns = named("ecs:UpdateService", {"cluster": "{r}", "service": "{a}"})

    assert arns == [f"arn:aws:ecs:{HERE}:service/{{r}}/{{a}}"]


def test_no_arn_is_built_without_the_account_or_region_that_it_needs() -> None:
    assert named("iam:DeleteUser", {"userName": "x"}, Place("aws", "eu-west-1", "")) == []
    assert named("lambda:Invoke", {"functionName": "f"}, Place("aws", "", "1")) == []
    assert named("s3:GetObject", {"bucketName": "b", "key": "k"}, Place("aws", "", "")) == ["arn:aws:s3:::b/k"]


def test_a_bucket_is_dropped_only_for_its_own_objects() -> None:
    assert without_containers(["arn:aws:s3:::b/k", "arn:aws:s3:::b"]) == ("arn:aws:s3:::b/k",)
    assert without_containers(["arn:aws:s3:::b/k", "arn:aws:s3:::bb"]) == ("arn:aws:s3:::b/k", "arn:aws:s3:::bb")


def test_an_arn_of_a_model_stands_as_it_is() -> None:
    arn = "arn:aws:bedrock:us-west-2:1:application-inference-profile/x"

    assert model_arn(arn, PLACE) == arn


@pytest.mark.parametrize("junk", [7, [], {}, [[None]], {"x": []}, True, [{"content": 1}]])
def test_no_parameter_makes_it_fail(junk: Any) -> None:
    names = """bucketName key delete x-amz-copy-source queueUrl cluster service logGroupName name databaseName
        snapshotIdentifier modelId agentId requestItems targets target XRequest""".split()
    for service in ("s3", "sqs", "ecs", "logs", "glue", "redshift", "bedrock", "dynamodb", "ssm", "ec2", "iam"):
        assert named(f"{service}:BatchX", dict.fromkeys(names, junk)) is not None
        assert named(f"{service}:X", {"XRequest": junk}) is not None

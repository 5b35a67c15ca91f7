"""Which request parameters name the objects of a call, service by service. Data only.

ARN formats: Service Authorization Reference, "Resource types defined by ..."; parameter names as CloudTrail writes them
(the API's own, with a small first letter). In a format {p} is the partition, {r} the region, {a} the account, {v} the
value; a value that is an ARN stands as it is, and the format `{v}` takes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

Rule = tuple[str, str]
"""(path in `requestParameters`, ARN format)"""
Group = tuple[Rule, ...]
"""Alternatives: the first rule whose parameter is there counts."""

_EC2 = "arn:{p}:ec2:{r}:{a}:"
_IAM = "arn:{p}:iam::{a}:"
_RDS = "arn:{p}:rds:{r}:{a}:"
_SSM = "arn:{p}:ssm:{r}:{a}:"
_LOGS = "arn:{p}:logs:{r}:{a}:"
_SAGEMAKER = "arn:{p}:sagemaker:{r}:{a}:"
_GLUE = "arn:{p}:glue:{r}:{a}:"
_BEDROCK = "arn:{p}:bedrock:{r}:{a}:"
_AGENTCORE = "arn:{p}:bedrock-agentcore:{r}:{a}:"
_SNAPSHOT = "arn:{p}:ec2:{r}::snapshot/{v}"
_IMAGE = "arn:{p}:ec2:{r}::image/{v}"
_BUCKET = "arn:{p}:s3:::{v}"

BY_SERVICE: Mapping[str, tuple[Group, ...]] = {
    "iam": (
        (
            ("groupName", _IAM + "group/{v}"),
            ("instanceProfileName", _IAM + "instance-profile/{v}"),
            ("userName", _IAM + "user/{v}"),
            ("roleName", _IAM + "role/{v}"),
            ("policyArn", "{v}"),
            ("policyName", _IAM + "policy/{v}"),
            ("openIDConnectProviderArn", "{v}"),
            ("sAMLProviderArn", "{v}"),
            ("serialNumber", "{v}"),
            ("serverCertificateName", _IAM + "server-certificate/{v}"),
            ("virtualMFADeviceName", _IAM + "mfa/{v}"),
        ),
    ),
    "sts": ((("roleArn", "{v}"), ("targetPrincipal", "arn:{p}:iam::{v}:root")), (("principalArn", "{v}"),)),
    "ec2": (
        (("instanceId", _EC2 + "instance/{v}"), ("instancesSet.items.instanceId", _EC2 + "instance/{v}")),
        (
            ("groupId", _EC2 + "security-group/{v}"),
            ("groupSet.items.groupId", _EC2 + "security-group/{v}"),
            ("securityGroupIdSet.items.groupId", _EC2 + "security-group/{v}"),
        ),
        (("volumeId", _EC2 + "volume/{v}"), ("volumeSet.items.volumeId", _EC2 + "volume/{v}")),
        (
            ("snapshotId", _SNAPSHOT),
            ("sourceSnapshotId", _SNAPSHOT),
            ("snapshotIdSet.items.snapshotId", _SNAPSHOT),
            ("snapshotSet.items.snapshotId", _SNAPSHOT),
        ),
        (
            ("imageId", _IMAGE),
            ("sourceImageId", _IMAGE),
            ("instancesSet.items.imageId", _IMAGE),
            ("imagesSet.items.imageId", _IMAGE),
        ),
        (("networkInterfaceId", _EC2 + "network-interface/{v}"),),
        (("networkAclId", _EC2 + "network-acl/{v}"),),
        (("routeTableId", _EC2 + "route-table/{v}"),),
        (("internetGatewayId", _EC2 + "internet-gateway/{v}"),),
        (("vpcPeeringConnectionId", _EC2 + "vpc-peering-connection/{v}"),),
        (("vpcEndpointId", _EC2 + "vpc-endpoint/{v}"),),
        (("transitGatewayId", _EC2 + "transit-gateway/{v}"),),
        (("allocationId", _EC2 + "elastic-ip/{v}"),),
        (("keyName", _EC2 + "key-pair/{v}"), ("instancesSet.items.keyName", _EC2 + "key-pair/{v}")),
        (("launchTemplateId", _EC2 + "launch-template/{v}"),),
        (("flowLogIds", _EC2 + "vpc-flow-log/{v}"), ("flowLogId", _EC2 + "vpc-flow-log/{v}")),
        (("trafficMirrorSessionId", _EC2 + "traffic-mirror-session/{v}"),),
        (("trafficMirrorTargetId", _EC2 + "traffic-mirror-target/{v}"),),
        (("trafficMirrorFilterId", _EC2 + "traffic-mirror-filter/{v}"),),
    ),
    "secretsmanager": (
        (
            ("secretId", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
            ("secretIdList", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
            ("name", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
        ),
    ),
    "kms": (
        (("keyId", "arn:{p}:kms:{r}:{a}:key/{v}"), ("targetKeyId", "arn:{p}:kms:{r}:{a}:key/{v}")),
        (("aliasName", "arn:{p}:kms:{r}:{a}:key/{v}"),),
        (("sourceKeyId", "arn:{p}:kms:{r}:{a}:key/{v}"),),
        (("destinationKeyId", "arn:{p}:kms:{r}:{a}:key/{v}"),),
    ),
    "rds": (
        (("dBInstanceIdentifier", _RDS + "db:{v}"), ("targetDBInstanceIdentifier", _RDS + "db:{v}")),
        (("sourceDBInstanceIdentifier", _RDS + "db:{v}"),),
        (("dBClusterIdentifier", _RDS + "cluster:{v}"), ("sourceDBClusterIdentifier", _RDS + "cluster:{v}")),
        (("dBSnapshotIdentifier", _RDS + "snapshot:{v}"), ("targetDBSnapshotIdentifier", _RDS + "snapshot:{v}")),
        (("sourceDBSnapshotIdentifier", _RDS + "snapshot:{v}"),),
        (
            ("dBClusterSnapshotIdentifier", _RDS + "cluster-snapshot:{v}"),
            ("targetDBClusterSnapshotIdentifier", _RDS + "cluster-snapshot:{v}"),
        ),
        (("sourceDBClusterSnapshotIdentifier", _RDS + "cluster-snapshot:{v}"),),
        (("sourceArn", "{v}"),),
        (("resourceName", "{v}"),),
    ),
    "dynamodb": (
        (
            ("tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),
            ("tableArn", "{v}"),
            ("targetTableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),
        ),
        (("sourceTableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),
        (("globalTableName", "arn:{p}:dynamodb::{a}:global-table/{v}"),),
        (("backupArn", "{v}"),),
        (("resourceArn", "{v}"),),
    ),
    "lambda": (
        (
            ("functionName", "arn:{p}:lambda:{r}:{a}:function:{v}"),
            ("layerName", "arn:{p}:lambda:{r}:{a}:layer:{v}"),
            ("uUID", "arn:{p}:lambda:{r}:{a}:event-source-mapping:{v}"),
            ("resource", "{v}"),
        ),
        (("eventSourceArn", "{v}"),),
    ),
    "ssm": (
        (
            ("sessionId", _SSM + "session/{v}"),
            ("names", _SSM + "parameter/{v}"),
            ("name", _SSM + "parameter/{v}"),
            ("path", _SSM + "parameter/{v}"),
            ("documentName", _SSM + "document/{v}"),
            ("automationExecutionId", _SSM + "automation-execution/{v}"),
            ("associationId", _SSM + "association/{v}"),
        ),
    ),
    "cloudtrail": (
        (
            ("name", "arn:{p}:cloudtrail:{r}:{a}:trail/{v}"),
            ("trailName", "arn:{p}:cloudtrail:{r}:{a}:trail/{v}"),
            ("eventDataStore", "arn:{p}:cloudtrail:{r}:{a}:eventdatastore/{v}"),
            ("channel", "arn:{p}:cloudtrail:{r}:{a}:channel/{v}"),
            ("resourceId", "{v}"),
            ("resourceIdList", "{v}"),
        ),
    ),
    "logs": (
        (
            ("logGroupName", _LOGS + "log-group:{v}"),
            ("logGroupIdentifier", _LOGS + "log-group:{v}"),
            ("logGroupNames", _LOGS + "log-group:{v}"),
            ("logGroupIdentifiers", _LOGS + "log-group:{v}"),
            ("destinationName", _LOGS + "destination:{v}"),
            ("resourceArn", "{v}"),
        ),
    ),
    "sns": (
        (
            ("topicArn", "{v}"),
            ("targetArn", "{v}"),
            ("subscriptionArn", "{v}"),
            ("resourceArn", "{v}"),
            ("name", "arn:{p}:sns:{r}:{a}:{v}"),
        ),
    ),
    "ecr": ((("repositoryName", "arn:{p}:ecr:{r}:{a}:repository/{v}"), ("resourceArn", "{v}")),),
    "eks": (
        (
            ("clusterName", "arn:{p}:eks:{r}:{a}:cluster/{v}"),
            ("name", "arn:{p}:eks:{r}:{a}:cluster/{v}"),
            ("resourceArn", "{v}"),
        ),
    ),
    "cloudformation": (
        (
            # an ARN of a stack goes on with an id that requests do not name; globs end in `/*`
            ("stackName", "arn:{p}:cloudformation:{r}:{a}:stack/{v}/"),
            ("stackSetName", "arn:{p}:cloudformation:{r}:{a}:stackset/{v}:"),
        ),
    ),
    "organizations": ((("resourceId", "{v}"),),),
    "route53": (
        (
            ("hostedZoneId", "arn:{p}:route53:::hostedzone/{v}"),
            ("healthCheckId", "arn:{p}:route53:::healthcheck/{v}"),
            ("id", "arn:{p}:route53:::hostedzone/{v}"),
        ),
    ),
    "sagemaker": (
        (
            ("notebookInstanceName", _SAGEMAKER + "notebook-instance/{v}"),
            ("trainingJobName", _SAGEMAKER + "training-job/{v}"),
            ("processingJobName", _SAGEMAKER + "processing-job/{v}"),
            ("transformJobName", _SAGEMAKER + "transform-job/{v}"),
            ("endpointName", _SAGEMAKER + "endpoint/{v}"),
            ("endpointConfigName", _SAGEMAKER + "endpoint-config/{v}"),
            ("modelPackageName", _SAGEMAKER + "model-package/{v}"),
            ("modelName", _SAGEMAKER + "model/{v}"),
            ("pipelineName", _SAGEMAKER + "pipeline/{v}"),
            ("domainId", _SAGEMAKER + "domain/{v}"),
            ("notebookInstanceLifecycleConfigName", _SAGEMAKER + "notebook-instance-lifecycle-config/{v}"),
            ("studioLifecycleConfigName", _SAGEMAKER + "studio-lifecycle-config/{v}"),
            ("featureGroupName", _SAGEMAKER + "feature-group/{v}"),
            ("resourceArn", "{v}"),
        ),
    ),
    "glue": (
        (
            ("jobName", _GLUE + "job/{v}"),
            ("crawlerName", _GLUE + "crawler/{v}"),
            ("triggerName", _GLUE + "trigger/{v}"),
            ("connectionName", _GLUE + "connection/{v}"),
            ("endpointName", _GLUE + "devEndpoint/{v}"),
            ("sessionId", _GLUE + "session/{v}"),
            ("registryId.registryName", _GLUE + "registry/{v}"),
            ("schemaId.schemaArn", "{v}"),
            ("resourceArn", "{v}"),
        ),
    ),
    "redshift": (
        (
            ("clusterIdentifier", "arn:{p}:redshift:{r}:{a}:cluster:{v}"),
            ("dataShareArn", "{v}"),
            ("namespaceArn", "{v}"),
            ("resourceName", "{v}"),
        ),
    ),
    "bedrock": (
        (
            ("agentId", _BEDROCK + "agent/{v}"),
            ("knowledgeBaseId", _BEDROCK + "knowledge-base/{v}"),
            ("guardrailIdentifier", _BEDROCK + "guardrail/{v}"),
            ("flowIdentifier", _BEDROCK + "flow/{v}"),
            ("promptIdentifier", _BEDROCK + "prompt/{v}"),
            ("jobIdentifier", "{v}"),
            ("resourceARN", "{v}"),
        ),
    ),
    "bedrock-agentcore": (
        (
            ("gatewayIdentifier", _AGENTCORE + "gateway/{v}"),
            ("agentRuntimeArn", "{v}"),
            ("agentRuntimeId", _AGENTCORE + "runtime/{v}"),
            ("memoryId", _AGENTCORE + "memory/{v}"),
            ("codeInterpreterId", _AGENTCORE + "code-interpreter-custom/{v}"),
            ("browserId", _AGENTCORE + "browser-custom/{v}"),
            ("policyEngineId", _AGENTCORE + "policy-engine/{v}"),
            ("resourceArn", "{v}"),
        ),
    ),
}
"""By service: each group that finds its parameter names an object."""

CONTAINERS: Mapping[str, Group] = {
    "ec2": (
        ("subnetId", _EC2 + "subnet/{v}"),
        ("vpcId", _EC2 + "vpc/{v}"),
        ("resourceId", _EC2 + "vpc/{v}"),
    ),
    "glue": (
        ("databaseName", _GLUE + "database/{v}"),
        ("databaseInput.name", _GLUE + "database/{v}"),
    ),
}
"""Where other objects lie: they count only in calls that name nothing else."""

BY_ACTION: Mapping[str, tuple[Group, ...]] = {
    "ec2:CreateRoute": ((("routeTableId", _EC2 + "route-table/{v}"),),),
    "ec2:ReplaceRoute": ((("routeTableId", _EC2 + "route-table/{v}"),),),
    "ec2:DeleteRoute": ((("routeTableId", _EC2 + "route-table/{v}"),),),
    "glue:*Database": ((("name", _GLUE + "database/{v}"),),),
    "glue:*Job": ((("jobName", _GLUE + "job/{v}"), ("name", _GLUE + "job/{v}")),),
    "glue:*Crawler": ((("name", _GLUE + "crawler/{v}"),),),
    "glue:*Trigger": ((("name", _GLUE + "trigger/{v}"),),),
    "glue:*Workflow": ((("name", _GLUE + "workflow/{v}"),),),
    "ssm:*Document*": ((("name", _SSM + "document/{v}"),),),
    "cloudformation:*Change*": ((("stackName", "arn:{p}:cloudformation:{r}:{a}:stack/{v}/"),),),
    "redshift:*Snapshot*": (
        (("clusterIdentifier", "arn:{p}:redshift:{r}:{a}:cluster:{v}"),),
        (("snapshotArn", "{v}"),),
    ),
}
"""Actions whose parameters mean something else than elsewhere in their service (`*` for any text)."""

ALSO: Mapping[str, tuple[Group, ...]] = {
    "rds:CopyDBSnapshot": ((("sourceDBSnapshotIdentifier", _RDS + "snapshot:{v}"),),),
    "rds:CopyDBClusterSnapshot": ((("sourceDBClusterSnapshotIdentifier", _RDS + "cluster-snapshot:{v}"),),),
    "rds:StartExportTask": ((("s3BucketName", _BUCKET),),),
    "ec2:CopySnapshot": ((("sourceSnapshotId", _SNAPSHOT),),),
    "ec2:CopyImage": ((("sourceImageId", _IMAGE),),),
    "ec2:CreateVolume": ((("snapshotId", _SNAPSHOT),),),
    "ec2:CreateStoreImageTask": ((("bucket", _BUCKET),),),
    "dynamodb:ExportTableToPointInTime": ((("s3Bucket", _BUCKET),),),
    "dynamodb:TransactGetItems": ((("transactItems.get.tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),),
    "dynamodb:TransactWriteItems": (
        (("transactItems.put.tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),
        (("transactItems.update.tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),
        (("transactItems.delete.tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),
        (("transactItems.conditionCheck.tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),
    ),
    "logs:CreateExportTask": ((("destination", _BUCKET),),),
    "secretsmanager:BatchGetSecretValue": ((("secretIdList", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),),),
    "ssm:GetParameters": ((("names", _SSM + "parameter/{v}"),),),
    "ssm:DeleteParameters": ((("names", _SSM + "parameter/{v}"),),),
}
"""Second objects (copy sources, destinations of exports, batches): added whatever `resources` lists."""

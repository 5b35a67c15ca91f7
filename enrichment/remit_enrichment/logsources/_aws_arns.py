"""ARNs of the objects that an AWS request names, for events that do not list them under `resources`.

`requestParameters` names an object by its bare name; the ARN formats are those of AWS's Service Authorization Reference
("Resource types defined by ..."). A value that is already an ARN stands as it is. Names of IAM users and roles come
without their path: the ARN is built without one, as the request says no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from remit_enrichment.logsources._fields import values


class Place(NamedTuple):
    """Where an ARN without its own account or region lies."""

    partition: str
    region: str
    account: str


Rule = tuple[str, str]
"""(path in `requestParameters`, ARN format with {p}artition, {r}egion, {a}ccount and {v}alue)"""

_IAM = "arn:{p}:iam::{a}:"
_EC2 = "arn:{p}:ec2:{r}:{a}:"
_RDS = "arn:{p}:rds:{r}:{a}:"

FIRST: Mapping[str, tuple[Rule, ...]] = {
    "s3": (("bucketName", "arn:{p}:s3:::{v}"),),
    "iam": (
        ("groupName", _IAM + "group/{v}"),
        ("instanceProfileName", _IAM + "instance-profile/{v}"),
        ("userName", _IAM + "user/{v}"),
        ("roleName", _IAM + "role/{v}"),
        ("policyArn", "{v}"),
        ("policyName", _IAM + "policy/{v}"),
        ("openIDConnectProviderArn", "{v}"),
        ("sAMLProviderArn", "{v}"),
        ("serialNumber", "{v}"),
    ),
    "sts": (("roleArn", "{v}"),),
    "ec2": (
        ("instanceId", _EC2 + "instance/{v}"),
        ("instancesSet.items.instanceId", _EC2 + "instance/{v}"),
        ("groupId", _EC2 + "security-group/{v}"),
        ("volumeId", _EC2 + "volume/{v}"),
        ("snapshotId", "arn:{p}:ec2:{r}::snapshot/{v}"),
        ("imageId", "arn:{p}:ec2:{r}::image/{v}"),
        ("networkAclId", _EC2 + "network-acl/{v}"),
        ("routeTableId", _EC2 + "route-table/{v}"),
        ("networkInterfaceId", _EC2 + "network-interface/{v}"),
        ("internetGatewayId", _EC2 + "internet-gateway/{v}"),
        ("keyName", _EC2 + "key-pair/{v}"),
        ("subnetId", _EC2 + "subnet/{v}"),
        ("vpcId", _EC2 + "vpc/{v}"),
    ),
    "secretsmanager": (
        ("secretId", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
        ("secretIdList", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
        ("name", "arn:{p}:secretsmanager:{r}:{a}:secret:{v}"),
    ),
    "kms": (("keyId", "arn:{p}:kms:{r}:{a}:key/{v}"),),
    "rds": (
        ("dBInstanceIdentifier", _RDS + "db:{v}"),
        ("dBClusterIdentifier", _RDS + "cluster:{v}"),
        ("dBSnapshotIdentifier", _RDS + "snapshot:{v}"),
        ("dBClusterSnapshotIdentifier", _RDS + "cluster-snapshot:{v}"),
        ("targetDBSnapshotIdentifier", _RDS + "snapshot:{v}"),
    ),
    "dynamodb": (("tableName", "arn:{p}:dynamodb:{r}:{a}:table/{v}"),),
    "lambda": (("functionName", "arn:{p}:lambda:{r}:{a}:function:{v}"),),
    "ssm": (
        ("target", _EC2 + "instance/{v}"),
        ("instanceIds", _EC2 + "instance/{v}"),
        ("names", "arn:{p}:ssm:{r}:{a}:parameter/{v}"),
        ("name", "arn:{p}:ssm:{r}:{a}:parameter/{v}"),
        ("path", "arn:{p}:ssm:{r}:{a}:parameter/{v}"),
    ),
    "cloudtrail": (
        ("name", "arn:{p}:cloudtrail:{r}:{a}:trail/{v}"),
        ("trailName", "arn:{p}:cloudtrail:{r}:{a}:trail/{v}"),
    ),
    "logs": (
        ("logGroupName", "arn:{p}:logs:{r}:{a}:log-group:{v}"),
        ("logGroupIdentifier", "arn:{p}:logs:{r}:{a}:log-group:{v}"),
    ),
}
"""By service: the first rule whose parameter is there names the object."""

ALSO: Mapping[str, tuple[Rule, ...]] = {
    "rds:CopyDBSnapshot": (("sourceDBSnapshotIdentifier", _RDS + "snapshot:{v}"),),
    "ec2:CopySnapshot": (("sourceSnapshotId", "arn:{p}:ec2:{r}::snapshot/{v}"),),
    "ec2:CopyImage": (("sourceImageId", "arn:{p}:ec2:{r}::image/{v}"),),
}
"""By action: second objects, added whatever `resources` lists."""


def built(service: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    """ARNs of the objects that the request names first."""
    if service == "s3":
        yield from _s3(parameters, place)
        return
    for path, form in FIRST.get(service, ()):
        found = [_arn(form, value, place) for value in values(parameters, tuple(path.split(".")))]
        if found:
            yield from (arn for arn in found if arn)
            return


def second_objects(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    """ARNs of what the request names beside its first object: the source of a copy, the members of a batch."""
    for path, form in ALSO.get(action, ()):
        for value in values(parameters, tuple(path.split("."))):
            if arn := _arn(form, value, place):
                yield arn
    if action.startswith("s3:"):
        yield from _s3_seconds(parameters, place)


def without_containers(arns: Iterable[str]) -> tuple[str, ...]:
    """Each ARN once, without the buckets whose objects are named too."""
    unique = dict.fromkeys(arns)
    buckets = {arn.partition("/")[0] for arn in unique if ":s3:::" in arn and "/" in arn}
    return tuple(arn for arn in unique if arn not in buckets)


def _arn(form: str, value: str, place: Place) -> str | None:
    if value.startswith("arn:"):
        return value
    if form == "{v}":
        return None
    if ("{a}" in form and not place.account) or ("{r}" in form and not place.region):
        return None
    if value.startswith("alias/"):
        form = form.replace("key/{v}", "{v}")
    return form.format(p=place.partition, r=place.region, a=place.account, v=value.removeprefix("/"))


def _s3(parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    bucket, key = parameters.get("bucketName"), parameters.get("key")
    if type(bucket) is not str or not bucket:
        return
    arn = bucket if bucket.startswith("arn:") else f"arn:{place.partition}:s3:::{bucket}"
    yield f"{arn}/{key}" if type(key) is str and key else arn


def _s3_seconds(parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    source = parameters.get("x-amz-copy-source")
    if type(source) is str and source:
        # `bucket/key`, percent-encoded, a version behind it (S3 API reference, CopyObject)
        name = unquote(source.partition("?versionId=")[0]).removeprefix("/")
        yield name if name.startswith("arn:") else f"arn:{place.partition}:s3:::{name}"
    bucket = parameters.get("bucketName")
    if type(bucket) is str and bucket:
        for path in ("delete.objects.key", "delete.object.key", "Delete.Object.Key"):
            for key in values(parameters, tuple(path.split("."))):
                yield f"arn:{place.partition}:s3:::{bucket}/{key}"

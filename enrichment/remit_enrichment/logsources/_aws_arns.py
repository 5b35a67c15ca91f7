"""ARNs of the objects that an AWS request names, for events that do not list them under `resources`.

Names of IAM users and roles come without their path: the ARN is built without one, as the request says no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from remit_enrichment.logsources._aws_resources import ALSO, BY_ACTION, BY_SERVICE, CONTAINERS, Group
from remit_enrichment.logsources._fields import mapping, values


class Place(NamedTuple):
    """Where an ARN without its own account or region lies."""

    partition: str
    region: str
    account: str


_PATTERNS = tuple(
    (re.compile(re.escape(action).replace(r"\*", ".*"), re.DOTALL), groups) for action, groups in BY_ACTION.items()
)
_QUEUE = re.compile(r"https://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.amazonaws\.com(?:\.cn)?/(\d+)/([^/?]+)")


def built(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    """ARNs of the objects that the request names."""
    service = action.partition(":")[0]
    if service == "ec2":
        parameters = _unwrapped(parameters)
    if (special := _SPECIAL.get(service)) and (found := list(special(action, parameters, place))):
        yield from found
        return
    found = list(_named(_readings(action), parameters, place))
    yield from found or _named(_CONTAINERS.get(service, {}), parameters, place)


def second_objects(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    """ARNs of what the request names beside its first object: the source of a copy, the members of a batch."""
    if action.startswith("s3:"):
        if "x-amz-copy-source" in parameters or "delete" in parameters:
            yield from _s3_seconds(parameters, place)
    elif readings := _ALSO.get(action):
        yield from _named(readings, _unwrapped(parameters), place)
    elif action.startswith("dynamodb:Batch"):
        for table in mapping(parameters, "requestItems", []):
            if arn := _arn("arn:{p}:dynamodb:{r}:{a}:table/{v}", table, place):
                yield arn


def without_containers(arns: Iterable[str]) -> tuple[str, ...]:
    """Each ARN once, without the buckets whose objects are named too."""
    unique = dict.fromkeys(arns)
    if len(unique) < 2:
        return tuple(unique)
    buckets = {arn.partition("/")[0] for arn in unique if ":s3:::" in arn and "/" in arn}
    return tuple(arn for arn in unique if arn not in buckets)


class _Reading(NamedTuple):
    """A rule by the parameter it starts at."""

    group: int
    rank: int
    rest: tuple[str, ...]
    form: str


Readings = Mapping[str, tuple[_Reading, ...]]


def _by_parameter(groups: Iterable[Group]) -> Readings:
    """The rules of some groups by their first parameter: a call has few parameters, a service many rules."""
    found: dict[str, list[_Reading]] = {}
    for number, group in enumerate(groups):
        for rank, (path, form) in enumerate(group):
            first, *rest = path.split(".")
            found.setdefault(first, []).append(_Reading(number, rank, tuple(rest), form))
    return {first: tuple(readings) for first, readings in found.items()}


@lru_cache(maxsize=4096)
def _readings(action: str) -> Readings:
    for pattern, groups in _PATTERNS:
        if pattern.fullmatch(action):
            return _by_parameter(groups)
    return _by_parameter(BY_SERVICE.get(action.partition(":")[0], ()))


_ALSO = {action: _by_parameter(groups) for action, groups in ALSO.items()}
_CONTAINERS = {service: _by_parameter((group,)) for service, group in CONTAINERS.items()}


def _named(readings: Readings, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    found: dict[int, tuple[int, str, list[str]]] = {}
    for name, value in parameters.items():
        for group, rank, rest, form in readings.get(name, ()):
            if group not in found or rank < found[group][0]:
                if texts := list(values(value, rest)):
                    found[group] = rank, form, texts
    for _, (_, form, texts) in sorted(found.items()):
        yield from (arn for text in texts if (arn := _arn(form, text, place)))


def _arn(form: str, value: str, place: Place) -> str | None:
    if value[:6].lower() == "arn%3a":  # parameters that travel in a URL's path stand percent-encoded
        value = unquote(value)
    if value.startswith("arn:"):
        return value
    if form == "{v}":
        return None
    if ("{a}" in form and not place.account) or ("{r}" in form and not place.region):
        return None
    if value.startswith("alias/"):
        form = form.replace("key/{v}", "{v}")
    return form.format(p=place.partition, r=place.region, a=place.account, v=_bare(form, value))


def _bare(form: str, value: str) -> str:
    """The name itself, out of the other forms in which some APIs take it."""
    if ":function:" in form and ":function:" in value:  # Lambda: `123456789012:function:name`
        return value.partition(":function:")[2]
    if ":hostedzone/" in form:
        return value.removeprefix("/hostedzone/")
    return value.removeprefix("/") if ":parameter/" in form else value


def _unwrapped(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Newer EC2 calls stand in one member `<Action>Request`, with capitals and `{"tag": n, "content": value}`."""
    if len(parameters) != 1:
        return parameters
    name, inner = next(iter(parameters.items()))
    if not name.endswith("Request") or type(inner) is not dict:
        return parameters
    return {
        key[:1].lower() + key[1:]: value["content"] if type(value) is dict and "content" in value else value
        for key, value in inner.items()
    }


# --- services whose ARNs are made of more than one parameter ---------------------------------------------------------


def _text(parameters: Mapping[str, Any], key: str) -> str | None:
    value = parameters.get(key)
    return value if type(value) is str and value else None


def _s3(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    bucket, key = _text(parameters, "bucketName") or _text(parameters, "bucket"), _text(parameters, "key")
    if bucket:
        arn = bucket if bucket.startswith("arn:") else f"arn:{place.partition}:s3:::{bucket}"
        yield f"{arn}/{key}" if key else arn


def _s3_seconds(parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    for source in values(parameters, ("x-amz-copy-source",)):
        # `bucket/key`, percent-encoded, a version behind it (S3 API reference, CopyObject)
        name = unquote(source.partition("?versionId=")[0]).removeprefix("/")
        yield name if name.startswith("arn:") else f"arn:{place.partition}:s3:::{name}"
    if bucket := _text(parameters, "bucketName"):
        for path in ("delete.objects.key", "delete.object.key"):
            for key in values(parameters, tuple(path.split("."))):
                yield f"arn:{place.partition}:s3:::{bucket}/{key}"


def _sqs(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    if url := _QUEUE.match(_text(parameters, "queueUrl") or ""):
        yield f"arn:{place.partition}:sqs:{url[1] or url[2]}:{url[3]}:{url[4]}"
    elif arn := _arn("arn:{p}:sqs:{r}:{a}:{v}", _text(parameters, "queueName") or "", place):
        if not arn.endswith(":"):
            yield arn
    for name in ("sourceArn", "destinationArn"):
        if arn := _arn("{v}", _text(parameters, name) or "", place):
            yield arn


_NODES = {"i": "ec2:{r}:{a}:instance", "mi": "ssm:{r}:{a}:managed-instance"}


def _ssm(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    """Nodes of Run Command and Session Manager; tags as targets name nobody."""
    nodes = [
        *values(parameters, ("target",)),
        *values(parameters, ("instanceIds",)),
        *values(parameters, ("instanceId",)),
    ]
    targets = parameters.get("targets")
    for target in targets if type(targets) is list else ():
        if type(target) is dict and target.get("key") == "InstanceIds":
            nodes += values(target, ("values",))
    for node in nodes:
        kind = _NODES.get(node.partition("-")[0])
        if kind and (arn := _arn("arn:{p}:" + kind + "/{v}", node, place)):
            yield arn


def _ecs(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    cluster = (_text(parameters, "cluster") or "default").rpartition("/")[2]
    base = "arn:{p}:ecs:{r}:{a}:"
    rules: Group = (
        ("service", f"{base}service/{_literal(cluster)}/{{v}}"),
        ("serviceName", f"{base}service/{_literal(cluster)}/{{v}}"),
        ("task", f"{base}task/{_literal(cluster)}/{{v}}"),
        ("taskDefinition", base + "task-definition/{v}"),
        ("clusterName", base + "cluster/{v}"),
        ("cluster", base + "cluster/{v}"),
    )
    yield from _named(_by_parameter((rules,)), parameters, place)


def _logs(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    group, stream = _text(parameters, "logGroupName"), _text(parameters, "logStreamName")
    if group and stream:
        form = f"arn:{{p}}:logs:{{r}}:{{a}}:log-group:{_literal(group)}:log-stream:{{v}}"
        if arn := _arn(form, stream, place):
            yield arn


def _glue(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    database = _text(parameters, "databaseName")
    if database and "Database" not in action:
        form = f"arn:{{p}}:glue:{{r}}:{{a}}:table/{_literal(database)}/{{v}}"
        rules: Group = (("tableName", form), ("tableInput.name", form), ("tablesToDelete", form), ("name", form))
        yield from _named(_by_parameter((rules,)), parameters, place)


def _redshift(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    snapshot, cluster = _text(parameters, "snapshotIdentifier"), _text(parameters, "clusterIdentifier")
    owner = _text(parameters, "snapshotClusterIdentifier") or cluster
    if snapshot and owner:
        form = f"arn:{{p}}:redshift:{{r}}:{{a}}:snapshot:{_literal(owner)}/{{v}}"
        if arn := _arn(form, snapshot, place):
            yield arn


def _bedrock(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[str]:
    model = _text(parameters, "modelId") or _text(parameters, "modelIdentifier")
    if model and (arn := model_arn(model, place)):
        yield arn
    agent, alias = _text(parameters, "agentId"), _text(parameters, "agentAliasId")
    if agent and alias:
        form = f"arn:{{p}}:bedrock:{{r}}:{{a}}:agent-alias/{_literal(agent)}/{{v}}"
        if arn := _arn(form, alias, place):
            yield arn


_PROFILE = re.compile(r"(?:us|us-gov|eu|apac|jp|au|ca|global)\.[a-z0-9-]+\.")


def model_arn(model: str, place: Place) -> str | None:
    """ARN of a model id: a foundation model belongs to no account, a cross-region inference profile does."""
    kind = "{a}:inference-profile" if _PROFILE.match(model) else ":foundation-model"
    return _arn(f"arn:{{p}}:bedrock:{{r}}:{kind}/{{v}}", model, place)


def _literal(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")


_SPECIAL = {
    "s3": _s3,
    "sqs": _sqs,
    "ssm": _ssm,
    "ecs": _ecs,
    "logs": _logs,
    "glue": _glue,
    "redshift": _redshift,
    "bedrock": _bedrock,
}

"""What Elastic's AWS integration makes of a CloudTrail event: the part that our queries read, small and documented.

Follows github.com/elastic/integrations, packages/aws/data_stream/cloudtrail: its ingest pipeline `default.yml` for the
names and what is dropped, `fields/fields.yml` for the types. Its processors cannot run on the test server. Where there
are samples of the integration, `test_cases_on_elasticsearch.py` holds this mapping against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_PRINTED = 32_766
"""Objects that print at least as long are not indexed member by member."""

_RENAMED = {
    "eventTime": "@timestamp",
    "eventName": "event.action",
    "eventSource": "event.provider",
    "eventID": "event.id",
    "eventVersion": "aws.cloudtrail.event_version",
    "eventCategory": "aws.cloudtrail.event_category",
    "eventType": "aws.cloudtrail.event_type",
    "apiVersion": "aws.cloudtrail.api_version",
    "errorCode": "aws.cloudtrail.error_code",
    "errorMessage": "aws.cloudtrail.error_message",
    "requestID": "aws.cloudtrail.request_id",
    "readOnly": "aws.cloudtrail.read_only",
    "managementEvent": "aws.cloudtrail.management_event",
    "recipientAccountId": "aws.cloudtrail.recipient_account_id",
    "vpcEndpointId": "aws.cloudtrail.vpc_endpoint_id",
    "awsRegion": "cloud.region",
    "sourceIPAddress": "source.address",
    "userAgent": "user_agent.original",
    "userIdentity.type": "aws.cloudtrail.user_identity.type",
    "userIdentity.arn": "aws.cloudtrail.user_identity.arn",
    "userIdentity.accessKeyId": "aws.cloudtrail.user_identity.access_key_id",
    "userIdentity.accountId": "cloud.account.id",
    "userIdentity.principalId": "user.id",
    "userIdentity.invokedBy": "aws.cloudtrail.user_identity.invoked_by",
}
_PRINTED = {
    "requestParameters": "request_parameters",
    "responseElements": "response_elements",
    "additionalEventData": "additional_eventdata",
}

_KEYWORD = {"type": "keyword", "ignore_above": 1024}
_LONG_KEYWORD = {"type": "keyword", "ignore_above": 8191}
MAPPINGS: dict[str, Any] = {
    "dynamic_templates": [{"strings": {"match_mapping_type": "string", "mapping": _KEYWORD}}],
    "properties": {
        "@timestamp": {"type": "date"},
        "source": {"properties": {"address": _KEYWORD, "ip": {"type": "ip"}}},
        "aws": {
            "properties": {
                "cloudtrail": {
                    "properties": {
                        "read_only": {"type": "boolean"},
                        "management_event": _KEYWORD,
                        "request_parameters": _LONG_KEYWORD,
                        "response_elements": _LONG_KEYWORD,
                        "flattened": {
                            "properties": {name: {"type": "flattened"} for name in _PRINTED.values()},
                        },
                    }
                }
            }
        },
    },
}


def integrated(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that the integration indexes for this event; only what our pipeline declares."""
    kept = _without_empty(dict(event)) or {}
    # Some versions move it to the fields of the user.
    kept.get("additionalEventData", {}).pop("UserName", None)
    document: dict[str, Any] = {}
    for path, name in _RENAMED.items():
        value = _at(kept, path)
        if value is not None:
            _put(document, name, value)
    for member, name in _PRINTED.items():
        if member in kept:
            printed = java_text(kept[member])
            _put(document, f"aws.cloudtrail.{name}", printed)
            if len(printed) < MOST_PRINTED:
                _put(document, f"aws.cloudtrail.flattened.{name}", kept[member])
    return document


def java_text(value: Any) -> str:
    """Print a value as Java prints maps, lists and scalars."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(java_text(child) for child in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_empty(value: Any) -> Any:
    """Drop null, empty texts, empty objects and lists, from the inside out; None where nothing is left."""
    if isinstance(value, dict):
        kept = {key: found for key, child in value.items() if (found := _without_empty(child)) is not None}
        return kept or None
    if isinstance(value, list):
        return [found for child in value if (found := _without_empty(child)) is not None] or None
    return None if value == "" else value


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _put(document: dict[str, Any], name: str, value: Any) -> None:
    *steps, last = name.split(".")
    for step in steps:
        document = document.setdefault(step, {})
    document[last] = value

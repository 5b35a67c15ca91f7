"""MCP calls in CloudTrail, on events after the AWS MCP Server and AgentCore documentation."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import classify
from remit_enrichment.logsources import aws_cloudtrail as cloudtrail


def gateway(body: dict[str, Any], status: int = 200, **changes: Any) -> Activity:
    base: dict[str, Any] = {
        "userIdentity": {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
        "eventTime": "2026-04-12T09:30:00Z",
        "eventSource": "bedrock-agentcore.amazonaws.com",
        "eventName": "InvokeGateway",
        "awsRegion": "us-west-2",
        "requestParameters": {"body": {"jsonrpc": "2.0", "id": 1, **body}},
        "responseElements": {"statusCode": status, "body": {"jsonrpc": "2.0", "id": 1}},
        "additionalEventData": {
            "targetId": "T1",
            "jwt": {"claims": {"sub": "agent-7", "iss": "https://idp.example.com", "iat": 1775980000, "jti": "j-1"}},
        },
        "readOnly": False,
        "resources": [
            {"type": "AWS::BedrockAgentCore::Gateway", "ARN": "arn:aws:bedrock-agentcore:us-west-2:1:gateway/g"}
        ],
        "recipientAccountId": "111122223333",
        "eventCategory": "Data",
    }
    return cloudtrail.read({**base, **changes})


def aws_server(name: str, parameters: dict[str, Any], reads: bool | None, **changes: Any) -> Activity:
    base: dict[str, Any] = {
        "eventSource": "aws-mcp.amazonaws.com",
        "eventName": name,
        "eventType": "AwsMcpEvent",
        "eventTime": "2026-04-12T09:30:00Z",
        "requestParameters": parameters,
        "readOnly": reads,
    }
    return cloudtrail.read({**base, **changes})


def called(tool: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "tools/call", "id": 2, "params": {"name": tool}}


def test_the_gateways_caller_is_who_the_verified_token_says() -> None:
    activity = gateway({"method": "tools/call", "params": {"name": "Orders___ListOrders"}})

    assert activity.principal is not None
    assert activity.principal.aliases == ("https://idp.example.com:agent-7",)
    assert activity.credential is not None
    assert (activity.credential.type, activity.credential.issued) == ("jwt", 1775980000000)
    assert (activity.session, activity.handles) == ("j-1", ("j-1",))


@pytest.mark.parametrize(
    ("body", "action_class"),
    [
        ({"method": "tools/call", "params": {"name": "Orders___list_orders"}}, "read"),
        ({"method": "tools/call", "params": {"name": "Orders___delete_order"}}, "delete"),
        ({"method": "tools/call", "params": {"name": "Orders___update_order"}}, "write"),
        ({"method": "tools/call"}, "write"),
        ({"method": "initialize"}, "read"),
        ({"method": "tools/list"}, "read"),
        ({"method": "resources/read"}, "data_read"),
    ],
)
def test_the_method_and_the_tool_say_what_a_gateway_call_does(body: dict[str, Any], action_class: str) -> None:
    activity = gateway(body)

    assert activity.action == "bedrock-agentcore:InvokeGateway"
    assert classify(activity).action_class == action_class


def test_a_gateway_call_whose_body_is_hidden_counts_as_a_write() -> None:
    assert classify(gateway({}, requestParameters=None)).action_class == "write"


def test_only_the_gateways_own_status_makes_a_call_fail() -> None:
    body = {"method": "tools/call", "params": {"name": "x"}}
    answer = {"statusCode": 200, "body": {"result": {"isError": True}, "error": {"code": -32000}}}

    assert gateway(body, 401).outcome == "denied"
    assert gateway(body, 500).outcome == "failure"
    assert gateway(body, responseElements=answer).outcome == "success"


@pytest.mark.parametrize(
    ("name", "parameters", "reads", "action_class"),
    [
        ("CallReadWriteTool", called("aws___call_aws"), False, "write"),
        ("CallReadOnlyTool", called("aws___call_aws"), True, "read"),
        ("CallReadWriteTool", called("aws___run_script"), False, "compute_exec"),
        ("CallReadOnlyTool", called("aws___get_presigned_url"), True, "data_export"),
        ("CallTool", {"method": "call_aws", "id": "1"}, True, "read"),
        ("CallTool", {"method": "run_script", "id": "1"}, False, "compute_exec"),
    ],
)
def test_calls_of_awss_own_server(name: str, parameters: dict[str, Any], reads: bool, action_class: str) -> None:
    assert classify(aws_server(name, parameters, reads)).action_class == action_class


def test_the_servers_session_is_the_session() -> None:
    activity = aws_server("CallTool", {"method": "call_aws"}, True, mcpEventDetails={"sessionId": "sess-1"})

    assert activity.session == "sess-1"
    assert activity.handles == ()


def test_aws_flags_the_agent_by_the_event_or_by_who_invokes_never_by_user_agent() -> None:
    def flagged(**changes: Any) -> bool:
        identity = {"type": "IAMUser", "arn": "arn:aws:iam::1:user/x", **changes.pop("identity", {})}
        event = {"eventSource": "iam.amazonaws.com", "eventName": "ListUsers", "userIdentity": identity, **changes}
        principal = cloudtrail.read(event).principal
        return principal is not None and principal.platform_agent

    assert flagged(eventType="AwsMcpEvent")
    assert flagged(identity={"invokedBy": "aws-mcp.amazonaws.com"})
    assert not flagged(userAgent="aws-mcp.amazonaws.com")
    assert not flagged(identity={"invokedBy": "cloudformation.amazonaws.com"})


@pytest.mark.parametrize("junk", [7, "x", [], {}, [[None]], True])
def test_no_value_makes_the_reader_fail(junk: Any) -> None:
    assert isinstance(gateway({"method": junk, "params": junk}), Activity)
    holder = {"body": junk, "statusCode": junk, "jwt": {"claims": junk}}
    for value in (junk, holder):
        assert isinstance(gateway({}, requestParameters=value, responseElements=value), Activity)
        assert isinstance(gateway({}, additionalEventData=value), Activity)
    claims = {"sub": junk, "iss": junk, "jti": junk, "iat": junk}
    assert isinstance(gateway({}, additionalEventData={"jwt": {"claims": claims}}), Activity)
    assert isinstance(aws_server("CallTool", {"method": junk}, None, mcpEventDetails={"sessionId": junk}), Activity)

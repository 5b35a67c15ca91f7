"""MCP in CloudTrail: calls of AWS's own MCP servers (`AwsMcpEvent`) and of AgentCore gateways.

Shapes: "Logging AWS MCP Server API calls using CloudTrail" and "Understanding Amazon Bedrock AgentCore Gateway
CloudTrail events". Arguments and results are redacted there; what stays is the method, the tool and, at a gateway, the
caller's verified JWT. The gateway logs `readOnly: false` for every method, so the method says more than the flag.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from remit_enrichment.activity import Credential, Outcome, Principal
from remit_enrichment.classify.tools import tool_class
from remit_enrichment.logsources._aws_event import Event, UserIdentity
from remit_enrichment.logsources._fields import NOTHING, mapping, text

GATEWAY = frozenset({"bedrock-agentcore:InvokeGateway", "bedrock-agentcore:InvokeMcp"})


AWS_TOOLS = {"get_presigned_url": "data_export", "run_script": "compute_exec"}
"""Tools of AWS's server whose names do not say it ("Understanding the MCP Server tools")."""


class Call(NamedTuple):
    """What an MCP request asks for."""

    method: str
    tool: str | None

    @property
    def action_class(self) -> str:
        """By the tool that is called (a hidden one may do anything), else by the method: others look or say hello."""
        if self.tool is not None:
            return AWS_TOOLS.get(self.tool.removeprefix("aws___")) or tool_class(self.tool)[0]
        return {"tools/call": "write", "resources/read": "data_read"}.get(self.method, "read")


class Bearer(NamedTuple):
    """Who the gateway's JWT says is calling, and the token itself."""

    principal: Principal
    credential: Credential
    token: str | None


def call(event: Event, action: str) -> Call | None:
    """The MCP request in an event; None where the event holds none."""
    parameters = event.requestParameters or NOTHING
    if action in GATEWAY:
        return _request(mapping(parameters, "body", []))
    if event.eventType != "AwsMcpEvent":
        return None
    method = parameters.get("method")
    if type(method) is str and "/" not in method and event.eventName == "CallTool":
        return Call("tools/call", method)  # the first form of these events: the tool stands as the method
    return _request(parameters)


def by_agent(event: Event, identity: UserIdentity) -> bool:
    """Whether AWS itself says that an AI client acts: it called an MCP server of AWS, or that server calls for it.

    `invokedBy` is written by AWS; the user agent, which says the same, is not looked at.
    """
    return event.eventType == "AwsMcpEvent" or (identity.invokedBy or "").endswith("-mcp.amazonaws.com")


def session(event: Event) -> str | None:
    """The session that AWS's MCP server keeps for its client."""
    return text(event.mcpEventDetails, "sessionId", []) if event.mcpEventDetails else None


def bearer(event: Event, errors: list[str]) -> Bearer | None:
    """The caller by the token that the gateway verified; `userIdentity` says `anonymous` there."""
    claims = mapping(mapping(event.additionalEventData or NOTHING, "jwt", []), "claims", [])
    at = "additionalEventData.jwt.claims."
    issuer, subject = text(claims, "iss", errors, at), text(claims, "sub", errors, at)
    if issuer is None or subject is None:
        return None
    issued = claims.get("iat")
    native = f"{issuer}:{subject}"  # a subject means nothing without its issuer
    return Bearer(
        Principal(None, native, "external", aliases=(native,)),
        Credential(None, "jwt", issued * 1000 if type(issued) is int else None),
        text(claims, "jti", errors, at),
    )


def refused(response: Mapping[str, Any]) -> Outcome | None:
    """The gateway's own HTTP status where it is an error: it logs no `errorCode`.

    Errors inside of the answer (`isError`, JSON-RPC `error`) are the tool server's word and are not believed: it could
    make a call that worked look like one that failed.
    """
    status = response.get("statusCode")
    if type(status) is not int or status < 400:
        return None
    return "denied" if status in (401, 403) else "failure"


def _request(message: Mapping[str, Any]) -> Call | None:
    method = message.get("method")
    if type(method) is not str or not method:
        return None
    parameters = message.get("params")
    name = (parameters if type(parameters) is dict else NOTHING).get("name")
    return Call(method, name if method == "tools/call" and type(name) is str and name else None)

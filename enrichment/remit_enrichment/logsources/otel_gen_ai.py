"""OpenTelemetry GenAI and MCP spans, one OTLP/JSON span a record with its `resource` beside it.

Semantic conventions for generative AI: "GenAI agent and framework spans", "Execute tool span", "MCP". All of it is
written by the agent's own host: the time, the names, the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit_enrichment.activity import Activity, Outcome, Principal
from remit_enrichment.logsources._fields import noted
from remit_enrichment.logsources._otlp import (
    TASK_PATHS,
    arguments,
    attributes,
    is_log_record,
    own,
    reference,
    task_claims,
    text,
    unix_time,
)

NAME = "otel.gen_ai"
PLATFORM = "otel"
SIGMA: Mapping[str, str] = {"product": "opentelemetry", "service": "gen_ai"}
ISSUES: tuple[bytes, ...] = ()
CLAIMS = TASK_PATHS

_SPAN = ("startTimeUnixNano", "endTimeUnixNano", "attributes")


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the members of a span."""
    return line.find(b"spanId", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """An OTLP span; whether it tells of an agent, its attributes say, and a span that does not is no action of one.

    A log record has both ids too.
    """
    if "traceId" not in document or "spanId" not in document:
        return False
    return any(key in document for key in _SPAN) and not is_log_record(document)


def read(document: Mapping[str, Any]) -> Activity:
    """Read one span. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    span = attributes(document, "attributes", errors)
    resource = attributes(document.get("resource"), "resource.attributes", errors)
    facts = {**resource, **span}
    action = _action(facts, span, errors)
    time = unix_time(document.get("startTimeUnixNano"))
    if time is None and document.get("startTimeUnixNano") is not None:
        errors.append("startTimeUnixNano")
    agent = text(facts, "gen_ai.agent.id", errors)
    conversation = reference(facts.get("gen_ai.conversation.id")) or text(facts, "gen_ai.conversation.id", errors)
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=_event_id(document, errors),
        time=time,
        time_step=1,
        time_asserted=True,
        principal=Principal(f"otel:ai_agent:{agent}", agent, "agent") if agent else None,
        session=conversation,
        handles=(conversation,) if conversation else (),
        claims=task_claims(span, resource),
        action=action,
        resources=arguments(facts, "gen_ai.tool.call.arguments", errors),
        outcome=_outcome(document, span),
        model=text(facts, "gen_ai.request.model", errors),
        errors=noted(errors),
    )


def _action(facts: Mapping[str, Any], span: Mapping[str, Any], errors: list[str]) -> str:
    """`tool:`, `mcp:` or `gen_ai:` name.

    A call is a call whatever the span says of its operation: else a host could call a tool under the name of a chat.
    """
    operation = text(facts, "gen_ai.operation.name", errors)
    tool = text(facts, "gen_ai.tool.name", errors)
    method = text(facts, "mcp.method.name", errors)
    calls = operation == "execute_tool" or method == "tools/call" or (operation is None and tool is not None)
    if not calls:
        return f"gen_ai:{operation or method or 'span'}"
    if tool is None:
        return "gen_ai:execute_tool"
    server = text(facts, "mcp.server.name", errors)
    if server is None and any(name.startswith("mcp.") for name in span):
        server = text(span, "server.address", errors)
    return f"mcp:{server}/{tool}" if server else f"tool:{tool}"


def _event_id(document: Mapping[str, Any], errors: list[str]) -> str | None:
    trace, span = document.get("traceId"), document.get("spanId")
    if type(trace) is str and type(span) is str and trace and span:
        return f"{trace}-{span}"
    errors.append("traceId" if type(trace) is not str or not trace else "spanId")
    return None


def _outcome(document: Mapping[str, Any], span: Mapping[str, Any]) -> Outcome:
    code = own(document, "status").get("code")
    failed = code == 2 or code == "STATUS_CODE_ERROR" or span.get("error.type") is not None
    return "failure" if failed else "success"

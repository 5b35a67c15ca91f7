"""OpenTelemetry GenAI and MCP spans, one OTLP/JSON span a record with its `resource` beside it.

Semantic conventions for generative AI: "GenAI agent and framework spans", "Execute tool span", "MCP". All of it is
written by the agent's own host: the time, the names, the arguments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from remit_enrichment.activity import Activity, Claim, Outcome, Principal
from remit_enrichment.logsources._fields import noted
from remit_enrichment.logsources._otlp import Repeated, Unreadable, attributes, json_object, own, span_time

NAME = "otel.gen_ai"
PLATFORM = "otel"
SIGMA: Mapping[str, str] = {"product": "opentelemetry", "service": "gen_ai"}
ISSUES: tuple[bytes, ...] = ()
CLAIMS = ("attributes.nhi.task.id", "resource.attributes.nhi.task.id")

_TASK = "nhi.task.id"
_SPAN = ("startTimeUnixNano", "endTimeUnixNano", "attributes")
_LOG_RECORD = ("timeUnixNano", "observedTimeUnixNano", "severityNumber", "body")


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the members of a span."""
    return line.find(b"spanId", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """An OTLP span; whether it tells of an agent, its attributes say, and a span that does not is no action of one.

    A log record has both ids too, but also a time of its own, a severity or a body.
    """
    if "traceId" not in document or "spanId" not in document:
        return False
    return any(key in document for key in _SPAN) and not any(key in document for key in _LOG_RECORD)


def read(document: Mapping[str, Any]) -> Activity:
    """Read one span. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    span = attributes(document, "attributes", errors)
    resource = attributes(document.get("resource"), "resource.attributes", errors)
    facts = {**resource, **span}
    action = _action(facts, span, errors)
    time = span_time(document.get("startTimeUnixNano"))
    if time is None and document.get("startTimeUnixNano") is not None:
        errors.append("startTimeUnixNano")
    agent = _text(facts, "gen_ai.agent.id", errors)
    conversation = _reference(facts.get("gen_ai.conversation.id")) or _text(facts, "gen_ai.conversation.id", errors)
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
        claims=tuple(_claims(span, resource)),
        action=action,
        resources=_resources(facts.get("gen_ai.tool.call.arguments"), errors),
        outcome=_outcome(document, span),
        model=_text(facts, "gen_ai.request.model", errors),
        errors=noted(errors),
    )


def _action(facts: Mapping[str, Any], span: Mapping[str, Any], errors: list[str]) -> str:
    """`tool:`, `mcp:` or `gen_ai:` name.

    A call is a call whatever the span says of its operation: else a host could call a tool under the name of a chat.
    """
    operation = _text(facts, "gen_ai.operation.name", errors)
    tool = _text(facts, "gen_ai.tool.name", errors)
    method = _text(facts, "mcp.method.name", errors)
    calls = operation == "execute_tool" or method == "tools/call" or (operation is None and tool is not None)
    if not calls:
        return f"gen_ai:{operation or method or 'span'}"
    if tool is None:
        return "gen_ai:execute_tool"
    server = _text(facts, "mcp.server.name", errors)
    if server is None and any(name.startswith("mcp.") for name in span):
        server = _text(span, "server.address", errors)
    return f"mcp:{server}/{tool}" if server else f"tool:{tool}"


def _text(facts: Mapping[str, Any], name: str, errors: list[str]) -> str | None:
    value = facts.get(name)
    if type(value) is str:
        return value or None
    if value is not None:
        errors.append(f"attributes.{name}")
    return None


def _event_id(document: Mapping[str, Any], errors: list[str]) -> str | None:
    trace, span = document.get("traceId"), document.get("spanId")
    if type(trace) is str and type(span) is str and trace and span:
        return f"{trace}-{span}"
    errors.append("traceId" if type(trace) is not str or not trace else "spanId")
    return None


def _claims(span: Mapping[str, Any], resource: Mapping[str, Any]) -> Iterator[Claim]:
    path, value = ("attributes", span[_TASK]) if _TASK in span else ("resource.attributes", resource.get(_TASK))
    if reference := _reference(value):
        yield Claim(reference, "attribute", f"{path}.{_TASK}")


def _reference(value: Any) -> str | None:
    """What may name a task or be bound to one: text, or a number as its own text."""
    if type(value) is int or type(value) is float:
        return _compact(value)
    return value if type(value) is str and value else None


def _outcome(document: Mapping[str, Any], span: Mapping[str, Any]) -> Outcome:
    code = own(document, "status").get("code")
    failed = code == 2 or code == "STATUS_CODE_ERROR" or span.get("error.type") is not None
    return "failure" if failed else "success"


def _resources(arguments: Any, errors: list[str]) -> tuple[str, ...] | None:
    """`<argument>=<value>` for every argument; which of them are resources is for charter, task and registry to say.

    An argument whose value is in doubt (a key stands twice) is its bare name, which no `<argument>=<glob>` allows.
    """
    if arguments is None:
        return None
    try:
        named = json_object(arguments) if type(arguments) is str else arguments
    except Unreadable:
        named = None
    if not isinstance(named, dict):
        errors.append("attributes.gen_ai.tool.call.arguments")
        return None
    found: list[str] = []
    for name, value in named.items():
        if isinstance(named, Repeated) or _doubtful(value):
            found.append(name)
            continue
        elements = value if type(value) is list else [value]
        found += [f"{name}={_shown(element)}" for element in elements if element is not None]
    return tuple(dict.fromkeys(found)) or None


def _doubtful(value: Any) -> bool:
    if isinstance(value, Repeated):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_doubtful(item) for item in inner)


def _shown(value: Any) -> str:
    return value if type(value) is str else _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""Claude Code's events, one OTLP/JSON log record each with its `resource` and `scope` beside it.

Claude Code documentation, "Monitoring" (code.claude.com/docs/en/monitoring-usage): standard attributes, events. The
agent's own host writes all of it: the time, the account, the arguments. What the agent has read, was told or answered
(`prompt`, `response`, `body`) is never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from remit_enrichment.activity import Activity, Outcome, Principal
from remit_enrichment.logsources._fields import noted
from remit_enrichment.logsources._otlp import (
    TASK_PATHS,
    Repeated,
    Unreadable,
    arguments,
    attributes,
    is_log_record,
    json_object,
    own,
    reference,
    task_claims,
    text,
    unix_time,
)
from remit_enrichment.times import read_time

NAME = "claude_code.events"
PLATFORM = "otel"
SIGMA: Mapping[str, str] = {"product": "claude_code", "service": "otel"}
ISSUES: tuple[bytes, ...] = ()
CLAIMS = TASK_PATHS

_SCOPE = "com.anthropic.claude_code.events"
_PREFIX = "claude_code."
_FAILURES = frozenset({"api_error", "api_refusal", "api_retries_exhausted", "internal_error"})
_MCP_NAMES = frozenset({"mcp_server_name", "mcp_tool_name"})
_DIGITS = re.compile(r"[0-9]{1,19}")
_CUT = 100
"""Characters that a shortened argument surely has: only those of more than 512 are shortened."""


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the name of Claude Code's events."""
    return line.find(b"claude_code", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """A log record of the scope that Claude Code writes its events to; its spans are none."""
    return is_log_record(document) and own(document, "scope").get("name") == _SCOPE


def read(document: Mapping[str, Any]) -> Activity:
    """Read one log record. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    facts = attributes(document, "attributes", errors)
    resource = attributes(document.get("resource"), "resource.attributes", errors)
    event = _event(document, facts, errors)
    calls = event == "tool_result" or (event == "tool_decision" and facts.get("decision") == "reject")
    session = reference(facts.get("session.id")) or text(facts, "session.id", errors)
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=_event_id(session, facts, errors),
        time=_time(document, facts, errors),
        time_step=1,
        time_asserted=True,
        principal=_principal(facts, errors),
        session=session,
        handles=(session,) if session else (),
        claims=task_claims(facts, resource),
        action=_called(facts, errors) if calls else f"claude_code:{event}",
        resources=_resources(facts, errors) if calls else None,
        outcome=_outcome(event, facts),
        model=text(facts, "model", errors),
        errors=noted(errors),
    )


def _event(document: Mapping[str, Any], facts: Mapping[str, Any], errors: list[str]) -> str:
    named = text(facts, "event.name", errors)
    if named is None:
        body = own(document, "body").get("stringValue")
        named = body if type(body) is str else ""
    return named.removeprefix(_PREFIX) or "event"


def _principal(facts: Mapping[str, Any], errors: list[str]) -> Principal | None:
    """The agent of an account; without one (API key, Bedrock, Vertex AI), of the installation, whose id is random.

    Behind a gateway with its own sign-in `user.id` is the identity provider's.
    """
    user = text(facts, "user.account_uuid", errors) or text(facts, "user.id", errors)
    account = text(facts, "user.account_id", errors)
    if user is None:
        return None
    aliases = (account,) if account else ()
    return Principal(f"otel:ai_agent:{user}", user, "ai_agent", aliases=aliases, platform_agent=True)


def _event_id(session: str | None, facts: Mapping[str, Any], errors: list[str]) -> str | None:
    sequence = facts.get("event.sequence")
    if type(sequence) is int:
        sequence = str(sequence)
    if type(sequence) is str and _DIGITS.fullmatch(sequence):
        return f"{session}-{sequence}" if session else None
    if sequence is not None:
        errors.append("attributes.event.sequence")
    return None


def _time(document: Mapping[str, Any], facts: Mapping[str, Any], errors: list[str]) -> int | None:
    written = document.get("timeUnixNano")
    time = unix_time(written)
    if time is not None:
        return time
    if written is not None:
        errors.append("timeUnixNano")
    stamp = text(facts, "event.timestamp", errors)
    return read_time(stamp) if stamp else None


def _called(facts: Mapping[str, Any], errors: list[str]) -> str:
    """`tool:` or `mcp:` name. A call that names no tool may be any.

    Tools of users' own MCP servers are `mcp_tool`; the names stand in `tool_parameters`, where those are logged.
    """
    tool = text(facts, "tool_name", errors)
    if tool is None:
        return "gen_ai:execute_tool"
    if tool != "mcp_tool" and not tool.startswith("mcp__"):
        return f"tool:{tool}"
    given = facts.get("tool_parameters")
    try:
        named = json_object(given) if type(given) is str else {}
    except Unreadable:
        named = {}
    server, name = named.get("mcp_server_name"), named.get("mcp_tool_name")
    if type(server) is str and type(name) is str and server and name and not isinstance(named, Repeated):
        return f"mcp:{server}/{name}"
    return f"tool:{tool}"


def _resources(facts: Mapping[str, Any], errors: list[str]) -> tuple[str, ...] | None:
    """The arguments. Long ones are shortened in `tool_input`; `tool_parameters` has a shell's `full_command`."""
    given, size = facts.get("tool_input"), facts.get("tool_input_size_bytes")
    lost = (
        type(given) is str
        and (type(size) is int or (type(size) is str and _DIGITS.fullmatch(size) is not None))
        and len(given.encode("utf-8", "surrogatepass")) < int(size)
    )
    found = arguments(facts, "tool_input", errors, cut=_CUT if lost else None) or ()
    told = arguments(facts, "tool_parameters", errors) or ()
    told = tuple(one for one in told if one.partition("=")[0] not in _MCP_NAMES)
    return tuple(dict.fromkeys((*found, *told))) or None


def _outcome(event: str, facts: Mapping[str, Any]) -> Outcome:
    if event == "tool_decision":
        return "denied" if facts.get("decision") == "reject" else "success"
    success = facts.get("success")
    failed = success is False or success == "false" or facts.get("status") == "failed" or event in _FAILURES
    return "failure" if failed else "success"

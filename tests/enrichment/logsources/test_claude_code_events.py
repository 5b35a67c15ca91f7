"""The reader of Claude Code's events, on log records after the vendor's page on monitoring."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.enrichment.logsources.test_otel_gen_ai import listed, span
from tests.enrichment.scene import at, bound, task

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.classify import classify
from remit_enrichment.document import decode
from remit_enrichment.enricher import Enricher
from remit_enrichment.logsources import claude_code_events as claude
from remit_enrichment.logsources import otel_gen_ai, recognise
from remit_enrichment.readers.unwrap import container
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Allow, Coverage, Identity
from remit_enrichment.store import MemoryStore

SAMPLES = Path(os.environ.get("REMIT_SAMPLES") or "samples") / "real/claude_code.otel_log.jsonl"
ACCOUNT = "00000000-0000-4000-9000-000000000001"
AGENT = f"otel:ai_agent:{ACCOUNT}"
STANDARD = {"session.id": "s1", "event.sequence": 7, "user.account_uuid": ACCOUNT, "user.id": "f00d"}


def record(event: str = "tool_result", resource: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    facts = {"event.name": event, **STANDARD, **{name.replace("__", "."): value for name, value in facts.items()}}
    return {
        "timeUnixNano": "1775988000123000000",  # 2026-04-12T10:00:00.123Z
        "body": {"stringValue": f"claude_code.{event}"},
        "attributes": listed({name: value for name, value in facts.items() if value is not None}),
        "resource": {"attributes": listed(resource or {"service.name": "claude-code"})},
        "scope": {"name": "com.anthropic.claude_code.events", "version": "2.1.200"},
    }


def read(event: str = "tool_result", **facts: Any) -> Activity:
    return claude.read(record(event, **facts))


def source_of(document: dict[str, Any]) -> str | None:
    source = recognise(document, b"")
    return source.NAME if source else None


def test_a_tool_result_names_agent_session_tool_and_every_argument() -> None:
    activity = read(tool_name="Read", tool_input='{"file_path": "/srv/a", "limit": 5}', success="true")

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == (AGENT, "ai_agent")
    assert activity.principal.platform_agent
    assert (activity.session, activity.handles, activity.event_id) == ("s1", ("s1",), "s1-7")
    assert (activity.action, activity.resources) == ("tool:Read", ("file_path=/srv/a", "limit=5"))
    assert (activity.time, activity.time_step, activity.time_asserted) == (at("10:00") + 123, 1, True)
    assert (activity.outcome, activity.issuance, activity.errors) == ("success", None, ())


def test_without_an_account_the_installation_acts_and_without_both_nobody() -> None:
    install = read(tool_name="Read", user__account_uuid=None).principal

    assert install is not None
    assert (install.id, install.native) == ("otel:ai_agent:f00d", "f00d")
    assert read(tool_name="Read", user__account_uuid=None, user__id="").principal is None


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({"tool_name": "Bash"}, "tool:Bash"),
        ({"tool_name": "mcp_tool"}, "tool:mcp_tool"),
        ({"tool_name": "mcp_tool", "tool_parameters": '{"mcp_server_name":"t","mcp_tool_name":"get"}'}, "mcp:t/get"),
        ({"tool_name": "mcp__t__get"}, "tool:mcp__t__get"),
        ({"tool_name": "mcp__t__x", "tool_parameters": '{"mcp_server_name":"t","mcp_tool_name":"x"}'}, "mcp:t/x"),
        ({"tool_name": "mcp_tool", "tool_parameters": '{"mcp_server_name":"t"}'}, "tool:mcp_tool"),
        ({"tool_name": "Bash", "tool_parameters": '{"mcp_server_name":"t","mcp_tool_name":"get"}'}, "tool:Bash"),
        (
            {
                "tool_name": "mcp_tool",
                "tool_parameters": '{"mcp_server_name":"t","mcp_tool_name":"get","mcp_tool_name":"drop"}',
            },
            "tool:mcp_tool",
        ),
        ({}, "gen_ai:execute_tool"),
    ],
)
def test_action_names(facts: dict[str, Any], action: str) -> None:
    assert read(**facts).action == action


def test_a_refused_call_is_an_attempt_and_an_allowed_one_waits_for_its_result() -> None:
    refused = read("tool_decision", tool_name="Bash", decision="reject", tool_parameters='{"full_command": "rm x"}')
    allowed = read("tool_decision", tool_name="Bash", decision="accept", tool_parameters='{"full_command": "rm x"}')

    assert (refused.action, refused.outcome, refused.resources) == ("tool:Bash", "denied", ("full_command=rm x",))
    assert (allowed.action, allowed.outcome, allowed.resources) == ("claude_code:tool_decision", "success", None)


@pytest.mark.parametrize(
    ("event", "facts", "outcome"),
    [
        ("tool_result", {"tool_name": "Bash", "success": "false"}, "failure"),
        ("tool_result", {"tool_name": "Bash", "success": False}, "failure"),
        ("tool_result", {"tool_name": "Bash", "error_type": "x", "success": "true"}, "success"),
        ("mcp_server_connection", {"status": "failed"}, "failure"),
        ("mcp_server_connection", {"status": "disconnected"}, "success"),
        ("api_error", {}, "failure"),
        ("api_request", {}, "success"),
    ],
)
def test_outcomes(event: str, facts: dict[str, Any], outcome: str) -> None:
    assert read(event, **facts).outcome == outcome


@pytest.mark.parametrize(
    ("event", "action_class"),
    [
        ("user_prompt", "read"),
        ("auth", "auth"),
        ("permission_mode_changed", "agent_admin"),
        ("plugin_installed", "agent_admin"),
        ("plugin_loaded", "read"),
    ],
)
def test_classes_of_what_is_no_tool_call(event: str, action_class: str) -> None:
    assert classify(read(event)).action_class == action_class


def test_an_argument_that_may_have_been_shortened_is_a_bare_name() -> None:
    told = json.dumps({"file_path": "/srv/a", "content": "x" * 128})

    assert read(tool_name="Write", tool_input=told, tool_input_size_bytes="9000").resources == (
        "file_path=/srv/a",
        "content",
    )
    whole = read(tool_name="Write", tool_input=told, tool_input_size_bytes=str(len(told))).resources
    assert whole == ("file_path=/srv/a", "content=" + "x" * 128)


def test_an_input_that_was_cut_off_is_unknown_and_noted() -> None:
    activity = read(tool_name="Edit", tool_input='{"file_path": "/srv/app/b.t')

    assert (activity.resources, activity.errors) == (None, ("attributes.tool_input",))


def test_what_was_said_reaches_no_field() -> None:
    for event in ("user_prompt", "assistant_response", "api_request_body", "tool_decision"):
        said = {name: "SECRET" for name in ("prompt", "response", "body", "error", "tool_input", "tool_parameters")}
        assert "SECRET" not in repr(read(event, decision="accept", **said))


@pytest.mark.parametrize(
    ("stamped", "stamp", "time"),
    [
        ("0", "2026-04-12T10:00:00.5Z", at("10:00") + 500),
        (None, "2026-04-12T10:00:00Z", at("10:00")),
        ("soon", "soon", None),
        ("soon", None, None),
    ],
)
def test_the_time_of_the_event_stands_in_for_a_record_without_one(stamped: Any, stamp: Any, time: int | None) -> None:
    assert claude.read({**record(event__timestamp=stamp), "timeUnixNano": stamped}).time == time


@pytest.mark.parametrize("sequence", [None, "x", 1.5, -1, True, ["7"]])
def test_without_a_sequence_the_bytes_are_the_id(sequence: Any) -> None:
    assert read(event__sequence=sequence).event_id is None
    assert read(session__id=None).event_id is None
    assert read(event__sequence="8").event_id == "s1-8"


def test_a_task_is_named_by_the_record_or_its_resource() -> None:
    resource = {"nhi.task.id": "TASK-R"}

    assert read(resource=resource).claims == (Claim("TASK-R", "attribute", "resource.attributes.nhi.task.id"),)
    assert read(resource=resource, nhi__task__id="T").claims == (Claim("T", "attribute", "attributes.nhi.task.id"),)


def test_spans_and_the_log_records_of_others_are_not_recognised() -> None:
    ours = record()
    ids = {"traceId": "t", "spanId": "s", "startTimeUnixNano": "1"}

    assert source_of(ours) == claude.NAME
    assert source_of({**ours, **ids}) == claude.NAME
    assert source_of(span()) == otel_gen_ai.NAME
    assert source_of({**span(), "scope": ours["scope"]}) == otel_gen_ai.NAME
    for scope in ({"name": "com.anthropic.claude_code.tracing"}, {"name": ["com.anthropic.claude_code.events"]}, {}, 7):
        assert source_of({**ours, "scope": scope}) is None


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [[None]], [{}], [{"key": 1}], [{"key": "a", "value": 3}], True])
def test_no_value_of_any_member_makes_the_reader_fail(junk: Any) -> None:
    whole = record(tool_name="mcp_tool", tool_input="{}", tool_parameters="{}", tool_input_size_bytes="9")
    for name in whole:
        assert isinstance(claude.read({**whole, name: junk}), Activity)
    for entry in whole["attributes"]:
        for value in (junk, *({kind: junk} for kind in ("stringValue", "intValue", "arrayValue", "kvlistValue"))):
            changed = [{**entry, "value": value} if other is entry else other for other in whole["attributes"]]
            assert isinstance(claude.read({**whole, "attributes": changed}), Activity)


def test_a_bound_session_allows_reads_and_leaves_changes_unattested() -> None:
    registry = Registry.of(
        Coverage(platform="otel", identities=0, agents=0, tasks=0),
        Identity(id=AGENT, kind="ai_agent"),
        task("T1", AGENT, allow=Allow(actions=("tool:*",), resources=("file_path=/srv/app/*",))),
        bound("T1", "s1"),
    )

    def verdict(**facts: Any) -> dict[str, Any]:
        document = record(**facts)
        return Enricher(registry, MemoryStore()).enrich(document, raw=json.dumps(document).encode()).tags

    inside = '{"file_path": "/srv/app/a", "content": "SECRET"}'
    read_in, wrote, read_out = (
        verdict(tool_name="Read", tool_input=inside),
        verdict(tool_name="Write", tool_input=inside),
        verdict(tool_name="Read", tool_input='{"file_path": "/etc/shadow"}'),
    )
    assert [tags["verdict"]["intent"] for tags in (read_in, wrote, read_out)] == [
        "aligned",
        "unattested",
        "out_of_scope",
    ]
    assert read_in["attribution"]["level"] == "L2"
    assert "SECRET" not in json.dumps([read_in, wrote])


def log_records() -> Iterator[dict[str, Any]]:
    """The public collection's log records, put back into OTLP/JSON; its spans are not of this source."""
    for line in SAMPLES.read_text("utf-8").splitlines():
        row = json.loads(line)["raw"]
        if "span_id" in row:
            continue
        facts = row.get("attributes") or row.get("attrs") or {}
        name = row.get("eventName") or row.get("event_name")
        written = row.get("record") or {"body": {"stringValue": f"claude_code.{name}"}, "attributes": listed(facts)}
        scope = row.get("scope") or {"name": "com.anthropic.claude_code.events"}
        raw = json.dumps({"resourceLogs": [{"scopeLogs": [{"scope": scope, "logRecords": [written]}]}]}).encode()
        yield from (decode(bytes(part)) for part in container(raw) or ())


def test_real_records_are_recognised_and_have_principal_time_session_and_id() -> None:
    if not SAMPLES.is_file():
        pytest.skip(f"{SAMPLES.name} is not at hand; point REMIT_SAMPLES to the folder above its folder")
    found = list(log_records())
    activities = [claude.read(document) for document in found if source_of(document) == claude.NAME]

    assert len(activities) == len(found) == 10
    assert all(a.principal and a.time and a.session and a.event_id and not a.errors for a in activities)
    assert {a.action for a in activities} >= {"mcp:codebase-memory-mcp/list_projects", "tool:Bash"}

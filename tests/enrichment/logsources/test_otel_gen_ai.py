"""The GenAI span reader, on spans after the OpenTelemetry semantic conventions."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.logsources import otel_gen_ai as otel


def wrapped(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [wrapped(item) for item in value]}}
        case dict():
            return {"kvlistValue": {"values": [{"key": key, "value": wrapped(item)} for key, item in value.items()]}}
        case None:
            return {}
        case _:
            return {"stringValue": value}


def listed(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": wrapped(value)} for key, value in facts.items()]


def span(resource: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    facts = {name.replace("__", "."): value for name, value in facts.items()}
    document: dict[str, Any] = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "execute_tool",
        "startTimeUnixNano": "1775986200123456789",
        "endTimeUnixNano": "1775986201000000000",
        "attributes": listed(facts),
        "status": {},
    }
    if resource is not None:
        document["resource"] = {"attributes": listed(resource)}
    return document


def read(resource: dict[str, Any] | None = None, **facts: Any) -> Activity:
    return otel.read(span(resource, **facts))


def test_a_tool_call_names_agent_conversation_tool_and_every_argument() -> None:
    activity = read(
        gen_ai__operation__name="execute_tool",
        gen_ai__tool__name="send_money",
        gen_ai__agent__id="banking",
        gen_ai__conversation__id="conv-1",
        gen_ai__tool__call__arguments='{"recipient": "US13", "amount": 5.0, "tags": ["a", {"b": 1}], "note": null}',
    )

    assert activity.action == "tool:send_money"
    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("otel:ai_agent:banking", "agent")
    assert (activity.session, activity.handles) == ("conv-1", ("conv-1",))
    assert activity.resources == ("recipient=US13", "amount=5.0", "tags=a", 'tags={"b":1}')
    assert (activity.time, activity.time_step, activity.time_asserted) == (1775986200123, 1, True)
    assert activity.event_id == "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174"
    assert activity.account is None


def test_arguments_may_be_structured() -> None:
    activity = read(gen_ai__tool__name="x", gen_ai__tool__call__arguments={"path": "/tmp/a", "force": True, "n": 3})

    assert activity.resources == ("path=/tmp/a", "force=true", "n=3")


@pytest.mark.parametrize(
    "arguments",
    ['{"path": "/ok", "path": "/secret"}', '{"path": {"a": 1, "a": 2}}', '{"path": [{"a": 1, "a": 2}]}'],
)
def test_an_argument_with_a_repeated_key_is_a_bare_name_that_no_glob_allows(arguments: str) -> None:
    assert read(gen_ai__tool__name="read_file", gen_ai__tool__call__arguments=arguments).resources == ("path",)


def test_a_repeated_key_of_a_structured_argument_is_doubtful_too() -> None:
    document = span(gen_ai__tool__name="x")
    pairs = [{"key": "path", "value": wrapped("/ok")}, {"key": "path", "value": wrapped("/secret")}]
    document["attributes"].append({"key": "gen_ai.tool.call.arguments", "value": {"kvlistValue": {"values": pairs}}})

    assert otel.read(document).resources == ("path",)


@pytest.mark.parametrize("arguments", ["not json", "[1]", '"x"', '{"a": NaN}', "[" * 5000, 7])
def test_arguments_that_are_no_object_are_unknown_and_noted(arguments: Any) -> None:
    activity = read(gen_ai__tool__name="x", gen_ai__tool__call__arguments=arguments)

    assert activity.resources is None
    assert activity.errors == ("attributes.gen_ai.tool.call.arguments",)


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t"}, "tool:t"),
        ({"gen_ai.operation.name": "execute_tool"}, "gen_ai:execute_tool"),
        ({"gen_ai.tool.name": "t"}, "tool:t"),
        ({"gen_ai.operation.name": "chat", "gen_ai.tool.name": "t"}, "gen_ai:chat"),
        ({"mcp.method.name": "tools/call", "gen_ai.tool.name": "t"}, "tool:t"),
        ({"mcp.method.name": "tools/call"}, "gen_ai:execute_tool"),
        ({"gen_ai.operation.name": "chat", "mcp.method.name": "tools/call", "gen_ai.tool.name": "t"}, "tool:t"),
        ({"mcp.server.name": "files", "gen_ai.tool.name": "t"}, "mcp:files/t"),
        ({"mcp.method.name": "tools/call", "server.address": "h", "gen_ai.tool.name": "t"}, "mcp:h/t"),
        ({"server.address": "h", "gen_ai.tool.name": "t"}, "tool:t"),
        ({"gen_ai.operation.name": "create_agent"}, "gen_ai:create_agent"),
        ({"mcp.method.name": "resources/read"}, "gen_ai:resources/read"),
        ({"gen_ai.operation.name": "", "gen_ai.tool.name": "t"}, "tool:t"),
        ({"http.method": "GET"}, "gen_ai:span"),
    ],
)
def test_action_names(facts: dict[str, Any], action: str) -> None:
    assert read(**facts).action == action


def test_the_servers_address_counts_only_where_the_span_itself_gives_it() -> None:
    activity = read({"server.address": "elsewhere"}, **{"mcp.method.name": "tools/call", "gen_ai.tool.name": "t"})

    assert activity.action == "tool:t"


def test_the_spans_attribute_wins_over_the_resources() -> None:
    resource = {"gen_ai.agent.id": "r", "nhi.task.id": "TASK-R"}

    assert read(resource, gen_ai__agent__id="s").principal != read(resource).principal
    assert read(resource).claims == (Claim("TASK-R", "attribute", "resource.attributes.nhi.task.id"),)
    assert read(resource, nhi__task__id="TASK-S").claims == (Claim("TASK-S", "attribute", "attributes.nhi.task.id"),)


@pytest.mark.parametrize(("value", "references"), [(7, ["7"]), ("", []), (True, []), (["TASK-1"], []), ({}, [])])
def test_a_task_reference_is_a_text_or_a_number(value: Any, references: list[str]) -> None:
    assert [claim.reference for claim in read(nhi__task__id=value).claims] == references


def test_outcome_is_the_status_or_the_error() -> None:
    document = span(gen_ai__tool__name="t")

    assert otel.read(document).outcome == "success"
    assert otel.read({**document, "status": {"code": 2}}).outcome == "failure"
    assert otel.read({**document, "status": {"code": "STATUS_CODE_ERROR"}}).outcome == "failure"
    assert read(gen_ai__tool__name="t", error__type="timeout").outcome == "failure"


def test_only_spans_are_recognised() -> None:
    document = span()
    record = {"traceId": "t", "spanId": "s", "timeUnixNano": "1", "body": {}, "attributes": []}

    assert otel.recognises(document)
    assert otel.recognises({**document, "attributes": 7})
    assert not otel.recognises(record)
    assert not otel.recognises({"traceId": "t", "spanId": "s"})
    assert not otel.recognises({"attributes": []})


@pytest.mark.parametrize("written", [0, "0", "x", "-5", "--5", "٣", None, 1.5, "9" * 30, True])
def test_a_start_that_is_no_time_is_unknown(written: Any) -> None:
    assert otel.read({**span(), "startTimeUnixNano": written}).time is None


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [[None]], [{}], [{"key": 1}], [{"key": "a", "value": 3}], True])
def test_no_value_of_any_member_makes_the_reader_fail(junk: Any) -> None:
    for name in span({}):
        assert isinstance(otel.read({**span({}), name: junk}), Activity)
    for name in ("gen_ai.agent.id", "gen_ai.tool.name", "gen_ai.tool.call.arguments", "gen_ai.conversation.id"):
        entry = {"key": name, "value": junk}
        assert isinstance(otel.read({**span(), "attributes": [entry]}), Activity)
        for kind in ("stringValue", "intValue", "arrayValue", "kvlistValue", "boolValue", "doubleValue"):
            entry = {"key": name, "value": {kind: junk}}
            assert isinstance(otel.read({**span(), "attributes": [entry]}), Activity)


def test_a_repeated_attribute_is_noted_and_the_last_counts() -> None:
    document = span(gen_ai__tool__name="a")
    document["attributes"].append({"key": "gen_ai.tool.name", "value": {"stringValue": "b"}})
    activity = otel.read(document)

    assert activity.action == "tool:b"
    assert activity.errors == ("attributes.1",)


def test_the_noted_paths_are_bounded() -> None:
    document = {**span(), "attributes": [{"key": f"k{n}", "value": 7} for n in range(1000)]}

    assert len(otel.read(document).errors) == 16


def test_values_nested_too_deep_are_unknown() -> None:
    value: Any = {"stringValue": "x"}
    for _ in range(200):
        value = {"arrayValue": {"values": [value]}}
    document = {**span(), "attributes": [{"key": "gen_ai.tool.call.arguments", "value": value}]}

    assert otel.read(document).errors == ("attributes.0",)

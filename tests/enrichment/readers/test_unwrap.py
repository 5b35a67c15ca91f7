from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from remit_enrichment.readers.record import Chunk, Record, records_of


def records(document: Any) -> list[Record]:
    raw = document if isinstance(document, bytes) else json.dumps(document, separators=(",", ":")).encode()
    return list(records_of(Chunk(raw, 1, 0, len(raw), 2), "in.jsonl"))


EVENT: dict[str, Any] = {
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "eventID": "e1",
    "eventTime": "2026-05-12T14:22:28Z",
    "userIdentity": {"type": "IAMUser"},
}
TEXT = json.dumps(EVENT)


@pytest.mark.parametrize(
    "container",
    [
        {"Records": [EVENT, {}]},
        {"Events": [EVENT, {}]},
        {"NextToken": "x", "Events": [EVENT, {}]},
        {"records": [EVENT, {}]},
        {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "logEvents": [EVENT, {}]},
        [EVENT, {}],
        {"nhi": {"verdict": 1}, "Records": [EVENT, {}]},
    ],
)
def test_a_container_gives_its_records_with_their_place(container: Any) -> None:
    found = records(container)

    assert [(r.document, r.record, r.last) for r in found] == [(EVENT, 0, False), ({}, 1, True)]


def test_records_keep_their_own_bytes() -> None:
    found = records(b'{"Records":[{ "a":1.0 , "a" : 2},\n  {"b":"\\u00e9"}]}')

    assert [r.raw for r in found] == [b'{ "a":1.0 , "a" : 2}', b'{"b":"\\u00e9"}']


def test_one_broken_record_does_not_take_the_others_with_it() -> None:
    found = records(b'{"Records":[{"a":1},{"b":NaN},{"c":"\\ud800"},"x",{"d":4}]}')

    assert [r.problem for r in found] == [
        None,
        "not JSON: NaN is no number",
        None,
        "a JSON string, not an object",
        None,
    ]
    assert [r.raw for r in found][-1] == b'{"d":4}'


def test_no_record_hides_behind_a_repeated_container_key() -> None:
    assert [r.document for r in records(b'{"Records":[{"a":1}],"Records":[]}')] == [{"a": 1}]


@pytest.mark.parametrize(
    "document",
    [
        {"eventName": "x", "Records": [{}]},
        {"Records": {"a": 1}},
        {"Records": None},
        {"resourceMetrics": [{}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}], "x": 1},
        {"resourceSpans": [{"scopeSpans": {"spans": []}}]},
        {"resourceSpans": [7]},
        {"Items": [EVENT]},
    ],
)
def test_what_only_resembles_a_container_leaves_whole(document: Any) -> None:
    found = records(document)

    assert [(r.document, r.problem) for r in found] == [(document, None)]


def test_at_most_one_container_is_opened() -> None:
    inner = {"Records": [EVENT]}

    assert [r.document for r in records([inner, [EVENT]])] == [inner, {}]
    assert records([[EVENT]])[0].problem == "a JSON array, not an object"


@pytest.mark.parametrize("empty", [{"Records": []}, [], {"resourceSpans": []}, {"resourceLogs": [{"scopeLogs": []}]}])
def test_an_empty_container_has_no_record(empty: Any) -> None:
    assert records(empty) == []


def test_otlp_gives_one_record_a_span_with_resource_and_scope_behind_its_own_bytes() -> None:
    found = records(
        b'{"resourceSpans":[{"resource":{"attributes":[1]},"scopeSpans":[{"scope":{"name":"s"},"spans":'
        b'[{ "spanId":"1" , "resource":"mine" },{}]},{"spans":[{"spanId":"3"}]}]},'
        b'{"scopeSpans":[{"spans":[{"spanId":"4"}]}]}]}'
    )

    assert [r.raw for r in found] == [
        b'{ "spanId":"1" , "resource":"mine","resource":{"attributes":[1]},"scope":{"name":"s"}}',
        b'{"resource":{"attributes":[1]},"scope":{"name":"s"}}',
        b'{"spanId":"3","resource":{"attributes":[1]}}',
        b'{"spanId":"4"}',
    ]
    assert [r.record for r in found] == [0, 1, 2, 3]
    assert found[0].document["resource"] == {"attributes": [1]}


def test_otlp_gives_one_record_a_log_record() -> None:
    logs = {"resourceLogs": [{"resource": {}, "scopeLogs": [{"logRecords": [{"body": 1}, {"body": 2}]}]}]}

    assert [r.document for r in records(logs)] == [{"body": 1, "resource": {}}, {"body": 2, "resource": {}}]


@pytest.mark.parametrize(
    "wrapper",
    [
        {"@timestamp": "x", "event": {"original": TEXT}},
        {"event.original": TEXT},
        {"_raw": TEXT, "host": "h"},
        {"preview": False, "result": {"_raw": TEXT}},
        {"time": 1, "host": "h", "event": EVENT},
        {"sourcetype": "aws:cloudtrail", "event": TEXT},
        {"EventId": "1", "CloudTrailEvent": TEXT},
        {"time": "x", "properties": {"log": TEXT, "pod": "p"}},
        {"id": "1", "timestamp": 1, "message": TEXT},
        {"file": "f", "line": 3, "record": 0, "reason": "why", "raw": TEXT},
        {"file": "f", "line": 3, "record": 0, "reason": "why", "raw": "eyJuIjogMX0=", "raw_encoding": "base64"},
    ],
)
def test_rules_see_what_is_inside_a_wrapper_and_the_outer_document_stays(wrapper: dict[str, Any]) -> None:
    (found,) = records(wrapper)

    assert found.inner == ({"n": 1} if "raw_encoding" in wrapper else EVENT)
    assert found.document == wrapper
    assert json.loads(found.raw) == wrapper


def test_a_container_and_a_wrapper_are_opened_together() -> None:
    found = records({"records": [{"properties": {"log": TEXT}}, {"properties": {"log": TEXT}}]})

    assert [r.inner for r in found] == [EVENT, EVENT]


def test_a_message_among_members_of_an_events_own_is_no_wrapper() -> None:
    (found,) = records({"id": "1", "timestamp": 1, "message": TEXT, "actor": "x"})

    assert found.inner == found.document
    assert found.closed_wrapper is None


def test_a_wrapper_inside_a_wrapper_stays_closed() -> None:
    (found,) = records({"_raw": json.dumps({"_raw": TEXT})})

    assert found.inner == {"_raw": TEXT}
    assert found.closed_wrapper is None


def test_rules_on_data_that_no_log_source_knows_see_what_is_inside_too() -> None:
    (found,) = records({"_raw": '{"product":"vault","type":"request"}', "host": "h"})

    assert found.inner == {"product": "vault", "type": "request"}


def test_an_nhi_inside_a_wrapper_is_not_seen_by_rules() -> None:
    (found,) = records({"_raw": '{"nhi":{"a":1},"n\\u0068i.b":1,' + TEXT[1:]})

    assert found.inner == EVENT


@pytest.mark.parametrize("value", ["plain text", "{", "[1]", '{"a":NaN}', ""])
def test_a_wrapper_that_holds_no_event_says_so(value: str) -> None:
    (found,) = records({"_raw": value, "host": "h"})

    assert found.inner == {"_raw": value, "host": "h"}
    assert found.closed_wrapper is not None
    assert found.closed_wrapper.startswith("_raw: ")


@pytest.mark.parametrize(
    "document", [{"event": EVENT, "actor": 1}, {"_raw": 5}, {"event": 3}, {"properties": {"log": {}}}]
)
def test_a_field_that_only_shares_the_name_is_no_wrapper(document: dict[str, Any]) -> None:
    (found,) = records(document)

    assert found.inner == document
    assert found.closed_wrapper is None


def test_a_quarantined_container_is_replayed_record_by_record() -> None:
    line = {"file": "f", "line": 3, "record": 0, "reason": "why", "raw": json.dumps({"Records": [EVENT, {"b": 2}]})}

    assert [r.document for r in records(line)] == [EVENT, {"b": 2}]


OTHER = EVENT | {"eventName": "ListUsers", "eventID": "e2"}


@pytest.mark.parametrize(
    "value", [{}, {"a": 1}, OTHER, EVENT | {"eventName": "ListUsers"}, {"action": "x.y", "actor": 1}]
)
@pytest.mark.parametrize(
    "wrapper",
    [
        lambda text: {"_raw": text},
        lambda text: {"CloudTrailEvent": text},
        lambda text: {"event": {"original": text}},
        lambda text: {"event.original": text},
        lambda text: {"result": {"_raw": text}},
        lambda text: {"properties": {"log": text}},
    ],
)
def test_a_member_named_like_a_wrapper_hides_no_event(wrapper: Callable[[str], dict[str, Any]], value: Any) -> None:
    for document in (EVENT | wrapper(json.dumps(value)), wrapper(json.dumps(value)) | EVENT):
        (found,) = records(document)

        assert found.inner == document
        assert found.closed_wrapper is not None


def test_a_decoy_beside_a_wrapper_hides_nothing() -> None:
    (found,) = records({"event": {"original": "{}"}, "_raw": TEXT})

    assert found.inner == EVENT


def test_a_row_of_a_splunk_export_is_the_event_of_its_raw_text() -> None:
    row = {"_raw": TEXT, "_time": "2026-05-12T14:22:28.000+00:00", "host": "h", "userIdentity.type": "IAMUser"}
    extracted = {key: EVENT[key] for key in ("eventSource", "eventName", "eventID", "eventTime")}
    (found,) = records(row | extracted | {"eventType": "AwsApiCall"})

    assert found.inner == EVENT


def test_an_event_of_one_source_is_not_judged_as_one_of_another() -> None:
    github = {"action": "repo.destroy", "actor": "x", "created_at": 1778595748000, "_document_id": "d", "org": "acme"}
    document = github | {"_raw": TEXT}
    (found,) = records(document)

    assert found.inner == document

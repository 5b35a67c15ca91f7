"""The Bedrock invocation log reader, on records after the Bedrock user guide."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.logsources import aws_bedrock_invocation as bedrock

RECORD: dict[str, Any] = {
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
    "timestamp": "2026-04-12T09:30:00Z",
    "accountId": "111122223333",
    "identity": {"arn": "arn:aws:sts::111122223333:assumed-role/agent/TASK-1"},
    "region": "eu-west-1",
    "requestId": "r-1",
    "operation": "Converse",
    "modelId": "anthropic.claude-3-haiku-20240307-v1:0",
    "input": {},
    "output": {},
}


def test_an_invocation_is_read() -> None:
    activity = bedrock.read(RECORD)

    assert activity.action == "bedrock:Converse"
    assert activity.resources == ("anthropic.claude-3-haiku-20240307-v1:0",)
    assert (activity.event_id, activity.account, activity.region) == ("r-1", "111122223333", "eu-west-1")
    assert (activity.time, activity.outcome) == (1775986200000, "success")


def test_the_callers_session_keeps_its_name_and_gets_no_invented_role_arn() -> None:
    activity = bedrock.read(RECORD)

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == (None, "role")
    assert activity.principal.native == "arn:aws:sts::111122223333:assumed-role/agent/TASK-1"
    assert activity.claims == (Claim("TASK-1", "session_name", "identity.arn"),)


def test_users_and_root_are_named_by_their_arn() -> None:
    user = bedrock.read({**RECORD, "identity": {"arn": "arn:aws:iam::111122223333:user/bots/ci"}})
    root = bedrock.read({**RECORD, "identity": {"arn": "arn:aws:iam::111122223333:root"}})

    assert user.principal is not None
    assert root.principal is not None
    assert user.principal.id == "aws:user:arn:aws:iam::111122223333:user/bots/ci"
    assert root.principal.id == "aws:root:111122223333"


def test_a_refused_invocation_is_denied() -> None:
    assert bedrock.read({**RECORD, "errorCode": "AccessDeniedException"}).outcome == "denied"
    assert bedrock.read({**RECORD, "errorCode": "ThrottlingException"}).outcome == "failure"


def test_only_the_log_itself_is_recognised() -> None:
    assert bedrock.recognises(RECORD)
    assert bedrock.recognises({"schemaType": "ModelInvocationLog", "identity": 7})
    assert not bedrock.recognises({"operation": "Converse", "modelId": "x"})


@pytest.mark.parametrize("junk", [7, "x", [], {}, [[None]], True])
def test_no_value_of_any_member_makes_the_reader_fail(junk: Any) -> None:
    for name in RECORD:
        assert isinstance(bedrock.read({**RECORD, name: junk}), Activity)


def test_a_wrong_type_is_unknown_and_named() -> None:
    activity = bedrock.read({**RECORD, "identity": {"arn": 7}, "modelId": [], "timestamp": "soon"})

    assert activity.principal is None
    assert activity.resources is None
    assert set(activity.errors) == {"identity.arn", "modelId", "timestamp"}

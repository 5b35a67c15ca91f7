"""Credential facts at the time of use: age, rotation, expiry, whether the registry knows it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.enrichment.scene import ACCOUNT, OWNER, World, at, delete, event, verdict_of

from remit_enrichment.registry.model import Identity, RegisteredCredential

ROBOT = f"aws:user:arn:aws:iam::{ACCOUNT}:user/robot"
KEY = "AKIAROBOT00000000001"


def by_robot(**more: Any) -> dict[str, Any]:
    document = delete(**more)
    document["userIdentity"] = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/robot",
        "accountId": ACCOUNT,
        "accessKeyId": KEY,
        "userName": "robot",
    }
    return document


def robot(*credentials: RegisteredCredential) -> Identity:
    return Identity(id=ROBOT, kind="service_account", owner=OWNER.id, credentials=credentials)


def registered(id: str = KEY, **more: Any) -> RegisteredCredential:
    more.setdefault("issued", at("2026-01-02T10:00:00+00:00"))
    more.setdefault("expires", at("2027-01-02T10:00:00+00:00"))
    return RegisteredCredential(id=id, type="long_lived_key", **more)


def test_a_long_lived_key_says_so_and_how_old_it_is() -> None:
    tags = World(robot(registered(max_age_days=365))).tags(by_robot())

    assert tags["credential"] == {
        "id": KEY,
        "type": "long_lived_key",
        "issued": "2026-01-02T10:00:00.000Z",
        "expires": "2027-01-02T10:00:00.000Z",
        "age_days": 100,
        "max_age_days": 365,
        "long_lived": True,
    }
    assert verdict_of(tags)[1] == {"CREDENTIAL_LONG_LIVED"}


def test_a_session_is_not_long_lived() -> None:
    from tests.enrichment.scene import agent

    assert World(agent(kind="role")).tags(delete())["credential"] == {"type": "sts_session"}


@pytest.mark.parametrize(
    ("credential", "code", "flag"),
    [
        (registered(expires=at("09:59:59")), "CREDENTIAL_EXPIRED", "expired"),
        (registered(max_age_days=99), "CREDENTIAL_ROTATION_OVERDUE", "rotation_overdue"),
        (
            registered(max_age_days=9, last_rotated=at("2026-04-01T00:00:00+00:00")),
            "CREDENTIAL_ROTATION_OVERDUE",
            "rotation_overdue",
        ),
        (RegisteredCredential(id=KEY, type="long_lived_key"), "CREDENTIAL_NO_EXPIRY", "no_expiry"),
    ],
)
def test_the_state_of_the_credential_is_told(credential: RegisteredCredential, code: str, flag: str) -> None:
    tags = World(robot(credential)).tags(by_robot())

    assert verdict_of(tags)[1] == {"CREDENTIAL_LONG_LIVED", code}
    assert tags["credential"][flag] is True


def test_a_rotation_in_time_is_not_overdue() -> None:
    rotated = registered(max_age_days=30, last_rotated=at("2026-04-01T00:00:00+00:00"))

    assert verdict_of(World(robot(rotated)).tags(by_robot()))[1] == {"CREDENTIAL_LONG_LIVED"}


def test_a_key_that_the_registry_does_not_list_is_unknown() -> None:
    assert World(robot(registered("AKIAANOTHER000000001"))).verdict(by_robot())[1] == {
        "CREDENTIAL_LONG_LIVED",
        "CREDENTIAL_UNKNOWN",
    }


def test_where_the_registry_lists_none_no_key_is_unknown() -> None:
    assert World(robot()).verdict(by_robot())[1] == {"CREDENTIAL_LONG_LIVED"}


def test_the_ledger_knows_since_when_a_key_exists() -> None:
    world = World(robot())
    minted = event("iam:CreateAccessKey", clock="2026-04-01T10:00:00Z", reads=False)
    minted["requestParameters"] = {"userName": "robot"}
    minted["responseElements"] = {"accessKey": {"accessKeyId": KEY, "userName": "robot"}}
    world.enrich(minted)

    credential = world.tags(by_robot())["credential"]

    assert (credential["issued"], credential["age_days"]) == ("2026-04-01T10:00:00.000Z", 11)

"""The standing boundary, environments and governance: words and codes beside the verdict on the task."""

from __future__ import annotations

from typing import Any

import pytest
from tests.enrichment.scene import OWNER, World, agent, at, bound, delete, event, read, role_id, task, verdict_of

from remit_enrichment.registry.model import Agent, Allow, Charter, Deny, Environment, Hours, Identity, Owner


def within(allow: Allow, deny: Deny = Deny()) -> World:  # noqa: B008 - frozen
    """An identity that needs no task, bounded by a charter."""
    return World(agent(kind="role", charter="c"), Charter(id="c", allow=allow, deny=deny))


def word(tags: dict[str, Any], name: str) -> str | None:
    found = tags["verdict"].get(name)
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("allow", "deny", "code"),
    [
        (Allow(classes=("read",)), Deny(), "ACTION_OUT_OF_BOUNDARY"),
        (Allow(actions=("s3:Get*",)), Deny(), "ACTION_OUT_OF_BOUNDARY"),
        (Allow(), Deny(classes=("delete",)), "ACTION_OUT_OF_BOUNDARY"),
        (Allow(), Deny(actions=("s3:Delete*",)), "ACTION_OUT_OF_BOUNDARY"),
        (Allow(resources=("arn:aws:s3:::other/*",)), Deny(), "RESOURCE_OUT_OF_BOUNDARY"),
        (Allow(), Deny(resources=("arn:aws:s3:::bucket/*",)), "RESOURCE_OUT_OF_BOUNDARY"),
        (Allow(regions=("us-east-1",)), Deny(), "REGION_OUT_OF_BOUNDARY"),
        (Allow(credential_types=("oidc_federated",)), Deny(), "CREDENTIAL_TYPE_NOT_ALLOWED"),
    ],
)
def test_what_the_charter_does_not_allow_is_out_of_boundary(allow: Allow, deny: Deny, code: str) -> None:
    tags = within(allow, deny).tags(delete())

    assert verdict_of(tags) == ("not_applicable", {code})
    assert word(tags, "scope") == "out_of_boundary"


def test_inside_the_boundary_no_word_is_written() -> None:
    inside = Allow(
        classes=("delete",),
        actions=("s3:*",),
        resources=("arn:aws:s3:::bucket/*",),
        regions=("eu-west-1",),
        networks=("198.51.100.0/24",),
        credential_types=("sts_session",),
    )
    tags = within(inside).tags(delete())

    assert verdict_of(tags) == ("not_applicable", set())
    assert not {"scope", "network", "time"} & set(tags["verdict"])
    assert tags["scope"] == {"declared": True}


def test_without_a_charter_there_is_no_boundary() -> None:
    tags = World(agent(kind="role")).tags(delete())

    assert word(tags, "scope") == "no_boundary"
    assert tags["scope"] == {"declared": False}


def test_of_a_stranger_nothing_is_declared() -> None:
    tags = World().tags(delete())

    assert "scope" not in tags
    assert "scope" not in tags["verdict"]


def test_services_that_log_in_one_region_are_not_held_to_regions() -> None:
    world = within(Allow(regions=("eu-west-1",)))

    assert world.verdict(event("iam:GetRole", awsRegion="us-east-1")) == ("not_applicable", set())
    assert world.verdict(event("rds:DescribeDBInstances", awsRegion="us-east-1"))[1] == {"REGION_OUT_OF_BOUNDARY"}


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("10.1.2.3", False),
        ("::ffff:10.1.2.3", False),
        ("11.1.2.3", True),
        ("2001:db8::1", True),
        ("cloudformation.amazonaws.com", False),
        ("AWS Internal", False),
    ],
)
def test_an_address_outside_the_networks_is_told_and_a_name_says_nothing(address: str, outside: bool) -> None:
    tags = within(Allow(networks=("10.0.0.0/8",))).tags(delete(sourceIPAddress=address))

    assert word(tags, "network") == ("out_of_boundary" if outside else None)
    assert verdict_of(tags)[1] == ({"NETWORK_OUT_OF_BOUNDARY"} if outside else set())


def at_night(days: tuple[str, ...] = ("mon",)) -> Hours:
    return Hours(days=days, start="22:00", end="06:00", zone="UTC")


@pytest.mark.parametrize(
    ("hours", "time", "inside"),
    [
        # Berlin is UTC+1 in winter and UTC+2 in summer: seven o'clock is another UTC hour.
        (Hours(days=("thu",), start="07:00", end="19:00", zone="Europe/Berlin"), "2026-01-15T06:00:00Z", True),
        (Hours(days=("thu",), start="07:00", end="19:00", zone="Europe/Berlin"), "2026-01-15T05:59:59Z", False),
        (Hours(days=("thu",), start="07:00", end="19:00", zone="Europe/Berlin"), "2026-07-16T05:00:00Z", True),
        (Hours(days=("thu",), start="07:00", end="19:00", zone="Europe/Berlin"), "2026-07-16T04:59:59Z", False),
        (Hours(days=("thu",), start="07:00", end="19:00", zone="Europe/Berlin"), "2026-07-16T17:00:00Z", False),
        (Hours(days=("fri",), start="07:00", end="19:00", zone="Europe/Berlin"), "2026-07-16T12:00:00Z", False),
        # The day the clocks go forward, 2026-03-29: 01:00 UTC is 03:00 in Berlin.
        (Hours(days=("sun",), start="03:00", end="04:00", zone="Europe/Berlin"), "2026-03-29T01:00:00Z", True),
        (Hours(days=("sun",), start="02:00", end="03:00", zone="Europe/Berlin"), "2026-03-29T00:59:59Z", False),
        (at_night(), "2026-04-13T22:00:00Z", True),
        (at_night(), "2026-04-14T05:59:59Z", True),
        (at_night(), "2026-04-14T06:00:00Z", False),
        (at_night(), "2026-04-13T05:00:00Z", False),
        (at_night(), "2026-04-14T22:00:00Z", False),
    ],
)
def test_hours_follow_the_clock_of_their_zone_and_belong_to_the_day_they_start(
    hours: Hours, time: str, inside: bool
) -> None:
    tags = within(Allow(hours=hours)).tags(delete(clock=time))

    assert word(tags, "time") == (None if inside else "off_hours")
    assert verdict_of(tags)[1] == (set() if inside else {"HOURS_OUT_OF_BOUNDARY"})


# --- environments -----------------------------------------------------------------------------------------------------

STAGING_FIRST = (
    Environment(resource="arn:aws:s3:::bucket/a", environment="staging"),
    Environment(resource="arn:aws:s3:::*", environment="prod"),
)


def test_reaching_into_another_environment_is_told() -> None:
    tags = World(agent(kind="role", environment="prod"), *STAGING_FIRST).tags(delete())

    assert verdict_of(tags)[1] == {"ENVIRONMENT_CROSSING"}
    assert tags["resource"]["environment"] == "staging"


def test_the_first_entry_that_fits_decides() -> None:
    own = World(agent(kind="role", environment="staging"), *STAGING_FIRST)

    assert own.verdict(delete())[1] == set()


def test_an_identity_acted_upon_is_where_the_registry_says() -> None:
    account = Environment(resource="arn:aws:iam::*:*", environment="prod")
    tag = event("iam:TagRole", reads=False, requestParameters={"roleName": "twin"})

    def codes(home: str | None) -> set[str]:
        world = World(agent(kind="role", environment="prod"), agent("twin", kind="role", environment=home), account)
        return world.verdict(tag)[1]

    assert codes("staging") == {"ENVIRONMENT_CROSSING"}
    assert codes("prod") == set()
    assert codes(None) == set()


def test_without_environments_nothing_is_crossed() -> None:
    assert World(agent(kind="role", environment="prod")).verdict(delete())[1] == set()
    assert World(agent(kind="role"), *STAGING_FIRST).verdict(delete())[1] == set()


# --- governance -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "things", "word_", "code"),
    [
        ({"owner": None}, (), "no_owner", "OWNER_MISSING"),
        ({"owner": "nobody@example.com"}, (), "no_owner", "OWNER_MISSING"),
        (
            {"owner": "left@example.com"},
            (Owner(id="left@example.com", status="departed"),),
            "owner_departed",
            "OWNER_DEPARTED",
        ),
        (
            {"owner": "left@example.com"},
            (Owner(id="left@example.com", departed_at=at("10:00")),),
            "owner_departed",
            "OWNER_DEPARTED",
        ),
        ({"charter": None}, (), "no_boundary", None),
        ({"console_enabled": True, "mfa": False}, (), "no_mfa", None),
        ({"agent": Agent()}, (), "no_sponsor", None),
        ({"charter": "old"}, (Charter(id="old", review_due=at("09:00")),), "review_overdue", None),
    ],
)
def test_what_the_registry_lacks_is_told(
    identity: dict[str, Any], things: tuple[Any, ...], word_: str, code: str | None
) -> None:
    whole = {"kind": "role", "charter": "c", "sponsor": None} | identity
    tags = World(agent(**whole), Charter(id="c", task_required=False), *things, task(), bound()).tags(read())

    assert word_ in tags["verdict"]["governance"]
    assert code is None or code in tags["verdict"]["reasons"]


def test_a_well_kept_identity_lacks_nothing() -> None:
    kept = agent(charter="c", sponsor=OWNER.id)

    assert "governance" not in World(kept, Charter(id="c"), task(), bound()).tags(read())["verdict"]


def test_a_stranger_inside_coverage_is_unregistered() -> None:
    assert World().tags(read())["verdict"]["governance"] == ["unregistered"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "dormant"}, "IDENTITY_DORMANT"),
        ({"status": "decommissioned"}, "IDENTITY_DECOMMISSIONED"),
        ({"shared": True}, "IDENTITY_SHARED"),
    ],
)
def test_the_state_of_the_identity_is_told(fields: dict[str, Any], code: str) -> None:
    assert World(agent(kind="role", **fields)).verdict(read())[1] == {code}


def test_an_owner_is_the_one_of_that_time() -> None:
    versions = (
        Owner(id="o@example.com", name="Before", valid_to=at("10:00")),
        Owner(id="o@example.com", name="After", valid_from=at("10:00")),
    )
    world = World(Identity(id=role_id("agent"), owner="o@example.com"), *versions)

    assert world.tags(delete(clock="09:59:59"))["owner"]["name"] == "Before"
    assert world.tags(delete(clock="10:00:00"))["owner"]["name"] == "After"

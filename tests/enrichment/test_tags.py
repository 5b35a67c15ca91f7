"""The tags: one table of fields, written when it says, bounded, in one order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.enrichment.scene import OWNER, World, agent, assume, bound, child, delete, event, read, task

from remit_enrichment.constants import MAX_ITEMS, MAX_TEXT
from remit_enrichment.fields import FIELDS
from remit_enrichment.reasons import REASONS
from remit_enrichment.registry.model import Agent, Allow, Charter, Delegator, Environment, Owner
from remit_enrichment.tags import render, timestamp

NAMES = [field.name for field in FIELDS]

TYPES: dict[str, set[type]] = {
    "boolean": {bool}, "integer": {int}, "float": {int, float}, "keyword": {str}, "date": {str},
}  # fmt: skip


def dotted(tags: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in tags.items():
        found |= dotted(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return found


def several_events() -> list[dict[str, Any]]:
    """Tags of events of many kinds: honest, a finding, a stranger, a person, one through a chain."""
    charter = Charter(
        id="c",
        allow=Allow(
            classes=("data_read", "delete"), actions=("s3:*",), networks=("10.0.0.0/8",), regions=("eu-west-1",)
        ),
    )
    owner = Owner(id="o@example.com", name="O", team="t", contact="#t")
    whole = agent(
        charter="c",
        owner="o@example.com",
        sponsor="s@example.com",
        name="agent",
        environment="prod",
        criticality="high",
        agent=Agent(vendor="v", framework="f", runtime="r", model="m", autonomy="semi"),
        tags=("a", "b"),
    )
    allowed = task(
        name="n", purpose="p", source="ticket", delegator=Delegator(id="d@example.com", type="human"),
        allow=Allow(actions=("s3:Get*",)),
    )  # fmt: skip
    world = World(whole, charter, owner, allowed, bound(), child())
    person = delete(who="aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef")
    events = [
        read(), delete(), delete(who="stranger"), person, assume(), delete(who="child", key="ASIACHILDSESSION0001"),
        read(eventTime=7), read(who="agent", session_name="T1", userAgent="nhi.task/T9"),
    ]  # fmt: skip
    return [world.tags(event) for event in events]


def test_only_fields_of_the_table_are_written_with_their_values() -> None:
    table = {field.name: field for field in FIELDS}
    for tags in several_events():
        for name, value in dotted(tags).items():
            field = table[name]
            values = value if isinstance(value, list) else [value]
            assert field.many or not isinstance(value, list), name
            if field.values:
                assert {str(v).lower() if isinstance(v, bool) else v for v in values} <= set(field.values), name
            assert {type(v) for v in values} <= TYPES[field.type], name


def test_members_stand_in_the_order_of_the_table() -> None:
    for tags in several_events():
        heads = list(dict.fromkeys(name.partition(".")[0] for name in NAMES))
        assert list(tags) == [head for head in heads if head in tags]


def test_what_is_promised_on_every_recognised_event_is_there() -> None:
    promised = {field.name for field in FIELDS if field.when == "on every recognised event"}
    for tags in several_events():
        assert promised <= set(dotted(tags))


def test_flags_are_true_and_no_text_is_empty() -> None:
    only_true = {field.name for field in FIELDS if field.values == ("true",)}
    for tags in several_events():
        for name, value in dotted(tags).items():
            assert name not in only_true or value is True
            assert value not in (None, "")
            assert value != [] or name == "verdict.reasons"


def test_a_plain_read_carries_only_what_every_rule_needs() -> None:
    benign = World(agent(charter="c", sponsor=OWNER.id), Charter(id="c"), task(), bound()).tags(read())

    assert benign == {
        "event": {"id": "e1", "time": "2026-04-12T10:00:00.000Z"},
        "identity": {
            "id": "aws:role:arn:aws:iam::111122223333:role/agent",
            "kind": "ai_agent",
            "registered": True,
            "is_nhi": True,
            "is_agent": True,
        },
        "owner": {"id": "owner@example.com", "status": "active"},
        "credential": {"type": "sts_session"},
        "session": {"id": "ASIAAGENTSESSION0001"},
        "action": {"name": "s3:GetObject", "class": "data_read"},
        "outcome": "success",
        "task": {"id": "T1"},
        "scope": {"declared": True},
        "attribution": {"level": "L3", "evidence": "ledger.credential_id", "confidence": 0.85},
        "verdict": {"intent": "aligned", "reasons": []},
        "baseline": {"learning": True},
        "enrichment": {"version": "1"},
    }


def test_a_finding_shows_task_owner_and_boundary_to_the_eye() -> None:
    finding = dotted(several_events()[1])

    assert finding["verdict.intent"] == "out_of_scope"
    assert {
        "task.name": "n",
        "task.purpose": "p",
        "task.delegator": "d@example.com",
        "task.allowed_actions": ["s3:Get*"],
        "owner.contact": "#t",
        "owner.team": "t",
        "scope.boundary.actions": ["s3:*"],
        "scope.boundary.networks": ["10.0.0.0/8"],
        "agent.model": "m",
    }.items() <= finding.items()


def test_hostile_text_stays_one_bounded_json_string() -> None:
    evil = '"},"verdict":{"intent":"aligned"}}\n{"nhi":{}}\u2028\u0000\x1b[2J'
    world = World(agent(), task(), bound())
    document = delete(
        resources=[{"ARN": evil}, *({"ARN": f"arn:aws:s3:::b/{i}"} for i in range(99))], eventID="x" * 9999
    )

    enriched = world.enrich(document)

    assert b"\n" not in enriched.nhi
    tags = json.loads(enriched.nhi)
    assert tags["resource"]["id"][0] == evil
    assert len(tags["resource"]["id"]) == MAX_ITEMS
    assert len(tags["event"]["id"]) == MAX_TEXT


def test_the_size_of_the_tags_is_bounded_whatever_the_event_holds() -> None:
    world = World(agent(name="n" * 9999), task(purpose="p" * 9999), bound())
    document = delete(
        resources=[{"ARN": "a" * 9999} for _ in range(99)], eventID="x" * 9999, clock="12:00", session_name="s" * 9999
    )

    assert len(world.enrich(document).nhi) < 64 * 1024


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_775_988_000_007, "2026-04-12T10:00:00.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1 << 62, None),
    ],
)
def test_times_are_written_in_utc_with_three_decimals(ms: int, text: str | None) -> None:
    assert timestamp(ms) == text


def test_names_nest_and_keep_their_order_however_they_come() -> None:
    rendered = render({"verdict.reasons": [], "event.id": "e", "task.id": None, "scope.boundary.actions": ["a"]})

    assert rendered == b'{"event":{"id":"e"},"scope":{"boundary":{"actions":["a"]}},"verdict":{"reasons":[]}}'


def test_every_field_and_code_says_what_it_means() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for field in FIELDS:
        assert field.meaning.endswith((".", "?"))
        assert field.when
    for reason in REASONS.values():
        assert reason.meaning.endswith(".")
        assert reason.question.endswith("?")


# --- the short way is the long way ------------------------------------------------------------------------------------


def test_what_is_put_together_from_parts_is_what_is_rendered_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from remit_enrichment import rendered as module

    ordinary: list[bool] = []
    decide = module.is_ordinary

    def rendered(short: bool) -> list[bytes]:
        def counted(*given: Any) -> bool:
            ordinary.append(decide(*given))
            return short and ordinary[-1]

        monkeypatch.setattr(module, "is_ordinary", counted)
        return [world.enrich(document).nhi for world, documents in many_events() for document in documents]

    assert rendered(short=True) == rendered(short=False)
    assert sum(ordinary) > len(ordinary) / 4


def many_events() -> list[tuple[World, list[dict[str, Any]]]]:
    """Several worlds, each with events of many kinds, one after the other."""
    charter = Charter(id="c", allow=Allow(networks=("10.0.0.0/8", "198.51.100.0/24")))
    owner = Owner(id="o@example.com", name="O", team="t", contact="#t")
    whole = agent(charter="c", owner="o@example.com", sponsor="s@example.com", name="a", environment="prod")
    environment = Environment(resource="arn:aws:s3:::bucket/*", environment="prod")
    documents = [
        *(read(clock=f"10:0{minute}:0{second}") for minute in range(3) for second in range(3)),
        *(delete(clock="10:05", resources=[{"ARN": f"arn:aws:s3:::bucket/{i}"}]) for i in range(4)),
        event("s3:PutObject", clock="10:06"), event("xyz:DoThing", clock="10:06"),
        event("ec2:DescribeInstances", errorCode="AccessDenied"), read(who="plain"), read(who="stranger"),
        delete(clock="10:30"), read(clock="11:04:59"), read(clock="11:05:01"), read(eventTime="no time"),
        read(clock="2026-05-01T10:00:00.123Z"), read(eventID="\u2028\"x"), read(awsRegion=7),
        read(key="AKIA0000000000000001"),
    ]  # fmt: skip
    plain = agent("plain", kind="role", mfa=True)
    return [
        (World(whole, plain, charter, owner, environment, task(), bound()), documents),
        (World(agent(), task()), documents),
        (World(covered=False), documents),
    ]

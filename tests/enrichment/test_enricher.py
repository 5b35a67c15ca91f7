"""The chain: recognition, failure, lateness, ids, order; an event is never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.enrichment.scene import AGENT, KEY, World, agent, at, bound, delete, read, task, verdict_of

from remit_enrichment import enricher as chain
from remit_enrichment.activity import Activity, Credential, Principal
from remit_enrichment.enricher import Enricher
from remit_enrichment.intent import Case, judge
from remit_enrichment.judgement import Attribution, Candidate, Classified, Facts
from remit_enrichment.logsources import recognise
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Coverage, Identity, Tool
from remit_enrichment.store import MemoryStore

OTEL_AGENT = "otel:ai_agent:notes"


def spoken(activity: Activity, *things: Any, received: int | None = None) -> dict[str, Any]:
    """Tags of an activity as a log source would read it."""
    enricher = Enricher(Registry.of(*things), MemoryStore())
    found = enricher.enrich_activity(activity, raw=b"{}", received=received)
    tags: dict[str, Any] = json.loads(found.nhi)
    return tags


def tool_call(action: str = "tool:get_note", **more: Any) -> Activity:
    more.setdefault("principal", Principal(id=OTEL_AGENT, kind="agent"))
    more.setdefault("time", at("10:00"))
    return Activity(
        source="otel.gen_ai",
        platform="otel",
        event_id="s1",
        time_step=1,
        time_asserted=True,
        session="conv-1",
        handles=("conv-1",),
        action=action,
        event_class=more.pop("event_class", "read"),
        **more,
    )


NOTES = Identity(id=OTEL_AGENT, kind="ai_agent")
OTEL_TASK = task(identity=OTEL_AGENT)
CONVERSATION = bound(handle="conv-1")


# --- recognition, failure ---------------------------------------------------------------------------------------------


def test_what_no_log_source_recognises_gets_its_enrichment_alone() -> None:
    found = World().enricher.enrich({"a": 1}, raw=b'{"a":1}')

    assert json.loads(found.nhi) == {"enrichment": {"version": "1", "error": ["unrecognised"]}}
    assert (found.source, found.recognised) == (None, False)


def test_a_list_of_records_that_has_members_of_its_own_beside_it_is_one_record_and_says_so() -> None:
    found = World().enricher.enrich({"Records": [delete()], "_raw": "{}"}, raw=b"{}")

    assert found.tags["enrichment"]["error"] == ["unrecognised", "container_closed"]


def test_the_operators_word_for_the_source_is_kept() -> None:
    document = delete()

    assert recognise(document, b"", "aws.cloudtrail") is not None
    assert recognise(document, b"", "no.such") is None


def test_an_error_of_ours_loses_no_event_and_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("secret of the event")

    monkeypatch.setattr(chain, "classify", fails)
    found = World(agent()).enrich(delete())

    assert json.loads(found.nhi) == {
        "verdict": {"intent": "indeterminate", "reasons": ["ENRICHMENT_FAILED"]},
        "enrichment": {"version": "1", "error": ["internal:RuntimeError"]},
    }
    assert found.source == "aws.cloudtrail"


def test_a_value_of_the_wrong_type_is_named_and_the_rest_is_judged() -> None:
    tags = World(agent(), task(), bound()).tags(delete(awsRegion=7))

    assert tags["enrichment"]["error"] == ["type:awsRegion"]
    assert tags["verdict"]["intent"] == "aligned"


# --- ids, duplicates, lateness ----------------------------------------------------------------------------------------


def test_an_event_without_an_id_gets_one_of_its_bytes_and_place_and_is_never_a_duplicate() -> None:
    enricher = World(agent()).enricher
    document = read()

    def once(line: int, record: int) -> Any:
        return enricher.enrich(document, raw=b"{}", line=line, record=record)

    ids = [json.loads(once(*place).nhi)["event"]["id"] for place in ((1, 0), (1, 0), (2, 0), (1, 1))]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert not once(1, 0).duplicate


def test_equal_ids_at_two_times_are_two_events() -> None:
    world = World(agent())

    assert not world.enrich(read(eventID="x", clock="10:00")).duplicate
    assert not world.enrich(read(eventID="x", clock="10:01")).duplicate
    assert world.enrich(read(eventID="x", clock="10:00")).duplicate


def test_where_the_caller_chooses_the_id_a_duplicate_has_equal_bytes() -> None:
    enricher = Enricher(Registry.of(NOTES), MemoryStore())

    found = [enricher.enrich_activity(tool_call(), raw=raw).duplicate for raw in (b"a", b"b", b"a")]

    assert found == [False, False, True]


def test_an_event_much_older_than_the_newest_is_late() -> None:
    world = World(agent())
    world.enrich(read(clock="12:00"))

    assert not world.enrich(read(clock="11:00:00")).late
    assert world.enrich(read(clock="10:59:59")).late


# --- time that the caller writes --------------------------------------------------------------------------------------


def test_a_time_that_the_caller_wrote_is_told() -> None:
    tags = spoken(tool_call(), NOTES, OTEL_TASK, CONVERSATION)

    assert "TIME_ASSERTED" in tags["verdict"]["reasons"]
    assert tags["attribution"]["identity_level"] == "L1"


def test_the_time_of_receipt_is_used_where_there_is_one() -> None:
    tags = spoken(tool_call(), NOTES, OTEL_TASK, CONVERSATION, received=at("12:00"))

    assert verdict_of(tags)[0] == "task_expired"
    assert "TIME_ASSERTED" not in tags["verdict"]["reasons"]
    assert tags["event"]["time"] == "2026-04-12T12:00:00.000Z"


def test_the_platforms_own_time_is_never_replaced_by_that_of_receipt() -> None:
    assert World(agent(), task(), bound()).intent(delete(), received=at("12:00")) == "aligned"


# --- an agent's own telemetry -----------------------------------------------------------------------------------------


def test_a_bound_conversation_is_recorded_evidence_enough_for_a_read() -> None:
    reading = spoken(tool_call(), NOTES, OTEL_TASK, CONVERSATION)
    change = spoken(tool_call("tool:send", event_class="write"), NOTES, OTEL_TASK, CONVERSATION)

    assert (reading["verdict"]["intent"], reading["attribution"]["level"]) == ("aligned", "L2")
    assert (change["verdict"]["intent"], change["attribution"]["level"]) == ("unattested", "L2")


@pytest.mark.parametrize(
    ("action", "judged"),
    [
        ("gen_ai:chat", False),
        ("gen_ai:delete_memory", False),
        ("claude_code:user_prompt", False),
        ("gen_ai:execute_tool", True),
        ("gen_ai:create_agent", True),
        ("mcp:x/chat", True),
    ],
)
def test_what_is_no_action_of_the_agent_is_not_applicable(action: str, judged: bool) -> None:
    assert (verdict_of(spoken(tool_call(action), NOTES, OTEL_TASK))[0] == "not_applicable") is not judged


def test_coverage_of_what_the_caller_writes_is_by_platform_alone() -> None:
    coverage = Coverage(platform="otel", accounts=("somewhere",), agents=0)

    assert verdict_of(spoken(tool_call(), coverage))[0] == "unknown_identity"


def test_the_registrys_word_on_a_tool_gives_its_class_and_resources() -> None:
    from remit_enrichment.registry.model import Allow

    call = tool_call("mcp:banking/send_money", resources=("recipient=mallory", "note=hi"), event_class="read")
    tool = Tool(name="banking/send_money", action_class="write", resources=("recipient",))
    allowed = task(identity=OTEL_AGENT, allow=Allow(resources=("recipient=alice",)))

    tags = spoken(call, NOTES, allowed, CONVERSATION, tool)

    assert tags["action"]["class"] == "write"
    assert verdict_of(tags)[1] >= {"RESOURCE_NOT_IN_TASK"}


def test_arguments_that_nothing_names_are_no_resources() -> None:
    from remit_enrichment.registry.model import Allow

    call = tool_call("tool:get_note", resources=("note=secret",))
    allowed = task(identity=OTEL_AGENT, allow=Allow(resources=("recipient=alice",)))

    assert verdict_of(spoken(call, NOTES, allowed, CONVERSATION)) == (
        "aligned",
        {"RESOURCE_UNKNOWN", "TIME_ASSERTED", "OWNER_MISSING"},
    )


def test_of_a_tools_arguments_the_tags_show_those_alone_that_a_task_or_the_registry_names() -> None:
    from remit_enrichment.registry.model import Allow

    allowed = task(identity=OTEL_AGENT, allow=Allow(resources=("recipient=alice",)))
    tool = Tool(name="send", resources=("subject",))
    arguments = ("recipient=bob", "body=SECRET", "subject=hello")

    def shown(*things: Any) -> Any:
        tags = spoken(tool_call("tool:send", event_class="write", resources=arguments), NOTES, *things)
        assert "SECRET" not in json.dumps(tags)
        return tags.get("resource", {}).get("id")

    assert shown(allowed, CONVERSATION, tool) == ["recipient=bob", "subject=hello"]
    assert shown(allowed) == ["recipient=bob"]
    assert shown() is None


def test_another_model_than_the_declared_one_is_told() -> None:
    from remit_enrichment.registry.model import Agent

    declared = Identity(id=OTEL_AGENT, kind="ai_agent", agent=Agent(model="claude-sonnet"))

    def codes(model: str) -> set[str]:
        return verdict_of(spoken(tool_call("gen_ai:chat", model=model), declared))[1]

    assert "AGENT_MODEL_DRIFT" not in codes("anthropic.Claude-Sonnet-4-20250514-v1:0")
    assert "AGENT_MODEL_DRIFT" in codes("gpt-5")


# --- agents by the platform's own flag --------------------------------------------------------------------------------


def flagged(**more: Any) -> Activity:
    return Activity(
        source="github.audit",
        platform="github",
        event_id="g1",
        time=at("10:00"),
        action="github:git.push",
        event_class="write",
        session="session-1",
        handles=("session-1", "token-1"),
        principal=Principal(id="github:bot:copilot[bot]", kind="bot", platform_agent=True, **more),
    )


def test_an_unregistered_agent_outside_coverage_is_told_once() -> None:
    enricher = Enricher(Registry.empty(), MemoryStore())
    found = [json.loads(enricher.enrich_activity(flagged(), raw=b"", line=i).nhi) for i in range(2)]

    assert verdict_of(found[0]) == ("not_applicable", {"NOT_COVERED", "AGENT_UNREGISTERED"})
    assert found[0]["first_seen"]["identity"] is True
    assert found[0]["agent"]["detected_by"] == "platform"
    assert "first_seen" not in found[1]


def test_an_agent_with_a_persons_identity_is_told() -> None:
    assert verdict_of(spoken(flagged(human_evidence="actor"))) == ("not_applicable", {"NHI_AS_HUMAN"})


def test_a_session_that_the_platform_attests_needs_no_issuer() -> None:
    bot = Identity(id="github:bot:copilot[bot]", kind="bot")
    own = task(identity=bot.id)

    assert spoken(flagged(), bot, own, bound(handle="session-1"))["attribution"]["level"] == "L4"
    assert spoken(flagged(), bot, own, bound(handle="token-1"))["attribution"]["level"] == "L3"


# --- copied and replayed credentials ----------------------------------------------------------------------------------


def in_pod(pod: str) -> Activity:
    return Activity(
        source="kubernetes.audit",
        platform="kubernetes",
        event_id=f"k-{pod}",
        time=at("10:00"),
        action="k8s:delete:pods",
        event_class="delete",
        principal=Principal(id="kubernetes:service_account:a:b", kind="service_account"),
        credential=Credential("JTI=1", "k8s_bound_token"),
        handles=("JTI=1",),
        holder=pod,
    )


def test_a_bound_token_seen_from_a_second_place_loses_its_binding() -> None:
    account = Identity(id="kubernetes:service_account:a:b", kind="ai_agent")
    registry = Registry.of(account, task(identity=account.id), bound(handle="JTI=1"))
    enricher = Enricher(registry, MemoryStore())
    found = [json.loads(enricher.enrich_activity(in_pod(pod), raw=b"").nhi) for pod in ("p1/n1", "p2/n1", "p1/n1")]

    assert [tags["attribution"]["level"] for tags in found] == ["L3", "L0", "L3"]
    assert verdict_of(found[1]) == ("unattested", {"TASK_UNATTESTED", "ATTRIBUTION_CONFLICT", "OWNER_MISSING"})


def test_a_task_used_by_a_second_credential_that_was_not_given_it_is_replayed() -> None:
    reference = Candidate(task=task(), level="L2", evidence="x", granted=False)
    attribution = Attribution(identity_id=AGENT, standing="registered", identity=agent(), references=(reference,))

    def verdict(credential: str) -> tuple[str, tuple[str, ...]]:
        activity = Activity(
            source="x", platform="x", event_id=None, time=at("10:00"), credential=Credential(credential)
        )
        case = Case(
            activity, Classified("x", "read", "read", "map"), attribution, at("10:00"), Facts(holders={"T1": KEY})
        )
        found = judge(case)
        return found.intent, found.reasons

    assert verdict(KEY) == ("aligned", ())
    assert verdict("ANOTHER") == ("no_task", ("TASK_REPLAYED",))


# --- order of files ---------------------------------------------------------------------------------------------------


def test_after_the_pre_pass_the_order_of_files_does_not_decide() -> None:
    from tests.enrichment.scene import ISSUER, assume, child, web_identity

    events = [
        web_identity(source_identity="T1", clock="09:00"),
        assume(clock="09:10"),
        delete(source_identity="T1", clock="09:20"),
        delete(who="child", key="ASIACHILDSESSION0001", clock="09:30", source_identity="T1"),
        delete(who="child", key="ASIACHILDSESSION0001", clock="09:05", source_identity="T1"),
        read(session_name="T1", key="ASIAUNSEEN0000000001", clock="10:00"),
        delete(clock="12:00", source_identity="T1"),
    ]
    for number, document in enumerate(events):
        document["eventID"] = f"e{number}"

    def run(order: list[dict[str, Any]]) -> dict[str, Any]:
        world = World(agent(), child(), task(), ISSUER)
        for document in order:
            world.enricher.learn_issuance(document, raw=b"{}")
        found = {}
        for document in order:
            tags = world.tags(document)
            found[document["eventID"]] = (*verdict_of(tags), tags.get("task"), tags["attribution"])
        return found

    forward = run(events)

    assert forward["e3"][0] == "aligned"
    assert run(events[::-1]) == forward
    assert run(events[3:] + events[:3]) == forward

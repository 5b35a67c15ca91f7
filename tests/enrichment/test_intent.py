"""The verdict, step by step and row by row: every code has a test that goes red when it is not given."""

from __future__ import annotations

import pytest
from tests.enrichment.scene import (
    ACCOUNT,
    AGENT,
    KEY,
    OTHER,
    World,
    agent,
    at,
    bound,
    child,
    delete,
    event,
    read,
    role_id,
    task,
    verdict_of,
)

from remit_enrichment.registry.model import (
    Allow,
    Bind,
    Charter,
    Coverage,
    Delegator,
    Deny,
    Identity,
    Limits,
    Owner,
    Revocation,
)

BOUND = (agent(), task(), bound())
"""An honest agent: its key is bound to its task."""


# --- the truth table (an agent, a mutating action) --------------------------------------------------------------------


def test_no_reference_is_no_task() -> None:
    assert World(agent()).verdict(delete()) == ("no_task", {"TASK_MISSING"})


def test_bound_open_and_in_scope_is_aligned() -> None:
    tags = World(*BOUND).tags(delete())

    assert verdict_of(tags) == ("aligned", set())
    assert tags["task"]["id"] == "T1"
    assert tags["attribution"] == {"level": "L3", "evidence": "ledger.credential_id", "confidence": 0.85}


def test_an_action_that_the_task_does_not_allow_is_out_of_scope() -> None:
    world = World(agent(), task(allow=Allow(actions=("s3:Get*",))), bound())

    assert world.verdict(delete()) == ("out_of_scope", {"ACTION_NOT_IN_TASK"})


def test_a_closed_window_is_task_expired() -> None:
    assert World(*BOUND).verdict(delete(clock="11:05:01")) == ("task_expired", {"TASK_WINDOW_CLOSED"})


def test_a_claim_alone_leaves_a_change_unattested() -> None:
    tags = World(agent(), task()).tags(delete(session_name="T1"))

    assert verdict_of(tags) == ("unattested", {"TASK_UNATTESTED"})
    assert tags["attribution"] == {"level": "L1", "evidence": "userIdentity.arn"}


def test_a_claim_to_another_task_is_a_conflict_and_the_bound_task_holds() -> None:
    tags = World(*BOUND, task("T2")).tags(delete(session_name="T2"))

    assert verdict_of(tags) == ("aligned", {"ATTRIBUTION_CONFLICT"})
    assert tags["task"]["id"] == "T1"
    assert tags["attribution"]["conflict"] is True


def test_a_claim_that_fits_does_not_save_an_action_that_the_bound_task_forbids() -> None:
    world = World(agent(), task(allow=Allow(actions=("s3:Get*",))), bound(), task("T2"))

    assert world.verdict(delete(session_name="T2")) == ("out_of_scope", {"ACTION_NOT_IN_TASK", "ATTRIBUTION_CONFLICT"})


def test_the_task_of_another_identity_is_no_task() -> None:
    world = World(agent(), agent("other"), task(identity=OTHER), bound())

    assert world.verdict(delete()) == ("no_task", {"TASK_IDENTITY_MISMATCH"})


@pytest.mark.parametrize("claimed", [True, False])
def test_a_self_issued_task_is_no_task_at_any_level(claimed: bool) -> None:
    world = World(agent(), task(registered_by=AGENT), *(() if claimed else (bound(),)))

    assert world.verdict(delete(session_name="T1" if claimed else "run")) == ("no_task", {"TASK_SELF_ISSUED"})


def test_a_task_that_the_agent_delegates_to_itself_is_self_issued() -> None:
    world = World(agent(), task(delegator=Delegator(id=AGENT)), bound())

    assert world.verdict(delete()) == ("no_task", {"TASK_SELF_ISSUED"})


def test_a_self_issued_task_that_is_merely_open_counts_as_none() -> None:
    assert World(agent(), task(registered_by=AGENT)).verdict(read()) == ("no_task", {"TASK_SELF_ISSUED"})


def test_by_time_only_a_change_is_unattested_and_a_read_aligned_with_little_confidence() -> None:
    world = World(agent(), task())

    change, reading = world.tags(delete()), world.tags(read())

    assert verdict_of(change) == ("unattested", {"TASK_UNATTESTED"})
    assert verdict_of(reading) == ("aligned", set())
    assert reading["attribution"] == {"level": "L0", "evidence": "task.window", "confidence": 0.2}
    assert reading["task"]["id"] == "T1"


def test_an_unregistered_identity_is_unknown() -> None:
    assert World().verdict(delete()) == ("unknown_identity", {"IDENTITY_UNREGISTERED"})


# --- 1 time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["yesterdayT", "2026-13-45T00:00:00Z"])
def test_an_unreadable_time_is_indeterminate(clock: str) -> None:
    assert World(*BOUND).verdict(read(clock=clock)) == ("indeterminate", {"EVENT_TIME_UNKNOWN"})


# --- 2 who ------------------------------------------------------------------------------------------------------------


def test_a_person_of_identity_center_is_not_applicable() -> None:
    who = "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"

    assert World().verdict(delete(who=who)) == ("not_applicable", set())


def test_a_role_that_only_calls_itself_reserved_is_no_person() -> None:
    assert World().intent(delete(who="AWSReservedSSO_Admin_0123456789abcdef")) == "unknown_identity"


def test_a_platform_service_is_not_applicable() -> None:
    service = {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}
    linked = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"

    assert World().verdict(delete(userIdentity=service)) == ("not_applicable", set())
    assert World().verdict(delete(who=linked)) == ("not_applicable", set())


def test_a_registered_identity_used_from_the_console_is_judged_as_usual_and_says_so() -> None:
    assert World(*BOUND).verdict(delete(sessionCredentialFromConsole="true")) == ("aligned", {"HUMAN_USE_OF_NHI"})


def test_a_user_agent_makes_nobody_human() -> None:
    browser = "[S3Console/0.4, Mozilla/5.0]"

    assert World().intent(delete(userAgent=browser)) == "unknown_identity"


def test_a_recreated_name_is_unknown_covered_or_not() -> None:
    for covered in (True, False):
        world = World(*BOUND, covered=covered)

        assert world.verdict(delete(unique="AROASOMEBODYELSE")) == ("unknown_identity", {"IDENTITY_RECREATED"})


def test_a_confusable_name_is_unknown_covered_or_not() -> None:
    for covered in (True, False):
        world = World(agent("agent-dba"), covered=covered)

        assert world.verdict(delete(who="Agent-dba", unique="AROANEWLYMADE001")) == (
            "unknown_identity",
            {"IDENTITY_CONFUSABLE"},
        )


def test_outside_coverage_a_missing_registration_is_no_finding() -> None:
    other_account = Coverage(platform="aws", accounts=("999988887777",), identities=0, tasks=0)
    later = Coverage(platform="aws", identities=at("10:00:01"), tasks=0)

    for coverage in (other_account, later):
        assert World(coverage).verdict(delete()) == ("not_applicable", {"NOT_COVERED"})


def test_an_identity_before_its_first_version_is_unregistered() -> None:
    assert World(agent(valid_from=at("10:00:01"))).verdict(delete()) == ("unknown_identity", {"IDENTITY_UNREGISTERED"})


def test_a_session_without_the_arn_of_its_role_is_found_by_unique_id_or_by_a_name_that_is_one_role() -> None:
    nameless = delete()
    del nameless["userIdentity"]["sessionContext"]["sessionIssuer"]
    in_path = Identity(id=role_id("made/here/agent"), kind="ai_agent")
    second = Identity(id=role_id("made/there/agent"), kind="ai_agent")

    assert World(*BOUND).intent(nameless) == "aligned"
    assert World(in_path).tags(nameless)["identity"]["id"] == in_path.id
    assert World(in_path, second).tags(nameless)["identity"]["registered"] is False


def test_equal_names_in_two_accounts_never_mix() -> None:
    assert World(*BOUND).verdict(delete(account="444455556666", unique="AROAOTHERACCOUNT")) == (
        "not_applicable",
        {"NOT_COVERED"},
    )


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_other_partitions_work_alike(partition: str) -> None:
    arn = f"arn:{partition}:iam::{ACCOUNT}:role/agent"
    there = delete()
    there["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = arn
    owner = Identity(id=f"aws:role:{arn}", kind="ai_agent")

    assert World(owner, task(identity=owner.id), bound()).intent(there) == "aligned"


# --- 3 is a task required? --------------------------------------------------------------------------------------------


def test_a_plain_role_needs_no_task() -> None:
    assert World(agent(kind="role")).verdict(delete()) == ("not_applicable", set())


def test_a_charter_can_demand_a_task_of_a_plain_role() -> None:
    world = World(agent(kind="role", charter="c"), Charter(id="c", task_required=True))

    assert world.verdict(delete()) == ("no_task", {"TASK_MISSING"})


def test_a_charter_can_free_an_agent_from_tasks() -> None:
    world = World(agent(charter="c"), Charter(id="c", task_required=False), task())

    assert world.verdict(delete()) == ("not_applicable", set())


def test_a_missing_task_outside_coverage_is_no_finding() -> None:
    later = Coverage(platform="aws", identities=0, tasks=at("10:00:01"))

    assert World(agent(), later).verdict(delete()) == ("not_applicable", {"NOT_COVERED"})


# --- 4 references -----------------------------------------------------------------------------------------------------


def test_of_two_bound_tasks_the_open_one_is_taken() -> None:
    over = task("T0", start=at("07:00"), end=at("08:00"), registered_at=at("06:00"))
    world = World(*BOUND, over, bound("T0", clock="07:00"))

    tags = world.tags(delete())

    assert (tags["verdict"]["intent"], tags["task"]["id"]) == ("aligned", "T1")


def test_two_open_bound_tasks_are_indeterminate() -> None:
    world = World(*BOUND, task("T2"), bound("T2"))

    assert world.verdict(delete()) == ("indeterminate", {"ATTRIBUTION_CONFLICT"})


def test_of_two_bound_tasks_that_ended_the_last_one_is_blamed() -> None:
    earlier = task("T0", start=at("07:00"), end=at("08:00"), registered_at=at("06:00"))
    world = World(*BOUND, earlier, bound("T0", clock="07:00"))

    tags = world.tags(delete(clock="12:00"))

    assert (tags["verdict"]["intent"], tags["task"]["id"]) == ("task_expired", "T1")


def test_of_two_bound_tasks_ahead_the_first_to_start_is_blamed() -> None:
    later = task("T0", start=at("10:00"), end=at("12:00"))
    world = World(agent(), later, bound("T0"), task(), bound())

    tags = world.tags(delete(clock="08:45"))

    assert (verdict_of(tags)[1], tags["task"]["id"]) == ({"TASK_NOT_STARTED"}, "T1")


def test_a_binding_to_an_unknown_task_leaves_its_code_and_nothing_else() -> None:
    assert World(agent(), task(), bound("NO-SUCH")).verdict(read()) == ("aligned", {"TASK_UNKNOWN"})


def test_a_binding_that_came_after_the_action_does_not_exist_yet() -> None:
    world = World(agent(), task(), bound(clock="10:00:01"))

    assert world.verdict(delete(clock="10:00:00")) == ("unattested", {"TASK_UNATTESTED"})
    assert world.verdict(delete(clock="10:00:01")) == ("aligned", set())


def test_times_of_binding_and_event_are_compared_at_the_coarser_resolution() -> None:
    binding = bound()
    finer = type(binding)(task="T1", handle=KEY, kind="credential_id", bound_at=at("10:00:00") + 700, bound_step=1)

    assert World(agent(), task(), finer).intent(delete(clock="10:00:00")) == "aligned"


def test_a_binding_that_may_not_speak_never_counts() -> None:
    assert World(agent(), task(), bound(counts=False)).intent(delete()) == "unattested"


# --- 5 may this reference be used here? -------------------------------------------------------------------------------


def test_another_delegator_than_the_task_names_is_no_task() -> None:
    jane, joe = Owner(id="jane@example.com", aliases=("user-jane",)), Owner(id="joe@example.com", aliases=("user-joe",))
    world = World(agent(), task(delegator=Delegator(id="jane@example.com")), bound(), jane, joe)

    def on_behalf_of(user: str) -> dict[str, object]:
        document = delete()
        document["userIdentity"]["onBehalfOf"] = {"userId": user}
        return document

    assert world.verdict(on_behalf_of("user-joe")) == ("no_task", {"DELEGATOR_MISMATCH"})
    assert world.verdict(on_behalf_of("user-jane")) == ("aligned", set())


def test_a_task_registered_after_the_action_is_unknown() -> None:
    world = World(agent(), task(registered_at=at("10:00:01"), bind=Bind(credential_ids=(KEY,))))

    assert world.verdict(delete()) == ("no_task", {"TASK_UNKNOWN"})


def test_a_task_that_its_registrar_may_not_register_is_unknown() -> None:
    world = World(agent(), task(counts=False, bind=Bind(credential_ids=(KEY,))))

    assert world.verdict(delete()) == ("no_task", {"TASK_UNKNOWN"})


def test_a_registration_received_after_the_action_and_late_is_backdated() -> None:
    late = task(received_at=at("10:30"), bind=Bind(credential_ids=(KEY,)))
    prompt = task(registered_at=at("09:58"), received_at=at("10:02"), bind=Bind(credential_ids=(KEY,)))

    assert World(agent(), late).verdict(delete()) == ("no_task", {"TASK_BACKDATED"})
    assert World(agent(), late).verdict(delete(clock="10:45")) == ("aligned", set())
    assert World(agent(), prompt).verdict(delete()) == ("aligned", set())


def test_an_unusable_task_is_a_finding_outside_coverage_and_where_no_task_is_required() -> None:
    world = World(agent(kind="role"), agent("other"), task(identity=OTHER), bound(), covered=False)

    assert world.verdict(read()) == ("no_task", {"TASK_IDENTITY_MISMATCH"})


# --- 6 window ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("08:54:59", ("out_of_scope", {"TASK_NOT_STARTED"})),
        ("08:55:00", ("aligned", set())),
        ("11:05:00", ("aligned", set())),
        ("11:05:01", ("task_expired", {"TASK_WINDOW_CLOSED"})),
    ],
)
def test_the_window_has_five_minutes_of_skew_at_both_ends(clock: str, expected: tuple[str, set[str]]) -> None:
    assert World(*BOUND).verdict(delete(clock=clock)) == expected


def test_a_revocation_ends_the_task_at_once() -> None:
    world = World(*BOUND, Revocation(task="T1", at=at("10:00")))

    assert world.verdict(delete(clock="09:59:59")) == ("aligned", set())
    assert world.verdict(delete(clock="10:00:00")) == ("task_expired", {"TASK_WINDOW_CLOSED"})


def test_a_revocation_that_may_not_speak_never_counts() -> None:
    assert World(*BOUND, Revocation(task="T1", at=at("09:00"), counts=False)).intent(delete()) == "aligned"


# --- 7 scope ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allow", "code"),
    [
        (Allow(classes=("read", "data_read")), "CLASS_NOT_IN_TASK"),
        (Allow(classes=()), "CLASS_NOT_IN_TASK"),
        (Allow(actions=("s3:Get*",)), "ACTION_NOT_IN_TASK"),
        (Allow(actions=()), "ACTION_NOT_IN_TASK"),
        (Allow(resources=("arn:aws:s3:::elsewhere/*",)), "RESOURCE_NOT_IN_TASK"),
        (Allow(resources=()), "RESOURCE_NOT_IN_TASK"),
    ],
)
def test_what_a_list_does_not_hold_is_out_of_scope(allow: Allow, code: str) -> None:
    assert World(agent(), task(allow=allow), bound()).verdict(delete()) == ("out_of_scope", {code})


@pytest.mark.parametrize(
    ("deny", "code"),
    [
        (Deny(classes=("delete",)), "CLASS_NOT_IN_TASK"),
        (Deny(actions=("S3:deleteobject",)), "ACTION_NOT_IN_TASK"),
        (Deny(resources=("arn:aws:s3:::bucket/*",)), "RESOURCE_NOT_IN_TASK"),
    ],
)
def test_a_deny_of_the_task_wins_over_its_allow(deny: Deny, code: str) -> None:
    everything = Allow(classes=("delete",), actions=("*",), resources=("arn:aws:s3:::*",))

    assert World(agent(), task(allow=everything, deny=deny), bound()).verdict(delete()) == ("out_of_scope", {code})


@pytest.mark.parametrize(
    ("deny", "codes"),
    [
        (Deny(classes=("delete",)), {"CLASS_NOT_IN_TASK", "ACTION_OUT_OF_BOUNDARY"}),
        (Deny(actions=("s3:Delete*",)), {"ACTION_NOT_IN_TASK", "ACTION_OUT_OF_BOUNDARY"}),
        (Deny(resources=("arn:aws:s3:::bucket/*",)), {"RESOURCE_NOT_IN_TASK", "RESOURCE_OUT_OF_BOUNDARY"}),
    ],
)
def test_a_deny_of_the_charter_wins_over_the_task_and_names_the_boundary(deny: Deny, codes: set[str]) -> None:
    world = World(agent(charter="c"), Charter(id="c", deny=deny), task(), bound())

    assert world.verdict(delete()) == ("out_of_scope", codes)


def test_an_absent_list_of_the_task_is_its_charters() -> None:
    charter = Charter(id="c", allow=Allow(actions=("s3:Get*",)))
    world = World(agent(charter="c"), charter, task(), bound())

    intent, codes = world.verdict(delete())

    assert intent == "out_of_scope"
    assert "ACTION_NOT_IN_TASK" in codes


def test_every_resource_must_be_covered() -> None:
    world = World(agent(), task(allow=Allow(resources=("arn:aws:s3:::bucket/*",))), bound())
    both = [{"ARN": "arn:aws:s3:::bucket/a"}, {"ARN": "arn:aws:s3:::prod/b"}]

    assert world.verdict(delete(resources=both)) == ("out_of_scope", {"RESOURCE_NOT_IN_TASK"})
    assert world.verdict(delete()) == ("aligned", set())


def test_an_unnamed_resource_passes_for_a_read_and_stops_a_change() -> None:
    world = World(agent(), task(allow=Allow(resources=("arn:aws:xyz:*:*:thing/*",))), bound())
    reading = event("xyz:GetThing")

    assert world.verdict(event("xyz:PutThing")) == ("indeterminate", {"RESOURCE_UNKNOWN"})
    assert world.verdict(reading) == ("aligned", {"RESOURCE_UNKNOWN"})
    assert world.tags(reading)["attribution"]["confidence"] == 0.68


# --- 8 limits ---------------------------------------------------------------------------------------------------------


def test_actions_beyond_the_limit_are_out_of_scope() -> None:
    world = World(agent(), task(limits=Limits(max_actions=2)), bound())

    assert [world.intent(read()) for _ in range(2)] == ["aligned", "aligned"]
    assert world.verdict(read()) == ("out_of_scope", {"LIMIT_EXCEEDED"})


def test_a_limit_of_deletions_concerns_deletions_alone() -> None:
    world = World(agent(), task(limits=Limits(max_deletes=1)), bound())

    assert [world.intent(d) for d in (delete(), delete(), read())] == ["aligned", "out_of_scope", "aligned"]


def test_a_limit_of_distinct_resources_lets_known_ones_pass() -> None:
    world = World(agent(), task(limits=Limits(max_distinct_resources=2)), bound())

    def on(name: str) -> str:
        return world.intent(delete(resources=[{"ARN": f"arn:aws:s3:::bucket/{name}"}]))

    assert [on(name) for name in "abcab"] == ["aligned", "aligned", "out_of_scope", "aligned", "aligned"]


def test_what_failed_or_came_twice_or_was_out_of_scope_uses_up_nothing() -> None:
    limited = task(limits=Limits(max_actions=1), allow=Allow(actions=("s3:GetObject",)))
    world = World(agent(), limited, bound())

    world.enrich(read(errorCode="AccessDenied"))
    world.enrich(delete())
    assert world.intent(read(eventID="once")) == "aligned"
    assert world.intent(read(eventID="once")) == "aligned"
    assert world.verdict(read()) == ("out_of_scope", {"LIMIT_EXCEEDED"})


def test_a_limit_is_shared_by_the_sessions_and_the_covered_chain_of_the_identity() -> None:
    from tests.enrichment.scene import assume

    limited = task(limits=Limits(max_deletes=2))
    world = World(agent(), child(), limited, bound(), bound(handle="ASIAAGENTSESSION0002"))
    world.enrich(assume())

    below = delete(who="child", key="ASIACHILDSESSION0001")
    first = [world.intent(d) for d in (delete(), below)]

    assert first == ["aligned", "aligned"]
    assert world.verdict(delete(key="ASIAAGENTSESSION0002")) == ("out_of_scope", {"LIMIT_EXCEEDED"})


def test_by_time_only_an_action_counts_once_in_the_fitting_task_that_ends_first() -> None:
    first = task("T1", end=at("10:30"), limits=Limits(max_actions=1))
    second = task("T2", end=at("11:30"), limits=Limits(max_actions=1))
    world = World(agent(), first, second)

    chosen = [world.tags(read())["task"]["id"] for _ in range(2)]

    assert chosen == ["T1", "T2"]
    assert world.verdict(read()) == ("out_of_scope", {"LIMIT_EXCEEDED"})


# --- 9 gate -----------------------------------------------------------------------------------------------------------


def test_a_task_can_demand_bound_evidence_for_reads_too() -> None:
    assert World(agent(), task(require_level="L3")).verdict(read()) == ("unattested", {"TASK_UNATTESTED"})
    assert World(agent(), task(require_level="L3"), bound()).intent(read()) == "aligned"


@pytest.mark.parametrize("level", ["L0", "L1"])
def test_a_task_that_demands_l0_or_l1_demands_nothing(level: str) -> None:
    assert World(agent(), task(require_level=level)).intent(read()) == "aligned"
    assert World(agent(), task(require_level=level)).intent(delete()) == "unattested"


def test_a_task_can_demand_attested_evidence() -> None:
    assert World(agent(), task(require_level="L4"), bound()).verdict(delete()) == ("unattested", {"TASK_UNATTESTED"})


# --- the table: without evidence of L2 or better ----------------------------------------------------------------------


def test_a_claim_to_an_own_closed_task_while_none_is_open_is_no_task() -> None:
    over = World(agent(), task())

    assert over.verdict(read(session_name="T1", clock="12:00")) == ("no_task", {"TASK_WINDOW_CLOSED"})
    assert over.verdict(read(session_name="T1", clock="08:30")) == ("no_task", {"TASK_NOT_STARTED"})


def test_such_a_claim_is_a_finding_outside_coverage_too() -> None:
    world = World(agent(), task(), covered=False)

    assert world.verdict(read(session_name="T1", clock="12:00")) == ("no_task", {"TASK_WINDOW_CLOSED"})


def test_several_claims_to_own_closed_tasks_are_no_task() -> None:
    world = World(agent(), task(), task("T2"))
    both = read(session_name="T1", userAgent="x nhi.task/T2", clock="12:00")

    assert world.verdict(both) == ("no_task", {"TASK_WINDOW_CLOSED"})


def test_judged_against_each_open_task_one_that_fits_is_enough() -> None:
    first = task("T1", end=at("10:30"), allow=Allow(actions=("ec2:*",)))
    world = World(agent(), first, task("T2", allow=Allow(actions=("s3:*",))))

    reading, change = world.tags(read()), world.tags(delete())

    assert (reading["verdict"]["intent"], reading["task"]["id"]) == ("aligned", "T2")
    assert (change["verdict"]["intent"], change["task"]["id"]) == ("unattested", "T2")


def test_fitting_none_of_the_open_tasks_is_out_of_scope() -> None:
    world = World(agent(), task("T1", allow=Allow(actions=("ec2:*",))), task("T2", allow=Allow(classes=("read",))))

    assert world.verdict(delete()) == ("out_of_scope", {"ACTION_NOT_IN_TASK", "CLASS_NOT_IN_TASK"})


def test_a_claim_to_one_of_the_open_tasks_narrows_to_that_one() -> None:
    world = World(agent(), task("T1", allow=Allow(actions=("ec2:*",))), task("T2"))

    assert world.verdict(read(session_name="T1")) == ("out_of_scope", {"ACTION_NOT_IN_TASK"})
    assert world.verdict(read(session_name="T2")) == ("aligned", set())


def test_a_claim_to_an_own_closed_task_while_another_is_open() -> None:
    over = task("T0", start=at("07:00"), end=at("08:00"), registered_at=at("06:00"))
    ahead = task("T9", start=at("14:00"), end=at("15:00"))
    world = World(agent(), task(), over, ahead)

    assert world.verdict(read(session_name="T0")) == ("task_expired", {"TASK_WINDOW_CLOSED"})
    assert world.verdict(read(session_name="T9")) == ("out_of_scope", {"TASK_NOT_STARTED"})


def test_claims_to_two_own_tasks_are_indeterminate() -> None:
    world = World(agent(), task(), task("T2"))

    assert world.verdict(read(session_name="T1", userAgent="x nhi.task/T2")) == (
        "indeterminate",
        {"ATTRIBUTION_CONFLICT"},
    )


@pytest.mark.parametrize("own", [True, False])
def test_a_claim_to_a_foreign_task_is_no_task(own: bool) -> None:
    world = World(agent(), agent("other"), task("T2", identity=OTHER), *((task(),) if own else ()))

    assert world.verdict(read(session_name="T2")) == ("no_task", {"TASK_IDENTITY_MISMATCH"})
    assert world.verdict(read(session_name="T2", userAgent="nhi.task/T1")) == ("no_task", {"TASK_IDENTITY_MISMATCH"})


def test_a_claim_is_judged_even_where_no_task_is_required() -> None:
    world = World(agent(kind="role"), task())

    assert world.verdict(read()) == ("not_applicable", set())
    assert world.verdict(read(session_name="T1")) == ("aligned", set())
    assert world.verdict(delete(session_name="T1")) == ("unattested", {"TASK_UNATTESTED"})


def test_text_that_is_no_registered_task_is_no_claim() -> None:
    world = World(agent(), task())

    for name in ("T1-copy", "t1", "T1 ", "xT1"):
        assert world.verdict(read(session_name=name)) == ("aligned", set())
        assert world.tags(read(session_name=name))["attribution"]["level"] == "L0"

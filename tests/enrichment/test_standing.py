"""What is remembered between two changes of the registry is what would be found anew, at every moment."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.enrichment.scene import AGENT, KEY, OTHER, World, agent, at, read, task

from remit_enrichment import standing as module
from remit_enrichment.activity import Activity, Claim, Credential, Principal
from remit_enrichment.attribution import attribute
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import (
    Agent,
    Bind,
    Binding,
    Charter,
    Coverage,
    Identity,
    Issuer,
    Owner,
    Revocation,
    Task,
)
from remit_enrichment.standing import Standings

DAY = 24 * 3_600_000
START = 20_000 * DAY
moments = st.integers(-2 * DAY // 1000, 2 * DAY // 1000).map(lambda s: START + s * 1000) | st.integers(
    START - DAY, START + DAY
)
spans = st.tuples(st.none() | moments, st.none() | moments).map(
    lambda span: (span[0], max(span[0] + 1, span[1]) if span[0] is not None and span[1] is not None else span[1])
)
handles = st.sampled_from([KEY, "OTHER-KEY"])


def in_turn(make: Any) -> Any:
    """Two versions of one thing, one after the other."""
    return st.tuples(moments, st.booleans()).map(
        lambda drawn: (make(0, None, drawn[0]), make(1, drawn[0], None)) if drawn[1] else (make(0, None, None),)
    )


identities = in_turn(
    lambda n, begin, end: Identity(
        id=AGENT, kind="ai_agent" if n else "role", owner="o", charter="c", valid_from=begin, valid_to=end
    )
)
parents = in_turn(
    lambda n, begin, end: Identity(
        id=OTHER, kind="ai_agent", agent=Agent(parent=AGENT if n else None), valid_from=begin, valid_to=end
    )
)
owners = in_turn(lambda n, begin, end: Owner(id="o", name=str(n), valid_from=begin, valid_to=end))
charters = in_turn(
    lambda n, begin, end: Charter(
        id="c", task_required=bool(n), delegation_depth=n, review_due=START, valid_from=begin, valid_to=end
    )
)
tasks = st.builds(
    lambda id, identity, start, length, registered, received, span, self_issued, keys: Task(
        id=id,
        identity=identity,
        start=start,
        end=start + length,
        registered_at=registered,
        received_at=received,
        valid_from=span[0],
        valid_to=span[1],
        self_issued=self_issued,
        bind=Bind(credential_ids=keys, source_identity="x"),
    ),
    st.sampled_from(["T1", "T2", "T3"]),
    st.sampled_from([AGENT, OTHER]),
    moments,
    st.integers(1, DAY),
    moments,
    st.none() | moments,
    spans,
    st.booleans(),
    st.sampled_from([(), (), (KEY,)]),
)
bindings = st.builds(
    lambda task, handle, moment, received, step: Binding(
        task=task, handle=handle, kind="credential_id", bound_at=moment, received_at=received, bound_step=step
    ),
    st.sampled_from(["T1", "T2", "NONE"]),
    handles,
    moments,
    st.none() | moments,
    st.sampled_from([1, 1000]),
)
revocations = st.builds(lambda task, moment: Revocation(task=task, at=moment), st.sampled_from(["T1", "T2"]), moments)
coverage = st.builds(
    lambda since, span: Coverage(platform="aws", identities=since, tasks=since, valid_from=span[0], valid_to=span[1]),
    moments,
    spans,
)
issuers = st.builds(
    lambda span: Issuer(
        platform="aws", provider="p", carries=("source_identity",), valid_from=span[0], valid_to=span[1]
    ),
    spans,
)
registries = st.tuples(
    identities,
    parents,
    owners,
    charters,
    st.lists(tasks, max_size=3, unique_by=lambda t: t.id),
    st.lists(bindings, max_size=3),
    st.lists(revocations, min_size=1, max_size=3),
    st.lists(coverage, max_size=1),
    st.lists(issuers, max_size=1),
).map(lambda parts: Registry.of(*(thing for part in parts for thing in part)))
lineages = st.lists(
    st.builds(
        lambda who, moment, reference: Minted(
            platform="aws",
            time=moment,
            time_step=1000,
            minter=Principal(who),
            minter_credential="OTHER-KEY",
            provider="p",
            source_identity=reference,
        ),
        st.sampled_from([AGENT, OTHER]),
        moments,
        st.sampled_from([None, "T1", "x"]),
    ),
    max_size=1,
).map(tuple)


def activity(who: str, step: int, claims: tuple[Claim, ...]) -> Activity:
    return Activity(
        source="aws.cloudtrail",
        platform="aws",
        event_id="e",
        time=0,
        time_step=step,
        principal=Principal(who),
        credential=Credential(KEY),
        handles=(KEY,),
        claims=claims,
        action="s3:GetObject",
    )


@settings(max_examples=250, derandomize=True, deadline=None)
@given(
    registries,
    st.sampled_from([AGENT, OTHER]),
    st.sampled_from([1, 1000]),
    st.sampled_from([(), (Claim("T1", "session_name", "x"),), (Claim("x", "source_identity", "x"),)]),
    lineages,
    st.lists(moments, min_size=2, max_size=12),
)
def test_what_is_remembered_is_what_would_be_found_anew(
    registry: Registry, who: str, step: int, claims: Any, lineage: Any, times: list[int]
) -> None:
    standings = Standings(registry)
    acted = activity(who, step, claims)
    for time in times:
        time -= time % step
        found = standings.of(acted, at=time, lineage=lineage, trusted=True, moved=False, asserted=False)
        # Most mistakes lie at the ends of the span in which an answer is said to hold, and half-way to them.
        ends = (max(found.since, time - DAY), min(found.until - 1, time + DAY))
        for moment in (time, *ends, *((time + end) // 2 for end in ends)):
            moment -= moment % step
            if found.since <= moment:
                assert found.attribution == attribute(acted, registry, at=moment, lineage=lineage)


def test_an_answer_is_remembered_until_something_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int | None] = []

    def counted(*given: Any, **named: Any) -> Any:
        calls.append(named["at"])
        return attribute(*given, **named)

    monkeypatch.setattr(module, "attribute", counted)
    registry = Registry.of(Identity(id=AGENT, valid_to=START + 10_000))
    standings = Standings(registry)
    for time in (0, 1, START, START + 9_999, START + 10_000, START + DAY, 5):
        standings.of(activity(AGENT, 1, ()), at=time, lineage=(), trusted=True, moved=False, asserted=False)

    assert calls == [0, START, START + 10_000, 5]  # the first day, the last one, after the end, and back again


def test_a_revocation_is_a_change() -> None:
    world = World(agent(), task(), Revocation(task="T1", at=at("10:00")))

    assert world.verdict(read(clock="09:59:59")) == ("aligned", set())
    assert world.verdict(read(clock="10:00:00")) == ("no_task", {"TASK_MISSING"})

"""The chain in one place: read, classify, look up, attribute, observe, judge, tag, learn; for one record.

State is touched in three places: `lookup` before attribution, `observe` before judgement, `learn` after the tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct, structs

from remit_enrichment.activity import Activity
from remit_enrichment.assessment import assess
from remit_enrichment.attribution import arrives_rightly, find, kind_of
from remit_enrichment.behavior import (
    NOTHING,
    Arrivals,
    Baselines,
    Counters,
    Sight,
    Sighted,
    TaskUse,
    is_limited,
    mark,
    sighted,
)
from remit_enrichment.classify import classify
from remit_enrichment.governance import owner_status
from remit_enrichment.intent import Case
from remit_enrichment.judgement import Assessment, Attribution, Candidate, Classified, Facts, Usage
from remit_enrichment.ledger import Ledger, Minted
from remit_enrichment.logsources import recognise
from remit_enrichment.readers.unwrap import is_closed_container
from remit_enrichment.registry.lookup import Registry, holds
from remit_enrichment.registry.model import Identity, Tool
from remit_enrichment.rendered import tags
from remit_enrichment.scope import resources_of
from remit_enrichment.standing import Standing, Standings, detected_by
from remit_enrichment.store import Store
from remit_enrichment.tags import broken, text, unread


class Enriched(Struct, frozen=True, kw_only=True):
    """What the chain says of one record."""

    nhi: bytes
    """The value of `nhi`: one JSON object."""
    source: str | None = None
    """Name of the log source, None where it was not recognised."""
    time: int | None = None
    """The time at which the event was judged, in milliseconds."""
    duplicate: bool = False
    late: bool = False
    agent: bool = False
    """An AI agent acted."""
    level: str = "none"
    """Evidence for the task: L4 to L0, or none."""
    activity: Activity | None = None
    """What was read; None where nothing was."""
    assessment: Assessment | None = None
    """What was found; None where the event could not be judged."""

    @property
    def recognised(self) -> bool:
        return self.source is not None

    @property
    def tags(self) -> dict[str, Any]:
        """The tags as an object."""
        found: dict[str, Any] = msgspec.json.decode(self.nhi)
        return found


class Enricher:
    """Enriches records one by one, in the order in which they come."""

    def __init__(self, registry: Registry, store: Store) -> None:
        self._registry = registry
        self._store = store
        self._standings = Standings(registry)
        self._ledger = Ledger(store)
        self._arrivals = Arrivals(store)
        self._use = TaskUse(store)
        self._counters = Counters(store)
        self._baselines = Baselines(store)

    def save(self) -> None:
        """Write to the store what is held back for speed; call it before the store is committed or copied."""
        for part in (self._ledger, self._arrivals, self._use, self._counters, self._baselines):
            part.save()

    def enrich(
        self,
        document: Mapping[str, Any],
        *,
        raw: bytes,
        source: str | None = None,
        channel: str | None = None,
        received: int | None = None,
        line: int = 1,
        record: int = 0,
    ) -> Enriched:
        """Judge one record and return its tags; an event is never lost, whatever it holds.

        Args:
            document: the event itself, out of its wrapper.
            raw: the record's own bytes.
            source: name of the log source where the operator says it; else it is recognised.
            channel: by which way it came: the file's path, an index, a topic.
            received: when our own reader or sink received it, in milliseconds; never a member of the record.
            line: from 1.
            record: from 0 inside a container.
        """
        module = recognise(document, raw, source)
        if module is None:
            closed = ("container_closed",) if is_closed_container(document) else ()
            return Enriched(nhi=unread("unrecognised", *closed))
        try:
            return self.enrich_activity(
                module.read(document), raw=raw, channel=channel, received=received, line=line, record=record
            )
        except Exception as error:  # noqa: BLE001 - the one boundary of the chain: the event leaves and says so
            return Enriched(nhi=broken(type(error).__name__), source=module.NAME)

    def learn_issuance(
        self, document: Mapping[str, Any], *, raw: bytes, source: str | None = None, channel: str | None = None
    ) -> None:
        """Enter what a record minted into the ledger, ahead of its turn: the order of files must not decide."""
        module = recognise(document, raw, source)
        if module is None:
            return
        try:
            activity = module.read(document)
        except Exception:  # noqa: BLE001 - it will say so when it is enriched
            return
        if activity.issuance is not None and arrives_rightly(activity, self._registry, channel):
            self._ledger.learn(activity)

    def enrich_activity(
        self,
        activity: Activity,
        *,
        raw: bytes,
        channel: str | None = None,
        received: int | None = None,
        line: int = 1,
        record: int = 0,
    ) -> Enriched:
        """Judge what a log source read from one record, as `enrich` does."""
        asserted = activity.time_asserted and received is None
        at = received if activity.time_asserted and received is not None else activity.time
        trusted = arrives_rightly(activity, self._registry, channel)
        tool = tool_of(activity, self._registry, at)
        classified = classified_by(tool, classify(activity))
        lineage = self._lookup(activity, at)
        moved = trusted and self._moved(activity)
        standing = self._standings.of(activity, at=at, lineage=lineage, trusted=trusted, moved=moved, asserted=asserted)
        attribution = standing.attribution
        entries = acted_upon(activity, self._registry, at) if activity.targets else ()
        target = target_tags(activity, entries, self._registry, attribution, at) if entries and at is not None else {}
        homes = homes_of(activity, entries) if entries else ()
        arguments = tool.resources if tool is not None else ()
        shown = sighted(activity) if standing.nhi else NOTHING
        on_self = bool(target.get("action.on_self"))
        case = Case(activity, classified, attribution, at, arguments=arguments, homes=homes)
        facts = self._observe(case, standing, raw, shown, trusted=trusted, on_self=on_self)
        case = Case(activity, classified, attribution, at, facts, arguments, homes)
        found = assess(case, standing, lineage, self._registry.environments)
        nhi = tags(
            with_arguments_told(activity, found, arguments),
            found,
            standing,
            event_id=activity.event_id or place_id(raw, line, record),
            target=target,
            registry_version=self._registry.version,
        )
        self._learn(case, found, standing, shown, trusted=trusted)
        return Enriched(
            nhi=nhi,
            source=activity.source,
            time=at,
            duplicate=facts.duplicate,
            late=facts.late,
            agent=standing.agent is not None,
            level=found.verdict.level,
            activity=activity,
            assessment=found,
        )

    # --- lookup ---

    def _lookup(self, activity: Activity, at: int | None) -> tuple[Minted, ...]:
        credential = activity.credential
        if credential is None or credential.id is None or at is None:
            return ()
        return self._ledger.lineage(activity.platform, credential.id, at, activity.time_step)

    def _moved(self, activity: Activity) -> bool:
        credential, holder = activity.credential, activity.holder
        if credential is None or credential.id is None or holder is None:
            return False
        return self._ledger.first_holder(activity.platform, credential.id, holder) != holder

    # --- observe ---

    def _observe(
        self, case: Case, standing: Standing, raw: bytes, shown: Sighted, *, trusted: bool, on_self: bool
    ) -> Facts:
        activity, at = case.activity, case.at
        if at is None:
            return Facts()
        duplicate = activity.event_id is not None and self._arrivals.is_duplicate(at, event_mark(activity, raw))
        late = self._arrivals.is_late(at)
        counted = activity.outcome == "success" and activity.acts and not duplicate
        usage = self._usage(case, standing, counted=counted)
        holders = self._holders(case, standing)
        if standing.who is None or duplicate or not activity.acts or not standing.nhi:
            return Facts(duplicate=duplicate, late=late, usage=usage, holders=holders)
        recent = self._counters.observe(standing.who, standing.run, at, activity, case.classified, on_self=on_self)
        sight = self._look(case, standing, standing.who, shown, at) if trusted else Sight()
        return Facts(
            late=late,
            usage=usage,
            holders=holders,
            recent=recent,
            first_seen=sight.first_seen,
            saturated=sight.saturated,
            learning=sight.learning,
        )

    def _usage(self, case: Case, standing: Standing, *, counted: bool) -> dict[str, Usage]:
        if not standing.limited:
            return {}
        return {
            c.task.id: self._use.with_this(c.task, case.classified, resources_under(case, c), counted=counted)
            for c in standing.limited
        }

    def _holders(self, case: Case, standing: Standing) -> dict[str, str]:
        credential = case.activity.credential
        if not standing.free or credential is None or credential.id is None:
            return {}
        return {c.task.id: self._use.holder(c.task.id, credential.id) for c in standing.free}

    def _look(self, case: Case, standing: Standing, who: str, shown: Sighted, at: int) -> Sight:
        identity = case.attribution.identity
        if identity is None:
            if not (case.attribution.covered or standing.agent):
                return Sight()
            new = self._baselines.is_new_identity(who, at)
            sight = self._baselines.look(standing.baseline, shown, at, grace=False)
            return structs.replace(sight, first_seen=(*sight.first_seen, *(("identity",) if new else ())))
        grace = not (case.classified.sensitive or self._baselines.was_made_by_nhi(identity.id))
        return self._baselines.look(standing.baseline, shown, at, grace=grace)

    # --- learn ---

    def _learn(self, case: Case, found: Assessment, standing: Standing, shown: Sighted, *, trusted: bool) -> None:
        activity, who = case.activity, case.attribution.identity_id
        if trusted and activity.issuance is not None:
            self._ledger.learn(activity)
        if case.facts.duplicate or activity.outcome != "success" or not activity.acts:
            return
        for candidate in found.verdict.counted:
            if is_limited(candidate.task.limits):
                self._use.count(candidate.task, case.classified, resources_under(case, candidate))
        if who is None or not trusted or not standing.nhi:
            return
        if not found.finding:
            self._baselines.learn(standing.baseline, shown)
        if activity.action in MAKES:
            for target in activity.targets:
                if target.id is not None:
                    self._baselines.made(target.id, who)


MAX_TARGETS = 8
"""Identities acted upon that are named."""
MAKES = frozenset(
    {
        "iam:CreateUser",
        "iam:CreateRole",
        "entra:Add service principal",
        "entra:Add user",
        "k8s:create:serviceaccounts",
    }
)
"""Actions that make an identity: what a machine identity made gets no time to learn."""


def place_id(raw: bytes, line: int, record: int) -> str:
    """Return the id of an event that has none: a hash of its bytes and its place, never of the file's path."""
    return sha256(b"%d:%d:%b" % (line, record, raw)).hexdigest()[:32]


def event_mark(activity: Activity, raw: bytes) -> int:
    """Return what two events must share to be duplicates; where the caller chooses the id, all their bytes."""
    event = f"{activity.source} {activity.time} {activity.event_id}".encode("utf-8", "surrogatepass")
    return mark(event + b"\0" + raw if activity.time_asserted else event)


def tool_of(activity: Activity, registry: Registry, at: int | None) -> Tool | None:
    """Return the registry's entry of the tool that an agent called."""
    kind, _, name = activity.action.partition(":")
    if kind not in ("tool", "mcp"):
        return None
    found = (tool for tool in registry.tools if tool.name == name and (at is None or holds(tool, at)))
    return next(found, None)


def classified_by(tool: Tool | None, classified: Classified) -> Classified:
    """Return the class that the registry gives a tool, else the one that was found."""
    if tool is None or tool.action_class is None:
        return classified
    return Classified(classified.name, tool.action_class, classified.access_level, "map")


def resources_under(case: Case, candidate: Candidate) -> tuple[str, ...]:
    """Return the resources that count under a task."""
    return resources_of(case.activity, candidate.task, candidate.charter, case.arguments) or ()


def with_arguments_told(activity: Activity, found: Assessment, arguments: tuple[str, ...]) -> Activity:
    """Return the activity with those of a tool's arguments that its tasks, their charters or the registry speak of.

    The others may hold anything, what somebody said or wrote above all, and are nobody's business here.
    """
    if activity.platform != "otel" or not activity.resources:
        return activity
    attribution, verdict = found.attribution, found.verdict
    places = [(verdict.task, verdict.charter), (None, attribution.charter)]
    places += [(candidate.task, candidate.charter) for candidate in (*attribution.references, *attribution.open)]
    kept = {one for task, charter in places for one in resources_of(activity, task, charter, arguments) or ()}
    return structs.replace(activity, resources=tuple(one for one in activity.resources if one in kept) or None)


def acted_upon(activity: Activity, registry: Registry, at: int | None) -> tuple[Identity | None, ...]:
    """Return the registry's entry of each identity acted upon."""
    if at is None:
        return ()
    return tuple(find(registry, activity.platform, target, at) for target in activity.targets)


def homes_of(activity: Activity, entries: tuple[Identity | None, ...]) -> tuple[tuple[str, str], ...]:
    """Return native id and registered environment of the identities acted upon."""
    return tuple(
        (target.native, entry.environment)
        for target, entry in zip(activity.targets, entries, strict=True)
        if target.native is not None and entry is not None and entry.environment is not None
    )


def target_tags(
    activity: Activity,
    entries: tuple[Identity | None, ...],
    registry: Registry,
    attribution: Attribution,
    at: int,
) -> dict[str, Any]:
    """Return what the registry knows of the identities acted upon."""
    ids = [
        entry.id if entry is not None else target.id for entry, target in zip(entries, activity.targets, strict=True)
    ]
    first = entries[0]
    known = [text(name) for name in ids if name is not None]
    values: dict[str, Any] = {
        "target.id": known[0] if len(known) == 1 else known[:MAX_TARGETS],
        "target.kind": kind_of(first, activity.targets[0], "unregistered"),
        "target.registered": None not in entries,
        "action.on_self": attribution.identity_id is not None and attribution.identity_id in ids,
    }
    if first is not None:
        owner = registry.owner(first.owner, at) if first.owner is not None else None
        values["target.is_agent"] = detected_by(first, None) is not None or None
        values["target.status"] = None if first.status == "active" else first.status
        values["target.owner_status"] = owner_status(first, owner, at)
    return values

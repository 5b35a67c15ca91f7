"""The chain in one place: read, classify, look up, attribute, observe, judge, tag, learn; for one record.

State is touched in three places: `lookup` before attribution, `observe` before judgement, `learn` after the tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from remit_enrichment.activity import Activity
from remit_enrichment.attribution import arrives_rightly, attribute, find, kind_of
from remit_enrichment.behavior import Arrivals, TaskUse, is_limited, mark
from remit_enrichment.classify import classify
from remit_enrichment.intent import Case, judge
from remit_enrichment.judgement import Attribution, Candidate, Classified, Facts, Usage, Verdict
from remit_enrichment.ledger import Ledger, Minted
from remit_enrichment.logsources import LogSource, sources
from remit_enrichment.registry.lookup import Registry, holds
from remit_enrichment.registry.model import Tool
from remit_enrichment.scope import resources_of
from remit_enrichment.store import Store
from remit_enrichment.tags import broken, detected_by, owner_status, tags, text, unread


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
    case: Case | None = None
    """What the verdict was made of, for `explain`."""
    verdict: Verdict | None = None

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
        self._ledger = Ledger(store)
        self._arrivals = Arrivals(store)
        self._use = TaskUse(store)

    def save(self) -> None:
        """Write to the store what is held back for speed; call it before the store is committed or copied."""
        self._arrivals.save()

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
            return Enriched(nhi=unread("unrecognised"))
        try:
            return self._judged(module.read(document), raw, channel, received, line, record)
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

    def _judged(
        self, activity: Activity, raw: bytes, channel: str | None, received: int | None, line: int, record: int
    ) -> Enriched:
        at = received if activity.time_asserted and received is not None else activity.time
        trusted = arrives_rightly(activity, self._registry, channel)
        tool = tool_of(activity, self._registry, at)
        classified = classified_by(tool, classify(activity))
        attribution = attribute(activity, self._registry, at=at, lineage=self._lookup(activity, at), trusted=trusted)
        if activity.time_asserted and received is None:
            attribution = msgspec.structs.replace(attribution, reasons=(*attribution.reasons, "TIME_ASSERTED"))
        arguments = tool.resources if tool is not None else ()
        facts = self._observe(activity, classified, attribution, arguments, raw)
        case = Case(activity, classified, attribution, facts, arguments)
        verdict = judge(case)
        nhi = tags(
            activity,
            classified,
            attribution,
            facts,
            verdict,
            event_id=activity.event_id or place_id(raw, line, record),
            target=target_tags(activity, self._registry, attribution, at),
            registry_version=self._registry.version,
        )
        self._learn(case, verdict, trusted=trusted)
        return Enriched(
            nhi=nhi,
            source=activity.source,
            time=at,
            duplicate=facts.duplicate,
            late=facts.late,
            agent=detected_by(attribution.identity, activity.principal) is not None,
            level=verdict.level,
            case=case,
            verdict=verdict,
        )

    def _lookup(self, activity: Activity, at: int | None) -> tuple[Minted, ...]:
        credential = activity.credential
        if credential is None or credential.id is None or at is None:
            return ()
        return self._ledger.lineage(activity.platform, credential.id, at, activity.time_step)

    def _observe(
        self,
        activity: Activity,
        classified: Classified,
        attribution: Attribution,
        arguments: tuple[str, ...],
        raw: bytes,
    ) -> Facts:
        at = attribution.time
        if at is None:
            return Facts()
        duplicate = activity.event_id is not None and self._arrivals.is_duplicate(at, event_mark(activity, raw))
        counted = activity.outcome == "success" and not duplicate
        limited = [
            c for c in (*attribution.references, *attribution.claims, *attribution.open) if is_limited(c.task.limits)
        ]
        usage: dict[str, Usage] = {}
        for candidate in limited:
            resources = resources_under(activity, candidate, arguments)
            usage[candidate.task.id] = self._use.with_this(candidate.task, classified, resources, counted=counted)
        return Facts(duplicate=duplicate, late=self._arrivals.is_late(at), usage=usage)

    def _learn(self, case: Case, verdict: Verdict, *, trusted: bool) -> None:
        activity, facts = case.activity, case.facts
        if trusted and activity.issuance is not None:
            self._ledger.learn(activity)
        if verdict.task is None or not verdict.counts or facts.duplicate or activity.outcome != "success":
            return
        if is_limited(verdict.task.limits):
            resources = resources_of(activity, verdict.task, verdict.charter, case.arguments) or ()
            self._use.count(verdict.task, case.classified, resources)


def recognise(document: Mapping[str, Any], raw: bytes, source: str | None = None) -> LogSource | None:
    """Return the log source of a document: decided by its decoded members, tried first where the bytes look like it."""
    candidates = [module for module in sources() if source is None or module.NAME == source]
    if len(candidates) > 1:
        candidates.sort(key=lambda module: not module.looks_like(raw))
    return next((module for module in candidates if module.recognises(document)), None)


def place_id(raw: bytes, line: int, record: int) -> str:
    """Return the id of an event that has none: a hash of its bytes and its place, never of the file's path."""
    return sha256(b"%d:%d:%b" % (line, record, raw)).hexdigest()[:32]


def event_mark(activity: Activity, raw: bytes) -> int:
    """Return what two events must share to be duplicates; where the caller chooses the id, all their bytes."""
    parts: tuple[str | bytes | int, ...] = (activity.source, activity.event_id or "", activity.time or 0)
    return mark(*parts, raw) if activity.time_asserted else mark(*parts)


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


def resources_under(activity: Activity, candidate: Candidate, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the resources that count under a task."""
    return resources_of(activity, candidate.task, candidate.charter, arguments) or ()


def target_tags(activity: Activity, registry: Registry, attribution: Attribution, at: int | None) -> dict[str, Any]:
    """Return what the registry knows of the identities acted upon."""
    if not activity.targets or at is None:
        return {}
    entries = [find(registry, activity.platform, target, at) for target in activity.targets]
    ids = [
        entry.id if entry is not None else target.id for entry, target in zip(entries, activity.targets, strict=True)
    ]
    first = entries[0]
    known = [text(name) for name in ids if name is not None]
    values: dict[str, Any] = {
        "target.id": known[0] if len(known) == 1 else known[:8],
        "target.kind": kind_of(first, activity.targets[0], "unregistered"),
        "target.registered": None not in entries,
        "action.on_self": attribution.identity_id is not None and attribution.identity_id in ids,
    }
    if first is not None:
        owner = registry.owner(first.owner, at) if first.owner is not None else None
        values["target.is_agent"] = detected_by(first, None) is not None or None
        values["target.status"] = None if first.status == "active" else first.status
        values["target.owner_status"] = owner_status(first, owner)
    return values

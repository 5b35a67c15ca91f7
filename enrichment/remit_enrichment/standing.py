"""Standing: what is attributed to one session while nothing changes, with what was judged under it.

Most events of a session differ only in what they do. Who acted, for which tasks and with which lacks is the same
between two moments at which the registry's answers change, so it is worked out once; so is the verdict on an action
that comes again and uses up no limit.
"""

from __future__ import annotations

from collections.abc import Hashable

from remit_enrichment.activity import Activity, Principal
from remit_enrichment.attribution import FEDERATED_ISSUANCE, attribute
from remit_enrichment.behavior import is_limited
from remit_enrichment.governance import AGENT_KINDS
from remit_enrichment.horizon import Horizon
from remit_enrichment.judgement import Attribution, Boundary, Verdict
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Identity

MOST_STANDINGS = 10_000
MOST_JUDGED = 24
"""Actions that are kept judged for one standing; more are forgotten all at once. Both bound memory to some 100 MB,
whatever the log holds."""


class Judged:
    """What an action came to under one standing."""

    __slots__ = ("boundary", "codes", "finding", "verdict")

    def __init__(self, verdict: Verdict, boundary: Boundary, codes: tuple[str, ...]) -> None:
        self.verdict, self.boundary = verdict, boundary
        self.finding = verdict.finding or boundary.outside
        self.codes = codes
        """All codes, where neither credential nor behavior adds any."""


class Standing:
    """One attribution with the span of time in which it holds, and what follows from it alone."""

    __slots__ = (
        "agent",
        "attribution",
        "baseline",
        "free",
        "governance",
        "judged",
        "limited",
        "nhi",
        "rendered",
        "run",
        "since",
        "until",
        "who",
    )

    def __init__(
        self, attribution: Attribution, activity: Activity, lineage: tuple[Minted, ...], since: int, until: int
    ) -> None:
        self.attribution, self.since, self.until = attribution, since, until
        self.nhi = is_nhi(attribution)
        self.agent = detected_by(attribution.identity, activity.principal)
        within = f"{activity.platform}|{activity.account or ''}|"
        name, charter = attribution.identity_id, attribution.charter
        self.who = f"{within}{name}" if name is not None else None
        """Key of what is counted for the identity; ids of equal names in two accounts never mix."""
        self.baseline = f"{within}charter:{charter.id}" if charter is not None else f"{within}identity:{name}"
        """Key of the baseline: the charter's, for identities come and go; the identity's own where it has none."""
        self.run = within + (run_of(activity, lineage) or name or "")
        """Key of the run that taint belongs to."""
        known = (*attribution.references, *attribution.claims, *attribution.open)
        self.limited = tuple(c for c in known if is_limited(c.task.limits))
        """Tasks whose use is counted."""
        self.free = tuple(c for c in attribution.references if not c.granted)
        """References that the first credential to use them keeps."""
        self.judged: dict[Hashable, Judged] = {}
        self.governance: dict[bool, tuple[str, ...]] = {}
        self.rendered: dict[Hashable, bytes] = {}

    def keep(self, key: Hashable, judged: Judged) -> Judged:
        """Remember what an action came to."""
        if len(self.judged) >= MOST_JUDGED:
            self.judged.clear()
        self.judged[key] = judged
        return judged


def run_of(activity: Activity, lineage: tuple[Minted, ...]) -> str | None:
    """Return the first session of the row, which no further session sheds; None where the caller names its own."""
    if activity.time_asserted:
        return None
    first = (m.minter_credential for m in reversed(lineage) if not m.long_lived and m.minter_credential)
    return next(first, None) or activity.session


def is_nhi(attribution: Attribution) -> bool:
    """Say whether neither a person nor a service of the platform itself acted."""
    return attribution.standing not in ("human", "platform_service")


def detected_by(identity: Identity | None, principal: Principal | None) -> str | None:
    """Return what shows that an AI agent acted, None where nothing does."""
    if identity is not None and (identity.kind in AGENT_KINDS or identity.agent is not None):
        return "registry"
    agent = principal is not None and (principal.platform_agent or principal.kind == "agent")
    return "platform" if agent else None


class Standings:
    """The standings of the sessions seen lately."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._held: dict[Hashable, Standing] = {}

    def of(
        self,
        activity: Activity,
        *,
        at: int | None,
        lineage: tuple[Minted, ...],
        trusted: bool,
        moved: bool,
        asserted: bool,
    ) -> Standing:
        """Return what `attribute` says of an event, from memory where nothing that it asks of has changed."""
        if at is None:
            found = attribute(
                activity, self._registry, at=None, lineage=lineage, trusted=trusted, moved=moved, asserted=asserted
            )
            return Standing(found, activity, lineage, 0, 0)
        key = (
            activity.source,
            activity.platform,
            activity.account,
            activity.principal,
            activity.credential,
            activity.session,
            activity.handles,
            activity.claims,
            activity.chain,
            activity.delegator,
            activity.time_asserted,
            activity.time_step,
            activity.action in FEDERATED_ISSUANCE,
            lineage,
            trusted,
            moved,
            asserted,
        )
        held = self._held.get(key)
        if held is not None and held.since <= at < held.until:
            return held
        horizon = Horizon(self._registry, at)
        attribution = attribute(
            activity, horizon, at=at, lineage=lineage, trusted=trusted, moved=moved, asserted=asserted
        )
        if len(self._held) >= MOST_STANDINGS:
            self._held.clear()
        standing = self._held[key] = Standing(attribution, activity, lineage, horizon.since, horizon.until)
        return standing

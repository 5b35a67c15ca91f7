"""Standing: what is attributed to one session while nothing changes, with what was judged under it.

Most events of a session differ only in what they do. Who acted, for which tasks and with which lacks is the same
between two moments at which the registry's answers change, so it is worked out once; so is the verdict on an action
that comes again and uses up no limit.
"""

from __future__ import annotations

from collections.abc import Hashable

from remit_enrichment.activity import Activity
from remit_enrichment.attribution import FEDERATED_ISSUANCE, attribute
from remit_enrichment.horizon import Horizon
from remit_enrichment.judgement import Attribution, Boundary, Verdict
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.lookup import Registry

MOST_STANDINGS = 20_000
MOST_JUDGED = 2_000
"""Actions that are kept judged for one standing; more are forgotten all at once."""


class Judged:
    """What an action came to under one standing, and the parts of its tags that are always the same."""

    __slots__ = ("boundary", "codes", "rendered", "verdict")

    def __init__(self, verdict: Verdict, boundary: Boundary, codes: tuple[str, ...]) -> None:
        self.verdict, self.boundary = verdict, boundary
        self.codes = codes
        """All codes, where neither credential nor behavior adds any."""
        self.rendered: dict[Hashable, bytes] = {}


class Standing:
    """One attribution with the span of time in which it holds."""

    __slots__ = ("attribution", "governance", "judged", "rendered", "since", "until")

    def __init__(self, attribution: Attribution, since: int, until: int) -> None:
        self.attribution, self.since, self.until = attribution, since, until
        self.judged: dict[Hashable, Judged] = {}
        self.governance: dict[bool, tuple[str, ...]] = {}
        self.rendered: dict[Hashable, bytes] = {}

    def keep(self, key: Hashable, judged: Judged) -> Judged:
        """Remember what an action came to."""
        if len(self.judged) >= MOST_JUDGED:
            self.judged.clear()
        self.judged[key] = judged
        return judged


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
            return Standing(found, 0, 0)
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
        standing = self._held[key] = Standing(attribution, horizon.since, horizon.until)
        return standing

"""Is somebody in charge? What the registry itself lacks for the identity that acted, as words and as codes."""

from __future__ import annotations

from collections.abc import Iterator

from remit_enrichment.judgement import Attribution, CredentialFacts
from remit_enrichment.registry.model import Identity, Owner

AGENT_KINDS = frozenset({"ai_agent", "agent_user"})
STATUS_CODES = {"dormant": "IDENTITY_DORMANT", "decommissioned": "IDENTITY_DECOMMISSIONED"}


def owner_status(identity: Identity, owner: Owner | None, at: int | None) -> str:
    """Say whether anybody answers for a registered identity: active, departed, missing, unknown."""
    if identity.owner is None:
        return "missing"
    if owner is None:
        return "unknown"
    left = owner.departed_at is not None and at is not None and owner.departed_at <= at
    return "departed" if left else owner.status


def governance(attribution: Attribution, credential: CredentialFacts, at: int | None) -> tuple[str, ...]:
    """Return what is missing, in the words of `nhi.verdict.governance`."""
    return tuple(_lacking(attribution, credential, at))


def _lacking(attribution: Attribution, credential: CredentialFacts, at: int | None) -> Iterator[str]:
    identity, charter = attribution.identity, attribution.charter
    if identity is None:
        if attribution.standing in ("unregistered", "recreated", "confusable"):
            yield "unregistered"
        return
    status = owner_status(identity, attribution.owner, at)
    if status in ("missing", "unknown"):
        yield "no_owner"
    elif status == "departed":
        yield "owner_departed"
    if credential.no_expiry:
        yield "no_expiry"
    if identity.console_enabled and identity.mfa is False:
        yield "no_mfa"
    if charter is None:
        yield "no_boundary"
    if identity.sponsor is None and (identity.kind in AGENT_KINDS or identity.agent is not None):
        yield "no_sponsor"
    if charter is not None and charter.review_due is not None and at is not None and charter.review_due < at:
        yield "review_overdue"


def codes(attribution: Attribution, at: int | None) -> Iterator[str]:
    """Yield the codes of who answers for the identity and in what state it is."""
    identity = attribution.identity
    if identity is None:
        return
    status = owner_status(identity, attribution.owner, at)
    if status == "departed":
        yield "OWNER_DEPARTED"
    elif status != "active":
        yield "OWNER_MISSING"
    if identity.status in STATUS_CODES:
        yield STATUS_CODES[identity.status]
    if identity.shared:
        yield "IDENTITY_SHARED"

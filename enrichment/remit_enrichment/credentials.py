"""What is known of the credential at the time of its use: age, rotation, expiry, whether the registry knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remit_enrichment.activity import Activity
from remit_enrichment.constants import DAY
from remit_enrichment.judgement import CredentialFacts
from remit_enrichment.ledger import Minted
from remit_enrichment.registry.model import Identity, RegisteredCredential

LONG_LIVED = frozenset({"long_lived_key", "secret", "api_key", "pat_classic", "pat_fine_grained", "k8s_legacy_token"})

NOTHING_TO_TELL = CredentialFacts()


def credential_facts(
    activity: Activity, identity: Identity | None, lineage: Sequence[Minted], at: int | None
) -> CredentialFacts:
    """Return what registry, ledger and event together say of the credential in use."""
    credential = activity.credential
    if credential is None or at is None:
        return NOTHING_TO_TELL
    known = identity.credentials if identity is not None else ()
    entry = next((each for each in known if each.id == credential.id), None)
    if entry is None and credential.type not in LONG_LIVED:
        return NOTHING_TO_TELL  # a session ends by itself, and the ledger forgets it then
    minted = lineage[0] if lineage else None
    issued = _first(entry.issued if entry else None, credential.issued, minted.time if minted else None)
    expires = _first(entry.expires if entry else None, minted.expires if minted else None)
    long_lived = (entry.type if entry is not None and entry.type is not None else credential.type) in LONG_LIVED
    expired = expires is not None and expires < at
    overdue = entry is not None and is_overdue(entry, issued, at)
    stranger = long_lived and bool(known) and entry is None
    no_expiry = entry is not None and long_lived and expires is None
    return CredentialFacts(
        issued=issued,
        expires=expires,
        last_rotated=entry.last_rotated if entry is not None else None,
        age_days=(at - issued) // DAY if issued is not None and issued <= at else None,
        max_age_days=entry.max_age_days if entry is not None else None,
        long_lived=long_lived,
        no_expiry=no_expiry,
        expired=expired,
        rotation_overdue=overdue,
        reasons=tuple(
            _codes(
                CREDENTIAL_LONG_LIVED=long_lived,
                CREDENTIAL_NO_EXPIRY=no_expiry,
                CREDENTIAL_EXPIRED=expired,
                CREDENTIAL_ROTATION_OVERDUE=overdue,
                CREDENTIAL_UNKNOWN=stranger,
            )
        ),
    )


def is_overdue(entry: RegisteredCredential, issued: int | None, at: int) -> bool:
    """Say whether a credential is older than it may become, since it was issued or last rotated."""
    since = entry.last_rotated if entry.last_rotated is not None else issued
    return entry.max_age_days is not None and since is not None and since + entry.max_age_days * DAY < at


def _first(*times: int | None) -> int | None:
    return next((time for time in times if time is not None), None)


def _codes(**given: bool) -> Iterator[str]:
    return (code for code, true in given.items() if true)

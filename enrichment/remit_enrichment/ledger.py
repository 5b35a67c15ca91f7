"""The ledger: which credential was minted by whom, when, with which tags; learnt from issuance events alone.

An entry holds what the log showed and nothing derived from it: names, tasks and levels are looked up when the
credential is used, so that the order in which issuances are learnt does not decide anything.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from remit_enrichment.activity import Activity, Principal
from remit_enrichment.constants import MAX_LINEAGE, MAX_RECYCLED
from remit_enrichment.kept import Kept
from remit_enrichment.store import Store


class Minted(Struct, frozen=True, kw_only=True, array_like=True):
    """One issuance of one credential."""

    platform: str
    time: int
    time_step: int
    minter: Principal
    minter_credential: str | None = None
    long_lived: bool = False
    source_identity: str | None = None
    session_tags: tuple[tuple[str, str], ...] = ()
    provider: str | None = None
    audience: str | None = None
    subject: str | None = None
    expires: int | None = None


_NOBODY = Principal(id=None)
_encode = msgspec.msgpack.Encoder().encode


def minted(activity: Activity) -> Iterator[tuple[str, Minted]]:
    """Yield the credentials that an activity minted, each with its issuance; a failed call mints nothing."""
    if activity.issuance is None or activity.outcome != "success" or activity.time is None:
        return
    for issuance in (activity.issuance, *activity.further_issuances):
        yield (
            issuance.credential_id,
            Minted(
                platform=activity.platform,
                time=activity.time,
                time_step=activity.time_step,
                minter=activity.principal or _NOBODY,
                minter_credential=activity.credential.id if activity.credential is not None else None,
                long_lived=issuance.long_lived,
                source_identity=issuance.source_identity,
                session_tags=issuance.session_tags,
                provider=issuance.provider,
                audience=issuance.audience,
                subject=issuance.subject,
                expires=issuance.expires,
            ),
        )


class Ledger:
    """The ledger in a store."""

    def __init__(self, store: Store) -> None:
        self._minted: Kept[tuple[Minted, ...]] = Kept(store, "ledger", tuple[Minted, ...])
        self._holders = Kept(store, "holder", str)

    def learn(self, activity: Activity) -> None:
        """Enter the credentials that the activity minted, if it did."""
        for credential, entry in minted(activity):
            key = f"{entry.platform}:{credential}"
            held = self._entries(key)
            if entry not in held:
                entries = sorted((*held, entry), key=lambda e: (e.time, _encode(e)))[-MAX_RECYCLED:]
                self._minted.put(key, tuple(entries))

    def lineage(self, platform: str, credential: str | None, at: int, step: int = 1) -> tuple[Minted, ...]:
        """Return how a credential came about as of a time: its issuance, that of its minter's credential, and so on."""
        found: list[Minted] = []
        while credential is not None and len(found) < MAX_LINEAGE:
            entry = self.issuance(platform, credential, at, step)
            if entry is None:
                break
            found.append(entry)
            credential, at, step = entry.minter_credential, entry.time, entry.time_step
        return tuple(found)

    def issuance(self, platform: str, credential: str, at: int, step: int = 1) -> Minted | None:
        """Return the issuance under which a credential is in use at that time; an expired one was another."""
        for entry in reversed(self._entries(f"{platform}:{credential}")):
            coarser = max(step, entry.time_step)
            if entry.time // coarser <= at // coarser:
                return None if entry.expires is not None and at // coarser > entry.expires // coarser else entry
        return None

    def _entries(self, key: str) -> tuple[Minted, ...]:
        return self._minted.get(key) or ()

    def first_holder(self, platform: str, credential: str, holder: str) -> str:
        """Return the place from which a credential was first used, this one if it was never used before."""
        key = f"{platform}:{credential}"
        held = self._holders.get(key)
        if held is None:
            self._holders.put(key, holder)
            return holder
        return held

    def save(self) -> None:
        """Write what changed to the store."""
        self._minted.save()
        self._holders.save()

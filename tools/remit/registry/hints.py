"""What a registry may say and its authors hardly mean: the warnings of `remit registry check`, beside the loader's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from remit_enrichment import globs
from remit_enrichment.classify.aws import known_actions
from remit_enrichment.logsources import sources
from remit_enrichment.registry.model import Channel, Charter, Coverage, Identity, Task
from remit_enrichment.registry.places import Placed
from remit_enrichment.registry.problems import Problem, shown


def hints(placed: Sequence[Placed]) -> list[Problem]:
    """Return the hints for all objects, in the order of files and lines."""
    names = {source.NAME for source in sources()}
    shown_platforms = {source.PLATFORM for source in sources()}
    platforms = _platforms(placed)
    found: list[Problem] = []
    for one in placed:
        thing = one.thing
        if isinstance(thing, Identity):
            found += _identity(one, thing)
        elif isinstance(thing, Charter):
            found += _unknown_actions(one, thing, platforms.get(thing.id, set()))
        elif isinstance(thing, Task):
            found += _unknown_actions(one, thing, {thing.identity.partition(":")[0]})
        elif isinstance(thing, Coverage) and thing.platform not in shown_platforms:
            what = f"coverage of {shown(thing.platform)}: no log source shows identities of a platform by this name"
            todo = f"known: {', '.join(sorted(shown_platforms))}"
            found.append(one.place.problem(("platform",), "unknown_platform", what, todo))
        elif isinstance(thing, Channel) and thing.source not in names:
            what = f"channel {shown(thing.channel)}: no log source is called {shown(thing.source)}"
            found.append(one.place.problem(("source",), "unknown_source", what, f"known: {', '.join(sorted(names))}"))
    return sorted(found)


def _platforms(placed: Iterable[Placed]) -> dict[str, set[str]]:
    """Return the platforms of the identities under each charter."""
    platforms: dict[str, set[str]] = {}
    for one in placed:
        if isinstance(one.thing, Identity) and one.thing.charter is not None:
            platforms.setdefault(one.thing.charter, set()).add(one.thing.platform)
    return platforms


_AWS_NATIVE = {
    "role": re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+"),
    "user": re.compile(r"arn:aws[a-z-]*:iam::\d{12}:user/.+"),
    "root": re.compile(r"\d{12}"),
}


def _identity(one: Placed, identity: Identity) -> Iterator[Problem]:
    platform, kind, native = identity.id.split(":", 2)
    native_form = _AWS_NATIVE.get(kind) if platform == "aws" else None
    if native_form and not native_form.fullmatch(native):
        what = f"identity {shown(identity.id)}: no log shows {shown(native)} as the id of a {kind}"
        todo = f"write it like aws:{kind}:" + (
            "111122223333" if kind == "root" else f"arn:aws:iam::111122223333:{kind}/name"
        )
        yield one.place.problem(("id",), "unseen_id", what, todo)
    if identity.kind == "human":
        what = f"identity {shown(identity.id)} is a person"
        yield one.place.problem(
            ("kind",), "human_identity", what, "register people as owners, with this id as an alias"
        )


_LOGGED_AS = {"cloudwatch": "monitoring"}
"""Services of which IAM's name never stands in a log (Amazon CloudWatch user guide, "Logging CloudWatch API and console
operations with AWS CloudTrail": eventSource monitoring.amazonaws.com)."""


def _unknown_actions(one: Placed, thing: Charter | Task, platforms: set[str]) -> Iterator[Problem]:
    if platforms != {"aws"}:
        return
    for side in ("allow", "deny"):
        actions = thing.allow.actions if side == "allow" else thing.deny.actions
        for index, glob in enumerate(actions or ()):
            service, _, action = glob.partition(":")
            logged = _LOGGED_AS.get(service.lower())
            if logged:
                what = f"{shown(thing.id)}: {side}.actions[{index}] {shown(glob)} fits no log line"
                yield one.place.problem((side, "actions", index), "unknown_action", what, f"write {logged}:{action}")
            elif not any(map(globs.matcher(glob, fold=True), known_actions())):
                what = f"{shown(thing.id)}: {side}.actions[{index}] {shown(glob)} matches no action that is known"
                yield one.place.problem(
                    (side, "actions", index), "unknown_action", what, "compare it with the names in the log"
                )

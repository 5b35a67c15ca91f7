"""Does the action lie within the standing boundary of its identity? Independent of any task.

A charter's lists of actions, classes, resources, regions and credential types give the word for scope; networks and
hours have words of their own. What the log does not show is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from zoneinfo import ZoneInfo

from remit_enrichment.activity import Activity
from remit_enrichment.globs import matches
from remit_enrichment.judgement import Boundary, Classified, NetworkWord, ScopeWord, TimeWord
from remit_enrichment.registry.model import Charter, Environment, Hours, Identity
from remit_enrichment.scope import any_action, any_resource, resources_of

REGIONLESS = frozenset(
    {
        "account", "cloudfront", "globalaccelerator", "iam", "networkmanager", "organizations", "route53", "shield",
        "signin", "sts", "waf",
    }
)  # fmt: skip
"""AWS services that log in one region whatever the caller's own (whitepaper "AWS Fault Isolation Boundaries", "Global
services"; sts: the calls to its global endpoint)."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def within(
    activity: Activity,
    classified: Classified,
    identity: Identity | None,
    charter: Charter | None,
    environments: tuple[Environment, ...],
    *,
    at: int | None,
    arguments: tuple[str, ...] = (),
    homes: tuple[tuple[str, str], ...] = (),
) -> Boundary:
    """Hold an action of a registered identity against its charter; of a stranger nothing is declared."""
    if identity is None:
        return Boundary()
    environment, crossed = crossing(activity, identity, environments, at, dict(homes))
    codes = ["ENVIRONMENT_CROSSING"] if crossed else []
    if charter is None:
        return Boundary(scope="no_boundary", resource_environment=environment, reasons=tuple(codes))
    scope = list(dict.fromkeys(_out_of_scope(activity, classified, charter, arguments)))
    network = network_word(activity, charter)
    time = time_word(charter.allow.hours, at)
    word: ScopeWord = "out_of_boundary" if scope else "in_boundary"
    codes = scope + codes
    if network == "out_of_boundary":
        codes.append("NETWORK_OUT_OF_BOUNDARY")
    if time == "off_hours":
        codes.append("HOURS_OUT_OF_BOUNDARY")
    return Boundary(scope=word, network=network, time=time, resource_environment=environment, reasons=tuple(codes))


def _out_of_scope(
    activity: Activity, classified: Classified, charter: Charter, arguments: tuple[str, ...]
) -> Iterator[str]:
    allow, deny = charter.allow, charter.deny
    if classified.action_class in deny.classes or (
        allow.classes is not None and classified.action_class not in allow.classes
    ):
        yield "ACTION_OUT_OF_BOUNDARY"
    if any_action(deny.actions, activity) or (allow.actions is not None and not any_action(allow.actions, activity)):
        yield "ACTION_OUT_OF_BOUNDARY"
    for resource in resources_of(activity, None, charter, arguments) or ():
        if any_resource(deny.resources, resource) or (
            allow.resources is not None and not any_resource(allow.resources, resource)
        ):
            yield "RESOURCE_OUT_OF_BOUNDARY"
    if allow.regions is not None and activity.region is not None and activity.region not in allow.regions:
        if activity.platform != "aws" or activity.action.partition(":")[0] not in REGIONLESS:
            yield "REGION_OUT_OF_BOUNDARY"
    kind = activity.credential.type if activity.credential is not None else "unknown"
    if allow.credential_types is not None and kind != "unknown" and kind not in allow.credential_types:
        yield "CREDENTIAL_TYPE_NOT_ALLOWED"


# --- network ----------------------------------------------------------------------------------------------------------


def network_word(activity: Activity, charter: Charter) -> NetworkWord:
    """Say whether the address lies in one of the charter's networks; a name instead of an address says nothing."""
    networks = charter.allow.networks
    if networks is None or activity.address is None:
        return "not_declared"
    inside = _inside(activity.address, networks)
    return "not_declared" if inside is None else "in_boundary" if inside else "out_of_boundary"


@lru_cache(maxsize=65536)
def _inside(address: str, networks: tuple[str, ...]) -> bool | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    if found.version == 6 and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in _network(network) for network in networks)


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


# --- hours ------------------------------------------------------------------------------------------------------------


def time_word(hours: Hours | None, at: int | None) -> TimeWord:
    """Say whether a time lies within the declared hours, on the clock of their own zone."""
    if hours is None or at is None:
        return "not_declared"
    return "in_hours" if _in_hours(hours, at // 60_000) else "off_hours"


@lru_cache(maxsize=65536)
def _in_hours(hours: Hours, minute: int) -> bool:
    try:
        local = (_EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(hours.zone))
    except OverflowError:
        return False
    clock, today = f"{local:%H:%M}", DAYS[local.weekday()]
    if hours.start < hours.end:
        return today in hours.days and hours.start <= clock < hours.end
    # Past midnight the hours still belong to the day on which they began.
    yesterday = DAYS[local.weekday() - 1]
    return (today in hours.days and clock >= hours.start) or (yesterday in hours.days and clock < hours.end)


# --- environment ------------------------------------------------------------------------------------------------------


def crossing(
    activity: Activity,
    identity: Identity,
    environments: tuple[Environment, ...],
    at: int | None,
    homes: Mapping[str, str],
) -> tuple[str | None, bool]:
    """Return the environment of what was acted upon, one that is not the identity's own first, and whether it is.

    An identity acted upon is where the registry says it is (`homes`), every other resource where `environments` does.
    """
    named = dict.fromkeys((*homes, *(activity.resources or ())))
    placed = (homes.get(resource) or environment_of(resource, at, environments) for resource in named)
    found = [environment for environment in placed if environment is not None]
    other = [e for e in found if identity.environment is not None and e != identity.environment]
    return (other[0], True) if other else (found[0] if found else None, False)


def environment_of(resource: str, at: int | None, environments: tuple[Environment, ...]) -> str | None:
    """Return the environment of a resource: the first entry that fits decides."""
    for entry in environments:
        begun = entry.valid_from is None or (at is not None and entry.valid_from <= at)
        over = entry.valid_to is not None and at is not None and entry.valid_to <= at
        if begun and not over and matches(entry.resource, resource):
            return entry.environment
    return None

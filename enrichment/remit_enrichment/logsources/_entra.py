"""What the logs of Microsoft Entra have in common: the envelope of a diagnostic setting, and who acts.

Microsoft Learn: "Microsoft Entra Agent ID logs" (`agentType`), "Azure resource log common and service-specific schema"
(the envelope). Identities are named by object id; the application id is another handle of a service principal. Names
for display are their owner's own words and are never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit_enrichment.activity import Principal
from remit_enrichment.logsources._times import iso_time

RESOURCE_PROVIDER = "/providers/microsoft.aadiam"
_MEMBERS = ("callerIpAddress", "category", "properties", "resourceId", "resultType", "tenantId", "time")
_SPELLING = {name.lower(): name for name in _MEMBERS}
_BLUEPRINTS = frozenset({"agenticApp", "agentIdentityBlueprintPrincipal"})


def envelope(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of the envelope that are read, in Azure's spelling: some pipelines hand all of them on in lower case.

    Where a member stands in both spellings, Azure's own counts.
    """
    found = {_SPELLING[key.lower()]: value for key, value in document.items() if key.lower() in _SPELLING}
    found.update((name, document[name]) for name in _MEMBERS if name in document)
    return found


def of_directory(document: Mapping[str, Any]) -> bool:
    """Whether the envelope says that the directory itself wrote the record."""
    resource = envelope(document).get("resourceId")
    return type(resource) is str and resource.lower().endswith(RESOURCE_PROVIDER)


def is_agentic(agent_type: str | None) -> bool:
    """Every value but `notAgentic` tells of an agent, those that are yet to come among them."""
    return bool(agent_type) and agent_type != "notAgentic"


def user(
    object_id: str | None, name: str | None, agent_type: str | None = None, evidence: str | None = None
) -> Principal | None:
    """A user account: a person's, unless the platform says that it is an agent's."""
    if not object_id and not name:
        return None
    named, native = (f"entra:user:{object_id}", object_id) if object_id else (None, name)
    if is_agentic(agent_type):
        return Principal(named, native, "agent_user", object_id or None, platform_agent=True)
    return Principal(named, native, "human", object_id or None, human_evidence=evidence)


def service_principal(
    object_id: str | None, app_id: str | None, agent_type: str | None = None, kind: str = "app_registration"
) -> Principal | None:
    """A service principal. A blueprint makes agents and gets their tokens, but is itself an application.

    An agent identity has no application object ("Known issues and gaps of Microsoft Entra Agent ID"): where only an
    application id is shown, it may be the object id of the agent itself.
    """
    if not object_id and not app_id:
        return None
    agent = is_agentic(agent_type) and agent_type not in _BLUEPRINTS
    aliases: tuple[str, ...] = (app_id,) if app_id else ()
    if agent and app_id and not object_id:
        aliases = (app_id, f"entra:service_principal:{app_id}")
    return Principal(
        f"entra:service_principal:{object_id}" if object_id else None,
        object_id or app_id,
        "ai_agent" if agent else kind,
        object_id or None,
        aliases,
        platform_agent=agent,
    )


def moment(written: tuple[tuple[str, str | None], ...], errors: list[str]) -> tuple[int | None, int]:
    """(milliseconds or None, resolution) of the first time that is there; its path is noted where it cannot be read."""
    path, value = next(((path, value) for path, value in written if value), ("", None))
    if value is None:
        return None, 1000
    found = iso_time(value)
    if found is None:
        errors.append(path)
        return None, 1000
    return found


def address(*written: str | None) -> str | None:
    """The first address that is there; older audit events write the text `<null>` for none."""
    return next((value for value in written if value and value != "<null>"), None)

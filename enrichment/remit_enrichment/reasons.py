"""The reason codes: what each says and which question of the owner it answers. Codes are append-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Reason(NamedTuple):
    meaning: str
    question: str
    """What the owner of the identity is asked."""


REASONS: Final[Mapping[str, Reason]] = {
    "ACTION_NOT_IN_TASK": Reason(
        "The task, or its charter, does not allow this action.", "Why did it do something else than its task?"
    ),
    "CLASS_NOT_IN_TASK": Reason(
        "The task, or its charter, does not allow this class of action.",
        "Why did it do this kind of thing under this task?",
    ),
    "RESOURCE_NOT_IN_TASK": Reason(
        "The task, or its charter, does not allow one of the resources.", "Why did it reach for this resource?"
    ),
    "RESOURCE_UNKNOWN": Reason("The task restricts resources and the log names none.", "Which resource was it?"),
    "ACTION_OUT_OF_BOUNDARY": Reason(
        "The charter does not allow this action or its class.",
        "Does the identity need this, or is its charter too narrow?",
    ),
    "RESOURCE_OUT_OF_BOUNDARY": Reason(
        "The charter does not allow one of the resources.", "Does the identity need this resource?"
    ),
    "TASK_NOT_STARTED": Reason("The task's window has not opened yet.", "Who started the work early?"),
    "TASK_WINDOW_CLOSED": Reason(
        "The task has ended or was revoked.", "Why does it still act under a task that is over?"
    ),
    "TASK_UNKNOWN": Reason(
        "The task is not registered, was registered after the action, or by somebody who may not.",
        "Who registered this task, and when?",
    ),
    "TASK_MISSING": Reason("The identity must have a task and has none at this time.", "For which task did it act?"),
    "TASK_UNATTESTED": Reason(
        "The action fits the task, but the evidence for the task is too weak for it.",
        "Can the broker bind this credential to the task?",
    ),
    "TASK_SELF_ISSUED": Reason("The identity gave the task to itself.", "Who approved this task?"),
    "TASK_IDENTITY_MISMATCH": Reason(
        "The task belongs to another identity.", "Why does it use the task of somebody else?"
    ),
    "DELEGATOR_MISMATCH": Reason(
        "The platform names another delegator than the task does.", "On whose behalf did it act?"
    ),
    "DELEGATION_CHAIN_TOO_LONG": Reason(
        "The task was handed on further than its charter allows.", "Who may pass this task on, and how far?"
    ),
    "TASK_REPLAYED": Reason(
        "A second credential uses the task that was not issued or bound for it.",
        "Who else uses this task's credential?",
    ),
    "TASK_BACKDATED": Reason(
        "The registration arrived after the action and claims to be older than its arrival.",
        "Who registered the task after the fact?",
    ),
    "LIMIT_EXCEEDED": Reason(
        "The task's limit of actions, deletions or resources is used up.", "Was so much work meant?"
    ),
    "ATTRIBUTION_CONFLICT": Reason(
        "References in the event name different tasks, or a bound token is used from a second place.",
        "Which of the tasks is the true one?",
    ),
    "IDENTITY_UNREGISTERED": Reason("The identity is not in the registry, which covers it.", "Whose identity is this?"),
    "IDENTITY_RECREATED": Reason(
        "The name is registered, but the provider's own id shows that it was deleted and made again.",
        "Who made this identity again?",
    ),
    "IDENTITY_CONFUSABLE": Reason(
        "The id differs from a registered one only by case, width or look-alike letters.", "Is this a disguise?"
    ),
    "AGENT_UNREGISTERED": Reason(
        "The platform itself flags an AI agent that is not in the registry.", "Who runs this agent?"
    ),
    "NOT_COVERED": Reason(
        "The registry does not claim to know this part of the estate at that time.", "Should it be covered?"
    ),
    "HUMAN_USE_OF_NHI": Reason(
        "A person used a machine identity, by the platform's own evidence.", "Who signed in as this identity, and why?"
    ),
    "NHI_AS_HUMAN": Reason(
        "An AI agent acts with a person's identity, by the platform's own evidence.",
        "Should the agent have an identity of its own?",
    ),
    "EVENT_TIME_UNKNOWN": Reason("The event's time cannot be read.", "When did this happen?"),
    "TIME_ASSERTED": Reason(
        "The caller wrote the event's time and no time of receipt is known.", "Can the collector stamp its own time?"
    ),
    "ENRICHMENT_FAILED": Reason(
        "The event could not be judged because of an error of ours.", "Please report it: what is in the event?"
    ),
    "NETWORK_OUT_OF_BOUNDARY": Reason(
        "The address is in none of the charter's networks.", "From where does it run, and is that right?"
    ),
    "HOURS_OUT_OF_BOUNDARY": Reason("It acted outside the charter's hours.", "Why did it run at this hour?"),
    "REGION_OUT_OF_BOUNDARY": Reason(
        "It acted in a region that the charter does not allow.", "What is it doing there?"
    ),
    "CREDENTIAL_TYPE_NOT_ALLOWED": Reason(
        "The charter does not allow credentials of this type.", "Who gave it this kind of credential?"
    ),
    "ENVIRONMENT_CROSSING": Reason(
        "The resource belongs to another environment than the identity.", "Should it reach across environments?"
    ),
    "FIRST_SEEN_ACTION": Reason("Identities of this charter never did this before.", "Is this action new on purpose?"),
    "FIRST_SEEN_RESOURCE": Reason("They never touched this resource before.", "Is this resource new on purpose?"),
    "FIRST_SEEN_NETWORK": Reason("They never came from this network before.", "Has the workload moved?"),
    "FIRST_SEEN_USER_AGENT": Reason("They never used this client before.", "Was the software changed?"),
    "FIRST_SEEN_REGION": Reason("They never acted in this region before.", "Has the workload moved?"),
    "FIRST_SEEN_CREDENTIAL": Reason("They never used this long-lived credential before.", "Who made this credential?"),
    "BASELINE_SATURATED": Reason(
        "The baseline is full: what counts as new may have been seen before.", "Is the charter too wide for a baseline?"
    ),
    "CREDENTIAL_EXPIRED": Reason("The credential was used after it expired.", "Why does it still work?"),
    "CREDENTIAL_ROTATION_OVERDUE": Reason("The credential is older than it may become.", "When is it rotated?"),
    "CREDENTIAL_LONG_LIVED": Reason("The credential does not end by itself.", "Could it be a short session?"),
    "CREDENTIAL_NO_EXPIRY": Reason("The registered credential has no expiry.", "When should it end?"),
    "CREDENTIAL_UNKNOWN": Reason(
        "The registry lists the identity's credentials, and not this one.", "Who made this credential?"
    ),
    "OWNER_MISSING": Reason("Nobody answers for the identity.", "Who owns it?"),
    "OWNER_DEPARTED": Reason("The owner has left.", "Who takes it over?"),
    "IDENTITY_DORMANT": Reason("The registry calls the identity dormant, and it acts.", "Who woke it?"),
    "IDENTITY_DECOMMISSIONED": Reason(
        "The registry calls the identity decommissioned, and it acts.", "Why does it exist?"
    ),
    "IDENTITY_SHARED": Reason("Several workloads share the identity.", "Which of them acted?"),
    "AGENT_MODEL_DRIFT": Reason("The agent called another model than the declared one.", "Was the model changed?"),
    "RATE_MACHINE_SPEED": Reason("It deletes faster than by hand.", "Was a mass deletion meant?"),
}

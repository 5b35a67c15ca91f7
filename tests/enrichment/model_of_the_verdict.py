"""A slow model of the verdict over plain dicts: the registry as its YAML keys, events as CloudTrail writes them.

It shares no code with the package. Where the contract leaves a choice, the model allows each answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

Dict = dict[str, Any]

SKEW = 5 * 60_000
RECEIPT = 5 * 60_000
LEVELS = ("L0", "L1", "L2", "L3", "L4")
MUTATING = {
    "write", "delete", "identity_admin", "network_admin", "logging_admin", "compute_exec", "agent_admin", "billing",
}  # fmt: skip
SENSITIVE = MUTATING - {"write", "billing"} | {"secrets_read", "data_export"}
CODES = {
    "EVENT_TIME_UNKNOWN", "IDENTITY_RECREATED", "IDENTITY_CONFUSABLE", "NOT_COVERED", "ATTRIBUTION_CONFLICT",
    "TASK_IDENTITY_MISMATCH", "DELEGATION_CHAIN_TOO_LONG", "TASK_SELF_ISSUED", "TASK_UNKNOWN", "TASK_BACKDATED",
    "TASK_REPLAYED", "TASK_NOT_STARTED", "TASK_WINDOW_CLOSED", "TASK_MISSING", "TASK_UNATTESTED", "RESOURCE_UNKNOWN",
    "ACTION_NOT_IN_TASK", "CLASS_NOT_IN_TASK", "RESOURCE_NOT_IN_TASK", "LIMIT_EXCEEDED",
}  # fmt: skip
"""The reason codes that are compared; the others are of other judgements than the task's."""
CLASS = {
    "s3:GetObject": "data_read", "s3:PutObject": "write", "s3:DeleteObject": "delete", "s3:ListBuckets": "discovery",
    "secretsmanager:GetSecretValue": "secrets_read", "made:UpdateThing": "write", "iam:CreateUser": "identity_admin",
    "iam:CreateAccessKey": "identity_admin", "sts:AssumeRole": "auth", "sts:AssumeRoleWithWebIdentity": "auth",
}  # fmt: skip


@dataclass
class Answer:
    """What the contract asks for; a set holds the answers that it allows."""

    intents: set[str]
    one_of: set[str] = field(default_factory=set)
    """At least one of these codes is told, where there are any."""
    may: set[str] = field(default_factory=set)
    level: str | None = None
    """None: not asked."""
    tasks: set[str | None] | None = None
    must: set[str] = field(default_factory=set)

    def differs(self, intent: str, codes: set[str], level: str, task: str | None) -> str | None:
        """Return what differs in words, None where the answer is allowed."""
        codes = codes & CODES
        if intent not in self.intents:
            return f"intent {intent}"
        if self.one_of and not codes & self.one_of:
            return "none of the codes"
        if self.must - codes or codes - self.one_of - self.may - self.must:
            return f"codes {sorted(codes)}"
        if self.level is not None and level != self.level:
            return f"level {level}"
        if self.tasks is not None and task not in self.tasks:
            return f"task {task}"
        return None


# --- plain readings ---------------------------------------------------------------------------------------------------


def ms(text: Any) -> int | None:
    if not isinstance(text, str):
        return None
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None


def when(text: str) -> int:
    found = ms(text)
    assert found is not None
    return found


def glob(pattern: str, text: str, fold: bool = False) -> bool:
    def one(pattern: str, text: str) -> bool:
        wild = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
        return re.fullmatch(wild, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None

    if pattern.startswith("arn:"):
        ours, theirs = pattern.split(":", 5), text.split(":", 5)
        return len(ours) == len(theirs) and all(one(p, t) for p, t in zip(ours, theirs, strict=True))
    return one(pattern, text)


def any_glob(patterns: list[str], text: str, fold: bool = False) -> bool:
    return any(glob(pattern, text, fold) for pattern in patterns)


def action(event: Dict) -> str:
    return f"{event['eventSource'].removesuffix('.amazonaws.com')}:{event['eventName']}"


def resources(event: Dict) -> list[str]:
    named, asked = action(event), event.get("requestParameters") or {}
    account = event["recipientAccountId"]
    if named.startswith("s3:") and "key" in asked:
        return [f"arn:aws:s3:::{asked['bucketName']}/{asked['key']}"]
    if named.startswith("secretsmanager:"):
        return [asked["secretId"]]
    if named.startswith("sts:"):
        return [asked["roleArn"]]
    if named.startswith("iam:"):
        return [f"arn:aws:iam::{account}:user/{asked['userName']}"]
    return []


def succeeded(event: Dict) -> bool:
    return not event.get("errorCode")


def who(event: Dict) -> str | None:
    user = event["userIdentity"]
    if user["type"] == "AssumedRole":
        return "aws:role:" + str(user["sessionContext"]["sessionIssuer"]["arn"])
    return "aws:user:" + str(user["arn"]) if user["type"] == "IAMUser" else None


def key_of(event: Dict) -> str | None:
    found: str | None = event["userIdentity"].get("accessKeyId")
    return found


@dataclass
class Minted:
    key: str
    time: int
    identity: str
    by_key: str | None
    by_identity: str | None
    long_lived: bool
    event: Dict


def minted(event: Dict) -> Minted | None:
    time, named = ms(event.get("eventTime")), action(event)
    if time is None or not succeeded(event) or not event.get("responseElements"):
        return None
    answer, asked = event["responseElements"], event["requestParameters"]
    if named in ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"):
        key, made = answer["credentials"]["accessKeyId"], "aws:role:" + asked["roleArn"]
    elif named == "iam:CreateAccessKey":
        key = answer["accessKey"]["accessKeyId"]
        made = f"aws:user:arn:aws:iam::{event['recipientAccountId']}:user/{asked['userName']}"
    else:
        return None
    return Minted(key, time, made, key_of(event), who(event), named == "iam:CreateAccessKey", event)


@dataclass
class Used:
    actions: int = 0
    deletes: int = 0
    resources: set[str] = field(default_factory=set)


# --- the model --------------------------------------------------------------------------------------------------------


class Model:
    """The verdict, event after event.

    Args:
        registry: list name -> objects, as YAML holds them.
        feed: lines of a broker's feed.
        feed_path: where the feed lies; a registrar's `feed` is a glob on it.
    """

    def __init__(self, registry: Dict, feed: list[Dict], feed_path: str) -> None:
        self.registry, self.feed, self.feed_path = registry, feed, feed_path
        self.tasks: dict[str, Dict] = {task["id"]: task for task in registry.get("tasks", [])}
        self.task_files = dict.fromkeys(self.tasks, "registry.yml")
        for line in feed:
            if line["type"] == "task":
                self.tasks[line["id"]], self.task_files[line["id"]] = line, feed_path
        self.mints: list[Minted] = []
        self.used: dict[str, Used] = {}
        self.seen: set[tuple[str, str]] = set()

    def learn(self, event: Dict, channel: str) -> None:
        """Enter what an event mints; a second look at the same event changes nothing."""
        found = minted(event)
        if found and self.trusted(event, channel) and found not in self.mints:
            self.mints.append(found)

    # --- the registry

    def identity(self, id: str | None, at: int) -> Dict | None:
        for entry in self.registry.get("identities", []):
            begin = ms(entry.get("valid_from"))
            if entry["id"] == id and (begin is None or begin <= at):
                return dict(entry)
        return None

    def charter(self, identity: Dict | None) -> Dict:
        for entry in self.registry.get("charters", []):
            if identity and entry["id"] == identity.get("charter"):
                return dict(entry)
        return {}

    def trusted(self, event: Dict, channel: str) -> bool:
        if "channels" not in self.registry:
            return True
        return any(
            any_glob([line["channel"]], tail)
            for line in self.registry["channels"]
            for tail in tails(channel)
            if event["recipientAccountId"] in line.get("accounts", [event["recipientAccountId"]])
        )

    def covered(self, what: str, event: Dict, at: int) -> bool:
        for line in self.registry.get("coverage", []):
            account = event["recipientAccountId"]
            since = ms(line.get(what))
            if line["platform"] == "aws" and account in line.get("accounts", [account]) and since is not None:
                if since <= at:
                    return True
        return False

    def may_speak(self, by: str | None, identity: str, file: str) -> bool:
        if "registrars" not in self.registry:
            return True
        for registrar in self.registry["registrars"]:
            speaks = registrar["id"] == by if by is not None else any_glob([registrar.get("feed", "")], tails(file)[0])
            if by is None:
                speaks = any(glob(registrar.get("feed", ""), tail) for tail in tails(file))
            if speaks and any_glob(registrar.get("identities", ["*"]), identity):
                return True
        return False

    def revoked(self, task: Dict) -> list[int]:
        return [
            when(line["at"])
            for line in self.feed
            if line["type"] == "revoke"
            and line["task"] == task["id"]
            and self.may_speak(line.get("by"), task["identity"], self.feed_path)
        ]

    def end(self, task: Dict) -> int:
        return min([when(task["window"]["end"]), *self.revoked(task)])

    def of_time(self, task: Dict, at: int) -> str:
        """`open`, `ended` or `ahead`."""
        if any(time <= at for time in self.revoked(task)):
            return "ended"
        if at < when(task["window"]["start"]) - SKEW:
            return "ahead"
        return "ended" if at > when(task["window"]["end"]) + SKEW else "open"

    def barred(self, task: Dict, at: int) -> set[str]:
        """Why nobody may use the task at that time."""
        found: set[str] = set()
        own = {task["identity"], task["identity"].split(":", 2)[2]}
        if task.get("registered_by") in own or task.get("delegator", {}).get("id") in own:
            found.add("TASK_SELF_ISSUED")
        if not self.may_speak(task.get("registered_by"), task["identity"], self.task_files[task["id"]]):
            found.add("TASK_UNKNOWN")
        registered, received = when(task["registered_at"]), ms(task.get("received_at"))
        if registered > at:
            found.add("TASK_UNKNOWN")
        if received is not None and received > at and received > registered + RECEIPT:
            found.add("TASK_BACKDATED")
        return found

    # --- lineage

    def minting(self, key: str | None, at: int) -> Minted | None:
        found = [mint for mint in self.mints if mint.key == key and mint.time <= at]
        return max(found, key=lambda mint: mint.time) if found else None

    def lineage(self, key: str | None, at: int) -> list[Minted]:
        found: list[Minted] = []
        while (mint := self.minting(key, at)) and len(found) < 10:
            found.append(mint)
            key, at = mint.by_key, mint.time
        return found

    def required(self, identity: Dict, lineage: list[Minted], at: int) -> bool:
        entries = [identity, *(self.identity(mint.by_identity, at) for mint in lineage)]
        for entry in entries:
            if entry is None:
                continue
            default = entry["kind"] in ("ai_agent", "agent_user")
            if self.charter(entry).get("task_required", default):
                return True
        return False

    def outside(self, task: Dict, chain: list[str], at: int) -> set[str]:
        """Why the task is not the acting identity's own; `chain` runs from the acting identity back."""
        if task["identity"] not in chain:
            return {"TASK_IDENTITY_MISMATCH"}
        hops = chain.index(task["identity"])
        found: set[str] = set()
        for below, above in pairwise(chain[: hops + 1]):
            entry = self.identity(below, at)
            if not entry or (entry.get("agent") or {}).get("parent") != above:
                found.add("TASK_IDENTITY_MISMATCH")
        if hops > self.charter(self.identity(task["identity"], at)).get("delegation_depth", 1):
            found.add("DELEGATION_CHAIN_TOO_LONG")
        return found

    # --- references

    def named(self, value: Any, by_source_identity: bool = True) -> list[str]:
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            return []
        text = str(value)
        return [
            id
            for id, task in self.tasks.items()
            if id == text or (by_source_identity and task.get("bind", {}).get("source_identity") == text)
        ]

    def of_key(self, key: str | None, at: int) -> tuple[list[tuple[str, str]], set[str]]:
        """References (task, level) that stand on the credential, and who bound it to an unknown task: `known` for a
        registrar, `nobody` for others."""
        found: list[tuple[str, str]] = []
        unknown: set[str] = set()
        for line in self.feed:
            if line["type"] != "binding" or line.get("credential_id") != key:
                continue
            if when(line["bound_at"]) // 1000 > at // 1000:
                continue
            if line["task"] not in self.tasks:
                heard = any(
                    self.may_speak(line.get("by"), entry["id"], self.feed_path) for entry in self.registry["identities"]
                )
                unknown.add("known" if heard else "nobody")
            elif self.may_speak(line.get("by"), self.tasks[line["task"]]["identity"], self.feed_path):
                found.append((line["task"], "L3"))
        found += [
            (id, "L3") for id, task in self.tasks.items() if key in task.get("bind", {}).get("credential_ids", [])
        ]
        mint = self.minting(key, at)
        if mint and not mint.long_lived:
            found += self.of_mint(mint)
        return found, unknown

    def of_mint(self, mint: Minted) -> list[tuple[str, str]]:
        asked, answer = mint.event["requestParameters"], mint.event["responseElements"]
        tags = {tag["key"]: tag["value"] for tag in asked.get("tags", [])} | asked.get("principalTags", {})
        said = answer.get("sourceIdentity") or asked.get("sourceIdentity")
        found: list[tuple[str, str]] = []
        attested = False
        for issuer in self.registry.get("issuers", []):
            fits = (
                issuer["provider"] == answer.get("provider")
                and any_glob([issuer.get("audience", "*")], answer.get("audience", ""))
                and any_glob([issuer.get("subject", "*")], answer.get("subjectFromWebIdentityToken", ""))
            )
            if fits and "source_identity" in issuer["carries"]:
                found += [(id, "L4") for id in self.named(said)]
                attested = True
            if "session_tags" in issuer["carries"]:
                found += [(id, "L4" if fits else "L1") for id in self.named(tags.get(issuer["task_tag"]))]
        if not attested:
            found += [(id, "L1") for id in self.named(said)]
        return found

    def claims(self, event: Dict) -> list[str]:
        user = event["userIdentity"]
        found = self.named((user.get("sessionContext") or {}).get("sourceIdentity"))
        if ":assumed-role/" in user.get("arn", ""):
            found += self.named(user["arn"].split("/")[-1], by_source_identity=False)
        for said in re.findall(r"nhi\.task/([^\s]+)", event.get("userAgent") or ""):
            found += self.named(said, by_source_identity=False)
        return found

    # --- the order

    def judge(self, event: Dict, channel: str) -> Answer:
        """Return what the contract allows for the next event."""
        at = ms(event.get("eventTime"))
        if at is None:
            return Answer({"indeterminate"}, {"EVENT_TIME_UNKNOWN"}, {"TASK_UNKNOWN"})
        mark = (event["eventID"], event["eventTime"])
        fresh = mark not in self.seen
        self.seen.add(mark)
        entry = self.identity(who(event), at)
        if entry:
            unique = event["userIdentity"]["principalId"].split(":")[0]
            listed = [alias for alias in entry.get("aliases", []) if alias.startswith(("AROA", "AIDA"))]
            if not listed or unique in listed:
                return self.task(event, entry, at, channel, fresh and succeeded(event))
            return Answer({"unknown_identity"}, {"IDENTITY_RECREATED"}, level="none")
        return self.stranger(event, at)

    def stranger(self, event: Dict, at: int) -> Answer:
        user = event["userIdentity"]
        arn = ((user.get("sessionContext") or {}).get("sessionIssuer") or {}).get("arn", "")
        if user["type"] in ("Root", "AWSService", "SAMLUser", "WebIdentityUser", "IdentityCenterUser"):
            return Answer({"not_applicable"}, level="none")
        if ":role/aws-reserved/sso.amazonaws.com/" in arn or ":role/aws-service-role/" in arn:
            return Answer({"not_applicable"}, level="none")
        if event.get("sessionCredentialFromConsole"):
            return Answer({"not_applicable"}, level="none")
        for entry in self.registry.get("identities", []):
            begin = ms(entry.get("valid_from"))
            alike = entry["id"] != who(event) and entry["id"].lower() == (who(event) or "").lower()
            if alike and (begin is None or begin <= at):
                return Answer({"unknown_identity"}, {"IDENTITY_CONFUSABLE"}, level="none")
        if self.covered("identities", event, at):
            return Answer({"unknown_identity"}, level="none")
        return Answer({"not_applicable"}, {"NOT_COVERED"}, level="none")

    def task(self, event: Dict, entry: Dict, at: int, channel: str, counts: bool) -> Answer:
        lineage = self.lineage(key_of(event), at)
        chain = [entry["id"]]
        carried = [(key_of(event), at)]  # a session keeps what its minter carried when it minted
        acting = 1
        for mint in lineage:
            if mint.long_lived or mint.by_identity is None or mint.by_key is None:
                break
            carried.append((mint.by_key, mint.time))
            if mint.by_identity != chain[-1]:
                chain.append(mint.by_identity)
            if len(chain) == 1:
                acting = len(carried)
        own = [self.of_key(key, time) for key, time in carried]
        unknown = set().union(*(said for _, said in own[:1]))
        behind = set().union(*(said for _, said in own[1:]))
        groups = [[ref for refs, _ in own[:acting] for ref in refs], [ref for refs, _ in own[acting:] for ref in refs]]
        groups[0] += [(id, "L1") for id in self.claims(event)]
        # What a minter merely said is a claim of its session, not of this one; on a channel that is not trusted the
        # contract does not say whether what was bound to the minter still comes after what the session has.
        inherited = [id for id, level in groups[1] if level >= "L2"]
        if self.trusted(event, channel):
            strong = [ref for ref in groups[0] if ref[1] >= "L2"] or [ref for ref in groups[1] if ref[1] >= "L2"]
            readings = [[id for id, _ in groups[0]]]
        else:
            strong = []
            mine = [id for id, _ in groups[0]]
            readings = [mine or inherited, mine + inherited]
        weak = readings[-1]
        if strong:
            found = self.strong(event, entry, strong, chain, at, counts)
        elif weak:
            found = self.weak(event, entry, sorted(set(weak)), chain, at, counts)
            if sorted(set(readings[0])) != sorted(set(weak)):
                found = either([found, self.weak(event, entry, sorted(set(readings[0])), chain, at, counts=False)])
        else:
            found = self.inferred(event, entry, chain, at, counts, self.required(entry, lineage, at))
        if "known" in unknown:
            found.must = found.must | {"TASK_UNKNOWN"}
        elif unknown or behind:
            found.may = found.may | {"TASK_UNKNOWN"}
        if strong:
            found.may = found.may | {"ATTRIBUTION_CONFLICT"}  # a weaker reference that names another task
        return found

    def strong(
        self, event: Dict, entry: Dict, refs: list[tuple[str, str]], chain: list[str], at: int, counts: bool
    ) -> Answer:
        level = max(level for _, level in refs)
        top = sorted({id for id, its in refs if its == level})
        timed = {id: self.of_time(self.tasks[id], at) for id in top}
        opened = [id for id in top if timed[id] == "open"]
        ended = [id for id in top if timed[id] == "ended"]
        if len(opened) > 1:
            return Answer({"indeterminate"}, {"ATTRIBUTION_CONFLICT"})
        if opened:
            allowed = opened
        elif ended:
            last = max(self.end(self.tasks[id]) for id in ended)
            allowed = [id for id in ended if self.end(self.tasks[id]) == last]
        else:
            first = min(when(self.tasks[id]["window"]["start"]) for id in top)
            allowed = [id for id in top if when(self.tasks[id]["window"]["start"]) == first]
        answers = [self.against(event, entry, self.tasks[id], level, chain, at, counts) for id in allowed]
        return answers[0] if len(answers) == 1 else either(answers)

    def against(
        self, event: Dict, entry: Dict, task: Dict, level: str, chain: list[str], at: int, counts: bool
    ) -> Answer:
        """Steps 5 to 9 for the one task that was chosen."""
        bars = self.outside(task, chain, at) | self.barred(task, at)
        if bars:
            return Answer({"no_task"}, bars, level=level, tasks={task["id"]})
        state = self.of_time(task, at)
        if state == "ahead":
            return Answer({"out_of_scope"}, {"TASK_NOT_STARTED"}, level=level, tasks={task["id"]})
        if state == "ended":
            return Answer({"task_expired"}, {"TASK_WINDOW_CLOSED"}, level=level, tasks={task["id"]})
        fit, codes = self.scope(event, entry, task, at)
        intent = "out_of_scope"
        if fit:
            intent, codes = self.within(event, task, level, codes, counts)
        return Answer({intent}, codes, level=level, tasks={task["id"]})

    def within(
        self, event: Dict, task: Dict, level: str, codes: set[str], counts: bool, note: bool = True
    ) -> tuple[str, set[str]]:
        """Steps 8 and 9 for an action in scope."""
        if "INDETERMINATE" in codes:
            return "indeterminate", {"RESOURCE_UNKNOWN"}
        used, limits = self.used.setdefault(task["id"], Used()), task.get("limits", {})
        more = Used(used.actions, used.deletes, set(used.resources))
        if counts:
            more.actions += 1
            more.deletes += CLASS[action(event)] == "delete"
            more.resources.update(resources(event))
        never = 10**9
        over = (
            more.actions > limits.get("max_actions", never)
            or more.deletes > limits.get("max_deletes", never)
            or len(more.resources) > limits.get("max_distinct_resources", never)
        )
        if over:
            return "out_of_scope", codes | {"LIMIT_EXCEEDED"}
        if counts and note:
            self.used[task["id"]] = more
        kind = CLASS[action(event)]
        needed = "L3" if kind in MUTATING | SENSITIVE else "L0"
        if task.get("require_level", "L0") >= "L2":
            needed = max(needed, task["require_level"])
        return ("aligned", codes) if level >= needed else ("unattested", codes | {"TASK_UNATTESTED"})

    def scope(self, event: Dict, entry: Dict, task: Dict, at: int) -> tuple[bool, set[str]]:
        """Step 7: whether it is in scope, and with which codes; INDETERMINATE stands for an answer left open."""
        kind, named, touched = CLASS[action(event)], action(event), resources(event)
        charter = self.charter(self.identity(task["identity"], at))
        out: set[str] = set()
        denies = (charter.get("deny", {}), self.charter(entry).get("deny", {}), task.get("deny", {}))
        for deny in denies:
            if kind in deny.get("classes", []):
                out.add("CLASS_NOT_IN_TASK")
            if any_glob(deny.get("actions", []), named, fold=True):
                out.add("ACTION_NOT_IN_TASK")
            if any(any_glob(deny.get("resources", []), one) for one in touched):
                out.add("RESOURCE_NOT_IN_TASK")
        allow = {**charter.get("allow", {}), **task.get("allow", {})}
        if "classes" in allow and kind not in allow["classes"]:
            out.add("CLASS_NOT_IN_TASK")
        if "actions" in allow and not any_glob(allow["actions"], named, fold=True):
            out.add("ACTION_NOT_IN_TASK")
        if "resources" in allow and not all(any_glob(allow["resources"], one) for one in touched):
            out.add("RESOURCE_NOT_IN_TASK")
        if out:
            return False, out
        restricted = "resources" in allow or any("resources" in deny for deny in denies)
        if restricted and not touched:
            return True, {"RESOURCE_UNKNOWN"} | ({"INDETERMINATE"} if kind in MUTATING | SENSITIVE else set())
        return True, set()

    # --- section 3

    def own_open(self, chain: list[str], at: int) -> list[Dict]:
        return [
            task
            for task in self.tasks.values()
            if not self.outside(task, chain, at) and not self.barred(task, at) and self.of_time(task, at) == "open"
        ]

    def weak(self, event: Dict, entry: Dict, ids: list[str], chain: list[str], at: int, counts: bool) -> Answer:
        claimed = [self.tasks[id] for id in ids]
        foreign: set[str] = set().union(*(self.outside(task, chain, at) for task in claimed))
        bars: set[str] = set().union(*(self.barred(task, at) for task in claimed))
        if foreign:
            return Answer({"no_task"}, foreign, bars, level="L1")
        if self.own_open(chain, at):
            if len(claimed) > 1:
                return Answer({"indeterminate"}, {"ATTRIBUTION_CONFLICT"})
            return self.against(event, entry, claimed[0], "L1", chain, at, counts)
        if bars:
            return Answer({"no_task"}, bars | {"TASK_WINDOW_CLOSED", "TASK_NOT_STARTED"}, level="L1")
        ended = any(self.of_time(task, at) == "ended" for task in claimed)
        return Answer({"no_task"}, {"TASK_WINDOW_CLOSED" if ended else "TASK_NOT_STARTED"}, level="L1")

    def inferred(self, event: Dict, entry: Dict, chain: list[str], at: int, counts: bool, required: bool) -> Answer:
        if not required:
            return Answer({"not_applicable"}, level="none")
        opened = self.own_open(chain, at)
        if not opened:
            shut = [
                self.barred(task, at)
                for task in self.tasks.values()
                if not self.outside(task, chain, at) and self.of_time(task, at) == "open"
            ]
            codes = set().union(*shut)
            mine = {"TASK_SELF_ISSUED"} & codes  # its window is open: step 5 may be read to hold for it, or section 3
            if self.covered("tasks", event, at):
                return Answer({"no_task"}, {"TASK_MISSING"} | mine, codes, level="none")
            intents = {"not_applicable"} | ({"no_task"} if mine else set())
            return Answer(intents, {"NOT_COVERED"} | mine, codes, level="none")
        fits: list[tuple[Dict, str, set[str]]] = []
        open_left: list[set[str]] = []
        refused: set[str] = set()
        for task in sorted(opened, key=lambda task: when(task["window"]["end"])):
            fit, codes = self.scope(event, entry, task, at)
            if not fit:
                refused |= codes
                continue
            intent, codes = self.within(event, task, "L0", codes, counts, note=False)
            if intent == "out_of_scope":
                refused |= codes
            elif intent == "indeterminate":
                open_left.append(codes)
            else:
                fits.append((task, intent, codes))
        if fits:
            if counts:
                self.within(event, fits[0][0], "L0", set(), counts)
            best = [fit for fit in fits if fit[1] == "aligned"] or fits
            codes = set().union(*(fit[2] for fit in best))
            one_of = {"TASK_UNATTESTED"} if best[0][1] == "unattested" else set()
            return Answer({best[0][1]}, one_of, codes, level="L0")
        if open_left:
            intents = {"indeterminate"} | ({"out_of_scope"} if refused else set())
            return Answer(intents, {"RESOURCE_UNKNOWN"} | refused, level="L0")
        return Answer({"out_of_scope"}, refused, {"RESOURCE_UNKNOWN"}, level="L0")


def either(answers: list[Answer]) -> Answer:
    """Return what allows each of the answers."""
    return Answer(
        set().union(*(answer.intents for answer in answers)),
        may=set().union(*(answer.one_of | answer.may for answer in answers)),
    )


def tails(path: str) -> list[str]:
    """Return the path and every tail of it that starts at a folder."""
    parts = path.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]

"""Open what events travel in: containers of many records and wrappers around one, for all log sources at once.

At most one container and one wrapper are opened, each at its declared key only: a document of any other shape leaves
whole. A member of an event may be called like a wrapper's, and whoever may add one could put a harmless event there: so
a wrapper is opened only around an event that a log source knows, and never in place of another.

Shapes follow AWS CloudTrail's log files (`Records`) and `lookup-events` (`Events[].CloudTrailEvent`), subscriptions of
CloudWatch Logs (`logEvents[].message`: so EKS audit comes), Azure Monitor's streaming export (`records`, AKS audit
in `properties.log`), OTLP/JSON (`resourceSpans`, `resourceLogs`), Elastic's `event.original`, Splunk's `_raw`,
`result._raw` and HTTP Event Collector envelope.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from remit_enrichment import scan
from remit_enrichment.document import decode
from remit_enrichment.errors import Quarantine
from remit_enrichment.logsources import LogSource, recognise
from remit_enrichment.splice import is_ours

# --- containers -------------------------------------------------------------------------------------------------------

CONTAINERS: Mapping[str, frozenset[str]] = {
    "Records": frozenset({"Records"}),
    "Events": frozenset({"Events", "NextToken", "ResponseMetadata"}),
    "records": frozenset({"records"}),
    "logEvents": frozenset({"messageType", "owner", "logGroup", "logStream", "subscriptionFilters", "logEvents"}),
    "resourceSpans": frozenset({"resourceSpans"}),
    "resourceLogs": frozenset({"resourceLogs"}),
}
"""Key of the records -> every member that such a container may have. With any other the document is one record, so that
an event which happens to have a list of that name leaves whole."""

_KEYS = "|".join(sorted(frozenset().union(*CONTAINERS.values())))
_HEAD = re.compile(rf'[ \t\r\n]*(?:\[|\{{[ \t\r\n]*"(?:{_KEYS}|nhi[^"]*)")'.encode())
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


Part = bytes | msgspec.Raw
"""The bytes of a value; a view of its document where it can be, for a container may be large."""


def container(raw: bytes) -> Sequence[Part] | None:
    """Return the bytes of each record where `raw` is a container, else None."""
    if _HEAD.match(raw) is None:
        return None
    try:
        if raw.lstrip().startswith(b"["):
            return _elements(raw)
        fields = _members(raw)
        keys = {key for key, _ in fields if not is_ours(key)}
        for key, allowed in CONTAINERS.items():
            if key in keys and keys <= allowed:
                found: list[Part] = []
                for name, value in fields:
                    if name == key:  # every one of a repeated key: no record may hide behind another list
                        found += _OPEN.get(key, _elements)(value)
                return found
    except scan.NotJson:
        pass
    return None


def is_closed_container(document: Mapping[str, Any]) -> bool:
    """Say whether a document has a container's list and was not opened, for it has members of its own beside it."""
    return any(
        isinstance(document.get(key), list) and not allowed.issuperset(document) for key, allowed in CONTAINERS.items()
    )


def _elements(raw: Part) -> Sequence[Part]:
    try:
        return _items(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return list(scan.elements(bytes(raw)))


def _members(part: Part) -> Sequence[tuple[str, Part]]:
    raw = bytes(part)
    try:
        fields = list(_fields(raw).items())
        if all(raw.count(b'"%b"' % key.encode()) == 1 for key, _ in fields):
            return fields
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return [(m.key, raw[m.value : m.end]) for m in scan.members(raw)]


def _otlp(scopes: str, records: str) -> Callable[[Part], Sequence[Part]]:
    """Open OTLP/JSON down to its spans or log records; each gets the resource and scope it stood in as members."""

    def opened(raw: Part) -> Sequence[Part]:
        return [
            _with(bytes(record), {"resource": resource.get("resource"), "scope": scope.get("scope")})
            for resource in map(dict, map(_members, _elements(raw)))
            for scope in map(dict, map(_members, _elements(resource.get(scopes, b"[]"))))
            for record in _elements(scope.get(records, b"[]"))
        ]

    return opened


def _with(record: bytes, extra: Mapping[str, Part | None]) -> bytes:
    added = [b'"%b":%b' % (key.encode(), value) for key, value in extra.items() if value is not None]
    body = record.rstrip()
    if not added or not body.startswith(b"{") or not body.endswith(b"}"):
        return record
    head = body[:-1].rstrip()
    return head + (b"" if head == b"{" else b",") + b",".join(added) + b"}"


_OPEN: Mapping[str, Callable[[Part], Sequence[Part]]] = {
    "resourceSpans": _otlp("scopeSpans", "spans"),
    "resourceLogs": _otlp("scopeLogs", "logRecords"),
}

# --- wrappers ---------------------------------------------------------------------------------------------------------

HEC = frozenset({"time", "host", "source", "sourcetype", "index", "event", "fields"})
"""Members of a Splunk HTTP Event Collector envelope; with any other, `event` is a field of the event's own."""
LOG_EVENT = frozenset({"id", "timestamp", "message", "extractedFields"})
"""Members of an event of CloudWatch Logs; with any other, `message` is a field of the event's own."""
QUARANTINE = frozenset({"file", "line", "record", "reason", "raw", "raw_encoding", "raw_sha256"})
"""Members of our own quarantine line."""


def wrapped(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of what may be the event inside a 1:1 wrapper: none where the document is no wrapper."""
    event = document.get("event")
    if event is not None:
        if isinstance(event, dict) and isinstance(original := event.get("original"), str):
            yield "event.original", original
        if isinstance(event, (dict, str)) and HEC.issuperset(document):
            yield "event", event
    for path in ("_raw", "event.original", "CloudTrailEvent"):
        if isinstance(value := document.get(path), str):
            yield path, value
    if isinstance(message := document.get("message"), str) and LOG_EVENT.issuperset(document):
        yield "message", message
    for outer, key in (("result", "_raw"), ("properties", "log")):
        holder = document.get(outer)
        if isinstance(holder, dict) and isinstance(value := holder.get(key), str):
            yield f"{outer}.{key}", value


def unwrap(document: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the event inside a 1:1 wrapper (the document itself where it is none) and why a wrapper stayed closed.

    An event that no log source knows is opened too, for rules on other data, but never in place of one that is known.
    """
    closed: list[str] = []
    unknown: dict[str, Any] | None = None
    for path, value in wrapped(document):
        try:
            found = decode(value.encode()) if isinstance(value, str) else value
        except Quarantine as error:
            closed.append(f"{path}: {error}")
            continue
        inner = {key: item for key, item in found.items() if not is_ours(key)}
        source = recognise(inner, b"")
        if source is None:
            closed.append(f"{path}: no event of a known log source")
            unknown = inner if unknown is None else unknown
        elif _stands_for(document, inner, source):
            return inner, None
        else:
            closed.append(f"{path}: another event than the one around it")
    if unknown is not None and recognise(document, b"") is None:
        return unknown, None
    return document, "; ".join(closed) or None


def _stands_for(outer: dict[str, Any], inner: dict[str, Any], source: LogSource) -> bool:
    """Say whether the inner event may be judged for the outer document: that is no event, or the same in other words.

    The same is a row of a Splunk export, which has the fields that were extracted beside its `_raw`.
    """
    around = recognise(outer, b"")
    if around is None:
        return True
    if around is not source:
        return False
    try:
        one, other = around.read(outer), source.read(inner)
    except Exception:  # noqa: BLE001 - what a log source cannot read is no proof that both are the same
        return False
    return one.event_id is not None and (
        (one.event_id, one.time, one.action) == (other.event_id, other.time, other.action)
    )


def quarantined(document: Mapping[str, Any]) -> bytes | None:
    """Return the original bytes where the document is a line of our own quarantine, None where it is something else."""
    if "reason" not in document or "record" not in document or not QUARANTINE.issuperset(document):
        return None
    raw = document.get("raw")
    if not isinstance(raw, str):
        return None
    if document.get("raw_encoding") != "base64":
        return raw.encode()
    try:
        return b64decode(raw, validate=True)
    except ValueError:
        return None

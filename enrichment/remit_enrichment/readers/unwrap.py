"""Open what events travel in: containers of many records and wrappers around one, for all log sources at once.

At most one container and one wrapper are opened, each at its declared key only: a document of any other shape leaves
whole.

Shapes follow AWS CloudTrail's log files (`Records`) and `lookup-events` (`Events[].CloudTrailEvent`), Azure Monitor's
streaming export (`records`, AKS audit in `properties.log`), OTLP/JSON (`resourceSpans`, `resourceLogs`), Elastic's
`event.original`, Splunk's `_raw`, `result._raw` and HTTP Event Collector envelope.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from remit_enrichment import scan
from remit_enrichment.document import decode
from remit_enrichment.errors import Quarantine
from remit_enrichment.splice import is_ours

# --- containers -------------------------------------------------------------------------------------------------------

CONTAINERS: Mapping[str, frozenset[str]] = {
    "Records": frozenset({"Records"}),
    "Events": frozenset({"Events", "NextToken", "ResponseMetadata"}),
    "records": frozenset({"records"}),
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
QUARANTINE = frozenset({"file", "line", "record", "reason", "raw", "raw_encoding", "raw_sha256"})
"""Members of our own quarantine line."""


def wrapped(document: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the path and value of the event inside a 1:1 wrapper, None where the document is no wrapper."""
    event = document.get("event")
    if event is not None:
        if isinstance(event, dict) and isinstance(original := event.get("original"), str):
            return "event.original", original
        if isinstance(event, (dict, str)) and HEC.issuperset(document):
            return "event", event
    for path in ("_raw", "event.original", "CloudTrailEvent"):
        if isinstance(value := document.get(path), str):
            return path, value
    for outer, key in (("result", "_raw"), ("properties", "log")):
        holder = document.get(outer)
        if isinstance(holder, dict) and isinstance(value := holder.get(key), str):
            return f"{outer}.{key}", value
    return None


def unwrap(document: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the event inside a 1:1 wrapper (the document itself where it is none) and why a wrapper stayed closed."""
    found = wrapped(document)
    if found is None:
        return document, None
    path, value = found
    if isinstance(value, str):
        try:
            value = decode(value.encode())
        except Quarantine as error:
            return document, f"{path}: {error}"
    return {key: item for key, item in value.items() if not is_ours(key)}, None


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

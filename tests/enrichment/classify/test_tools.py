"""Classes of agents' tools: the documented promise by verb, and the hand map beside it."""

from __future__ import annotations

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import classify
from remit_enrichment.classify.tools import BY_HAND, tool_class
from remit_enrichment.classify.verbs import tool_class_by_verb


@pytest.mark.parametrize(
    ("name", "action_class"),
    [
        ("list_files", "read"),
        ("get_balance", "read"),
        ("readFile", "read"),
        ("search-emails", "read"),
        ("CheckStatus", "read"),
        ("describe_table", "read"),
        ("delete_file", "delete"),
        ("RemoveUser", "delete"),
        ("dropTable", "delete"),
        ("destroy_session", "delete"),
        ("send_money", "write"),
        ("listen", "write"),
        ("", "write"),
        ("123", "write"),
    ],
)
def test_a_tool_without_entry_is_classed_by_its_verb(name: str, action_class: str) -> None:
    assert tool_class(name) == (action_class, False)


@pytest.mark.parametrize(
    ("name", "action_class"),
    [
        ("Bash", "compute_exec"),
        ("WebFetch", "untrusted_read"),
        ("web_fetch", "untrusted_read"),
        ("fetch/fetch", "untrusted_read"),
        ("mcp__playwright__browser_click", "write"),
        ("Grep", "read"),
    ],
)
def test_documented_tools_are_classed_by_hand(name: str, action_class: str) -> None:
    assert tool_class(name) == (action_class, True)


def test_the_hand_map_never_breaks_the_promise_by_verb() -> None:
    broken = [
        name
        for action_class, names in BY_HAND.items()
        for name in names.split()
        if tool_class_by_verb(name) not in ("write", action_class)
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("action", "action_class", "source"),
    [
        ("tool:send_money", "write", "fallback"),
        ("tool:bash", "compute_exec", "map"),
        ("mcp:files/delete_file", "delete", "fallback"),
        ("gen_ai:execute_tool", "write", "map"),
        ("gen_ai:create_agent", "agent_admin", "map"),
        ("gen_ai:chat", "read", "map"),
        ("gen_ai:span", "read", "map"),
    ],
)
def test_actions_of_spans(action: str, action_class: str, source: str) -> None:
    found = classify(Activity(source="otel.gen_ai", platform="otel", event_id=None, time=None, action=action))

    assert (found.action_class, found.source) == (action_class, source)

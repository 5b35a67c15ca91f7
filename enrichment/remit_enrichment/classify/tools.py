"""Classes of what agents call tools: by hand for tools that products document, else by verb.

Sources of the names: Claude Code, "Tools available to Claude"; OpenAI, "Tools"; the MCP reference servers (filesystem,
fetch, git, memory); Playwright MCP; GitHub MCP server. The hand map speaks only of names whose verb is none of those
that the registry's documentation promises a class for. What a server says of its own tools (MCP annotations) is a hint
by whoever runs it and is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from remit_enrichment.classify.verbs import tool_class_by_verb

BY_HAND: Mapping[str, str] = {
    "compute_exec": """
        bash shell local_shell powershell execute_command run_command run_terminal_cmd exec_command execute_code
        run_code code_interpreter code_execution python run_script start_process computer computer_use
        browser_evaluate browser_run_code
    """,
    "untrusted_read": """
        web_fetch web_search web_search_preview fetch fetch_url browser_navigate browser_snapshot
        browser_network_requests browser_console_messages issue_read
    """,
    "data_read": "file_search",
    "read": """
        view grep glob ls bash_output task_output git_status git_diff git_diff_unstaged git_diff_staged git_log
        git_show git_branch directory_tree open_nodes tool_search browser_take_screenshot
    """,
    "agent_admin": "create_agent update_agent",
    "write": """
        write edit multi_edit notebook_edit todo_write write_file edit_file create_directory move_file kill_shell
        git_add git_commit git_reset git_checkout git_create_branch create_entities create_relations add_observations
        create_issue create_pull_request push_files create_or_update_file merge_pull_request browser_click browser_type
        browser_fill_form browser_file_upload
    """,
}

_SEPARATORS = re.compile(r"[^a-z0-9]+")


def _squeezed(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())


_CLASSES = {_squeezed(name): action_class for action_class, names in BY_HAND.items() for name in names.split()}


def tool_class(name: str) -> tuple[str, bool]:
    """(class, whether the hand map knows it) of a tool's name, with or without its server before it.

    `server/tool`, `Target___tool` (AgentCore gateway) and `mcp__server__tool` (coding agents) name one tool.
    """
    own = name.rpartition("/")[2]
    own = own.rpartition("___")[2] if "___" in own else own.rpartition("__")[2]
    found = _CLASSES.get(_squeezed(own))
    return (found, True) if found else (tool_class_by_verb(own), False)


OPERATIONS: Mapping[str, str] = {
    "create_agent": "agent_admin",
    "create_memory": "write",
    "create_memory_store": "write",
    "delete_memory": "delete",
    "delete_memory_store": "delete",
    "execute_tool": "write",
    "retrieval": "data_read",
    "search_memory": "data_read",
    "update_memory": "write",
    "upsert_memory": "write",
}
"""OpenTelemetry's `gen_ai.operation.name`, where it is more than talking to a model. A tool that is not named may
change anything."""


def operation_class(operation: str) -> str:
    """Class of a GenAI operation; calling a model or another agent changes nothing by itself."""
    return OPERATIONS.get(operation, "read")

"""Classes of what agents call tools: by hand for tools that products document, else by verb.

Sources of the names: Claude Code, "Tools available to Claude"; OpenAI, "Tools"; the MCP reference servers (filesystem,
fetch, git, memory); Playwright MCP; GitHub MCP server; AWS MCP Server, "Understanding the MCP Server tools". What a
server says of its own tools (MCP annotations) is a hint by whoever runs it and is not asked.
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
        browser_network_requests browser_console_messages get_issue issue_read get_issue_comments
        get_pull_request_comments get_pull_request_reviews
    """,
    "data_export": "get_presigned_url",
    "data_read": "read_file read_text_file read_media_file read_multiple_files file_search get_file_contents",
    "read": """
        read view grep glob ls bash_output task_output git_status git_diff git_diff_unstaged git_diff_staged git_log
        git_show git_branch directory_tree search_nodes open_nodes read_graph tool_search browser_take_screenshot
        suggest_aws_commands retrieve_skill retrieve_agent_sop recommend
    """,
    "agent_admin": "create_agent update_agent delete_agent",
    "write": """
        write edit multi_edit notebook_edit todo_write write_file edit_file create_directory move_file kill_shell
        git_add git_commit git_reset git_checkout git_create_branch create_entities create_relations add_observations
        create_issue create_pull_request push_files create_or_update_file merge_pull_request browser_click browser_type
        browser_fill_form browser_file_upload
    """,
    "delete": "delete_entities delete_observations delete_relations delete_file",
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
    "gen_ai:create_agent": "agent_admin",
    "gen_ai:execute_tool": "write",
    "gen_ai:invoke_agent": "read",
    "gen_ai:invoke_workflow": "read",
    "gen_ai:plan": "read",
    "gen_ai:chat": "read",
    "gen_ai:generate_content": "read",
    "gen_ai:text_completion": "read",
    "gen_ai:embeddings": "read",
    "gen_ai:retrieval": "data_read",
}
"""OpenTelemetry's `gen_ai.operation.name`. A tool that is not named may change anything."""

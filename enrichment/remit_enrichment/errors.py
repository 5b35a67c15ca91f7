"""What can go wrong, classed by what the caller must do.

RemitError
├── BadInput          the operator's file, registry or option is wrong: say what, where and what to do; exit 2
└── Quarantine        one record cannot be read: set it aside with its reason and go on
"""

from __future__ import annotations


class RemitError(Exception):
    """Base of every error that Remit raises on purpose."""


class BadInput(RemitError):
    """The input of an operator is wrong; the message says what, where and what to do."""

    def __init__(self, what: str, *, where: str | None = None, todo: str | None = None) -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(f"{f'{where}: ' if where else ''}{what}{f'; {todo}' if todo else ''}")


class Quarantine(RemitError):
    """A record that cannot be read; `args[0]` is the reason for the quarantine line."""

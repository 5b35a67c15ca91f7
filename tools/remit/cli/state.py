"""Look at what a state remembers of an identity, or forget it."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import click
import msgspec

from remit_enrichment.remembered import Memory, forget, remembered
from remit_enrichment.state import SqliteStore, copy_state

FOUND = 1
_state = click.option("--state", metavar="FILE", required=True, help="The state of `remit enrich`.")
_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def command() -> None:
    """Look at what a state remembers of an identity, or forget it."""


@command.command()
@click.argument("identity")
@_state
@_format
def show(identity: str, state: str, form: str) -> int:
    """Print what is remembered of IDENTITY, an id as `nhi.identity.id` shows it. A run may use the state meanwhile."""
    with TemporaryDirectory(prefix="remit-") as folder:
        copy_state(state, f"{folder}/state")
        store = SqliteStore(f"{folder}/state")
        found = remembered(store, identity)
        store.close()
    click.echo(_shown(found, form))
    return 0 if found else FOUND


@command.command("forget")
@click.argument("identity")
@_state
@_format
def forget_(identity: str, state: str, form: str) -> int:
    """Forget IDENTITY: its counters, its own baseline and what it minted. What belongs to its charter stays."""
    store = SqliteStore(state, create=False)
    found = forget(store, identity)
    store.commit()
    store.close()
    click.echo(_shown(found, form))
    click.echo(f"remit: forgot {len(found)} entries about {identity}", err=True)
    return 0 if found else FOUND


def _shown(found: list[Memory], form: str) -> str:
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    lines = (f"{memory.kind}  {memory.key}  {msgspec.json.encode(memory.says).decode()}" for memory in found)
    return "\n".join(line.encode("unicode_escape").decode() for line in lines) or "nothing is remembered of it"

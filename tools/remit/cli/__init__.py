"""The command line: one module a verb, found by this folder.

A module here is a verb when it has a click command named `command`; its file name is the verb's name. It is imported
only when it is called or when `--help` lists it, so `remit enrich` never pays for pySigma.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from typing import Any

import click

from remit_enrichment import __version__
from remit_enrichment.errors import BadInput

FINDINGS, USAGE, OUR_BUG, INTERRUPTED = 1, 2, 3, 130


class Verbs(click.Group):
    """A click group whose commands are the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - a verb without a command is our bug
        return command

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with _a_reader_may_go():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _a_reader_may_go():
            return super().invoke(ctx)


@contextlib.contextmanager
def _a_reader_may_go() -> Iterator[None]:
    """End well when the reader of our output goes away (`| head`): not an error of ours. Click would end with 1."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(0) from None


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="remit")
def cli() -> None:
    """Keep machine identities within their remit: owner, scope and task on every event, and rules that ask."""


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and end with its exit code.

    0 good, 1 findings or refused, 2 usage or bad input, 3 our bug, 130 interrupted.
    """
    code = _outcome(arguments)
    _let_go_of_broken_pipes()
    sys.exit(code)


def _outcome(arguments: list[str] | None) -> int:
    """Turn every outcome into its exit code: the only place that decides it."""
    try:
        code = cli.main(arguments, prog_name="remit", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except BadInput as error:
        click.echo(f"remit: {error}", err=True)
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("remit: interrupted", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one boundary: a bug becomes a report that can be pasted
        if isinstance(error, OSError) and error.filename is not None:
            click.echo(f"remit: {error.filename}: {error.strerror}; check the path and who may use it", err=True)
            return USAGE
        from remit._bug import report

        click.echo(report(error, sys.argv[1:]), err=True)
        return OUR_BUG
    return code if isinstance(code, int) else 0


def _let_go_of_broken_pipes() -> None:
    """Send what nobody reads any more to nowhere: at its end the interpreter would try to write it once again."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""The command line: one module a verb, found by this folder.

A module here is a verb when it has a click command named `command`; its file name is the verb's name. It is imported
only when it is called or when `--help` lists it, so `remit enrich` never pays for pySigma.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

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


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="remit")
def cli() -> None:
    """Keep machine identities within their remit: owner, scope and task on every event, and rules that ask."""


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and turn every outcome into its exit code: the only place that decides it.

    0 good, 1 findings or refused, 2 usage or bad input, 3 our bug, 130 interrupted.
    """
    try:
        code = cli.main(arguments, prog_name="remit", standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except BadInput as error:
        click.echo(f"remit: {error}", err=True)
        sys.exit(USAGE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("remit: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not an error of ours, and nothing can be told on that pipe.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the one boundary: a bug becomes a report that can be pasted
        from remit._bug import report

        click.echo(report(error, sys.argv[1:]), err=True)
        sys.exit(OUR_BUG)
    sys.exit(code if isinstance(code, int) else 0)

"""`dateline completion`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete `dateline`; no database is needed.

    \b
    Example: dateline completion bash > /etc/bash_completion.d/dateline
    """
    script = get_completion_class(shell)
    assert script is not None  # noqa: S101  -- the choice is one of Click's own
    click.echo(script(context.find_root().command, {}, "dateline", "_DATELINE_COMPLETE").source())

"""The Typer apps of commands, all alike: plain help, an example at its end, and nothing done by accident."""

import typer


def group(summary: str, example: str) -> typer.Typer:
    """A group of commands; `example` is a command line that shows what it is good for."""
    return typer.Typer(
        help=summary,
        epilog=f"Example: {example}",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
    )


def single() -> typer.Typer:
    """An app of one command that is used without the name of a group, as `tocsin up`."""
    return typer.Typer(add_completion=False, rich_markup_mode=None)

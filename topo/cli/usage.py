"""Wrong command lines as problems, with what was probably meant."""

from __future__ import annotations

from typing import Any

import typer

from topo.errors import Problem, nearest

UsageError: Any = typer.BadParameter.__mro__[1]
"""The base of all errors of a command line; the library does not export it by name."""

NO_COMMAND = "No such command "


def problem(error: Any) -> Problem:
    """A usage error with a hint: the nearest command or option, or where the help is."""
    context = error.ctx
    path = context.command_path if context else "topo"
    message = error.format_message().partition(" (Possible")[0].partition(". Did you mean")[0].rstrip(".")
    message = message.replace("Value error, ", "")
    known = [name for param in context.command.get_params(context) for name in param.opts] if context else []
    word = getattr(error, "option_name", "") if "o such option" in message else ""
    if message.startswith(NO_COMMAND):
        word, known = message.removeprefix(NO_COMMAND).strip("'"), list(context.command.commands)
    hints = [nearest(word, known)] if word else []
    return Problem(message, hint="; ".join([*filter(None, hints), f"`{path} --help` explains"]))

"""Wrong command lines as problems, with what was probably meant."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import typer

from topo.errors import Problem, nearest, shown

UsageError: Any = typer.BadParameter.__mro__[1]
"""The base of all errors of a command line; the library does not export it by name."""

NO_COMMAND = "No such command "


def problem(error: Any) -> Problem:
    """A usage error with a hint: the nearest command or option, or where the help is."""
    context = error.ctx
    path = context.command_path if context else "topo"
    message = error.format_message().partition(" (Possible")[0].partition(". Did you mean")[0].rstrip(".")
    message = message.replace("Value error, ", "")
    wrong = _WRONG_VALUE.fullmatch(message)
    if wrong:
        return _wrong_value(wrong["option"], wrong["reason"], f"`{path} --help` explains")
    known = [name for param in context.command.get_params(context) for name in param.opts] if context else []
    word = getattr(error, "option_name", "") if "o such option" in message else ""
    if message.startswith(NO_COMMAND):
        word, known = message.removeprefix(NO_COMMAND).strip("'"), list(context.command.commands)
    hints = [nearest(word, known)] if word else []
    return Problem(message, hint="; ".join([*filter(None, hints), f"`{path} --help` explains"]))


def as_options(problems: Iterable[Problem], command: Callable[..., object]) -> list[Problem]:
    """Problems with the name of the option that gave the value, where no file did: --view for view, -o for output."""
    known = {name.replace("_", "-") for name in inspect.signature(command).parameters}

    def option(problem: Problem) -> Problem:
        name = {"folder": "output", "catalogs": "catalog"}.get(problem.key, problem.key)
        given = f"--{name}" in sys.argv or any(word.startswith(f"--{name}=") for word in sys.argv)
        if problem.file or problem.key not in {*known, "catalog"}:
            return problem
        if given:
            return replace(problem, key=f"--{name}")
        return replace(problem, key="-o") if name == "output" and "-o" in sys.argv else problem

    return [option(problem) for problem in problems]


_WRONG_VALUE = re.compile(r"Invalid value for '(?P<option>[^']+)'(?: / '[^']+')*: (?P<reason>.*)", re.DOTALL)
_DAY = "does not match the formats '%Y-%m-%d'"


def _wrong_value(option: str, reason: str, hint: str) -> Problem:
    """What is wrong with the value of an option, as with that of a key."""
    from topo.yamlfile.messages import allowed_words

    value = _given(option)
    if reason.endswith(_DAY):
        return Problem("is no day", option, value, "YYYY-MM-DD", hint)
    word, listed, choices = reason.partition(" is not one of ")
    if listed:
        known = choices.replace("'", "").split(", ")
        return Problem("unknown value", option, word.strip("'"), ", ".join(known), nearest(word, known) or hint)
    if reason.startswith("Input should be "):
        message = "is out of range" if "than or equal" in reason else "is of the wrong type"
        return Problem(message, option, value, allowed_words(reason), hint)
    return Problem(reason, option, value, hint=hint)


def _given(option: str) -> str:
    """What the command line gives for an option, empty where it cannot be told."""
    words = sys.argv[1:]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == option:
            return shown(following)
        if word.startswith(f"{option}="):
            return shown(word.partition("=")[2])
    return ""

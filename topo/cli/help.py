"""Help that reads like a manual page: usage, what it does, arguments, options, examples, exit codes.

A command's docstring is its page. Paragraphs are filled; one that starts with `Example:`, `Exit codes:` or `See also:`
becomes a section whose lines stay as they are. In an example, what follows two spaces and `# ` says what it is for.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

from typer.core import TyperCommand, TyperGroup

SECTIONS = ("Example:", "Exit codes:", "See also:")
WIDEST = 100
"""Columns: longer lines are hard to read, however wide the terminal is."""
GROUPS: dict[str, tuple[str, ...]] = {
    "Design": (
        "search",
        "new",
        "example",
        "show",
        "check",
        "compare",
        "cost",
        "routing",
        "latency",
        "collective",
        "schema",
        "catalog",
    ),
    "Build": ("build", "diagram", "report"),
    "Change": ("diff", "grow"),
    "Prove and audit": ("verify", "audit", "import", "lint-plan", "explain"),
}
"""Commands by what one wants to do; those not named here come last."""


class Page(TyperCommand):
    """A command whose help is a manual page."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the page in the order of its sections."""
        about, sections = split(self.help or "")
        _head(self, ctx, formatter, about)
        _options(self, ctx, formatter)
        _sections(formatter, sections)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS]` and the arguments: optional ones in brackets, repeated ones with dots."""
        arguments = [param for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return ["[OPTIONS]", *(name if p.required else f"[{name}]" for p in arguments if (name := _name(p)))]

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence, whole."""
        about, _ = split(self.help or "")
        return about[0].partition(". ")[0].rstrip(".") if about else ""


class Front(TyperGroup):
    """The front page: every command under what one wants to do."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes what topo is, the commands by group, options and exit codes."""
        about, sections = split(self.help or "")
        _head(self, ctx, formatter, about)
        known = {name: command for name, command in sorted(self.commands.items()) if not command.hidden}
        named = {name for names in GROUPS.values() for name in names}
        groups = {**GROUPS, "More": tuple(name for name in known if name not in named)}
        widest = max(len(name) for name in known)
        for title, names in groups.items():
            rows = [(name.ljust(widest), known[name].get_short_help_str()) for name in names if name in known]
            if rows:
                with formatter.section(_heading(title)):
                    formatter.write_dl(rows)
        _options(self, ctx, formatter)
        _sections(formatter, sections)


def split(text: str) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Paragraphs and sections (title, lines) of a docstring."""
    about: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        title = next((word for word in SECTIONS if paragraph.startswith(word)), "")
        if title:
            lines = [line.strip() for line in paragraph.removeprefix(title).splitlines()]
            sections.append((title.rstrip(":"), [line for line in lines if line]))
        elif paragraph.strip():
            about.append(" ".join(paragraph.split()))
    return about, sections


def _head(command: Any, ctx: Any, formatter: Any, about: list[str]) -> None:
    from topo.cli.terminal import coloured

    # The library strips colours where it sees no terminal; what is coloured here is meant to be.
    ctx.color = coloured(sys.stdout)
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), f"{_heading('Usage')}: ")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text("\n\n".join(about))


def _options(command: Any, ctx: Any, formatter: Any) -> None:
    params = [param for param in command.get_params(ctx) if not getattr(param, "hidden", False)]
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        rows = [(_name(param), _about(param)) for param in params if param.param_type_name == kind]
        if rows:
            with formatter.section(_heading(title)):
                formatter.write_dl(rows)


def _name(param: Any) -> str:
    """An argument's metavar, with dots where it may be repeated, or an option with its value."""
    value = (param.metavar or param.name.upper().replace("_", "-")).removesuffix("...")
    if param.param_type_name == "argument":
        return f"{value}..." if param.nargs != 1 else value
    names = ", ".join(sorted([*param.opts, *param.secondary_opts], key=len))
    return names if param.is_flag else f"{names} {value}"


def _about(param: Any) -> str:
    notes = []
    if param.required and param.param_type_name == "option":
        notes.append("required")
    elif param.default not in (None, "", False, [], ()) and not callable(param.default):
        notes.append(f"default: {param.default}")
    if getattr(param, "multiple", False):
        notes.append("may be repeated")
    return f"{param.help or ''}  [{'; '.join(notes)}]".strip() if notes else param.help or ""


def _heading(title: str) -> str:
    from topo.cli.terminal import coloured

    return f"\x1b[1m{title}\x1b[0m" if coloured(sys.stdout) else title


def _sections(formatter: Any, sections: list[tuple[str, list[str]]]) -> None:
    for title, lines in sections:
        with formatter.section(_heading(title)):
            if title != "Example":
                formatter.write_text(" ".join(lines))
                continue
            for line in lines:
                command, mark, remark = line.partition("  # ")
                shown = [f"# {remark}", command.rstrip()] if mark and len(line) > formatter.width - 2 else [line]
                for text in shown:
                    formatter.write(f"  {text}\n")

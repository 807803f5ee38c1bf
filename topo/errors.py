"""What can go wrong, in the words a user needs: file, line, key, value, what is allowed, a hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from topo.escape import one_line


@dataclass(frozen=True)
class Problem:
    """One mistake in an input. `allowed` and `hint` are empty where there is nothing to say."""

    message: str
    key: str = ""
    value: str = ""
    allowed: str = ""
    hint: str = ""
    file: str = ""
    line: int = 0

    def text(self) -> str:
        """The problem as the command line prints it, one fact a line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        head = ": ".join(part for part in (place, self.key) if part)
        lines = [one_line(f"{head}: {self.message}" if head else self.message)]
        for label, text in (("value", self.value), ("allowed", self.allowed), ("hint", self.hint)):
            if text:
                lines.append(f"  {label}: {one_line(text)}")
        return "\n".join(lines)


MOST_PROBLEMS = 100
"""Of one error: a file of a megabyte can hold a hundred thousand mistakes, and nobody reads on."""


class TopoError(Exception):
    """The base of every error that topo raises on purpose."""


class InputError(TopoError):
    """The command line, a design or a catalog is wrong (exit code 2). Carries every problem found."""

    def __init__(self, problems: Sequence[Problem] | Problem, more: int = 0) -> None:
        result: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        more += max(len(result) - MOST_PROBLEMS, 0)
        if more:
            words = f"{more:,} more problem" + (" is" if more == 1 else "s are")
            rest = Problem(f"{words} not listed", file=result[-1].file)
            result = (*result[:MOST_PROBLEMS], rest)
        self._problems = result
        super().__init__()

    def __str__(self) -> str:
        """What the command line prints; made when it is asked for, as a search drops many errors unread."""
        return "\n".join(problem.text() for problem in self.problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them."""
        return self._problems

    @property
    def first(self) -> Problem:
        """The first, which is known without a look for more."""
        return self._problems[0]

    def __reduce__(self) -> tuple[Callable[[tuple[Problem, ...]], InputError], tuple[tuple[Problem, ...]]]:
        """What another process is sent: the problems."""
        return _all_told, (self.problems,)

    def at(self, file: str, line: int = 0) -> InputError:
        """The same error with the file (and line) filled in where a problem does not know them yet."""
        return _all_told(tuple(replace(p, file=p.file or file, line=p.line or line) for p in self.problems))

    def hinted(self, hint: str) -> InputError:
        """The same error with this hint at its first problem, where that has neither a hint nor what is allowed."""
        first, *others = self.problems
        return self if first.allowed or first.hint else _all_told((replace(first, hint=hint), *others))


def _all_told(problems: tuple[Problem, ...]) -> InputError:
    """An error of problems that were listed before: the last may tell how many are not, and is no problem itself."""
    result = InputError(())
    result._problems = problems
    return result


def not_further(problems: Sequence[Problem]) -> InputError:
    """The error of a reader that gives up in the middle of a file, which says so."""
    last = problems[-1]
    return InputError([*problems, Problem("nothing after this line was read", file=last.file, line=last.line)])


class ParameterError(InputError):
    """One parameter cannot be met: raised below `design`, which adds file and line by the key."""

    def __init__(self, key: str, value: object, message: str, allowed: str = "", hint: str = "") -> None:
        super().__init__(Problem(message=message, key=key, value=shown(value), allowed=allowed, hint=hint))


class NotAllowedError(ValueError):
    """What a model's own rule says of one of its values; raised inside pydantic's models, whose reader adds file, line,
    key and value."""

    def __init__(self, message: str, allowed: str = "", hint: str = "") -> None:
        self.message, self.allowed, self.hint = message, allowed, hint
        super().__init__(message)


class LimitReachedError(TopoError):
    """A time or size limit ended a computation before it had an answer (verdict UNDECIDED, exit code 3)."""


class CertificateError(TopoError):
    """A certificate does not prove what it claims."""


class CacheWarning(UserWarning):
    """Compiled functions cannot be kept on disk: everything works, and takes longer."""


def either(values: Sequence[object]) -> str:
    """Values that work, as "1, 2 or 4"."""
    said = [str(v) for v in values]
    return " or ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def shown(value: object, limit: int = 80) -> str:
    """A value as one printable line of at most `limit` characters."""
    text = one_line(str(value))
    return text if len(text) <= limit else text[: limit - 3] + "..."


def nearest(word: str, known: Sequence[str]) -> str:
    """The hint 'did you mean ...?' for a mistyped word, or an empty string."""
    from difflib import get_close_matches

    folded = {one.casefold(): one for one in reversed(known)}
    close = get_close_matches(word.casefold(), [*dict.fromkeys(one.casefold() for one in known)], n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]}?" if close else ""

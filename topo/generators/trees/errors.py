"""Why the keys of a fat-tree network give no sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topo.errors import InputError, ParameterError, Problem


class ContradictedError(ParameterError):
    """Keys that do not fit. What else contradicts is sought when all problems are read, which a search does not do."""

    def __init__(self, problems: Sequence[Problem], beside: Callable[[], Sequence[Problem]]) -> None:
        InputError.__init__(self, problems)
        self._beside: Callable[[], Sequence[Problem]] | None = beside

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them."""
        if self._beside is not None:
            self._problems, self._beside = (*self._problems, *self._beside()), None
        return self._problems


class TooManyError(ParameterError):
    """More hosts than fit, `hosts` at most."""

    def __init__(self, hosts: int, key: str, value: str, message: str, allowed: str, hint: str) -> None:
        super().__init__(key, value, message, allowed, hint)
        self.hosts = hosts

"""Whether what is plugged into a device is of the form that its cages have there: as the part with such ports has them,
as its fellows have it at the same port, or as the ports beside it do."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from topo.audit._graph import stem
from topo.catalog import Catalog
from topo.catalog.forms import Forms
from topo.catalog.models import Switch
from topo.catalog.ports import switch_ports
from topo.checks.model import Finding
from topo.importers.as_built import Seen

AGREED = 0.75
"""Fellows have a form at a port where so large a share of them has it there."""
FELLOWS = 3
"""So many devices at least tell what their fellows have at a port."""
RUN = 2
"""So many neighbouring ports with one form are a range of such cages."""
_WORDS = re.compile(r"\d+")


class Plugged(NamedTuple):
    """A module or plug of this form in a device's port."""

    device: str
    port: str
    form: str
    cable: Seen


def cages(
    plugs: Sequence[Plugged], hosts: Collection[str], catalog: Catalog, text: Callable[[Seen], str]
) -> list[Finding]:
    """Plugs and modules whose form is not that of the cage, as far as the plan shows it."""
    by_device: dict[str, list[Plugged]] = defaultdict(list)
    at: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for plug in plugs:
        by_device[plug.device].append(plug)
        at[stem(plug.device), plug.port.lower()][plug.form] += 1
    known = _Known(catalog)
    result = []
    for device, own in by_device.items():
        usual = Counter(p.form for p in own).most_common(1)[0][0]
        there = {p.port: _fellows(at[stem(device), p.port.lower()], p.form) for p in own}
        if device in hosts:
            odd = [(p, there[p.port]) for p in own if there[p.port] and not known.alike(there[p.port], p.form)]
            for plug, form in odd:
                message = (
                    f"{device}:{plug.port} has a plug or module of form {plug.form}, where others called alike have"
                )
                result.append(Finding("cage-mismatch", "error", f"{message} {form}: {text(plug.cable)}", (device,)))
            continue
        if all(p.form == usual and there[p.port] in ("", usual) for p in own):
            continue
        for plug, form in known.odd_ones(own, usual, there):
            message = f"{device} has {form} cages, but a plug or module of form {plug.form}: {text(plug.cable)}"
            result.append(Finding("cage-mismatch", "error", message, (device,)))
    return result


def _fellows(forms: Mapping[str, int], own: str) -> str:
    """The form that the others called alike have at a port; empty where they are too few or do not agree."""
    others = Counter(forms)
    others[own] -= 1
    form, number = others.most_common(1)[0]
    return form if others.total() >= FELLOWS - 1 and number >= AGREED * others.total() else ""


class _Known:
    """The catalog's switches with unlike cages, by the names of their ports."""

    def __init__(self, catalog: Catalog) -> None:
        self._forms: Forms = catalog.forms
        self._catalog = catalog
        self._parts: list[dict[str, str]] | None = None

    def alike(self, a: str, b: str) -> bool:
        return self._forms.takes(a, b) or self._forms.takes(b, a)

    def odd_ones(self, own: Sequence[Plugged], usual: str, there: Mapping[str, str]) -> list[tuple[Plugged, str]]:
        """The plugs that do not fit, with the form of the cage there: as few as any part or rule leaves."""
        best: list[tuple[Plugged, str]] | None = None
        for forms in self._unlike():
            cage = [forms.get(p.port.lower(), "") for p in own]
            if all(cage):
                odd = [(p, c) for p, c in zip(own, cage, strict=True) if not self._forms.takes(c, p.form)]
                best = odd if best is None or len(odd) < len(best) else best
        runs = _in_runs(own)
        ruled = []
        for plug in own:
            beside = there[plug.port]
            if beside and not self.alike(beside, plug.form):
                ruled.append((plug, beside))
            elif not beside and plug.form != usual and plug.port not in runs:
                ruled.append((plug, usual))
        return ruled if best is None or len(best) > len(ruled) else best

    def _unlike(self) -> Iterable[dict[str, str]]:
        if self._parts is None:
            parts = [self._catalog.get("switch", name) for name in self._catalog.ids("switch")]
            self._parts = [_ports(p) for p in parts if isinstance(p, Switch) and len({g.form for g in p.groups}) > 1]
        return self._parts


def _ports(part: Switch) -> dict[str, str]:
    """Every name that a port of the switch may have -> the form of its cage."""
    result: dict[str, str] = {}
    for group in part.groups:
        for breakout in group.breakouts:
            runs = [(g.cages, breakout if g == group else g.breakouts[0]) for g in part.groups]
            result |= {p.name.lower(): part.form_of(p.cage) for p in switch_ports(part, runs)}
    return result


def _in_runs(own: Sequence[Plugged]) -> set[str]:
    """Ports that stand in a range of ports with one form each: their form is at no port outside the range."""
    ordered = sorted(own, key=lambda p: _order(p.port))
    runs: list[list[Plugged]] = []
    for plug in ordered:
        if runs and runs[-1][-1].form == plug.form:
            runs[-1].append(plug)
        else:
            runs.append([plug])
    times = Counter(run[0].form for run in runs)
    return {p.port for run in runs if len(run) >= RUN and times[run[0].form] == 1 for p in run}


@lru_cache(maxsize=65536)
def _order(port: str) -> tuple[int, ...]:
    return tuple(int(n[-9:]) for n in _WORDS.findall(port))

"""Whether the parts that a plan names fit together: cages, plugs, modules, fibres, speeds and reach, by the catalog."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from topo.audit._cages import Plugged, cages
from topo.catalog import Catalog
from topo.catalog.forms import Forms
from topo.catalog.models import Cable, Transceiver
from topo.checks.model import Finding
from topo.importers.as_built import UNFITTED, Fitted, Seen


def misfits(
    cables: Sequence[Seen], hosts: Collection[str], catalog: Catalog, text: Callable[[Seen], str]
) -> list[Finding]:
    """Every cable whose parts do not fit, as far as the plan names them and the catalog has them."""
    parts = _Parts(catalog)
    told: dict[tuple[Fitted, float], list[tuple[str, str]]] = {}
    result = []
    for cable in cables:
        if cable.fitted is UNFITTED:
            continue
        question = cable.fitted, cable.gbps
        if question not in told:
            told[question] = list(_cable(cable, parts))
        where = (f"{cable.a_device}:{cable.a_port}", f"{cable.b_device}:{cable.b_port}")
        result += [Finding(code, "error", f"{message}: {text(cable)}", where) for code, message in told[question]]
    told_at: dict[Fitted, tuple[str, str]] = {}
    plugs = []
    for cable in cables:
        if cable.fitted not in told_at:
            told_at[cable.fitted] = _forms(cable.fitted, parts)
        ends = zip((cable.a_device, cable.b_device), (cable.a_port, cable.b_port), told_at[cable.fitted], strict=True)
        plugs += [Plugged(device, port, form, cable) for device, port, form in ends if form]
    return result + cages(plugs, hosts, catalog, text)


@dataclass
class _Parts:
    """Parts by the names that plans use: the catalog's id, or the part number at its end."""

    catalog: Catalog

    def __post_init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        for kind in ("transceiver", "cable"):
            for part in self.catalog.ids(kind):
                maker, _, number = part.partition("-")
                self._known[kind, part.lower()] = part
                if maker and number:
                    self._known.setdefault((kind, number.lower()), part)

    def module(self, name: str) -> Transceiver | None:
        """The transceiver of this name, None where the catalog has none."""
        part = self._known.get(("transceiver", name.lower()))
        result = self.catalog.get("transceiver", part) if part else None
        return result if isinstance(result, Transceiver) else None

    def cable(self, name: str) -> Cable | None:
        """The cable of this name, None where the catalog has none."""
        part = self._known.get(("cable", name.lower()))
        result = self.catalog.get("cable", part) if part else None
        return result if isinstance(result, Cable) else None


def _cable(cable: Seen, parts: _Parts) -> Iterator[tuple[str, str]]:
    """(code, message) of each thing that does not fit in one cable."""
    fit = cable.fitted
    modules = [parts.module(fit.a_module), parts.module(fit.b_module)]
    part = parts.cable(fit.part)
    for module in modules:
        if module and cable.gbps and cable.gbps not in {m.gbps for m in module.modes}:
            speeds = " or ".join(f"{m.gbps:g}" for m in module.modes)
            yield "wrong-speed", f"module {module.id} runs links of {speeds} Gb/s, not of {cable.gbps:,g}"
        if module and fit.length_m > module.reach_m:
            yield (
                "too-long",
                f"{fit.length_m:g} m are more than the {module.reach_m:g} m that module {module.id} reaches",
            )
    a, b = modules
    if a and b and (a.optics, a.medium) != (b.optics, b.medium) and not _together(a, b):
        yield "module-mismatch", f"module {a.id} is {a.optics} {a.medium}, module {b.id} {b.optics} {b.medium}"
    if part:
        yield from _ends(cable, part, modules, parts.catalog.forms)
    elif bool(fit.a_module) != bool(fit.b_module):
        yield "module-mismatch", "one end has a module, the other has none"


def _together(a: Transceiver, b: Transceiver) -> bool:
    """Optics whose standards differ by the number of lanes alone meet over a splitter."""
    return a.medium == b.medium and a.optics.rstrip("0123456789") == b.optics.rstrip("0123456789")


def _ends(
    cable: Seen, part: Cable, modules: Sequence[Transceiver | None], forms_of: Forms
) -> Iterator[tuple[str, str]]:
    fit = cable.fitted
    speeds = {m.gbps for m in part.also} | ({part.gbps} if part.gbps else set())
    if cable.gbps and speeds and cable.gbps not in speeds:
        shown = " or ".join(f"{s:g}" for s in sorted(speeds))
        yield "wrong-speed", f"cable {part.id} carries links of {shown} Gb/s, not of {cable.gbps:,g}"
    most = part.max_m or max(part.lengths_m, default=0.0)
    if most and fit.length_m > most:
        yield "too-long", f"{fit.length_m:g} m are more than the {most:g} m of cable {part.id}"
    for module in modules:
        if module and module.connector not in (part.a.form, part.b.form):
            yield "cage-mismatch", f"module {module.id} takes {module.connector}, cable {part.id} ends in {part.a.form}"
        elif module and part.medium in ("multimode", "single-mode") and module.medium != part.medium:
            yield "module-mismatch", f"module {module.id} is {module.medium}, cable {part.id} is {part.medium}"
    fibre = part.medium in ("multimode", "single-mode")
    for end, name in ((fit.a_connector, fit.a_module), (fit.b_connector, fit.b_module)):
        if end and not any(forms_of.takes(end, plug) for plug in (part.a.form, part.b.form)):
            yield "cage-mismatch", f"the plan has an end in {end}, cable {part.id} has {part.a.form} and {part.b.form}"
        if fibre and not name:
            yield "module-mismatch", f"cable {part.id} is fibre, and one end has no module"
        elif not fibre and name:
            yield "module-mismatch", f"cable {part.id} has plugs of its own, and one end has module {name}"
    ends, forms = {fit.a_connector, fit.b_connector}, {str(part.a.form), str(part.b.form)}
    if not fibre and "" not in ends and ends < forms:
        yield "cage-mismatch", f"both ends are {fit.a_connector}, cable {part.id} joins {part.a.form} and {part.b.form}"


def _forms(fit: Fitted, parts: _Parts) -> tuple[str, str]:
    """What sits in the cage at either end: the module's form or the plug's, empty where the plan does not say."""
    part = parts.cable(fit.part)
    plugs = part is not None and part.medium not in ("multimode", "single-mode")
    modules = [parts.module(name) if name else None for name in (fit.a_module, fit.b_module)]
    connectors = (fit.a_connector, fit.b_connector)
    a, b = (m.form if m else c if plugs else "" for m, c in zip(modules, connectors, strict=True))
    return a, b

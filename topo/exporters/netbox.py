"""What NetBox calls things: its choices (netbox/dcim/choices.py, versions 4.0 to 4.6), and makers of parts."""

from __future__ import annotations

from topo.catalog.models import Host, Nic, Part, Switch
from topo.exporters.plan import Plan

CABLE_TYPE = {
    "passive-copper": "dac-passive",
    "active-copper": "dac-active",
    "aoc": "aoc",
    "multimode": "mmf-om4",
    "single-mode": "smf-os2",
}
CABLE_COLOUR = {
    "passive-copper": "111111",
    "active-copper": "111111",
    "aoc": "ff9800",
    "multimode": "00ffff",
    "single-mode": "ffeb3b",
}
_FORM = {
    "osfp-twin": "osfp", "osfp-twin-linear": "osfp", "osfp": "osfp", "osfp-xdr": "osfp", "osfp224": "osfp",
    "qsfp112": "qsfp112", "qsfp-dd": "qsfpdd", "sfp": "sfp28", "rj45": "other",
}  # fmt: skip
_INTERFACES = {
    (400, "osfp"): "400gbase-x-osfp",
    (400, "qsfp112"): "400gbase-x-qsfp112",
    (400, "qsfpdd"): "400gbase-x-qsfpdd",
    (800, "osfp"): "800gbase-x-osfp",
    (800, "qsfpdd"): "800gbase-x-qsfpdd",
}
GENERIC = "Generic"


def interface_type(form: str, gbps: float) -> str:
    """NetBox's name of an interface type, `other` where it has none."""
    return _INTERFACES.get((int(gbps), _FORM.get(form, "")), "other")


def manufacturers(plan: Plan) -> list[str]:
    """The maker of each part of the fabric, shape (parts,): the first word of its title where ids of the catalog begin
    with that word too, as `nvidia-...` do, else `Generic`."""
    parts: dict[str, Part] = {}
    kinds: tuple[type[Part], ...] = (Switch, Host, Nic)
    for kind in kinds:
        parts |= {part.id: part for part in plan.catalog.every(kind)}
    first = {part.id: (part.title.split(" ") or [""])[0].rstrip(",") for part in parts.values()}
    makers = {word for id, word in first.items() if word and id.startswith(f"{word.lower()}-")}
    return [first[p] if first.get(p) in makers else GENERIC for p in plan.fabric.parts]

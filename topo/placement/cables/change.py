"""What has to be done on the floor to get from one cabled fabric to another, cable by cable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.placement.cables.cabling import Cabling
from topo.placement.cables.labels import end_labels
from topo.placement.cables.numbers import numbers_of_links
from topo.placement.floor.racks import Places


@dataclass(frozen=True)
class Cabled:
    """One side of a comparison."""

    fabric: Fabric
    cabling: Cabling
    places: Places | None = None


@dataclass(frozen=True)
class Changes:
    """Link rows of the old and the new fabric. Pairs have shape (n, 2): old row, new row.

    `kept`: nobody touches the cable. Others keep it as it is, but one end goes to another port (`reterminated`), or it
    comes out and is laid again, because both ends go to other ports of the same two devices or because a device at an
    end stands elsewhere or is another (`moved`); or it stays in its ports and a module is swapped at an end
    (`swapped`), the ports run at another speed (`reconfigured`), or its labels change (`relabelled`). `replaced`: in
    whatever ports, by another cable part or a longer cable. `removed` and `added`: the rest.

    `renumbered`: how many of `kept` lie in cables that another number stands for in the new plan.

    Devices by name: `devices_replaced` are other parts under the same name, and stand in `devices_added` and
    `devices_removed` too; `devices_moved` stand in another rack or unit.
    """

    kept: IntArray
    replaced: IntArray
    reterminated: IntArray
    moved: IntArray
    swapped: IntArray
    reconfigured: IntArray
    relabelled: IntArray
    removed: IntArray
    added: IntArray
    devices_added: tuple[str, ...]
    devices_removed: tuple[str, ...]
    devices_replaced: tuple[str, ...]
    devices_moved: tuple[str, ...]
    renumbered: int = 0

    @property
    def pairs(self) -> dict[str, IntArray]:
        """The touched pairs by kind of change."""
        return {
            "re-terminate": self.reterminated,
            "move": self.moved,
            "replace": self.replaced,
            "swap-module": self.swapped,
            "reconfigure": self.reconfigured,
            "relabel": self.relabelled,
        }

    @property
    def touched(self) -> int:
        """Links that somebody has to touch."""
        return sum(map(len, self.pairs.values())) + len(self.removed) + len(self.added)

    def summary(self) -> dict[str, int]:
        """Counts by kind of change."""
        return {
            "kept": len(self.kept),
            **{kind: len(rows) for kind, rows in self.pairs.items()},
            "remove": len(self.removed),
            "add": len(self.added),
            "devices added": len(self.devices_added),
            "devices removed": len(self.devices_removed),
            "devices replaced": len(self.devices_replaced),
            "devices moved": len(self.devices_moved),
        }


KEPT, RETERMINATED, MOVED, REPLACED, SWAPPED, RECONFIGURED, RELABELLED = range(7)


def changes(old: Cabled, new: Cabled) -> Changes:
    """Pairs links by the names of devices and ports, which growth does not change, and then compares what stands under
    these names: parts, places, cages, modules, speeds, cables and labels."""
    devices: dict[str, int] = {}
    ports: dict[str, int] = {}
    (a0, b0, da0, db0), (a1, b1, da1, db1) = (_ends(side.fabric, devices, ports) for side in (old, new))
    free0, free1 = np.ones(len(a0), dtype=np.bool_), np.ones(len(a1), dtype=np.bool_)
    same = _paired((a0, b0), (a1, b1), free0, free1)
    near = _paired((a0,), (a1,), free0, free1)
    far = _paired((b0,), (b1,), free0, free1)
    both = _paired((da0, db0), (da1, db1), free0, free1)
    pairs = np.concatenate([same, near, far, both])
    kind = np.repeat([KEPT, RETERMINATED, MOVED], [len(same), len(near) + len(far), len(both)])
    replaced, moved = _devices_replaced(old, new), _devices_moved(old, new)
    kind[: len(same)] = _kind_of_kept(old, new, same, {*replaced, *moved})
    kind[_other_cable(old, new, pairs)] = REPLACED
    before, after = old.fabric.devices.name.tolist(), new.fabric.devices.name.tolist()
    known_before, known_after, other = set(before), set(after), set(replaced)
    of = {code: pairs[kind == code] for code in range(7)}
    return Changes(
        of[KEPT],
        of[REPLACED],
        of[RETERMINATED],
        of[MOVED],
        of[SWAPPED],
        of[RECONFIGURED],
        of[RELABELLED],
        np.flatnonzero(free0),
        np.flatnonzero(free1),
        tuple(n for n in after if n not in known_before or n in other),
        tuple(n for n in before if n not in known_after or n in other),
        replaced,
        moved,
        _renumbered(old, new, of[KEPT]),
    )


def _renumbered(old: Cabled, new: Cabled, pairs: IntArray) -> int:
    before, after = (numbers_of_links(side.cabling)[pairs[:, i]] for i, side in enumerate((old, new)))
    return int(np.count_nonzero(before != after))


def _kind_of_kept(old: Cabled, new: Cabled, pairs: IntArray, elsewhere: set[str]) -> IntArray:
    """Shape (pairs,): what happens to links between ports of the same names."""
    kind = np.full(len(pairs), KEPT)
    known: dict[str, int] = {}
    columns = [_looks(side, pairs[:, i], elsewhere, known) for i, side in enumerate((old, new))]
    different = {name: columns[0][name] != columns[1][name] for name in columns[0]}
    kind[different["label"]] = RELABELLED
    kind[different["gbps"]] = RECONFIGURED
    kind[different["module a"] | different["module b"]] = SWAPPED
    away = different["cage a"] | different["cage b"]
    kind[away | (columns[1]["elsewhere"] > 0)] = MOVED
    return kind


def _looks(side: Cabled, rows: IntArray, elsewhere: set[str], known: dict[str, int]) -> dict[str, IntArray]:
    """What a technician sees of links, by name, as numbers that are equal where the looks are."""
    fabric, cabling = side.fabric, side.cabling
    away = np.array([name in elsewhere for name in fabric.devices.name.tolist()], dtype=np.int64)
    part = np.array([known.setdefault(name, len(known)) for name in cabling.parts] + [-1], dtype=np.int64)
    modules = part[np.append(cabling.modules.part, -1)]
    links, ports = fabric.links, fabric.ports
    result = {
        "elsewhere": away[fabric.link_a[rows]] + away[fabric.link_b[rows]],
        "gbps": np.asarray(links.gbps[rows]),
        "module a": modules[cabling.module_at_a[rows]],
        "module b": modules[cabling.module_at_b[rows]],
    }
    texts = []
    for end, port in (("a", links.a[rows]), ("b", links.b[rows])):
        result[f"cage {end}"] = ports.cage[port].astype(np.int64) * 4096 + ports.sub[port]
        texts.append(end_labels(fabric, port, side.places))
    labels = [f"{a}/{b}" for a, b in zip(*texts, strict=True)]
    result["label"] = np.array([known.setdefault(text, len(known)) for text in labels], dtype=np.int64)
    return result


def _ends(
    fabric: Fabric, devices: dict[str, int], ports: dict[str, int]
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Numbers of the ports at ends a and b and of their devices, by name; the dictionaries grow."""
    device = np.array([devices.setdefault(n, len(devices)) for n in fabric.devices.name.tolist()], dtype=np.int64)
    port = np.array([ports.setdefault(n, len(ports)) for n in fabric.port_names.tolist()], dtype=np.int64)
    a, b = fabric.links.a, fabric.links.b
    of = [(device[fabric.ports.device[p]] << 24) + port[fabric.ports.name[p]] for p in (a, b)]
    return of[0], of[1], device[fabric.link_a], device[fabric.link_b]


def _paired(old: tuple[IntArray, ...], new: tuple[IntArray, ...], free_old: BoolArray, free_new: BoolArray) -> IntArray:
    """Pairs of free rows that agree in all keys, first with first; both rows stop being free."""
    rows_old, rows_new = np.flatnonzero(free_old), np.flatnonzero(free_new)
    key = np.zeros(len(rows_old) + len(rows_new), dtype=np.int64)
    for x, y in zip(old, new, strict=True):
        values, code = np.unique(np.concatenate([x[rows_old], y[rows_new]]), return_inverse=True)
        key = np.unique(key * len(values) + code, return_inverse=True)[1]
    key_old, key_new = key[: len(rows_old)], key[len(rows_old) :]
    most = int(key.max(initial=0)) + 1
    nth_old, nth_new = _nth(key_old), _nth(key_new)
    wide = max(int(nth_old.max(initial=0)), int(nth_new.max(initial=0))) + 1
    assert most * wide < 1 << 62
    _, at_old, at_new = np.intersect1d(key_old * wide + nth_old, key_new * wide + nth_new, return_indices=True)
    order = np.argsort(at_old)
    pairs = np.stack([rows_old[at_old[order]], rows_new[at_new[order]]], axis=1)
    free_old[pairs[:, 0]] = False
    free_new[pairs[:, 1]] = False
    return pairs


def _nth(key: IntArray) -> IntArray:
    """How many equal values stand before each."""
    order = np.argsort(key, kind="stable")
    result = np.empty(len(key), dtype=np.int64)
    result[order] = np.arange(len(key)) - np.searchsorted(key[order], key[order])
    return result


def _other_cable(old: Cabled, new: Cabled, kept: IntArray) -> BoolArray:
    """Which links need another part, or a longer cable than the one that lies there."""
    rows = [side.cabling.cable_of_link[kept[:, i]] for i, side in enumerate((old, new))]
    names: dict[str, int] = {}
    parts = []
    for side, row in zip((old, new), rows, strict=True):
        code = np.array([names.setdefault(p, len(names)) for p in side.cabling.parts] + [-1], dtype=np.int64)
        parts.append(code[side.cabling.cables.part[row]])
    sold_old, sold_new = old.cabling.cables.sold_m[rows[0]], new.cabling.cables.sold_m[rows[1]]
    return np.asarray((parts[0] != parts[1]) | (sold_new > sold_old + 1e-9))


def _devices_replaced(old: Cabled, new: Cabled) -> tuple[str, ...]:
    """Devices that are another part under the same name."""
    parts = [
        dict(zip(f.devices.name.tolist(), [f.parts[p] if p >= 0 else "" for p in f.devices.part.tolist()], strict=True))
        for f in (old.fabric, new.fabric)
    ]
    return tuple(name for name, part in parts[1].items() if parts[0].get(name, part) != part)


def _devices_moved(old: Cabled, new: Cabled) -> tuple[str, ...]:
    if old.places is None or new.places is None:
        return ()
    at = {
        name: (rack, ru)
        for name, rack, ru in zip(
            old.fabric.devices.name.tolist(),
            old.places.racks.name[old.places.rack].tolist(),
            old.places.ru.tolist(),
            strict=True,
        )
    }
    result = []
    racks = new.places.racks.name[new.places.rack].tolist()
    for name, rack, ru in zip(new.fabric.devices.name.tolist(), racks, new.places.ru.tolist(), strict=True):
        if at.get(name, (rack, ru)) != (rack, ru):
            result.append(name)
    return tuple(result)

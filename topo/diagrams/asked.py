"""What a user asks to be drawn, in words: two GPUs, a load, a failure, a cut. Every mistake names what there is."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.diagrams.facts import numbers, switch_rows
from topo.diagrams.selection import hosts_on
from topo.errors import ParameterError, nearest
from topo.fabric import HOST, Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.units import amount

DIGITS = str.maketrans("", "", "0123456789")
CUTS = "bisection, pod=N, plane=N, rail=N, or the name of a device"


def pair_of(fabric: Fabric, first: str, second: str) -> tuple[str, int, str, int]:
    """Two hosts and a GPU of each from `HOST` or `HOST:GPU` (GPU 0 unless given); raises ParameterError."""
    (a, gpu_a), (b, gpu_b) = (_gpu(fabric, text) for text in (first, second))
    return a, gpu_a, b, gpu_b


def _gpu(fabric: Fabric, text: str) -> tuple[str, int]:
    name, colon, gpu = text.partition(":")
    row = device_called(fabric, name, "--pair", fabric.is_host, "host")
    gpus = int(fabric.devices.gpus[row])
    if colon and not (gpu.isdecimal() and int(gpu) < gpus):
        raise ParameterError(
            "--pair", text, f"{name} has no such GPU", f"{name}:0 to {name}:{gpus - 1}" if gpus else name
        )
    return name, int(gpu or 0)


def device_called(fabric: Fabric, name: str, key: str, among: BoolArray | None = None, word: str = "device") -> int:
    """The row of a device; raises ParameterError with the nearest name where none of `among` has this one."""
    row = fabric.device_row.get(name, -1)
    if row >= 0 and (among is None or among[row]):
        return row
    names = [str(n) for n in (fabric.devices.name if among is None else fabric.devices.name[among])]
    allowed = f"{names[0]} … {names[-1]}" if names else "none"
    raise ParameterError(key, name, f"no {word} has this name", allowed, _near(name, names))


def _near(name: str, names: Sequence[str]) -> str:
    """The hint for a mistyped name: the one with the same letters and the same numbers but for zeros before them, else
    the nearest with the same letters, else the nearest."""

    def letters(text: str) -> str:
        return text.translate(DIGITS)

    def values(text: str) -> list[int]:
        return [int(word) for word in "".join(c if c.isdecimal() else " " for c in text).split()]

    alike = [n for n in names if letters(n) == letters(name)]
    same = [n for n in alike if values(n) == values(name)]
    if alike:
        return f"did you mean {same[0]}?" if same else nearest(name, alike)
    kinds = dict.fromkeys(letters(n) for n in names)
    close = nearest(letters(name), list(kinds))
    kind = close.removeprefix("did you mean ").removesuffix("?")
    return nearest(name, [n for n in names if letters(n) == kind]) or close


def load_of(fabric: Fabric, network: int, traffic: str, routing: str) -> tuple[FloatArray, str]:
    """Shape (links, 2): the share of each link's speed that a traffic at line rate uses under a routing, and what it is
    of. Raises ParameterError for unknown names, and where adaptive loads are not at hand."""
    from topo.analysis.network import switch_network
    from topo.analysis.routing import route, routing_name
    from topo.analysis.throughput import throughput
    from topo.analysis.traffic import demand_of

    title = f"{traffic} at line rate under {routing} routing; share of each link's speed"
    if routing_name(routing, "--routing") != "adaptive":
        routed = route(fabric, demand_of(fabric, traffic, network), routing)
        return routed.link_gbps(fabric) / fabric.links.gbps[:, None], title
    best = throughput(fabric, traffic, routing, network)
    use = best.arc_use
    if isinf(best.network_lower):
        return np.zeros((len(fabric.links), 2)), title
    if use is None:
        raise ParameterError(
            "--routing", routing, f"no adaptive loads are at hand for {traffic}", "spray, wcmp, ecmp, static"
        )
    return use_of_links(fabric, switch_network(fabric, network), use), title.replace("under", "under optimal")


def failure_of(fabric: Fabric, names: Sequence[str]) -> tuple[BoolArray, BoolArray]:
    """Masks of the failed devices and links, from names of devices and of ports (`DEVICE:PORT`, whose link fails);
    raises ParameterError."""
    failed = np.zeros(len(fabric.devices), dtype=np.bool_)
    links = np.zeros(len(fabric.links), dtype=np.bool_)
    for text in names:
        name, colon, port = text.partition(":")
        row = device_called(fabric, name, "--fail")
        if not colon:
            failed[row] = True
            continue
        rows = np.flatnonzero((fabric.link_a == row) | (fabric.link_b == row))
        ports = np.where(fabric.link_a[rows] == row, fabric.links.a[rows], fabric.links.b[rows])
        known = [str(p) for p in fabric.port_name(ports)]
        if port not in known:
            allowed = f"{known[0]} … {known[-1]}" if known else "none"
            raise ParameterError(
                "--fail", text, f"{name} has no cabled port of this name", allowed, nearest(port, known)
            )
        links[rows[known.index(port)]] = True
    return failed, links


def cut_of(fabric: Fabric, network: int, which: str) -> tuple[BoolArray, str]:
    """Which devices are in half A, and what the cut is: a pod, plane or rail with the hosts that are on it alone, or a
    device (a switch with such hosts), against all else. Raises ParameterError."""
    word, equals, value = which.partition("=")
    rows = switch_rows(fabric, network)
    if equals:
        column = {"pod": fabric.devices.pod, "plane": fabric.devices.plane, "rail": fabric.devices.rail}.get(word)
        if column is None:
            raise ParameterError("--cut", which, "no such cut", CUTS, nearest(word, ["pod", "plane", "rail"]))
        known = [int(v) for v in np.unique(column[rows]) if v >= 0]
        if not value.isdecimal() or int(value) not in known:
            raise ParameterError(
                "--cut", which, f"{fabric.name} has no such {word}", f"{word}={numbers(known) or 'none'}"
            )
        own, title = rows[column[rows] == int(value)], f"{word} {value}"
    else:
        row = _cut_device(fabric, which)
        own, title = np.array([row]), which
    side = np.zeros(len(fabric.devices), dtype=np.bool_)
    side[own] = True
    switches = own[fabric.devices.tier[own] != HOST]
    whole = np.setdiff1d(hosts_on(fabric, network, switches), hosts_on(fabric, network, np.setdiff1d(rows, switches)))
    side[whole] = True
    return side, f"{title} with {amount(len(whole), 'host')} of its own against all else" if len(switches) else title


def _cut_device(fabric: Fabric, name: str) -> int:
    if name in ("pod", "plane", "rail"):
        raise ParameterError("--cut", name, "which one is not said", CUTS, f"{name}=0")
    return device_called(fabric, name, "--cut")


def use_of_links(fabric: Fabric, net: SwitchNetwork, arc_use: FloatArray) -> FloatArray:
    """Use by arc of a switch network as use by link and direction (shape (links, 2), from end a to end b and back);
    parallel links share an arc's load evenly."""
    result = np.zeros((len(fabric.links), 2))
    rows: IntArray = np.flatnonzero(net.edge_of_link >= 0)
    edge = net.edge_of_link[rows]
    forth = net.device[net.u[edge]] == fabric.link_a[rows]
    result[rows, 0] = arc_use[np.where(forth, edge, edge + net.edges)]
    result[rows, 1] = arc_use[np.where(forth, edge + net.edges, edge)]
    return result

"""What `topo diagram` is asked for in words, against the fabric, and what its mistakes are told."""

from __future__ import annotations

import numpy as np
import pytest
from drawing_designs import fabric

from topo.analysis.throughput import throughput
from topo.diagrams import DiagramInput, draw
from topo.diagrams.asked import cut_of, failure_of, load_of, pair_of
from topo.errors import ParameterError


def told(call, *args) -> str:
    with pytest.raises(ParameterError) as caught:
        call(*args)
    return str(caught.value)


def test_a_pair_of_gpus() -> None:
    built = fabric("mpft-small")
    assert pair_of(built, "host-00000", "host-00003:7") == ("host-00000", 0, "host-00003", 7)
    drawing = draw("path", DiagramInput(built, pair=pair_of(built, "host-00001:2", "host-00003:7")))
    assert "host-00001 GPU 2 to host-00003 GPU 7" in drawing.title
    assert "did you mean host-00003?" in told(pair_of, built, "host-00000", "host-3")
    assert "host-00003:0 to host-00003:7" in told(pair_of, built, "host-00000", "host-00003:8")
    assert "host-00003:0 to host-00003:7" in told(pair_of, built, "host-00000", "host-00003:x")
    assert "no host has this name" in told(pair_of, built, "p0-leaf-000", "host-00003")


def test_failures_by_device_and_by_port() -> None:
    built = fabric("mpft-16384")
    failed, links = failure_of(built, ["p3-leaf-007", "p0-leaf-001:1/1"])
    assert built.devices.name[failed].tolist() == ["p3-leaf-007"]
    (row,) = np.flatnonzero(links).tolist()
    ends = [
        (str(built.devices.name[built.ports.device[p]]), str(built.port_name(np.array([p]))[0]))
        for p in (built.links.a[row], built.links.b[row])
    ]
    assert ("p0-leaf-001", "1/1") in ends
    drawing = draw("failure", DiagramInput(built, failed=failed, failed_links=links))
    assert "p3-leaf-007" in drawing.title
    assert "did you mean p3-leaf-007?" in told(failure_of, built, ["p3-leaf-07"])
    assert "did you mean p3-leaf-007?" in told(failure_of, built, ["p3-laef-007"])
    assert "no cabled port" in told(failure_of, built, ["p3-leaf-007:77/1"])


@pytest.mark.parametrize("name", [pytest.param("dragonfly", marks=pytest.mark.slow), "mrft-2048"])
def test_adaptive_loads_are_those_of_the_optimum(name: str) -> None:
    built = fabric(name)
    use, title = load_of(built, 0, "all-to-all", "adaptive")
    best = throughput(built)
    assert 1 / best.network_upper - 1e-9 <= use.max() <= 1 / best.network_lower + 1e-9
    assert "optimal adaptive" in title
    inner = ~built.is_endpoint_link & (built.links.network == 0)
    assert (use[~inner] == 0).all()
    assert use[inner].max(initial=0.0) <= load_of(built, 0, "all-to-all", "spray")[0].max() * (1 + 1e-9)


def test_loads_of_unknown_names() -> None:
    built = fabric("mpft-small")
    assert not load_of(built, 0, "all-to-all", "adaptive")[0].any()
    assert "did you mean spray?" in told(load_of, built, 0, "all-to-all", "sprai")
    assert "did you mean all-to-all?" in told(load_of, built, 0, "all-2-all", "spray")


def test_cuts_of_a_pod_a_plane_and_a_device() -> None:
    built = fabric("ft3-16384")
    side, title = cut_of(built, 0, "pod=3")
    d = built.devices
    mine = (d.network == 0) & (d.pod == 3) & ~built.is_host
    assert (side & ~built.is_host).tolist() == mine.tolist()
    assert int((side & built.is_host).sum()) == 128
    assert title == "pod 3 with 128 hosts of its own against all else"
    crossing = (built.links.network == 0) & (side[built.link_a] != side[built.link_b])
    assert int(crossing.sum()) == 1024
    drawing = draw("cut", DiagramInput(built, cut_side=side, cut_title=title))
    assert any("1,024 links cross, 409,600 Gb/s each way" in t.text for t in drawing.texts)
    one, _ = cut_of(built, 0, "host-00005")
    assert d.name[one].tolist() == ["host-00005"]
    planes = fabric("mpft-16384")
    plane, _ = cut_of(planes, 0, "plane=2")
    assert not plane[planes.is_host].any()


def test_cuts_that_there_are_not() -> None:
    built = fabric("ft3-16384")
    assert "did you mean pod?" in told(cut_of, built, 0, "pot=1")
    assert "pod=0–15" in told(cut_of, built, 0, "pod=16")
    assert "pod=0" in told(cut_of, built, 0, "pod")
    assert "no device has this name" in told(cut_of, built, 0, "nobody")

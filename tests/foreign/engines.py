"""Runs ibsim, ibnetdiscover and OpenSM on a fabric file, with private sockets and no leftover processes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIMULATOR = Path("/usr/lib/x86_64-linux-gnu/umad2sim/libumad2sim.so")


PACKAGES = {
    "ibsim": "ibsim-utils",
    "opensm": "opensm",
    "ibnetdiscover": "infiniband-diags",
    "dump_lfts": "infiniband-diags",
    "ibdmchk": "ibutils",
    "ibdmtr": "ibutils",
}
"""Debian's package of each tool."""


def need(*tools: str) -> None:
    """Fails, in one line that says what to install, where a tool is missing: these tests are never skipped."""
    missing = [t for t in tools if shutil.which(t, path=os.environ["PATH"] + ":/usr/sbin") is None]
    if missing:
        packages = " ".join(sorted({PACKAGES[t] for t in missing}))
        pytest.fail(f"{', '.join(missing)} missing: run `make foreign`, or apt install {packages}", pytrace=False)


@contextmanager
def simulated(net: Path, folder: Path) -> Iterator[dict[str, str]]:
    """ibsim with a fabric loaded; gives the environment in which clients see it; they run in
    the folder, where the simulator's library keeps files of its own. Raises RuntimeError with its message
    where ibsim refuses the file."""
    need("ibsim", "opensm", "ibnetdiscover")
    preload = SIMULATOR if SIMULATOR.exists() else next(Path("/usr/lib").rglob("libumad2sim.so"))
    socket = f"topo-{os.getpid()}-{time.monotonic_ns()}"
    log = folder / "ibsim.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["ibsim", "-s", "-n", "-N", "60000", "-S", "8000", "-P", "600000", str(net)],
            env={**os.environ, "IBSIM_SOCKNAME": socket},
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        for _ in range(1200):
            if "simulator ready" in log.read_text(errors="replace"):
                break
            if process.poll() is not None:
                raise RuntimeError(log.read_text(errors="replace"))
            time.sleep(0.05)
        else:
            raise RuntimeError("ibsim did not get ready in a minute")
        path = os.environ["PATH"] + ":/usr/sbin"
        yield {"PATH": path, "IBSIM_SOCKNAME": socket, "LD_PRELOAD": str(preload), "PWD": str(folder)}
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def discovered(environment: dict[str, str], sim_host: str = "") -> str:
    """What ibnetdiscover prints, seen from a node (by name in the simulator)."""
    return _ibnetdiscover(environment, [], sim_host)


def cached(environment: dict[str, str], path: Path, sim_host: str = "") -> None:
    """Keeps what ibnetdiscover finds in a file, for `difference`."""
    _ibnetdiscover(environment, ["--cache", str(path)], sim_host)


def difference(environment: dict[str, str], path: Path, sim_host: str = "") -> str:
    """What `ibnetdiscover --diff` tells between a cached fabric and this one: nothing where they are equal."""
    return _ibnetdiscover(environment, ["--diff", str(path)], sim_host)


def _ibnetdiscover(environment: dict[str, str], options: list[str], sim_host: str) -> str:
    return _client(environment, ["ibnetdiscover", *options], sim_host).decode()


def _client(environment: dict[str, str], command: list[str], sim_host: str) -> bytes:
    more = {"SIM_HOST": sim_host} if sim_host else {}
    done = subprocess.run(
        command, env={**environment, **more}, cwd=environment["PWD"], capture_output=True, timeout=300, check=True
    )
    return done.stdout


def dumped(environment: dict[str, str], sim_host: str = "") -> bytes:
    """What dump_lfts reads from the simulated switches."""
    need("dump_lfts")
    return _client(environment, ["dump_lfts"], sim_host)


Cable = tuple[tuple[str, int], tuple[str, int]]


def cables_of(text: str) -> set[Cable]:
    """The cables of ibnetdiscover output as pairs of (description, port), read without topo."""
    names: dict[str, str] = {}
    seen: list[tuple[str, int, str, int]] = []
    node = ""
    for line in text.splitlines():
        head = re.match(r'(?:Switch|Ca)\s+\d+ "([^"]+)"\s+# "([^"]*)"', line)
        if head:
            node = head[1]
            names[node] = head[2]
        end = re.match(r'\[(\d+)\](?:\([0-9a-f]+\))?\s+"([^"]+)"\[(\d+)\]', line)
        if end:
            seen.append((node, int(end[1]), end[2], int(end[3])))
    both = {(names[a], x, names[b], y) for a, x, b, y in seen}
    assert all((b, y, a, x) in both for a, x, b, y in both), "a cable is seen from one side only"
    ends = {((a, x), (b, y)) for a, x, b, y in both}
    return {tuple(sorted(pair)) for pair in ends}  # type: ignore[misc]


def opensm(
    environment: dict[str, str],
    folder: Path,
    sim_host: str = "",
    engine: str = "ftree",
    limit_s: float = 300,
    tables: Path | None = None,
) -> str:
    """One sweep of OpenSM; its log. What it dumps lies in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    more = {"SIM_HOST": sim_host} if sim_host else {}
    command = ["opensm", "-o", "-e", "-R", engine, "-D", "0x43", "-f", str(folder / "osm.log"), "--dump_files_dir"]
    command += [str(folder), "-P", "/nonexistent", "--maxsmps", "32"]
    command += ["-U", str(tables)] if tables else []
    subprocess.run(
        command,
        env={**environment, **more, "OSM_TMP_DIR": str(folder), "OSM_CACHE_DIR": str(folder)},
        cwd=environment["PWD"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        timeout=limit_s,
        check=False,
        start_new_session=True,
    )
    return (folder / "osm.log").read_text(errors="replace")


def accepted_as_tree(log: str) -> bool:
    """OpenSM routed with its fat-tree engine and did not fall back."""
    return "ftree tables configured on all switches" in log and "SUBNET UP" in log


def tables_of(text: str) -> dict[tuple[str, str], int]:
    """(switch GUID, destination port GUID) -> port, of a dump that OpenSM or topo wrote; adapters only."""
    found: dict[tuple[str, str], int] = {}
    switch = ""
    for line in text.splitlines():
        head = re.match(r"Unicast lids .* guid 0x([0-9a-f]+)", line)
        switch = head[1] if head else switch
        row = re.match(r"0x[0-9a-f]+\s+(\d+)\s+[:#] \(?Channel Adapter portguid 0x([0-9a-f]+)", line)
        if row:
            found[switch, row[2]] = int(row[1])
    return found


def ibdmchk(folder: Path, limit_s: int = 120) -> str:
    """What ibdmchk says of what OpenSM dumped. It crashes after it has printed everything, even on good fabrics."""
    need("ibdmchk")
    command = ["ibdmchk", "-s", "opensm-subnet.lst", "-f", "opensm.fdbs", "-m", "opensm.mcfdbs"]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s, check=False
    )
    return done.stdout.decode(errors="replace")


def need_simgrid() -> None:
    """As `need`, for SimGrid in the system's Python."""
    found = (
        subprocess.run(["/usr/bin/python3", "-c", "import simgrid"], capture_output=True, check=False).returncode == 0
    )
    if not found:
        pytest.fail("simgrid missing: run `make foreign`, or apt install python3-simgrid", pytrace=False)

"""Runs `topo` in processes of their own without the price of a start: a server that has imported all of topo forks once
for each command line. What is new in such a process is its arguments, environment, folder and streams; how topo is
started from nothing is asked by tests that start an interpreter (isolation, closed streams, signals, the wheel).

`python -m tests.cli.forks FD` is the server; it ends when the other end of the socket is closed.
"""

from __future__ import annotations

import atexit
import io
import json
import multiprocessing.context
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, TextIO

ROOT = Path(__file__).resolve().parents[2]
AT_START = ("PYTHON", "LC_", "LANG", "NUMBA_", "OMP_", "OPENBLAS_")
"""Beginnings of variables that act while an interpreter or a library starts: a program that is to see others than the
server has is started from nothing."""
LATE = ("scipy.sparse.csgraph", "scipy.optimize", "networkx", "igraph", "jinja2", "graphviz", "rich.console")
"""What commands import while they work."""


class Server:
    """The end of the tests: starts the server, sends it command lines."""

    def __init__(self) -> None:
        self.end, theirs = socket.socketpair()
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.cli.forks", str(theirs.fileno())]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()
        atexit.register(self.stop)

    def stop(self) -> None:
        self.end.close()
        self.process.wait()

    def begin(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], streams: Sequence[int]) -> None:
        """Starts `topo arguments` with stdin, stdout and stderr; `code` waits for its end."""
        asked = json.dumps([list(arguments), str(cwd), dict(env)]).encode()
        socket.send_fds(self.end, [len(asked).to_bytes(4, "big")], list(streams))
        self.end.sendall(asked)

    def code(self) -> int:
        """The exit code, negative where a signal ended it, as subprocess tells it."""
        return int.from_bytes(_exactly(self.end, 4), "big", signed=True)


@cache
def server() -> Server:
    return Server()


def at_start() -> dict[str, str]:
    """The variables of the server that acted while it started."""
    return {name: value for name, value in server().environment.items() if name.startswith(AT_START)}


def alike(env: Mapping[str, str]) -> bool:
    """Whether a program with these variables starts as the server did."""
    ours = server().environment
    names = {name for name in {*ours, *env} if name.startswith(AT_START)} - {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    return all(ours.get(name) == env.get(name) for name in names) and env.get("PYTHONPATH") == str(ROOT)


def run(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """`topo arguments` as subprocess.run gives it, with text; `typed` is what its standard input holds."""
    if not alike(env):
        command = [sys.executable, "-m", "topo", *arguments]
        return subprocess.run(command, cwd=cwd, env=dict(env), input=typed, capture_output=True, text=True, check=False)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write((typed or "").encode())
        given.seek(0)
        server().begin(arguments, cwd, env, [given.fileno(), out.fileno(), err.fileno()])
        code = server().code()
        return subprocess.CompletedProcess(list(arguments), code, text(out), text(err))


def text(stream: IO[bytes]) -> str:
    """All that was written to a file, as text."""
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n").replace("\r", "\n")


def _exactly(end: socket.socket, count: int) -> bytes:
    held = b""
    while len(held) < count:
        piece = end.recv(count - len(held))
        if not piece:
            raise EOFError("the other end of the socket is closed")
        held += piece
    return held


def serve(end: socket.socket) -> None:
    """Forks for every command line that arrives, one after the other, until the socket is closed."""
    while True:
        head, streams, _, _ = socket.recv_fds(end, 4, 3)
        if not head:
            return
        head += _exactly(end, 4 - len(head))
        arguments, cwd, env = json.loads(_exactly(end, int.from_bytes(head, "big")))
        child = os.fork()
        if not child:
            end.close()
            _become(arguments, cwd, env, streams)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        end.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _become(arguments: list[str], cwd: str, env: dict[str, str], streams: list[int]) -> None:
    """What Python does around a program: streams, folder, variables, the program, its end."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["topo", *arguments]
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), sys.stdin.encoding)
    sys.stdout = _written(1, sys.stdout, os.isatty(1))
    sys.stderr = _written(2, sys.stderr, True)
    os._exit(_ended(_code()))


def _written(number: int, like: TextIO, by_line: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(number, "w", closefd=False)), like.encoding, like.errors, line_buffering=by_line
    )


def _code() -> int:
    """The exit code. What is raised beside SystemExit ends the process at the top, as it would end any."""
    from topo.cli import main

    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    return 0


def _ended(code: int) -> int:
    import threading

    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return 120
    return code


class SpawnProcess(multiprocessing.context.ForkProcess):
    """A process of a pool, which knows its own by this name."""


class Forking(multiprocessing.context.ForkContext):
    """Pools of commands fork as well: what they do in processes that start from nothing is asked by `tests/pool`."""

    Process = SpawnProcess


def _imported() -> None:
    """All of topo, so that no process after this one reads a module or a compiled function anew; one core, as in
    `tests/conftest.py`."""
    import gc
    import importlib
    import pkgutil

    import topo
    from topo.cli.program import program

    os.cpu_count = lambda: 1

    ours = [module.name for module in pkgutil.walk_packages(topo.__path__, "topo.")]
    for name in [*ours, *LATE]:
        if not name.endswith("__main__"):
            importlib.import_module(name)
    program()
    multiprocessing.get_context = lambda method=None: Forking()  # type: ignore[assignment]
    topo.check(topo.load_design(ROOT / "designs" / "tiny-mpft.yaml"))
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _imported()
    serve(socket.socket(fileno=int(sys.argv[1])))

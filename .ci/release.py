"""Builds the wheel and the sdist and checks both: `make release`, from the project's folder.

What is checked: version and changelog agree; the wheel holds every module, part and design, the licence and the mark of
typed packages, and nothing else; the sdist alone builds the same wheel; installed in an environment of its own, the
command says its version and proves a shipped design.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
SHIPPED = ("catalogs", "designs")


def main() -> None:
    """Builds and checks; ends with what is wrong."""
    version = stated_version()
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        python = environment(work / "build")
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "build")
        run(python, "-m", "build", "--outdir", DIST, ROOT)
        wheel, sdist = (only(DIST, pattern) for pattern in ("*.whl", "*.tar.gz"))
        run(python, "-m", "build", "--wheel", "--outdir", work / "direct", ROOT)
        same(wheel, only(work / "direct", "*.whl"))
        contents(wheel, version)
        sources(sdist)
        installed(work, wheel, version)
    for file in (wheel, sdist):
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


def stated_version() -> str:
    """The version of the code, which the changelog's first heading names."""
    text = (ROOT / "topo" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    heading = re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if not found or not heading or found[1] != heading[1].rstrip(","):
        sys.exit(f"topo/version.py says {found and found[1]}, CHANGELOG.md {heading and heading[1]}")
    return found[1]


def contents(wheel: Path, version: str) -> None:
    """Everything that running needs is in the wheel, and nothing else."""
    tracked = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    files = [name for name in tracked.split("\0") if name]
    wanted = {name for name in files if name.startswith("topo/")}
    wanted |= {f"topo/_data/{name}" for name in files if name.startswith(tuple(f"{top}/" for top in SHIPPED))}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        info = {name for name in names if ".dist-info/" in name}
        metadata = archive.read(next(name for name in info if name.endswith("METADATA"))).decode()
    missing, more = sorted(wanted - names), sorted(names - wanted - info)
    if missing or more:
        sys.exit(f"{wheel.name} lacks {missing[:5]}, and has {more[:5]} beyond")
    if not any(name.endswith("licenses/LICENSE") for name in info) or "topo/py.typed" not in names:
        sys.exit(f"{wheel.name} has no licence, or does not say that it is typed")
    for line in ("Name: gpu-topo", f"Version: {version}", "License-Expression: Apache-2.0", "Requires-Python: >="):
        if line not in metadata:
            sys.exit(f"the metadata of {wheel.name} do not say {line!r}")


def sources(sdist: Path) -> None:
    """The sdist holds what building needs, and no tests."""
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    wanted = {"topo", *SHIPPED, "README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml"}
    if not wanted <= tops or "tests" in tops:
        sys.exit(f"{sdist.name} holds {sorted(tops)}")


def same(a: Path, b: Path) -> None:
    """Two wheels hold the same files."""
    with zipfile.ZipFile(a) as one, zipfile.ZipFile(b) as other:
        ours, theirs = ({i.filename: i.CRC for i in archive.infolist()} for archive in (one, other))
    if ours != theirs:
        sys.exit(f"the sdist builds another wheel: {sorted(ours.items() ^ theirs.items())[:5]}")


def installed(work: Path, wheel: Path, version: str) -> None:
    """The wheel works where nothing of the checkout is; what it depends on is that of this environment."""
    python = environment(work / "run")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", wheel)
    site = next((work / "run").glob("lib/python3*/site-packages"))
    (site / "depends.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    topo = python.parent / "topo"
    said = run(topo, "--version", cwd=work)
    if version not in said:
        sys.exit(f"the installed command says {said!r}")
    where = run(python, "-c", "import topo; print(topo.__file__)", cwd=work)
    if str(work) not in where:
        sys.exit(f"another topo was tried: {where}")
    run(topo, "example", "tiny-ft2", "-o", "mine.yaml", cwd=work)
    run(topo, "check", "mine.yaml", cwd=work)


def environment(folder: Path) -> Path:
    """A fresh environment; its Python."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def only(folder: Path, pattern: str) -> Path:
    """The one file there."""
    (found,) = folder.glob(pattern)
    return found


def run(*command: object, cwd: Path = ROOT) -> str:
    """What a command prints; ends the script with its own words where it fails."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()

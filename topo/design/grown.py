"""Reads the design that another grows from, and refuses one that it cannot grow from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from topo.catalog import Catalog
from topo.design.model import Design
from topo.errors import InputError, Problem, nearest

KEY = "grow_from"
Standing = tuple[Path, ...]
"""The designs that are being read already, each growing from the next."""
LONGEST_LINE = 32
"""Designs in one line of growth."""


def grown_from(design: Design, read: Callable[[Path, Catalog, Standing], Design], standing: Standing) -> Design:
    """The design that `design.file.grow_from` names. Raises InputError, at the line of the key, for a file that is not
    there or is no valid design, a line of growth that comes back to itself, and a design that cannot grow to this."""
    name = design.file.grow_from or ""
    here, path = Path(design.path), Path(design.path).parent / name
    line = (*standing, here.resolve())
    if path.resolve() in line:
        raise _wrong(design, KEY, name, "grows from itself", hint="name the design that stood before")
    if len(line) > LONGEST_LINE:
        raise _wrong(design, KEY, name, "is one design too many in a line of growth", f"at most {LONGEST_LINE:,}")
    if path.suffix.lower() == ".json":
        raise _wrong(design, KEY, name, "is no design file", "a YAML design of topo")
    if not path.is_file():
        raise _wrong(design, KEY, name, "there is no such file", "a path from the folder of this design")
    try:
        old = read(path, design.catalog, line)
    except InputError as error:
        first = _wrong(design, KEY, name, "is no design that can be built on").problems
        raise InputError([*first, *error.problems]) from None
    return grown_onto(design, old)


def grown_onto(design: Design, old: Design) -> Design:
    """The older design again. Raises InputError where the newer one cannot grow from it."""
    problems = _differences(design, old)
    if problems:
        raise InputError(problems)
    return old


def _differences(new: Design, old: Design) -> list[Problem]:
    """Why a design cannot grow from another."""
    result: list[Problem] = []

    def wrong(key: str, value: object, message: str, allowed: str) -> None:
        result.extend(_wrong(new, key, value, message, allowed).problems)

    if new.file.host != old.file.host:
        wrong("host", new.file.host, "the design that it grows from has other hosts", old.file.host)
    if new.file.gpus < old.file.gpus:
        wrong("gpus", f"{new.file.gpus:,}", "is smaller than the design that it grows from", f"from {old.file.gpus:,}")
    networks = {network.name: network for network in new.networks}
    for before in old.networks:
        now = networks.get(before.name)
        at = f"networks.{before.name}"
        if now is None:
            wrong("networks", ", ".join(networks), f"lack {before.name}, which stands already", before.name)
            continue
        for key in ("family", *sorted(k for k in type(before.params).model_fields if k.endswith("switch"))):
            had, has = getattr(before.params, key), getattr(now.params, key, None)
            if key == "family" and has != had:
                wrong(f"{at}.{key}", has, "the design that it grows from has another family", str(had))
                break
            if has != had and (key == "switch" or has is not None):
                allowed = str(had) if had else str(before.params.switch)
                if has != allowed:
                    wrong(f"{at}.{key}", has, "the design that it grows from has another switch", allowed)
    return result


def _wrong(design: Design, key: str, value: object, message: str, allowed: str = "", hint: str = "") -> InputError:
    keys = tuple(key.split(".")) if "." in key else (key,)
    if "." in key:
        head, rest = key.split(".", 1)
        network, _, last = rest.rpartition(".")
        keys = (head, network, last)
    shown = str(value)
    hint = hint or (nearest(shown, [allowed]) if allowed else "")
    return InputError(Problem(message, key, shown, allowed, hint, design.path, design.document.line(keys)))

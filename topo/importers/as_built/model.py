"""What every reader of as-built files gives: cables, ports with something else on them, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Fitted(NamedTuple):
    """What a table says of a cable's parts, empty where it says nothing: the cable's part, the module in the cage at
    either end, the connector that the cable has there, and its length in metres (0.0)."""

    part: str = ""
    a_module: str = ""
    b_module: str = ""
    a_connector: str = ""
    b_connector: str = ""
    length_m: float = 0.0


UNFITTED = Fitted()


class Seen(NamedTuple):
    """A cable as the file has it. Ports are names or numbers, empty where the file tells none; `gbps` is 0.0 where it
    says nothing. `line` counts from 1, 0 where lines mean nothing. Roles are `host`, `switch` or empty.

    `a_other`, `b_other`: further names of the port, to be tried in this order; `a_id`, `b_id`: what tells the port
    apart from others of the same name (GUID/port). `heard`: which ends report the cable, in a form of reports. `doubt`:
    one of several neighbours of a port, not all of which can be cabled to it. `network`: which of several networks the
    file counts the cable to. Tiers are `leaf`, `spine`, `core`, or empty where the file does not say.
    """

    a_device: str
    a_port: str
    b_device: str
    b_port: str
    gbps: float = 0.0
    line: int = 0
    a_role: str = ""
    b_role: str = ""
    fitted: Fitted = UNFITTED
    a_other: tuple[str, ...] = ()
    b_other: tuple[str, ...] = ()
    a_id: str = ""
    b_id: str = ""
    file: str = ""
    heard: str = ""
    doubt: bool = False
    network: str = ""
    a_tier: str = ""
    b_tier: str = ""

    def place(self) -> str:
        """Where the file says so: `FILE:LINE`, as far as it is known."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Loose(NamedTuple):
    """A port without a cable that can be followed: `why` is `unnamed` (somebody is there and does not say who) or
    `down`; `what` is the rest that is told (an address, a state). `role` is the neighbour's, as far as it is known."""

    device: str
    port: str
    why: str
    what: str = ""
    line: int = 0
    file: str = ""
    role: str = ""
    other: tuple[str, ...] = ()


class Remark(NamedTuple):
    """Something about the file that people should know: a code, words, and the ports or devices meant."""

    code: str
    message: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class AsBuilt:
    """The cables of a file. `simulated`: its speeds mean nothing, as in what ibsim shows. `devices`: every device that
    the file knows, with or without a cable.

    `reporters`: the devices whose own reports the file holds; None for a form that tells of a fabric from outside.
    `chassis`: device that is a chip -> the chassis it sits in. `unnamed`: devices that tell no name and were given one.
    `left_out`: what the file holds and no cable is, with its number. `carried`: switch -> endpoints that it has though
    the file shows no host of theirs, and their speed in Gb/s. `file` is read from `path`.
    """

    path: str
    form: str
    cables: tuple[Seen, ...]
    devices: frozenset[str]
    simulated: bool = False
    loose: tuple[Loose, ...] = ()
    reporters: frozenset[str] | None = None
    chassis: Mapping[str, str] = field(default_factory=dict)
    unnamed: frozenset[str] = frozenset()
    remarks: tuple[Remark, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    carried: Mapping[str, tuple[int, float]] = field(default_factory=dict)

"""Finds parts by kind and id in a list of catalog folders; later folders win."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

from topo import yamlfile
from topo.catalog.forms import Forms, forms_of, shipped_folder
from topo.catalog.models import KINDS, Host, Nic, Part, PriceBook, Switch
from topo.errors import InputError, ParameterError, Problem, nearest

__all__ = ["Catalog", "load_catalog", "shipped_folder"]

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class Catalog:
    """Parts read on demand from `folders`, each `<folder>/<kind>/<id>.yaml`."""

    folders: tuple[Path, ...]
    _read: dict[tuple[str, str], Part] = field(default_factory=dict, repr=False, compare=False)
    fibre: str = field(default="", compare=False)
    """The medium of the fibre and modules that may be chosen; empty: every medium."""

    def with_fibre(self, medium: str) -> Catalog:
        """The same parts, of which modules and fibre of this medium alone may be chosen."""
        return replace(self, fibre=medium)

    @cached_property
    def forms(self) -> Forms:
        """The forms of cages and plugs that its parts may name; raises InputError for a wrong file of them."""
        return forms_of(self.folders)

    def ids(self, kind: str) -> tuple[str, ...]:
        """Every part id of a kind, sorted."""
        return tuple(sorted({f.stem for folder in self.folders for f in (folder / kind).glob("*.yaml")}))

    def path(self, kind: str, part_id: str) -> Path | None:
        """The file of a part, from the last folder that has one."""
        result = [folder / kind / f"{part_id}.yaml" for folder in self.folders]
        return next((f for f in reversed(result) if f.is_file()), None)

    def get(self, kind: str, part_id: str, key: str = "") -> Part:
        """One part; raises ParameterError (under `key`) for an unknown id, InputError for a bad file."""
        if (kind, part_id) not in self._read:
            path = self.path(kind, part_id) if "/" not in part_id and ".." not in part_id else None
            if path is None:
                known = self.ids(kind)
                raise ParameterError(
                    key or kind,
                    part_id,
                    f"no {kind} with this id in the catalog",
                    ", ".join(known),
                    nearest(part_id, known),
                )
            document = yamlfile.read(path)
            part = yamlfile.validated(KINDS[kind], document, forms=self.forms)
            if part.id != path.stem:
                raise InputError(
                    Problem(
                        "the id is not the file's name", "id", part.id, path.stem, "", str(path), document.line(("id",))
                    )
                )
            self._read[kind, part_id] = part
        return self._read[kind, part_id]

    @cached_property
    def sha256(self) -> str:
        """The digest of all parts that can be read: of kind, id and bytes of each, in order; the folders' places do not
        matter."""
        result = hashlib.sha256()
        for kind in sorted(KINDS):
            for part_id in self.ids(kind):
                path = self.path(kind, part_id)
                if path is not None:
                    result.update(f"{kind}/{part_id} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return result.hexdigest()

    def asked(self) -> tuple[tuple[str, str], ...]:
        """(kind, id) of every part that was asked for so far, sorted."""
        return tuple(sorted(self._read))

    def every(self, kind: type[P]) -> tuple[P, ...]:
        """All parts of a kind, by id."""
        name = next(n for n, model in KINDS.items() if model is kind)
        return tuple(cast(P, self.get(name, part_id)) for part_id in self.ids(name))

    def switch(self, part_id: str, key: str = "switch") -> Switch:
        """A switch by id."""
        return cast(Switch, self.get("switch", part_id, key))

    def host(self, part_id: str, key: str = "host") -> Host:
        """A host by id; raises InputError where it names a NIC that the catalog lacks."""
        host = cast(Host, self.get("host", part_id, key))
        for i, nics in enumerate(host.nics):
            if ("nic", nics.nic) not in self._read and self.path("nic", nics.nic) is None:
                known = self.ids("nic")
                path = self.path("host", part_id)
                line = yamlfile.read(path).line(("nics", i, "nic")) if path else 0
                message, hint = "no nic with this id in the catalog", nearest(nics.nic, known)
                place = str(path) if path else ""
                raise InputError(Problem(message, f"nics[{i}].nic", nics.nic, ", ".join(known), hint, place, line))
        return host

    def nic(self, part_id: str, key: str = "nic") -> Nic:
        """A NIC by id."""
        return cast(Nic, self.get("nic", part_id, key))

    def price_book(self, part_id: str, key: str = "price_book") -> PriceBook:
        """A price book by id, its amounts in US dollars."""
        return cast(PriceBook, self.get("price-book", part_id, key)).in_usd()


def load_catalog(folders: Sequence[str | Path] = ()) -> Catalog:
    """The shipped catalog, then the folders of TOPO_CATALOG, then `folders`; raises InputError for a missing one."""
    extra = [Path(f) for f in os.environ.get("TOPO_CATALOG", "").split(os.pathsep) if f]
    extra += [Path(f) for f in folders]
    missing = [
        Problem("no such catalog folder", "catalog", str(f), "a folder that holds switch/, cable/, ...")
        for f in extra
        if not f.is_dir()
    ]
    if missing:
        raise InputError(missing)
    return Catalog((shipped_folder(), *extra))

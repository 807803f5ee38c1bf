"""Reads a design: every mistake of the file at once, each with its line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from topo import yamlfile
from topo.catalog import Catalog, load_catalog
from topo.checks import requirement_kinds
from topo.design.fit import check_fit
from topo.design.grown import Standing, grown_from, grown_onto
from topo.design.grown_shape import growing
from topo.design.model import Design, DesignFile, Network, Requirement
from topo.design.placed import placed
from topo.design.sizes import all_size_problems
from topo.design.unread import unread_problems
from topo.errors import MOST_PROBLEMS, InputError, ParameterError, Problem, nearest, shown
from topo.files import read_file
from topo.generators import HostGroup, NetworkParams
from topo.generators.family import families
from topo.generators.trees.leaf_kinds import LendingParams
from topo.units import amount
from topo.yamlfile import Document, Keys

if TYPE_CHECKING:
    from topo.importers.site_names import SiteNames

R = TypeVar("R")


def load_design(path: str | Path, catalog: Catalog | None = None) -> Design:
    """The design in a file, or the fabric of a JSON file of topo's; raises InputError with every problem found."""
    if Path(path).suffix.lower() == ".json":
        return _imported(Path(path), catalog or load_catalog())
    return _design(yamlfile.read(path), catalog or load_catalog())


def _imported(path: Path, catalog: Catalog) -> Design:
    """A fabric that nothing here designed (`topo import` writes it), as a design that holds it."""
    from topo.importers.fabric_json import MAX_BYTES, read_fabric

    fabric = read_fabric(path)
    if not len(fabric.endpoints):
        hint = "import it again with who sends marked: topo import --hosts 'PATTERN', or --endpoints N"
        raise InputError(
            Problem("nothing sends in this fabric: it has no endpoints", "endpoints", file=str(path), hint=hint)
        )
    document = yamlfile.parse(f"name: imported\nnetworks: {{{', '.join(fabric.networks)}}}\n", str(path))
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", fabric.name).strip("-.")[:64] or "imported"
    file = DesignFile.model_construct(
        name=name, gpus=int(fabric.devices.gpus.sum()), host="imported", networks={n: {} for n in fabric.networks}
    )
    networks = tuple(Network(n, NetworkParams.model_construct(family="imported", switch="")) for n in fabric.networks)
    digest = hashlib.sha256(read_file(path, MAX_BYTES)).hexdigest()
    return Design(name, "", str(path), digest, document, file, catalog, (), networks, (), None, fabric)


def with_requirements(design: Design, texts: Sequence[str]) -> Design:
    """The design with further requirements, each a text as in a design file: `hops: {at_most: 3}`. Raises InputError
    for a wrong one."""
    problems: list[Problem] = []
    networks = [network.name for network in design.networks]
    result = list(design.requirements)
    for i, text in enumerate(texts):
        document = yamlfile.parse(f"requirements:\n- {text}\n", "--require")
        entry = document.value["requirements"][0]
        one = _Collector(document, problems).run(
            ("requirements", 0),
            lambda: _requirement(document, 0, entry, networks),  # noqa: B023
        )
        if one:
            result.append(replace(one, id=f"{one.kind}-{len(design.requirements) + i + 1}", line=0))
    if problems:
        raise InputError([replace(p, line=0, key=p.key.removeprefix("requirements[0].")) for p in problems])
    return replace(design, requirements=tuple(result))


def parse_design(text: str, name: str = "design.yaml", catalog: Catalog | None = None) -> Design:
    """The design in a text; `name` stands for the file in errors."""
    return _design(yamlfile.parse(text, name), catalog or load_catalog())


def parse_grown(texts: Sequence[tuple[str, str]], catalog: Catalog | None = None) -> Design:
    """The last of several designs, each given by a path and its text and grown from the one before; nothing is read.
    Raises InputError as `load_design` does."""
    parts = catalog or load_catalog()
    old: Design | None = None
    for name, text in texts:
        old = _design(yamlfile.parse(text, name), parts, old=old)
    assert old is not None, "no design"
    return old


def _read_old(path: Path, catalog: Catalog, standing: Standing) -> Design:
    return _design(yamlfile.read(path), catalog, standing)


def _design(document: Document, catalog: Catalog, standing: Standing = (), old: Design | None = None) -> Design:
    problems: list[Problem] = []
    collect = _Collector(document, problems)
    file = collect.run((), lambda: yamlfile.validated(DesignFile, document))
    networks = _networks(document, collect)
    requirements = _requirements(document, collect)
    groups: tuple[HostGroup, ...] | None = None
    if file is None:
        _unknown_parts(document, catalog, collect)
    else:
        groups = _groups(file, catalog, collect)
        if file.price_book:
            collect.run(("price_book",), lambda: catalog.price_book(file.price_book or ""))
        _unknown_rates(file, catalog, collect)
        if file.names and not (Path(document.path).parent / file.names).is_file():
            collect.run((), _raiser(Problem("is no file", "names", file.names, "a CSV file beside the design")))
    for network in networks:
        collect.run(("networks", network.name), lambda: check_fit(network, groups, catalog))  # noqa: B023
    if problems:
        _unread(document, catalog, collect)
    if problems and groups:
        _wrong_sizes([*networks, *_without_mistakes(document, collect)], groups, catalog, collect)
    if problems or file is None or groups is None:
        raise InputError(sorted(_each_once(problems), key=lambda problem: problem.line))
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    site = _site_names(document, file.names) if file.names else None
    design = Design(
        file.name, file.title, document.path, digest, document, file, catalog, groups, networks, requirements, site
    )
    if file.grow_from is None:
        return design
    return growing(design, grown_onto(design, old) if old else grown_from(design, _read_old, standing))


def _unknown_rates(file: DesignFile, catalog: Catalog, collect: _Collector) -> None:
    """Rates of nothing that could fail: no kind, no part, no risk group. A group that is called as a kind or part is
    refused as well."""
    from topo.analysis.reliability.groups import KINDS as GROUP_KINDS

    parts = {i for kind in ("switch", "host", "transceiver", "cable") for i in catalog.ids(kind)}
    known = (*GROUP_KINDS, *file.risk_groups)
    for key in file.failure_rates:
        if key not in parts and key not in known:
            problem = Problem("nothing of this name can fail", key, key, ", ".join(known), nearest(key, known))
            collect.run(("failure_rates",), _raiser(problem))
    for key in file.risk_groups:
        if key in parts or key in GROUP_KINDS:
            problem = Problem("is the name of a kind or part already", key, key, hint="another name for the group")
            collect.run(("risk_groups",), _raiser(problem))


def _raiser(*problems: Problem) -> Callable[[], None]:
    def step() -> None:
        raise InputError(problems)

    return step


def _unknown_parts(document: Document, catalog: Catalog, collect: _Collector) -> None:
    """Parts of an otherwise invalid design that the catalog lacks."""
    wrong = {problem.key for problem in collect.problems}
    given = document.value
    if isinstance(given.get("host"), str) and "host" not in wrong:
        collect.run((), lambda: catalog.host(given["host"]))
    if isinstance(given.get("price_book"), str) and "price_book" not in wrong:
        collect.run((), lambda: catalog.price_book(given["price_book"]))
    others = given.get("other_hosts")
    for i, other in enumerate(others if isinstance(others, list) else ()):
        if isinstance(other, dict) and isinstance(other.get("host"), str) and f"other_hosts[{i}].host" not in wrong:
            collect.run(("other_hosts", i), lambda: catalog.host(other["host"]))  # noqa: B023


class _Collector:
    """Runs steps, adds file and line to what they raise, and goes on."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document, self.problems = document, problems

    def run(self, at: Keys, step: Callable[[], R]) -> R | None:
        try:
            return step()
        except InputError as error:
            self.problems += placed(error, self.document, at).problems
            return None


def _groups(file: DesignFile, catalog: Catalog, collect: _Collector) -> tuple[HostGroup, ...] | None:
    """The host groups, the GPU hosts first; None where one of them is wrong."""
    result = [collect.run((), lambda: _gpu_hosts(file, catalog, collect))]
    for i, other in enumerate(file.other_hosts):
        at: Keys = ("other_hosts", i)
        result.append(collect.run(at, lambda: HostGroup(catalog.host(other.host), other.count)))  # noqa: B023
    groups = tuple(group for group in result if group is not None)
    return groups if len(groups) == len(result) else None


def _gpu_hosts(file: DesignFile, catalog: Catalog, collect: _Collector) -> HostGroup:
    """The hosts that hold the GPUs; where these are no whole number of hosts, which is told, one more than fit."""
    host = catalog.host(file.host)
    if host.gpus == 0:
        known = [i for i in catalog.ids("host") if catalog.host(i).gpus]
        raise InputError(Problem("this host has no GPUs", "host", file.host, ", ".join(known)))
    if file.gpus % host.gpus:
        low = file.gpus // host.gpus * host.gpus
        sizes = " or ".join(f"{size:,}" for size in (low, low + host.gpus) if size)
        message = f"the host has {amount(host.gpus, 'GPU')}; this is no whole number of hosts"
        collect.run((), _raiser(Problem(message, "gpus", f"{file.gpus:,}", sizes)))
    return HostGroup(host, -(-file.gpus // host.gpus))


def _wrong_sizes(
    networks: Sequence[Network], groups: Sequence[HostGroup], catalog: Catalog, collect: _Collector
) -> None:
    """Contradictions among the sizes of a design that is wrong elsewhere, so that all are told at once."""
    told = {problem.key for problem in collect.problems}
    for network in networks:
        at = f"networks.{network.name}"
        if at in told:
            continue
        if isinstance(network.params, LendingParams) and network.params.lender is not None:
            continue
        result = [p for p in all_size_problems(network, groups, catalog) if not {p.key, f"{at}.{p.key}"} & told]
        if result:
            collect.run(("networks", network.name), _raiser(*result))


def _networks(document: Document, collect: _Collector) -> tuple[Network, ...]:
    given = document.value.get("networks")
    result = []
    for name, value in given.items() if isinstance(given, dict) else ():
        at: Keys = ("networks", name)
        if not isinstance(value, dict):
            continue
        network = collect.run(at, lambda: _network(document, name, value, at))  # noqa: B023
        if network:
            result.append(network)
    result.sort(key=lambda n: n.name != "compute")
    return tuple(result)


def _unread(document: Document, catalog: Catalog, collect: _Collector) -> None:
    """What is wrong beside keys that cannot be read, and is not told yet."""
    told, given = {problem.key for problem in collect.problems}, document.value.get("networks")
    for name, problem in unread_problems(given if isinstance(given, dict) else {}, catalog):
        if problem not in collect.problems and yamlfile.dotted(("networks", name, problem.key)) not in told:
            collect.run(("networks", name), _raiser(problem))


def _without_mistakes(document: Document, collect: _Collector) -> list[Network]:
    """The networks that have mistakes in some of their keys, as if those were left out, where the others suffice."""
    result = []
    for name, value in document.value.get("networks", {}).items():
        at = ("networks", name)
        wrong = {p.key.removeprefix(f"{yamlfile.dotted(at)}.").partition("[")[0] for p in collect.problems}
        if not isinstance(value, dict) or not wrong & set(value) or wrong & {"family", "switch"}:
            continue
        kept = {key: one for key, one in value.items() if key not in wrong}
        with suppress(InputError):
            result.append(_network(document, name, kept, at))
    return result


def _network(document: Document, name: str, value: dict[str, object], at: Keys) -> Network:
    if "family" not in value:
        known = ", ".join(families.names())
        raise InputError(Problem("is missing", "family", "", known))
    family = families.get(str(value["family"]), "family")
    try:
        return Network(name, yamlfile.validated(family.params, document, value, at))
    except InputError as error:
        if len(error.problems) > MOST_PROBLEMS:
            raise
        raise InputError([_with_owners(problem, value, at) for problem in error.problems]) from None


def _with_owners(problem: Problem, value: dict[str, object], at: Keys) -> Problem:
    """An unknown key of a network that other families take with this value, with those."""
    key = problem.key.removeprefix(f"{yamlfile.dotted(at)}.")
    if problem.message != "unknown key" or key not in value:
        return problem
    fields = {name: families.get(name).params.model_fields.get(key) for name in families.names()}
    owners = [name for name, field in fields.items() if field is not None and _takes(field, value[key])]
    return replace(problem, hint=f"families with this key: {', '.join(owners)}") if owners else problem


def _takes(field: FieldInfo, value: object) -> bool:
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(value)
    except ValidationError:
        return False
    return True


def _each_once(problems: list[Problem]) -> list[Problem]:
    """The problems without those of a value's type where what the value has to be is told better."""
    told = {problem.key for problem in problems if problem.hint}
    return [p for p in problems if p.hint or p.key not in told or p.allowed != "a mapping of keys to values"]


def _site_names(document: Document, name: str) -> SiteNames:
    """The names in the file beside a design; raises InputError with the design's line where there is no such file."""
    path = Path(document.path).parent / name
    if not path.is_file():
        allowed = "a CSV file, by its path from the folder of this design"
        raise placed(ParameterError("names", name, "there is no such file", allowed), document, ())
    from topo.importers.site_names import read_names

    return read_names(path)


def _requirements(document: Document, collect: _Collector) -> tuple[Requirement, ...]:
    named = document.value.get("networks")
    networks = [str(name) for name in named] if isinstance(named, dict) else []
    given = document.value.get("requirements")
    result = []
    for i, entry in enumerate(given if isinstance(given, list) else ()):
        at: Keys = ("requirements", i)
        requirement = collect.run(at, lambda: _requirement(document, i, entry, networks))  # noqa: B023
        if requirement:
            result.append(requirement)
    return tuple(result)


def read_requirements(document: Document, networks: list[str]) -> tuple[Requirement, ...]:
    """The requirements that a document states of these networks; raises InputError with every mistake of them."""
    problems: list[Problem] = []
    collect = _Collector(document, problems)
    value = {**document.value, "networks": dict.fromkeys(networks)}
    result = _requirements(replace(document, value=value), collect)
    if problems:
        raise InputError(problems)
    return result


def _requirement(document: Document, i: int, entry: object, networks: list[str]) -> Requirement:
    if not isinstance(entry, dict) or len(entry) != 1:
        known, told = ", ".join(requirement_kinds.names()), shown(entry) if isinstance(entry, str | int | float) else ""
        message, hint = "a requirement is one kind with its keys", "- hops: {at_most: 3}"
        raise InputError(Problem(message, "", told, known, hint))
    ((kind, value),) = entry.items()
    params_type = requirement_kinds.get(kind, kind).params
    at: Keys = ("requirements", i, kind)
    params = yamlfile.validated(params_type, document, {} if value is None else value, at)
    if params.network not in networks:
        raise InputError(
            Problem("no network of this design has this name", f"{kind}.network", params.network, ", ".join(networks))
        )
    return Requirement(f"{kind}-{i + 1}", kind, params, document.line(at))

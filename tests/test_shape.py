"""What a reader may expect of the code: functions fit on a page, take few arguments, an underscore means private, and
in no folder do modules import each other in a circle; a number that is a constant has a reason.

Excepted are kernels, which numba compiles whole and which take columns, not frozen values, and commands, whose
parameters are the options that a user sees.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import networkx as nx

TOPO = Path(__file__).resolve().parents[1] / "topo"
LINES, PARAMETERS = 60, 6
OPTIONS = {
    "analysis.collectives.ranks.place",
    "analysis.collectives.timing.collective_time",
    "analysis.collectives.timing.concurrent_time",
    "analysis.collectives.timing.expert_time",
    "analysis.failures._random.random_failures",
    "analysis.failures._single.single_failures",
    "analysis.reliability.in_groups.together",
    "analysis.reliability.steady.steady_state",
    "analysis.throughput.answer.throughput",
    "api.designs.checked",
    "api.questions.routing",
    "api.questions.search",
    "api.questions.throughput",
    "api.written.draw",
    "audit.compare.audit",
    "placement.cables.bom.bill_of_materials",
    "report.answers.collectives.collectives",
    "report.compare.table.compare",
    "report.answers.routings.routing_page",
    "report.spare.spare_of",
}
"""Questions of the Python API and what answers them: most parameters are options that have a default."""
WIDE = {"diagrams.sheet.canvas.box", "diagrams.sheet.canvas.line"}
"""Functions that take more and are none of these, a list that may only grow shorter: what is drawn has a place, a size
and a look."""


class Function(NamedTuple):
    name: str
    lines: int
    parameters: int
    needed: int
    excepted: bool


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(TOPO.rglob("*.py"))}


@cache
def functions() -> tuple[Function, ...]:
    return tuple(_functions())


def _functions() -> Iterator[Function]:
    for path, tree in trees().items():
        for node in inside(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                count = sum(argument.arg not in ("self", "cls") for argument in given)
                place = ".".join(path.relative_to(TOPO).with_suffix("").parts)
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                needed = count - len(node.args.defaults) - sum(one is not None for one in node.args.kw_defaults)
                excepted = "compiled" in marks or "command(" in marks
                yield Function(f"{place}.{node.name}", lines, count, needed, excepted)


def test_functions_fit_on_a_page() -> None:
    assert {f"{f.name}: {f.lines}" for f in functions() if f.lines > LINES and not f.excepted} == set()


def test_functions_take_few_arguments() -> None:
    found = {f.name for f in functions() if f.parameters > PARAMETERS and not f.excepted}
    assert found == OPTIONS | WIDE, (
        f"over {PARAMETERS}: {sorted(found - OPTIONS - WIDE)}; no more: {OPTIONS | WIDE - found}"
    )


def test_options_have_defaults() -> None:
    """A question needs no more values than any function takes; the rest may be left out."""
    found = {f.name for f in functions() if f.name in OPTIONS and f.needed > PARAMETERS}
    assert found == set()


def inside(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement of a module: expressions, which are most of a tree, are not gone through."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            if isinstance(node, ast.stmt):
                yield node
            yield from inside(node)


def test_numbers_have_a_reason() -> None:
    """What a limit is, and why it is that: below each constant that holds numbers, or beside or above it."""
    bare = [
        f"{path.relative_to(TOPO)}:{node.lineno}: {ast.unparse(node)}"
        for path, tree in trees().items()
        for node, after in zip_longest(tree.body, tree.body[1:])
        if is_number_constant(node) and not is_text(after)
    ]
    assert bare == []


def is_number_constant(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        targets = [one for to in node.targets for one in (to.elts if isinstance(to, ast.Tuple) else [to])]
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return False
    upper = any(isinstance(to, ast.Name) and to.id.isupper() for to in targets)
    return upper and node.value is not None and is_number(node.value)


def is_number(node: ast.expr) -> bool:
    """Whether an expression is a number, or holds nothing but numbers; names stand for other constants."""
    match node:
        case ast.Constant():
            return type(node.value) in (int, float)
        case ast.UnaryOp():
            return is_number(node.operand)
        case ast.BinOp():
            sides = (node.left, node.right)
            return any(map(is_number, sides)) and all(isinstance(one, ast.Name) or is_number(one) for one in sides)
        case ast.Tuple() | ast.List() | ast.Set():
            return bool(node.elts) and all(map(is_number, node.elts))
        case ast.Dict():
            return bool(node.values) and all(map(is_number, node.values))
        case ast.Call(func=ast.Name(id="Fraction" | "float" | "int" | "frozenset")):
            return bool(node.args) and all(map(is_number, node.args))
        case _:
            return False


def is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_a_number_without_a_reason_is_found() -> None:
    """Tuples, products and tables too; words are none, nor what is computed when it is called."""
    for text in ("A = 3", "A: int = 3", "A, B = 1, 2", "A = -2 * B", "A = {'x': 1.0}", "A = Fraction(1, 3)", "_A = 1"):
        assert is_number_constant(ast.parse(text).body[0]), text
    for text in ("A = 'x'", "a = 3", "A = True", "A = B", "A = f()", "A = ()", "A = np.zeros(3)", "A = {'x': 'y'}"):
        assert not is_number_constant(ast.parse(text).body[0]), text


def test_an_underscore_means_private() -> None:
    """A module or name with one is imported by its own package alone."""
    outside = []
    for path, tree in trees().items():
        package = ("topo", *path.relative_to(TOPO).parts[:-1])
        for node in inside(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level and node.module.startswith("topo"):
                parts = node.module.split(".")
                for i, part in enumerate(parts):
                    if part.startswith("_") and not part.startswith("__") and tuple(parts[:i]) != package[:i]:
                        outside.append(f"{path.relative_to(TOPO)}: {node.module}")
                outside += [
                    f"{path.relative_to(TOPO)}: {node.module}.{alias.name}"
                    for alias in node.names
                    if alias.name.startswith("_") and not alias.name.startswith("__") and tuple(parts) != package
                ]
    assert outside == []


def test_folders_of_extensions_hold_extensions_alone() -> None:
    """What they share stands one folder up: whoever adds one sees nothing but others of its kind."""
    folders = {
        call.args[1].value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(call := node, ast.Call) and len(call.args) == 2 and isinstance(call.args[1], ast.Constant)
        if ast.unparse(call.func).partition("[")[0] == "Registry"
    }
    assert len(folders) >= 12
    helpers = [
        str(path.relative_to(TOPO))
        for folder in folders
        for path in TOPO.joinpath(*str(folder).split(".")[1:]).iterdir()
        if path.name != "__init__.py" and ((path.name.startswith("_") and path.name != "__pycache__") or path.is_dir())
        if path.name != "__pycache__"
    ]
    assert helpers == []


def test_no_folder_has_a_circle_among_its_modules() -> None:
    """A folder counts as one module of the folder above it, with all that it imports, also inside of functions."""
    found = {circle for folder, arrows in sorted(imports().items()) for circle in circles(folder, arrows)}
    assert found == set()


def imports() -> dict[str, set[tuple[str, str]]]:
    """Which of its modules and folders imports which, by folder."""
    names = {path: ("topo", *path.relative_to(TOPO).with_suffix("").parts) for path in trees()}
    names = {path: name[:-1] if name[-1] == "__init__" else name for path, name in names.items()}
    known, found = set(names.values()), defaultdict(set)
    for path, tree in trees().items():
        for node in inside(tree):
            if isinstance(node, ast.Import):
                asked = [tuple(alias.name.split(".")) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                below = tuple(node.module.split("."))
                asked = [one if (one := (*below, alias.name)) in known else below for alias in node.names]
            else:
                continue
            for one in asked:
                mine, at = names[path], 0
                while at < min(len(mine), len(one)) and mine[at] == one[at]:
                    at += 1
                if 0 < at < min(len(mine), len(one)):
                    found[".".join(mine[:at])].add((mine[at], one[at]))
    return found


def circles(folder: str, arrows: set[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    """The folder and the modules in it that can be reached from each other, largest sets of them."""
    for one in nx.strongly_connected_components(nx.DiGraph(arrows)):
        if len(one) > 1:
            yield (folder, *sorted(one))


def test_a_circle_is_found() -> None:
    """Also one that three modules close, beside modules that lie on none."""
    arrows = {("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a"), ("f", "g"), ("g", "f")}
    assert set(circles("x", arrows)) == {("x", "a", "b", "c"), ("x", "f", "g")}

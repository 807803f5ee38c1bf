"""Mistakes that are told of keys, at their places in the file of a design."""

from __future__ import annotations

import re
from dataclasses import replace

from topo import yamlfile
from topo.errors import InputError, Problem
from topo.yamlfile import Document, Keys

_STEP = re.compile(r"\[([0-9]+)\]|([^.\[]+|\[)", re.ASCII)
"""One step of a key as `yamlfile.dotted` writes it: a position in a list, or a word (which may hold a bracket)."""


def placed(error: InputError, document: Document, at: Keys) -> InputError:
    """The error with the file, the full key and the line of keys that stand below `at`."""
    result = []
    for problem in error.problems:
        if problem.file:
            result.append(problem)
            continue
        if re.search(r"\[[0-9]+\]", problem.key):
            result.append(_placed_inside(problem, document, at))
            continue
        inner: Keys = (*at, problem.key)
        keys = inner if problem.key and inner in document.lines else (problem.key,)
        keys = keys if keys in document.lines else at
        key = yamlfile.dotted(inner) if keys != (problem.key,) else problem.key
        result.append(replace(problem, key=key.strip("."), file=document.path, line=document.line(keys)))
    return InputError(result)


def _placed_inside(problem: Problem, document: Document, at: Keys) -> Problem:
    """The same for a key inside of a list, such as `leaves[0].hosts`: at the nearest key around it that has a line."""
    words = _STEP.findall(problem.key)
    keys: Keys = (*at, *(int(number) if number else word for number, word in words))
    name = yamlfile.dotted(keys)
    while keys and keys not in document.lines:
        keys = keys[:-1]
    return replace(problem, key=name, file=document.path, line=document.line(keys))

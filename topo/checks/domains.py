"""Leaves that cut scale-up domains: worth knowing, not wrong."""

from __future__ import annotations

import numpy as np

from topo.checks.model import Context, Finding
from topo.fabric.domains import joined_hosts
from topo.fabric.ranks import distinct
from topo.units import amount

CODE = "cut-domain"


def domain_notes(context: Context) -> list[Finding]:
    """A note for each network in which hosts of one scale-up domain hang on unlike sets of leaves though a leaf has as
    many hosts as the domain."""
    fabric, ends = context.fabric, context.fabric.endpoints
    result = []
    for row, network in enumerate(fabric.networks):
        rows = np.flatnonzero((ends.network == row) & (fabric.endpoint_switch >= 0))
        if not len(rows):
            continue
        size_of = max(len(fabric.devices), 1)
        held = distinct(ends.host[rows].astype(np.int64) * size_of + fabric.endpoint_switch[rows])
        pairs = np.stack([held // size_of, held % size_of])
        host, begin = np.unique(pairs[0], return_index=True)
        kinds: dict[bytes, int] = {}
        parts = zip(begin.tolist(), [*begin[1:].tolist(), len(held)], strict=True)
        leaves = [kinds.setdefault(pairs[1, i:j].tobytes(), len(kinds)) for i, j in parts]
        _, domain, size = np.unique(joined_hosts(fabric, host), return_inverse=True, return_counts=True)
        domain = domain.reshape(-1)
        low, high = np.full(len(size), len(kinds)), np.full(len(size), -1)
        np.minimum.at(low, domain, leaves)
        np.maximum.at(high, domain, leaves)
        holds = int(np.unique(pairs[1], return_counts=True)[1].max())
        cut = np.flatnonzero((low < high) & (size <= holds))
        if len(cut):
            first = host[domain == cut[0]]
            name = [str(n) for n in fabric.devices.name[first[[0, -1]]]]
            whole = holds // int(size.max()) * int(size.max())
            hint = f"hosts_per_leaf: {whole} gives a leaf whole domains" if whole else ""
            message = (
                f"leaves of network {network} cut {len(cut):,} of {amount(len(size), 'scale-up domain')}: "
                "their hosts hang on "
                f"unlike leaves, such as {name[0]} and {name[1]}"
            )
            result.append(Finding(CODE, "note", message, tuple(name), hint))
    return result

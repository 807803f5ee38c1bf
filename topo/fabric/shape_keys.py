"""Keys of an origin's shape: what a generator tells of a network beside its sizes."""

from __future__ import annotations

OUTSIDE_PORTS, OUTSIDE_MBPS = "outside-ports-", "outside-mbps-"
"""Keys of an origin's shape, each with the number of a kind of leaves: its ports that lead out, and their Mb/s."""
HOSTS_ON = "hosts-"
"""Key of an origin's shape, with the number of a group of hosts: the kind of leaves that joins them."""
SPINES_IN, SPINES_TIER, SPINES_FROM = "spines_in", "spines_tier", "spines_from"
LEAVES_IN, LEAVES_FROM = "leaves_in", "leaves_from"
"""Keys of an origin's shape: the row of the network whose switches are this one's spines, or its leaves, too; of which
tier they are there (spines where it is not told), and the index of the first (0)."""
OWN_ROUTERS = "own_routers"
"""Key of the sizes of a network whose switches are routers inside its endpoints' own devices."""
DUAL = "dual"
"""Key of the sizes of a network in which each host is on the two leaves of a pair."""

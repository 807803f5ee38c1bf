"""What every finding and requirement means, and what to do about it: what `topo explain` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """What a code says, and what helps."""

    means: str
    remedy: str


MEANINGS: dict[str, Meaning] = {
    "adapter-names": Meaning(
        "A host's adapters are called otherwise than in the plan (their numbers have gaps, say); they "
        "are told apart by where most of them are plugged in.",
        "Nothing, where the list is right; a host part may name them under `port_names`, which hold where "
        "most adapters are plugged in so.",
    ),
    "bisection": Meaning(
        "The least capacity between two halves of the hosts, as a share of the line rate of the weaker "
        "half, is below what is asked.",
        "Add spines or uplinks, lower the oversubscription, or ask for less; the cut is drawn by `topo "
        "diagram --view cut`.",
    ),
    "bundles": Meaning(
        "Links of one bundle (between the same two switches) differ in speed or kind, or are of a kind that "
        "their tiers do not have.",
        "Make the links of the bundle alike, or count them as bundles of their own.",
    ),
    "cut-domain": Meaning(
        "Hosts of one scale-up domain hang on unlike leaves, though a leaf has ports for all of them (a note).",
        "Set `hosts_per_leaf` to whole domains, or leave it: only traffic between domains notices.",
    ),
    "cage-mismatch": Meaning(
        "A cable's plug does not fit the cage of the port.", "Use the cable or module for this cage."
    ),
    "column-unused": Meaning(
        "A column is called like one of networks and holds another name for nearly every cable.",
        "Name the networks in it, or leave it: the plan is judged as one network.",
    ),
    "connected": Meaning(
        "Some endpoint has no path to another of its plane.", "See the finding for who is cut off, and cable it."
    ),
    "cost-usd": Meaning(
        "Switches, links and what else the price book knows cost more than the bound, or a part has no "
        "price (undecided).",
        "See `topo cost` for what the sum holds and what it leaves out; choose other parts or add the price.",
    ),
    "counts": Meaning(
        "The fabric has other numbers of switches, links or spare ports than the closed form of its family.",
        "Restore what was added or taken away; in a design straight from topo this is a fault of topo: report it.",
    ),
    "credit-loop": Meaning(
        "Channels wait for each other in a circle: a deadlock is possible.",
        "Use as many virtual lanes as the finding says, or another routing engine.",
    ),
    "cut-off": Meaning(
        "NIC ports that should be endpoints have no link.",
        "Cable them, or take the NIC out of the network in the design.",
    ),
    "dark-ports": Meaning(
        "Ports that the design uses carry no link.", "Cable the port, or reserve it with `reserve_ports`."
    ),
    "dark-switches": Meaning("Switches without any link.", "Cable the switch or take it out."),
    "dead-port": Meaning(
        "Entries leave by a port where the design has no link to a switch.",
        "The tables are of another cabling: audit the cables first.",
    ),
    "endpoint-ports": Meaning(
        "An endpoint is not a port of its host.",
        "Look at the rows of endpoints where the fabric was changed or imported.",
    ),
    "extra": Meaning("A cable was found that the design does not have.", "Take it out, or add it to the design."),
    "expected-throughput": Meaning(
        "While parts fail and are repaired at the design's rates, traffic gets less on average (or for more of the "
        "time) than is asked; where draws decided, the statement says how many and how sure.",
        "Repair faster, add spines or uplinks, dual-home hosts, or ask for less.",
    ),
    "failure": Meaning(
        "After the loss of any one of the named things less is kept, or more is cut off, than the bound.",
        "The finding names the worst loss; more spines, dual homing or more planes make it milder.",
    ),
    "flat-links": Meaning(
        "Links of a family without tiers join other switches than the family's rule says.",
        "Compare the named cables with the plan; two ends are usually exchanged.",
    ),
    "hops": Meaning(
        "A shortest path between two endpoints crosses more switches than the bound.",
        "Fewer tiers, or a family of smaller diameter.",
    ),
    "interruptions-per-month": Meaning(
        "What fails leaves a NIC of the job without any link, or takes a host of it, more often than is asked.",
        "`homing: dual` (a NIC with ports on two leaves or planes outlives either), better parts, or a smaller job.",
    ),
    "islands": Meaning(
        "A group of switches has no path to the rest of its plane.",
        "Add the missing links; nothing that is proved of the network holds across the gap.",
    ),
    "latency-us": Meaning(
        "The modelled latency of the longest (or mean) path is above the bound, or the parts name no one "
        "protocol (undecided).",
        "Shorten cables or paths; see `topo latency`.",
    ),
    "limit-reached": Meaning(
        "An answer ended at its limit of time or work, and the interval leaves the requirement open: "
        "undecided, never held.",
        "Raise --time-limit, or ask for a bound outside the interval.",
    ),
    "leaf-kinds": Meaning(
        "A host is cabled to a leaf that `leaves` gives to hosts of another kind.",
        "Move the named end to a leaf of its own kind; leaves of a kind have the ports and the ratio of their hosts.",
    ),
    "link-ends": Meaning(
        "A link ends on a port that does not exist.",
        "Correct the row; every other check leaves the link out until then.",
    ),
    "link-ids": Meaning("Two links have one id.", "Give every link an id of its own."),
    "loop": Meaning("Pairs whose packets run in a circle.", "Look at the tables of the named switches."),
    "missing": Meaning(
        "A planned cable was found at neither end although the file covers both.",
        "Plug it in, or look at the ports named.",
    ),
    "more-paths": Meaning("Ports have further addresses (LMC), which are not judged.", "Nothing need be done."),
    "name-twice": Meaning(
        "Two devices carry the same name, so one of them is known by its GUID or port alone.",
        "Give each device a name of its own (node description, host name).",
    ),
    "names": Meaning(
        "Devices or ports share a name, or a name has signs that tools refuse.",
        "Rename them; `names` maps the plan's names to the site's.",
    ),
    "networks": Meaning(
        "A link joins two networks that should be apart.", "Move the named end to a switch of its own network."
    ),
    "outside-ports": Meaning(
        "A switch has more, fewer or slower ports that lead out of the fabric than `outside` of its leaves says.",
        "Set the named switch's ports to the role and speed of the design; nothing else may use them.",
    ),
    "names-proposed": Meaning(
        "Devices have other names than in the plan; each was given the planned place that most of its cables ask for.",
        "Read the names that `--write-names` writes, and give them with `--names` or a design's `names`.",
    ),
    "no-destination": Meaning(
        "Endpoints that no table leads to.", "See whether the host was up when the tables were dumped."
    ),
    "no-part": Meaning(
        "Links for which the catalog has no cable or module that fits both ends, the speed and the length.",
        "Add the part to a catalog folder, or choose a port form that shares one.",
    ),
    "no-ports": Meaning(
        "The file names no port that the plan has, so cables are compared by the devices they join.",
        "Use a file that names ports where it matters which.",
    ),
    "no-proof": Meaning(
        "The answer would hold but carries no certificate, so it is not reported as held.",
        "Raise --time-limit; where it stays, report it.",
    ),
    "no-table": Meaning("A switch of the design has no table in the file.", "Dump it too."),
    "not-a-fat-tree": Meaning(
        "The cables do not form tiers in which every leaf reaches every spine of its group alike; as a note: what was "
        "taken for a network without tiers, and is not judged as one with them.",
        "See the named switches; families without tiers are checked against a design.",
    ),
    "not-covered": Meaning(
        "The files say nothing about these cables, so they are not judged.",
        "Add the file of the switch, plane or rail.",
    ),
    "nothing-sends": Meaning(
        "The fabric has no endpoints: nothing that is asked of it can be held.",
        "Mark who sends: `endpoints=<count>` on nodes, or `topo import --hosts PATTERN`.",
    ),
    "management-port": Meaning(
        "A management port (eth0, mgmt0, ...) unknown to the plan leads to a device that is unknown to it as well.",
        "Design the management network, to have its cables judged as well.",
    ),
    "one-end": Meaning(
        "Both ends tell of their cables, but this one is told of by one end alone.",
        "Look at the other end: LLDP may be off there, or one direction of the fibre is broken.",
    ),
    "one-plug": Meaning(
        "The two ends of a cable need different plugs.", "Use a cable with both, or a module at each end."
    ),
    "open-size": Meaning(
        "The design leaves a size open, and the files show another one than topo would choose; they are judged "
        "by theirs.",
        "State the size in the design.",
    ),
    "open-panel": Meaning(
        "A cable ends in a patch panel behind which nothing is plugged in.",
        "Complete the way through the panel, or take the cable out.",
    ),
    "other-port": Meaning(
        "A table hands a host over at another port than planned.", "Audit the cables of the named leaf."
    ),
    "other-port-names": Meaning(
        "A switch's ports are called otherwise than in the plan; they are read by cage and part of a cage.",
        "Nothing, where the example is right.",
    ),
    "overloaded": Meaning(
        "Some links of a kind carry more than any does under topo's static routing.",
        "Another routing engine (ftree) spreads better; the finding names the links.",
    ),
    "oversubscription": Meaning(
        "A switch has more bandwidth down for its bandwidth up than the bound.",
        "Give it more uplinks (`uplinks`, `oversubscription`) or fewer hosts (`hosts_per_leaf`).",
    ),
    "patch-panels": Meaning(
        "A panel has too few positions, or a trunk does not fit.",
        "Add panels to the floor, or use trunks of more fibres.",
    ),
    "path-length": Meaning(
        "A shortest path is longer than the closed form of the family says.",
        "Look for cables that are missing or exchanged near the named switches.",
    ),
    "planes": Meaning(
        "A link joins two planes.", "Move the named end back to its plane; planes have no link to one another."
    ),
    "pods": Meaning("An uplink leaves its pod below the core.", "Move the named end to a spine of the leaf's own pod."),
    "port-down": Meaning(
        "A planned cable's port is there, and down.", "Look at the module, the cable and the far end."
    ),
    "port-range": Meaning(
        "A port number is higher than the part has.", "Correct the port, or name the part that has it."
    ),
    "port-reuse": Meaning("Two links use one port.", "Move one of the two named cables."),
    "port-roles": Meaning(
        "A port carries what it is not meant for: an uplink on a downlink port, a link on a reserved one.",
        "Move the cable to a port of its role.",
    ),
    "port-used-twice": Meaning(
        "Two cables of the file end on one port.",
        "Correct the row that is wrong; a cable listed from both ends is one.",
    ),
    "power-w": Meaning(
        "Switches, modules and active cables draw more than the bound, or a part has no figure (undecided).",
        "See the power by part in the report; copper draws nothing.",
    ),
    "protocols": Meaning(
        "The two ends of a link speak different protocols.", "Use parts of one protocol at both ends."
    ),
    "rack-limits": Meaning(
        "A rack draws more power, holds more units or weighs more than its kind allows; undecided where a "
        "part's figure is unknown.",
        "Spread the devices over more racks, or add the missing figure.",
    ),
    "rail-broken": Meaning("NICs of unlike index meet on one leaf group.", "Move the named host cables to their rail."),
    "rails": Meaning(
        "A cable leaves its rail: NICs of unlike index meet on one leaf group.",
        "Move the named host end to the leaf of its rail.",
    ),
    "hosts-per-rack": Meaning(
        "The floor allows a rack more hosts than an empty rack has units or power for: the number is a ceiling that no "
        "rack reaches, and racks hold fewer.",
        "State the number that fits, another rack, or leave `hosts_per_rack` out.",
    ),
    "price-not-fitted": Meaning(
        "The price book prices a switch or a speed of links by a class that was fitted to other parts: the cost says "
        "little about them.",
        "Name prices of your own under `parts_usd`, as numbers or ranges, or take a book that was fitted to them.",
    ),
    "ratio-read": Meaning(
        "A ratio is written as a rounded decimal (1.067) that no split of the ports gives, and built as the ratio of "
        "small numbers that it is the rounding of (16:15), which one gives.",
        "Nothing, or write the ratio itself.",
    ),
    "random-failures": Meaning(
        "In too many of the stated draws less is kept than the bound.",
        "The rows under `failures` name each draw's seed and what it lost.",
    ),
    "requirement": Meaning(
        "The live tables do not reach what the design asks of all-to-all.", "See the loads of the named links."
    ),
    "same-device": Meaning("A link joins a device to itself.", "Take the loop out."),
    "several-neighbours": Meaning(
        "A port shows several neighbours: members of a bond, phones, or hosts behind a small switch.",
        "Nothing, where the one that reports the port itself is the planned one.",
    ),
    "spare-ports": Meaning("A switch has fewer free ports than the bound.", "Reserve them with `reserve_ports`."),
    "spares": Meaning(
        "The spares on site of some part do not last for the lead time with the service level that is asked.",
        "Raise `spares_percent`, shorten the lead time, or ask for a lower service level; the finding names the part.",
    ),
    "speeds": Meaning(
        "A link and its two ports do not have one speed.",
        "Set the ports alike, or use the cable and modules of that speed.",
    ),
    "subnet-size": Meaning(
        "An InfiniBand subnet has more endpoints and switches than the 49,151 unicast addresses.",
        "Split the network into planes, or use Ethernet.",
    ),
    "swapped": Meaning("Two cables are exchanged.", "Exchange the two named ends."),
    "switches": Meaning(
        "There are more switches than the bound.", "See `spare` in `topo show`, or let `topo search` look for fewer."
    ),
    "throughput": Meaning(
        "The traffic reaches less of line rate under the routing than the bound.",
        "The finding names the switch or link that limits it; compare routings with `topo routing`.",
    ),
    "tier-order": Meaning("A link joins tiers that are not neighbours.", "Move the named end to the next tier."),
    "tray-fill": Meaning(
        "A cable tray is fuller than the floor's limit.", "Widen the tray, add one, or use thinner cables."
    ),
    "uneven-spread": Meaning(
        "A leaf spreads its uplinks otherwise than its peers do.",
        "Compare the named leaf with its peers; a spine is left out or doubled.",
    ),
    "unknown-destination": Meaning(
        "A table leads to an adapter that the design does not have.", "Map its name, or leave it: it is not judged."
    ),
    "unknown-device": Meaning(
        "The file names a device that the design does not have.",
        "Map its name with `--names`, or add it to the design.",
    ),
    "unknown-port": Meaning(
        "The file names a port that the part does not have.", "Give the host part its `port_names`, or correct the row."
    ),
    "unnamed": Meaning(
        "Devices carry the firmware's text or `localhost` instead of a name and are known by GUID and port.",
        "Set their node descriptions, or map GUIDs to names with `--names`.",
    ),
    "unnamed-neighbour": Meaning(
        "A port has a neighbour that tells no name, so it is neither right nor missing.",
        "Let the host run an LLDP agent, or map it with `--names`.",
    ),
    "unreachable": Meaning(
        "Pairs of endpoints whose packets end at a switch without an entry.", "Look at the tables of the named switch."
    ),
    "unresolved": Meaning("A table's entry names no adapter.", "Dump with names, or add the subnet's list."),
    "uplink-spread": Meaning(
        "Uplinks of equal switches are not spread evenly: an error where a family promises it, a warning on an "
        "imported fabric, which may be so on purpose.",
        "Move the named cables so that every switch above gets its share; on an imported fabric, a requirement says "
        "whether what it carries is enough.",
    ),
    "virtual-lanes": Meaning(
        "The number of virtual lanes is proved too small against deadlock, or none that suffices was found "
        "(undecided).",
        "Allow more lanes, or route along up-down paths.",
    ),
    "wiring-rule": Meaning(
        "A family brings no rule of where its links belong, or is not known here: nobody looked at that.",
        "Give the family's value a `rule`; see the how-to of a family of your own.",
    ),
    "wrong-device": Meaning("One end of the cable is on another device than planned.", "Move the named end."),
    "wrong-network": Meaning(
        "A cable of one network ends at a switch whose other cables are of another.",
        "Move the plug, or correct the network that the row names.",
    ),
    "wrong-port": Meaning(
        "The cable joins the right devices at another port than planned.",
        "Move the plug, or accept the port and change the plan.",
    ),
    "wrong-speed": Meaning(
        "A link runs at another speed than planned.", "Look at the module, the cable and the port's setting."
    ),
}


def known_codes() -> tuple[str, ...]:
    """Every code, sorted: findings as they are printed, requirements by their key with dashes, and the rest."""
    from topo.checks.registries import requirement_kinds, wiring_checks

    kinds = {name.replace("_", "-") for name in requirement_kinds.names()}
    return tuple(sorted({*MEANINGS, *kinds, *wiring_checks.names()}))


def explained(code: str) -> str:
    """The page of a code; requirements may be written with underscores, findings about a plan with their prefix
    `cable-` or `floor-`. Raises ParameterError that lists the known codes."""
    from topo.checks.registries import requirement_kinds, wiring_checks
    from topo.errors import ParameterError, nearest

    name = code.strip().lower().replace("_", "-")
    if name not in MEANINGS and name.split("-", 1)[0] in ("cable", "floor"):
        name = name.split("-", 1)[1]
    known = known_codes()
    if name not in known:
        raise ParameterError(
            "CODE", code, "no finding or requirement has this code", ", ".join(known), nearest(name, known)
        )
    rows = [name]
    key = name.replace("-", "_")
    if name in wiring_checks.names():
        rows.append(f"  wiring check: {wiring_checks.get(name).title}")
    if key in requirement_kinds.names():
        rows.append(f"  requirement `{key}`: {requirement_kinds.get(key).title}")
    if name in MEANINGS:
        rows += [f"  means: {MEANINGS[name].means}", f"  do: {MEANINGS[name].remedy}"]
    if key in requirement_kinds.names():
        rows.append("  keys:")
        for field, info in requirement_kinds.get(key).params.model_fields.items():
            default = "" if info.is_required() else f" (default: {info.default})"
            rows.append(f"    {field}: {info.description or ''}{default}")
    return "\n".join(rows)

"""What can be bought: parts as frozen models, one YAML file each, every number with unit and source."""

from topo.catalog.lint import lint
from topo.catalog.listing import Listed, details, listed
from topo.catalog.loader import Catalog, load_catalog
from topo.catalog.models import (
    Cable,
    Host,
    LatencyModel,
    Mode,
    Nic,
    Panel,
    Part,
    PriceBook,
    Rack,
    Switch,
    Transceiver,
)

__all__ = [
    "Cable",
    "Catalog",
    "Host",
    "LatencyModel",
    "Listed",
    "Mode",
    "Nic",
    "Panel",
    "Part",
    "PriceBook",
    "Rack",
    "Switch",
    "Transceiver",
    "details",
    "lint",
    "listed",
    "load_catalog",
]

"""Numbers of tree networks: ports, ratios, seats, sizes, and how links are dealt."""

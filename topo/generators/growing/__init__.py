"""How the larger fabric keeps names, seats and ports of the smaller one."""

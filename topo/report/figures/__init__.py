"""Every figure of a network, one module each: what it is, how it is asked, how each output shows it."""

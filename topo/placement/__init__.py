"""Devices to racks; racks to cable lengths; lengths to cables and optics that fit."""

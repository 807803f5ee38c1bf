"""Shortest paths: hops, latency, and metres of cable."""

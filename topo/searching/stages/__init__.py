"""Sequences of growth: the cheapest line of designs, each built around the cables of the one before."""

"""Kinds of requirement that a design may state, one a file."""

"""Checks the files of a search again, without a solver."""

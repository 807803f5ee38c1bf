"""Checks that every fabric gets, one a file."""

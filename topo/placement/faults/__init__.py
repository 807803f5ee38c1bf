"""Checks of a cabled plan by the parts' own figures."""

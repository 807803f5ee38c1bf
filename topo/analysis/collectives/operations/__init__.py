"""Collective operations, one file each with its messages, steps and names, registered under its file name."""

"""Routing rules, one file each, registered under its file name."""

"""Topology families, one file each: what is here is a family, registered under its file name."""

"""Kinds of certificate, one check each, registered under its file name."""

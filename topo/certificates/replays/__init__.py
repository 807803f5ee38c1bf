"""Answers that are found again step by step: hashed paths, tables, lanes."""

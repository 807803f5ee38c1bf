"""Graphviz drawings that stay readable at 16,384 GPUs."""

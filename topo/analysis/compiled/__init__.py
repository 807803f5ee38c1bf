"""Compiled functions: the decorator, what is said where they cannot be kept, and those that walk."""

"""A placed drawing as a file."""

"""Arrays in, value out: the only importer of ortools."""

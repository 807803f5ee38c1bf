"""A plan written as files, one module per format."""

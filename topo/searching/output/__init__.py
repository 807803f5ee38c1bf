"""The files, texts and page of a search."""

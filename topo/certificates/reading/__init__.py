"""A fabric read into graphs of whole numbers for the checks of certificates."""

"""Trees whose host parts have leaves of their own."""

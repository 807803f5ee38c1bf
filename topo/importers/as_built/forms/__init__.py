"""Forms of as-built files, one reader each, registered under its file name."""

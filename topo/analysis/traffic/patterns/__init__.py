"""Traffic patterns, one file each, registered under its file name."""

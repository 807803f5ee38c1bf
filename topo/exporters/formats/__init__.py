"""Export formats, one file each, registered under its file name."""

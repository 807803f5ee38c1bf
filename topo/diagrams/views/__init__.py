"""One file per view; each registers a `View` under its file name."""

"""The commands, one a file; each adds itself to `topo.cli.app.app`."""

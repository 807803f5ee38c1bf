"""Ways to bound the throughput of one problem, one file each."""

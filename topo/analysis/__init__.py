"""Questions with numbers as answers: paths, cuts, link loads, throughput, symmetry, failures, latency, cost."""

"""Ways to bound a bisection, one file each: from below, from above, or both."""

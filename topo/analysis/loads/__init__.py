"""What links carry under given tables, a routing or a sequence, and how long it takes."""

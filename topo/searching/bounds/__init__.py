"""What a candidate, a group of them or any graph needs at least, and what is refuted without the engine."""

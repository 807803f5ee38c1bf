"""Freedom from deadlock, and its certificate."""

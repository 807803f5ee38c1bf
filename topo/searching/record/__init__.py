"""What a search says: verdicts, results, rows of the list and reasons."""

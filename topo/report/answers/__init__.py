"""What single commands say, as values and as text."""

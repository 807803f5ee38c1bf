"""Checks a certificate against a fabric with numpy alone; knows nothing of how the answer was found."""

"""Re-checks a vault or a proof folder from bytes alone."""

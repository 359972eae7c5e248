"""Passages read by hand, and invented worlds with reports on them whose verdicts a second, naive implementation works out."""

"""Generators of test data and the benchmark that `make bench` runs."""

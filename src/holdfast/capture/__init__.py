"""Adapters that ask sources and turn answers into observations."""

"""Finds posts by their words, in any spelling or script."""

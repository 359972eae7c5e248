"""Keeps asking for channels and seals what is answered: sweeps, their media, and what is missing."""

"""Synthetic deck pictures with their truth: seeded, drawn from the catalogue, for measuring the reader."""

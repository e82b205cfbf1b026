"""The parts of ``screen2deck convert``: what was given, what became of it, where it goes, what is said."""

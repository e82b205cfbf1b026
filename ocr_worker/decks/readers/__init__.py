"""Readers of deck lists: text of all kinds, XML, CSV and JSON, chosen by ``decks/parsing.py``."""

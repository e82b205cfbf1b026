"""A picture goes in, a decklist comes out."""

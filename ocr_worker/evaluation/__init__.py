"""How well decks are read: pictures with their truth, the figures, and a page that shows what went wrong."""

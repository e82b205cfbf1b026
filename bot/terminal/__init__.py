"""The terminal as a chat: progress on stderr, decklists on stdout."""

"""The conversation, its skins and the composition roots of the processes."""

"""Building blocks that several layouts share: list rows, badges, stacks."""

"""The Discord skin: knows the platform and decides nothing."""

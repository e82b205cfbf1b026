"""The local chat page: the third skin of the same conversation and the same console, served by the bot process."""

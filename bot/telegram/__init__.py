"""The Telegram skin: knows the platform, decides nothing; what is said and done is the conversation's."""

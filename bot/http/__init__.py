"""HTTP of the bot process: health, metrics, and the API for programs."""

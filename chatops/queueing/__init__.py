"""The queue of pictures and what is in it; maintenance, which holds new ones back."""

"""Who is on call, and how they are called until somebody answers."""

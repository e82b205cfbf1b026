"""What a running process can say of itself: its log level, what it does, where its time and memory go."""

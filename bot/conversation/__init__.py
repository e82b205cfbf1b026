"""What is said to people, whatever the platform."""

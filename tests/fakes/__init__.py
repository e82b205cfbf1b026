"""Stand-ins for what is slow or elsewhere, shared by several tests."""

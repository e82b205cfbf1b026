"""Load on the HTTP API: a scenario for Locust, and a ladder of rates that finds the knee."""

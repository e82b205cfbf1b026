"""Alerts of Prometheus: deliveries are folded into state, state into cards; silences."""

"""What the product tells of itself: logs, plots, probes, investigations."""

"""One module per export format, each with an ``EXPORTER``."""

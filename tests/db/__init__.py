"""The one place that begins and commits."""

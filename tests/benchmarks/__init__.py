"""Measurements, run by hand on a quiet machine; none of them is a test."""

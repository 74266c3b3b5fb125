"""Tests of the operations service."""

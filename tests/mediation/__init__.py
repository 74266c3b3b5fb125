"""Tests of the mediation service."""

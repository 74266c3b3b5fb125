"""Follows up public-interest leads: who gets each and why, and what becomes of it."""

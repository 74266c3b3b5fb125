"""Hemu attacked: whatever dies, fills up or lies, every accepted case ends in exactly one route."""

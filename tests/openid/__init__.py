"""Signing in at a real OpenID provider."""

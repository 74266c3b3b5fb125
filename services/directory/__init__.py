"""The directory: who there is, what they are there for, and signing in."""

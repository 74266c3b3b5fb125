"""The HTML pages of intake: file, look up, list."""

"""What runs in the background, and who does it."""

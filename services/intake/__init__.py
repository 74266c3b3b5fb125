"""Takes in disputes and leads."""

"""The services of Hemu and the entry points that run them."""

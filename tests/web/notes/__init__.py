"""A service as small as can be, with every kind of route: people write notes."""

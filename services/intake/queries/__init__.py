"""Everything that can be asked of intake."""

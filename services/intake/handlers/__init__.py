"""Everything intake can be told to do, or does when it hears of an event."""

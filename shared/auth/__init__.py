"""Who is asking, what their role lets them do, and the keys that prove and protect it."""

"""Who may do what: every role, action and standing against a table that was written by hand."""

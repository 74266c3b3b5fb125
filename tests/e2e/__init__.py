"""Stories that the whole running system tells, over HTTP."""

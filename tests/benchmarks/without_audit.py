"""Hemu's command without the audit: what a change would cost if nothing told who made it."""

from services.__main__ import main
from shared.web import context

if __name__ == "__main__":
    vars(context)["tell_change"] = lambda *_: None
    main()

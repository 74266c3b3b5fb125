"""Every part of pages in each of its states: where one who makes a new page looks first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template

from shared.web.context import platform
from shared.web.i18n import N_
from shared.web.operation import page

blueprint = Blueprint("styleguide", __name__)

COLOURS = (
    (N_("Ink"), "#1e2326", N_("text")),
    (N_("Ink 2"), "#4d5357", N_("help")),
    (N_("Ink 3"), "#676c6f", N_("dates, numbers")),
    (N_("Accent"), "#14606a", N_("filled button, links, where one is")),
    (N_("Paper"), "#f6f5f1", N_("rail, public pages")),
    (N_("Edge"), "#85827a", N_("edges of inputs")),
    (N_("Ochre"), "#80500a", N_("due soon, waiting")),
    (N_("Vermilion"), "#a3281d", N_("overdue, danger")),
    (N_("Bamboo"), "#2a683f", N_("done")),
    (N_("Violet"), "#573f8c", N_("sealed identity")),
)
"""What each is called, its value and what it is for."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An entry of the timeline."""

    at: datetime
    kind: str


@blueprint.get("/styleguide")
@page("styleguide.read")
def styleguide() -> str:
    now = platform().clock()
    return render_template(
        "directory/styleguide.html",
        colours=COLOURS,
        now=now,
        late=now - timedelta(days=2),
        soon=now + timedelta(hours=20),
        far=now + timedelta(days=13),
        entries=[
            Shown(at=now - timedelta(minutes=10), kind="moved"),
            Shown(at=now - timedelta(minutes=50), kind="internal"),
            Shown(at=now - timedelta(days=1), kind="told"),
        ],
        figures=(3, 7, 4, 9, 12, 6, 8, 2, 5, 11, 7, 9),
    )

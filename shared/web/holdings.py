"""What a member holds, told to the directory by the services that keep it.

Internal: answers the directory only, and never comes through the gateway.
"""

from collections.abc import Callable

from flask import Blueprint
from sqlalchemy.orm import Session

from shared.holdings import Holdings
from shared.web.answer import Answer
from shared.web.context import reading
from shared.web.operation import operation


def holdings_blueprint(holdings: Callable[[Session, str], Holdings]) -> Blueprint:
    """The route, for a service whose policy has the action. ``holdings``: of the member."""
    blueprint = Blueprint("internal", __name__, url_prefix="/internal/v1")

    @blueprint.get("/holdings/<member_id>")
    @operation("holdings.read")
    def holdings_of(member_id: str) -> Answer:
        """What somebody else must have before the member can leave."""
        with reading() as session:
            return Answer(holdings(session, member_id))

    return blueprint

"""The filters of the lists."""

from services.intake.queries.disputes import DisputeFilters
from services.intake.queries.leads import LeadFilters
from shared.web.paging import PageSchema
from shared.web.schema import AreaField, CodeField, Flag, Text
from shared.words import codes

MAX_NUMBER = 40


class DisputeFiltersSchema(PageSchema[DisputeFilters]):
    command = DisputeFilters

    state = CodeField(codes("state"))
    category = CodeField(codes("category"))
    area = AreaField()
    q = Text(max_length=MAX_NUMBER)
    mine = Flag()


class LeadFiltersSchema(PageSchema[LeadFilters]):
    command = LeadFilters

    state = CodeField(codes("lead_state"))
    field = CodeField(codes("field"))
    area = AreaField()
    q = Text(max_length=MAX_NUMBER)
    mine = Flag()


DISPUTE_FILTERS = DisputeFiltersSchema()
LEAD_FILTERS = LeadFiltersSchema()

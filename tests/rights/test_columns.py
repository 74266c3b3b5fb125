"""What is kept has a class, and what is answered is named: a new column is invisible until then."""

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import LargeBinary

from services import registry
from services.intake.models.filed import FiledDispute, FiledLead
from services.intake.models.filed import Party as FiledParty
from services.mediation.queries.dossiers import CODES, Copied, Party
from services.mediation.schemas import CaseSchema, DossierSchema, PartySchema
from services.referral.queries.texts import Copied as CopiedText
from services.referral.schemas import TextSchema

HERE = Path(__file__).parent
SERVICES = {service.name: service for service in registry.load_all()}
IN_WORDS = {
    "narrative": "story",
    "claims": "story",
    "amount": "story",
    "since": "story",
    "place": "building",
    "parties": "people",
    "suspect": "story",
    "building": "story",
}
"""What of intake's answers is kept by others, and as what it is masked."""
PEOPLE = {"name": "name", "phone": "phone", "birth_year": "year"}


def classes() -> Iterator[tuple[str, str, str, str]]:
    with (HERE / "columns.csv").open() as file:
        for row in csv.DictReader(file):
            for column in row["columns"].split("|"):
                yield row["service"], row["table"], column, row["class"]


@pytest.mark.parametrize("name", ["mediation", "referral", "intake"])
def test_every_column_has_a_class(name: str) -> None:
    service = SERVICES[name]
    tables = [*service.metadata.sorted_tables]
    tables += service.sealed.sorted_tables if service.sealed is not None else []

    there = {(name, table.name, column.name) for table in tables for column in table.columns}

    assert there == {each[:3] for each in classes() if each[0] == name}


def test_words_and_people_are_kept_sealed() -> None:
    sealed = {each[:3] for each in classes() if each[3] == "sealed"}
    bytes_of = {
        (service.name, table.name, column.name)
        for service in SERVICES.values()
        for table in service.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and service.name in {"mediation", "referral"}
    }

    assert bytes_of <= sealed


def test_what_is_copied_of_a_case_is_masked_by_class() -> None:
    assert set(PEOPLE) | CODES == {field.name for field in msgspec.structs.fields(Party)}
    for copied in (Copied, CopiedText):
        assert {field.name for field in msgspec.structs.fields(copied)} <= set(IN_WORDS)


def test_an_answer_names_what_it_tells_of_people() -> None:
    assert set(PartySchema().fields) == set(PEOPLE) | CODES
    told = {"state", "problem", "masked", "parties"}
    assert set(DossierSchema().fields) - told == {"narrative", "claims", "amount", "building"}
    assert set(TextSchema().fields) == {"state", "narrative", "suspect", "building"}
    assert not {"sealed", "facts", "timeline"} & set(CaseSchema().fields)


def test_what_is_filed_is_known_here() -> None:
    """A new answer of the form must be given a class before anybody sees it."""
    party = set(FiledParty.__dataclass_fields__)
    assert party == set(PEOPLE) | CODES
    assert set(FiledLead.__dataclass_fields__) == {
        *("narrative", "origin", "place", "since", "handled_before", "danger", "facts"),
        *("public_interest", "secrecy", "suspect"),
    }
    assert set(FiledDispute.__dataclass_fields__) == {
        *("category", "narrative", "origin", "place", "parties", "claims", "amount", "since"),
        *("handled_before", "danger", "facts", "public_interest", "summary", "secrecy"),
    }

"""What was written about a lead is copied once from intake, sealed, and nothing else of it."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.referral.models import TEXT_PURPOSE, LeadText
from services.referral.queries.texts import text
from services.referral.workers import BATCH, copy_texts
from shared.auth.sealing import CannotOpen, Sealer
from shared.service import InternalReader
from tests.referral.site import CANARY, SUSPECT, TEXTS, Intake, NobodyHome, Site, for_market

LEAD = UUID("00000000-0000-4000-8000-00000000000e")


def stored(site: Site, lead_id: UUID = LEAD) -> LeadText:
    with site.database.reading() as session:
        return session.get_one(LeadText, lead_id)


def opener(site: Site) -> Sealer:
    return Sealer(site.keys.secret("referral"), TEXT_PURPOSE)


def test_a_text_is_copied_and_sealed(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))

    more = copy_texts(either_site.workplace(Intake({LEAD: TEXTS})))

    found = stored(either_site)
    assert not more
    assert found.sealed is not None
    assert CANARY.encode() not in found.sealed
    assert (found.copied_at, found.next_try, found.attempts) == (either_site.clock(), None, 1)
    with either_site.database.reading() as session:
        view = text(session, LEAD, opener(either_site))
    assert (view.state, view.narrative, view.building) == ("ready", CANARY, "7栋")
    assert view.suspect is not None
    assert view.suspect.name == SUSPECT


def test_what_is_copied_is_not_asked_for_again(site: Site) -> None:
    site.hear(for_market(LEAD))
    intake = Intake({LEAD: TEXTS})
    copy_texts(site.workplace(intake))
    site.clock.move(days=1)

    copy_texts(site.workplace(intake))

    assert intake.asked == 1


def test_who_reported_it_is_not_kept_even_if_intake_told(site: Site) -> None:
    site.hear(for_market(LEAD))
    talkative = {**TEXTS, "informant": {"name": "王小二", "phone": "13800000009"}}

    copy_texts(site.workplace(Intake({LEAD: talkative})))

    sealed = stored(site).sealed
    assert sealed is not None
    opened = opener(site).open(sealed, about=str(LEAD)).decode()
    assert CANARY in opened
    assert "informant" not in opened
    assert "王小二" not in opened


def test_a_text_of_one_lead_cannot_be_read_as_that_of_another(site: Site) -> None:
    site.hear(for_market(LEAD))
    copy_texts(site.workplace(Intake({LEAD: TEXTS})))
    sealed = stored(site).sealed
    assert sealed is not None

    with pytest.raises(CannotOpen):
        opener(site).open(sealed, about=str(uuid4()))


@pytest.mark.parametrize(
    "intake",
    [NobodyHome(), Intake({}), Intake({LEAD: {"narrative": 7}}), Intake({LEAD: "?"})],
    ids=["away", "does not know it", "answers something else", "answers nonsense"],
)
def test_what_cannot_be_had_is_tried_again_later(site: Site, intake: InternalReader) -> None:
    site.hear(for_market(LEAD))
    for _ in range(3):
        copy_texts(site.workplace(intake))
        site.clock.move(minutes=6)
    assert stored(site).attempts == 3

    copy_texts(site.workplace(Intake({LEAD: TEXTS})))

    assert stored(site).sealed is not None


def test_a_pause_grows_and_is_kept(site: Site) -> None:
    site.hear(for_market(LEAD))
    copy_texts(site.workplace(NobodyHome()))
    intake = Intake({LEAD: TEXTS})

    copy_texts(site.workplace(intake))

    assert intake.asked == 0
    site.clock.move(seconds=1)
    copy_texts(site.workplace(intake))
    assert intake.asked == 1


def test_one_lead_that_intake_does_not_know_holds_up_no_other(site: Site) -> None:
    site.hear(for_market(uuid4()), for_market(LEAD))

    copy_texts(site.workplace(Intake({LEAD: TEXTS})))

    assert stored(site).sealed is not None


def test_when_intake_is_away_it_is_asked_once(site: Site) -> None:
    leads = [uuid4() for _ in range(3)]
    site.hear(*map(for_market, leads))

    assert not copy_texts(site.workplace(NobodyHome()))

    with site.database.reading() as session:
        attempts = session.scalars(select(LeadText.attempts)).all()
    assert sorted(attempts) == [0, 0, 1]


def test_a_long_queue_is_worked_off_in_pieces(site: Site) -> None:
    leads = [uuid4() for _ in range(BATCH + 1)]
    site.hear(*map(for_market, leads))
    workplace = site.workplace(Intake(dict.fromkeys(leads, TEXTS)))

    assert copy_texts(workplace)
    assert not copy_texts(workplace)

    assert all(stored(site, lead_id).sealed for lead_id in leads)


def test_a_lead_without_words_of_its_own_is_ready_all_the_same(site: Site) -> None:
    site.hear(for_market(LEAD))
    empty = {"narrative": None, "suspect": None, "building": None}

    copy_texts(site.workplace(Intake({LEAD: empty})))

    with site.database.reading() as session:
        view = text(session, LEAD, opener(site))
    assert (view.state, view.narrative, view.suspect) == ("ready", None, None)

"""What other services read of intake: one each, and no more than they need."""

from uuid import uuid4

import pytest

from tests.intake.bodies import DISPUTE, LEAD
from tests.intake.site import Site, person

RESIDENT = person("resident")
MEDIATOR = person("mediator", "m-0002")


def test_mediation_reads_the_parties_and_texts(site: Site) -> None:
    told = site.filed("disputes", DISPUTE)

    response = site.client().get(
        f"/internal/v1/dossiers/{told['case_id']}", headers=site.service_headers("mediation")
    )

    found = response.get_json()
    assert found["registration_no"] == told["registration_no"]
    assert found["narrative"] == DISPUTE["narrative"]
    assert found["claims"] == DISPUTE["claims"]
    assert found["parties"][0] == DISPUTE["parties"][0]
    assert found["place"] == DISPUTE["place"]
    assert found["amount"] == "1200.00"


def test_referral_reads_the_text_and_never_the_informant(site: Site) -> None:
    told = site.filed("leads", LEAD, RESIDENT)

    response = site.client().get(
        f"/internal/v1/leads/{told['lead_id']}/texts", headers=site.service_headers("referral")
    )

    found = response.get_json()
    assert found["narrative"] == LEAD["narrative"]
    assert found["suspect"] == LEAD["suspect"]
    assert found["building"] == "北门"
    assert "informant" not in response.text
    assert "赵举报" not in response.text


@pytest.mark.parametrize(
    "path, allowed", [("dossiers/%s", "mediation"), ("leads/%s/texts", "referral")]
)
def test_what_is_internal_is_for_one_service(quiet_site: Site, path: str, allowed: str) -> None:
    for name in ("mediation", "referral", "ops", "directory"):
        response = quiet_site.client().get(
            f"/internal/v1/{path % uuid4()}", headers=quiet_site.service_headers(name)
        )
        assert response.status_code == (404 if name == allowed else 403)
    for actor in (None, MEDIATOR):
        response = quiet_site.get(f"/internal/v1/{path % uuid4()}", actor)
        assert response.status_code in {401, 403}

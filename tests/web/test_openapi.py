"""The API describes itself in OpenAPI 3.1."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.conftest import Site


def test_the_description_is_valid_and_complete(site: Site) -> None:
    answer = site.client().get("/api/v1/openapi.json")

    found = answer.get_json()
    OpenAPIV31SpecValidator(found).validate()
    assert found["openapi"] == "3.1.0"
    assert set(found["paths"]) == {
        "/api/v1/notes",
        "/api/v1/notes/{note_id}",
        "/api/v1/notes/{note_id}/amend",
        "/api/v1/notes/{note_id}/burn",
        "/api/v1/broken",
        "/api/v1/audit/mine",
    }


def test_it_names_action_headers_and_limits(site: Site) -> None:
    found = site.client().get("/api/v1/openapi.json").get_json()
    amend = found["paths"]["/api/v1/notes/{note_id}/amend"]["post"]
    note = found["components"]["schemas"]["WriteNote"]

    assert amend["x-action"] == "note.write"
    assert [parameter["name"] for parameter in amend["parameters"]] == [
        "note_id",
        "Idempotency-Key",
        "If-Match",
    ]
    assert note["required"] == ["text"]
    assert note["additionalProperties"] is False
    assert note["properties"]["text"]["maxLength"] == 200
    assert note["properties"]["kind"]["enum"] == ["idea", "wish"]
    assert note["properties"]["amount"]["type"] == "string"

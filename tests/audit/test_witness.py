"""A witness keeps what follows from what it has, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from shared.audit.chain import CHECKPOINT_ROWS, digest, sealed
from shared.audit.ring import CHECKPOINTS, witness_of, witnessed_by
from shared.audit.worker import Auditing, audit_worker
from shared.auth.actor import service_actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.db.audit_tables import audit_checkpoint, audit_handed, audit_seal
from shared.settings import SERVICES
from shared.telemetry import AUDIT_REFUSED, AUDIT_UNWITNESSED_SECONDS
from shared.web.internal import InternalClient, local, remote
from tests.audit.books import OURS, WITNESS, Books


def figure(gauge: Any) -> float:
    found: float = gauge.labels(OURS)._value.get()
    return found


def offer(books: Books, **changed: Any) -> dict[str, Any]:
    """Of all that is chained, as the service would hand it over."""
    seal = books.rows(audit_seal)[-1]
    made = {
        "first": seal.first,
        "seq": seal.seq,
        "hash": seal.hash.hex(),
        "at": seal.at.isoformat(timespec="microseconds"),
        "signature": seal.signature.hex(),
        "digests": b"".join(digest(row._asdict()) for row in books.rows()).hex(),
    }
    return {**made, **changed}


def answer(books: Books, body: object, by: str = OURS) -> Any:
    made = InternalClient(by, signer(books.keys, by, books.clock), local(books.applications))
    return made.post(WITNESS, CHECKPOINTS, body)


def test_everybody_has_a_witness_and_is_one() -> None:
    assert {witness_of(name) for name in SERVICES} == set(SERVICES)
    assert all(witnessed_by(witness_of(name)) == name for name in SERVICES)


def test_a_checkpoint_is_handed_over_after_its_time(books: Books) -> None:
    books.act(3)
    books.chain()
    books.clock.move(seconds=299)
    books.hand_over()
    assert books.rows(audit_checkpoint, WITNESS) == []
    assert figure(AUDIT_UNWITNESSED_SECONDS) == 299

    books.clock.move(seconds=1)
    books.hand_over()
    books.hand_over()

    [kept] = books.rows(audit_checkpoint, WITNESS)
    [seal] = books.rows(audit_seal)
    assert (kept.service, kept.seq, kept.hash) == (OURS, 3, seal.hash)
    assert figure(AUDIT_UNWITNESSED_SECONDS) == 0
    assert books.wrong() == []


def test_many_rows_are_not_waited_for_and_go_in_pieces(files: Books) -> None:
    files.act(CHECKPOINT_ROWS + 300)
    files.chain()
    files.hand_over()
    files.clock.move(minutes=6)
    files.hand_over()

    assert [kept.seq for kept in files.rows(audit_checkpoint, WITNESS)] == [1000, 1300]
    assert files.wrong() == []


def test_a_witness_that_was_set_up_anew_gets_everything_again(files: Books) -> None:
    files.act(2)
    files.chain()
    with files.database.transaction() as tx:  # as if a witness had them that is lost
        tx.insert(audit_handed, {"seq": 2, "at": files.clock()})
    files.act(2)
    files.chain()
    files.clock.move(minutes=5)
    files.hand_over()

    assert [kept.seq for kept in files.rows(audit_checkpoint, WITNESS)] == [4]


def test_what_was_noted_by_the_witness_only_is_noted_here_the_next_time(files: Books) -> None:
    files.act(2)
    files.chain()
    assert answer(files, offer(files)) == {"refused": None}
    files.clock.move(minutes=5)
    files.hand_over()

    assert [row.seq for row in files.rows(audit_handed)] == [2]
    assert len(files.rows(audit_checkpoint, WITNESS)) == 1


def test_the_same_again_is_refused(books: Books) -> None:
    books.act(2)
    books.chain()
    answer(books, offer(books))

    assert answer(books, offer(books)) == {"refused": "not_newer"}


@pytest.mark.parametrize(
    "changed, refusal",
    [
        ({"digests": "00" * 64}, "does_not_follow"),
        ({"digests": "00" * 32}, "does_not_follow"),
        ({"digests": "00" * 96}, "does_not_follow"),
        ({"hash": "00" * 32}, "does_not_follow"),
        ({"seq": 3}, "does_not_follow"),
        ({"signature": "00" * 64}, "not_signed"),
        ({"first": 2}, "not_signed"),
        ({"at": "2027-03-02T01:00:00.000000+00:00"}, "not_signed"),
    ],
)
def test_what_does_not_follow_or_is_not_signed_is_refused(
    files: Books, changed: dict[str, Any], refusal: str
) -> None:
    files.act(2)
    files.chain()

    assert answer(files, offer(files, **changed)) == {"refused": refusal}
    assert files.rows(audit_checkpoint, WITNESS) == []


def test_a_past_that_was_rewritten_is_refused_whoever_has_the_key(files: Books) -> None:
    files.act(2)
    files.chain()
    answer(files, offer(files))
    files.act(1, resource="another")
    files.chain()
    rows = files.rows()
    forged = b"\x01" * 32
    key = files.keys.signing(OURS)
    signature = key.sign(sealed(OURS, 3, 3, forged, files.clock())).hex()

    body = offer(
        files, hash=forged.hex(), signature=signature, digests=digest(rows[2]._asdict()).hex()
    )
    assert answer(files, offer(files, **body)) == {"refused": "does_not_follow"}


def test_an_earlier_time_is_refused(files: Books) -> None:
    files.act()
    files.chain()
    answer(files, offer(files))
    files.act()
    files.chain()
    last = digest(files.rows()[-1]._asdict()).hex()
    body = offer(files, digests=last, at="2026-03-01T01:00:00.000000+00:00")

    assert answer(files, body) == {"refused": "earlier"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seq": -1},
        {"hash": "zz" * 32},
        {"at": "yesterday"},
        {"at": "2026-03-02T01:00:00"},
        {"digests": "0"},
        {"signature": "00"},
    ],
)
def test_what_is_no_checkpoint_is_told_so(files: Books, body: dict[str, Any]) -> None:
    files.act()
    files.chain()
    token = signer(files.keys, OURS, files.clock).sign(service_actor(OURS), audience=WITNESS)
    client = files.applications[WITNESS].test_client()  # type: ignore[attr-defined]
    sent = {**offer(files), **body} if body else {}

    response = client.post(CHECKPOINTS, json=sent, headers={HEADER: token})

    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"


def test_only_the_service_before_it_may_hand_anything_over(files: Books) -> None:
    files.act()
    files.chain()
    token = signer(files.keys, WITNESS, files.clock).sign(service_actor(WITNESS), audience=OURS)
    client = files.applications[OURS].test_client()  # type: ignore[attr-defined]

    response = client.post(CHECKPOINTS, json=offer(files), headers={HEADER: token})

    assert response.status_code == 403


def test_an_old_copy_is_told_by_its_witness(files: Books) -> None:
    files.act(2)
    files.chain()
    answer(files, offer(files))
    with files.databases[WITNESS].transaction() as tx:
        kept = files.rows(audit_checkpoint, WITNESS)[0]._asdict()
        tx.insert(audit_checkpoint, {**kept, "seq": 9})
    files.act()
    files.chain()
    files.clock.move(minutes=5)
    files.hand_over()

    assert figure(AUDIT_REFUSED) == 1
    assert files.rows(audit_handed) == []


def test_a_witness_that_is_away_is_asked_again(files: Books) -> None:
    files.act()
    auditing, here = Auditing(), replace(files.workplace, settings=files.short)
    witness = files.applications.pop(WITNESS)
    away = replace(
        here, internal=InternalClient(OURS, signer(files.keys, OURS, files.clock), remote({}))
    )
    assert auditing.run(away) is False
    files.clock.move(seconds=2)
    assert auditing.run(away) is False
    files.applications[WITNESS] = witness

    Auditing().run(here)

    assert [row.seq for row in files.rows(audit_handed)] == [1]


def test_every_service_has_the_worker(files: Books) -> None:
    worker = audit_worker()
    files.act(3)

    assert worker.run(files.workplace) is False
    assert len(files.rows()) == 3
    assert worker.every == 1.0

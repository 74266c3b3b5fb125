"""Accounts, sessions, tokens and tries, on both kinds of database."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import func, select

from services.directory import queries
from services.directory.data import District
from services.directory.handlers import (
    NewAccount,
    NewToken,
    Proof,
    Tries,
    confirm_second_factor,
    end_session,
    give_new_password,
    issue_token,
    note_success,
    note_try,
    open_account,
    open_session,
    prepare_second_factor,
    publish_district,
    set_locked,
    sweep,
)
from services.directory.handlers.throttle import PER_LOGIN
from services.directory.holders import StoredHolders
from services.directory.models import Account, account_members, api_tokens, sessions
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.db import Database
from shared.errors import Throttled, Unauthenticated
from tests.directory.site import Ahead

MEMBER = "m-0002"
TRIES = Tries(login="login", source="source")
NOTHING_MORE = Proof()
SEEDS = Sealer(b"s" * 32, "seeds")


@pytest.fixture
def clock(database: Database, demo: District) -> Ahead:
    database.clock = ahead = Ahead()
    with database.transaction() as tx:
        publish_district(tx, demo)
    return ahead


@pytest.fixture
def account(database: Database, clock: Ahead) -> Account:
    with database.transaction() as tx:
        open_account(tx, NewAccount(member_id=MEMBER, login="mediator"), initial=False)
    with database.reading() as session:
        found = queries.account_by_login(session, "mediator")
    assert found is not None
    return found


def opened(database: Database, account: Account, proof: Proof = NOTHING_MORE) -> str:
    with database.transaction() as tx:
        return open_session(tx, account, proof, SEEDS, device="Firefox, Linux").token


def test_a_session_is_found_until_it_is_ended(
    database: Database, clock: Ahead, account: Account
) -> None:
    holders = StoredHolders(database, clock)
    token = opened(database, account)
    actor = holders.of_session(token)
    found = holders.find_session(token)
    assert actor is not None
    assert found is not None
    assert (actor.id, actor.areas) == (MEMBER, ("350599001001",))

    with database.transaction() as tx:
        end_session(tx, account.id, found.session_id)

    assert holders.of_session(token) is None


def test_a_session_is_noted_as_seen_once_a_minute(
    database: Database, clock: Ahead, account: Account
) -> None:
    holders = StoredHolders(database, clock)
    token = opened(database, account)
    first = holders.find_session(token)
    clock.advance(seconds=50)
    holders.of_session(token)
    second = holders.find_session(token)
    clock.advance(seconds=20)
    holders.of_session(token)
    third = holders.find_session(token)

    assert first is not None
    assert second is not None
    assert third is not None
    assert first.seen_at == second.seen_at < third.seen_at


def test_a_page_that_refreshes_by_itself_does_not_keep_its_session_open(
    database: Database, clock: Ahead, account: Account
) -> None:
    holders = StoredHolders(database, clock)
    token = opened(database, account)
    for _ in range(31):
        clock.advance(seconds=58)
        assert holders.of_session(token, by_itself=True) is not None

    clock.advance(seconds=58)

    assert holders.of_session(token, by_itself=True) is None


def test_a_token_is_found_until_it_expires(database: Database, clock: Ahead) -> None:
    holders = StoredHolders(database, clock)
    with database.transaction() as tx:
        token = issue_token(tx, MEMBER, NewToken(name="x", days=2))

    assert holders.of_api_token(token) == Actor(
        id=MEMBER,
        roles=frozenset({"mediator"}),
        areas=("350599001001",),
        organisation_id="o-021",
    )
    clock.advance(days=2)
    with pytest.raises(Unauthenticated):
        holders.of_api_token(token)


def test_a_token_opens_nothing_while_its_account_is_locked(
    database: Database, clock: Ahead, account: Account
) -> None:
    holders = StoredHolders(database, clock)
    with database.transaction() as tx:
        token = issue_token(tx, MEMBER, NewToken(name="x"))
        set_locked(tx, account.id, locked=True)

    with pytest.raises(Unauthenticated):
        holders.of_api_token(token)

    with database.transaction() as tx:
        set_locked(tx, account.id, locked=False)
    assert holders.of_api_token(token).id == MEMBER


def test_a_new_password_ends_every_token(
    database: Database, clock: Ahead, account: Account
) -> None:
    with database.transaction() as tx:
        token = issue_token(tx, MEMBER, NewToken(name="x"))
        give_new_password(tx, account.id)
        tx.get(Account, account.id).initial = False  # chosen anew

    with pytest.raises(Unauthenticated):
        StoredHolders(database, clock).of_api_token(token)


def test_whoever_is_gone_has_no_way_in_left(
    database: Database, clock: Ahead, account: Account, demo: District
) -> None:
    session = opened(database, account)
    with database.transaction() as tx:
        issue_token(tx, MEMBER, NewToken(name="x"))
        publish_district(tx, demo.without([MEMBER]))

    with database.reading() as reading:
        left = [
            reading.execute(select(func.count()).where(table.c.member_id == MEMBER)).scalar()
            for table in (sessions, api_tokens, account_members)
        ]
    assert left == [0, 0, 0]
    assert StoredHolders(database, clock).of_session(session) is None
    with database.transaction() as tx:
        assert tx.get(Account, account.id).locked


def test_tries_at_the_same_time_all_count(database: Database, clock: Ahead) -> None:
    def attempt(_number: int) -> bool:
        try:
            with database.transaction() as tx:
                note_try(tx, TRIES)
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        allowed = list(threads.map(attempt, range(20)))

    assert sum(allowed) == PER_LOGIN


def test_a_success_forgets_the_tries_of_the_login(database: Database, clock: Ahead) -> None:
    for _ in range(3):
        for _ in range(PER_LOGIN - 1):
            with database.transaction() as tx:
                note_try(tx, TRIES)
        with database.transaction() as tx:
            note_success(tx, TRIES)


def test_a_code_opens_one_session_however_many_show_it_at_once(
    database: Database, clock: Ahead, account: Account
) -> None:
    with database.transaction() as tx:
        prepare_second_factor(tx, account.id, SEEDS)
    with database.reading() as session:
        prepared = queries.account_by_login(session, account.login)
    assert prepared is not None
    assert prepared.pending_seed is not None
    seed = SEEDS.open(prepared.pending_seed, about=str(account.id)).decode()
    with database.transaction() as tx:
        codes = confirm_second_factor(tx, account.id, pyotp.TOTP(seed).at(tx.now), SEEDS)
    clock.advance(minutes=2)
    with database.reading() as session:
        guarded = queries.account_by_login(session, account.login)
    assert guarded is not None

    for code in (pyotp.TOTP(seed).at(clock()), codes[0]):

        def show(_number: int, code: str = code) -> bool:
            try:
                opened(database, guarded, Proof(code=code))
            except Unauthenticated:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(show, range(8))) == 1


def test_sweeping_leaves_what_is_not_over(
    database: Database, clock: Ahead, account: Account
) -> None:
    token = opened(database, account)
    with database.transaction() as tx:
        sweep(tx)

    assert StoredHolders(database, clock).of_session(token) is not None

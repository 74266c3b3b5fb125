"""Filing a dispute with FastAPI and SQLAlchemy's ORM, as the FastAPI tutorial does it: a plain
function, run in the thread pool, with a session as its dependency. Used on SQLite.

    PEER_DATABASE=… PEER_KEYS=… uvicorn tests.benchmarks.peers.intake_sync:app
"""

import os
from collections.abc import Iterator
from sqlite3 import Connection
from typing import Annotated

from fastapi import Depends, FastAPI, status
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.benchmarks.peers.filed import FiledDispute, Registered
from tests.benchmarks.peers.filing import ActorDep, Filing, KeyDep, not_ready, replayed
from tests.benchmarks.peers.intake_records import DirectoryRevision, Idempotency

# One connection: with more, SQLite's writers wait for each other by polling.
engine = create_engine(
    os.environ["PEER_DATABASE"],
    connect_args={"check_same_thread": False, "timeout": 30},
    pool_size=1,
    max_overflow=0,
)


@event.listens_for(engine, "connect")
def _durable(connection: Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def get_session() -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]

app = FastAPI()


@app.post("/disputes", status_code=status.HTTP_201_CREATED)
def file_dispute(
    filed: FiledDispute, actor: ActorDep, key: KeyDep, session: SessionDep
) -> Registered:
    filing = Filing.of(filed, actor, key)
    asked, dispute = filing.idempotency(), filing.dispute()
    session.add_all([asked, dispute])
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return replayed(filing, session.get(Idempotency, filing.place))
    revision = session.scalar(select(DirectoryRevision.applied))
    if revision is None:
        raise not_ready()
    answer = filing.answer(dispute)
    asked.status, asked.answer = status.HTTP_201_CREATED, filing.sealed_answer(answer)
    session.add_all(filing.announced(answer, revision))
    session.commit()
    return answer


@app.get("/durability")
def durability(session: SessionDep) -> list[str | int]:
    """For the test that both sides keep what they have answered."""
    return [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]

"""Filing a dispute with FastAPI and SQLAlchemy's asyncio ORM, as SQLAlchemy's documentation does
it. Used on PostgreSQL, with asyncpg.

    PEER_DATABASE=… PEER_KEYS=… uvicorn tests.benchmarks.peers.intake_async:app
"""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, status
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tests.benchmarks.peers.filed import FiledDispute, Registered
from tests.benchmarks.peers.filing import ActorDep, Filing, KeyDep, not_ready, replayed
from tests.benchmarks.peers.intake_records import DirectoryRevision, Idempotency

engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=16)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]

app = FastAPI()


@app.post("/disputes", status_code=status.HTTP_201_CREATED)
async def file_dispute(
    filed: FiledDispute, actor: ActorDep, key: KeyDep, session: SessionDep
) -> Registered:
    filing = Filing.of(filed, actor, key)
    asked, dispute = filing.idempotency(), filing.dispute()
    session.add_all([asked, dispute])
    try:
        await session.flush()
    except IntegrityError:
        await session.rollback()
        return replayed(filing, await session.get(Idempotency, filing.place))
    revision = await session.scalar(select(DirectoryRevision.applied))
    if revision is None:
        raise not_ready()
    answer = filing.answer(dispute)
    asked.status, asked.answer = status.HTTP_201_CREATED, filing.sealed_answer(answer)
    session.add_all(filing.announced(answer, revision))
    await session.commit()
    return answer


@app.get("/durability")
async def durability(session: SessionDep) -> list[str]:
    """For the test that both sides keep what they have answered."""
    return [await session.scalar(text(f"SHOW {name}")) for name in ("fsync", "synchronous_commit")]

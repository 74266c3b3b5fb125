"""Work that is done once, however often it is asked for with the same key.

The key is stored in the transaction of the work: an answer that was lost on its way can be asked
for again, and of two requests at the same time the second waits and gets the first one's answer.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Self

import msgspec
from flask import request
from sqlalchemy import and_, bindparam, select, update

from shared.db.message_tables import idempotency
from shared.db.prepared import Prepared
from shared.db.transaction import Transaction
from shared.db.upsert import upsert
from shared.errors import Malformed, Rejected
from shared.failpoints import reach
from shared.web.answer import Answer
from shared.web.context import current_actor, plain_sealer, transaction
from shared.web.operation import Operation, current_view, mark_replayed, plain
from shared.web.reading import JSON, UPLOAD, content, read_upload, sent_form

HEADER = "Idempotency-Key"
KEY_FIELD = "request_key"
PURPOSE = "idempotency"

_KEY = re.compile(r"[\x21-\x7e]{8,200}")
_INSERT = Prepared(
    lambda dialect: (
        upsert(dialect, idempotency).on_conflict_do_nothing().returning(idempotency.c.key)
    )
)
_ASKED = and_(
    idempotency.c.principal == bindparam("asked_principal"),
    idempotency.c.route == bindparam("asked_route"),
    idempotency.c.key == bindparam("asked_key"),
)
_FIND = select(idempotency.c.fingerprint, idempotency.c.answer).where(_ASKED)
_KEEP = Prepared(
    lambda _dialect: (
        update(idempotency)
        .where(_ASKED)
        .values(status=bindparam("status"), answer=bindparam("answer"))
    )
)


class _Request(NamedTuple):
    principal: str
    route: str
    key: str
    fingerprint: str

    @classmethod
    def now(cls, key: str) -> Self:
        # Not the id itself: it would tell who has filed a lead.
        principal = plain_sealer(PURPOSE).fingerprint(current_actor().id)
        return cls(principal, _route(), key, _fingerprint())

    @property
    def about(self) -> str:
        return f"{self.principal}\n{self.route}\n{self.key}"

    @property
    def where(self) -> dict[str, object]:
        return {
            "asked_principal": self.principal,
            "asked_route": self.route,
            "asked_key": self.key,
        }


def once(work: Callable[[Transaction], Answer]) -> Answer:
    """Do the work in a transaction of its own and return its answer, as plain data.

    With an ``Idempotency-Key`` (in a form: ``request_key``) a repeated request gets the answer that
    was given before. Raises Malformed for a bad key, Rejected for one used with other content.
    """
    key = given_key()
    asked = None if key is None else _Request.now(key)
    with transaction() as tx:
        reach("accept.began")
        answer = _plain(work(tx)) if asked is None else _work_once(tx, work, asked)
        reach("accept.done")
    reach("accept.committed")
    return answer


def given_key() -> str | None:
    """The key of this request; raises Malformed when it is not 8 to 200 visible characters."""
    key = request.headers.get(HEADER)
    form = sent_form()
    if key is None and form is not None:
        key = form.get(KEY_FIELD)
    if key is None:
        return None
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise Malformed("The Idempotency-Key must be 8 to 200 visible characters.")
    return key


def _work_once(tx: Transaction, work: Callable[[Transaction], Answer], asked: _Request) -> Answer:
    row = {**asked._asdict(), "created": tx.now}
    if tx.returned(_INSERT, row) is None:
        return _answered(tx, asked)
    answer = _plain(work(tx))
    sealed = plain_sealer(PURPOSE).seal(msgspec.json.encode(answer), about=asked.about)
    tx.queue(_KEEP, {**asked.where, "status": answer.status, "answer": sealed})
    return answer


def _answered(tx: Transaction, asked: _Request) -> Answer:
    found = tx.execute(_FIND, asked.where).one()
    if found.fingerprint != asked.fingerprint:
        raise Rejected("This Idempotency-Key was used before, for another request.")
    mark_replayed()
    opened = plain_sealer(PURPOSE).open(found.answer, about=asked.about)
    return msgspec.json.decode(opened, type=Answer)


def _plain(answer: Answer) -> Answer:
    view = current_view()
    schema, status = (view.answer, view.status) if isinstance(view, Operation) else (None, None)
    return replace(answer, body=plain(answer, schema), status=answer.status or status, plain=True)


def _route() -> str:
    rule = request.url_rule.rule if request.url_rule else ""
    return f"{request.method} {rule}"[:120]


def _fingerprint() -> str:
    """The same for the same content, however it is written; keyed, as short forms are guessable."""
    sent: object
    form = sent_form()
    if form is not None:
        sent = sorted(pair for pair in form.items(multi=True) if pair[0] != KEY_FIELD)
        if request.mimetype == UPLOAD:
            sent = [sent, read_upload().files]
    elif request.mimetype == JSON or not request.get_data():
        sent = content() if request.get_data() else None
    else:
        sent = request.get_data()
    written = msgspec.json.encode([request.full_path, sent], order="sorted")
    return plain_sealer(PURPOSE).fingerprint(written.decode())

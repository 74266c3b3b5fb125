"""The figures that every process keeps, by the names that dashboards and alerts know.

Ready for several processes (``PROMETHEUS_MULTIPROC_DIR``). A gauge that is set by whoever holds a
role tells the newest value of a living process; one that each process has for itself is summed.
"""

from typing import Literal

from prometheus_client import Counter, Gauge, Histogram

NEWEST: Literal["livemostrecent"] = "livemostrecent"

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

HTTP_REQUEST_SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer a request, by the rule of its route (never by its path).",
    ["service", "method", "rule", "status"],
    buckets=_FAST,
)

OUTBOX_UNPUBLISHED = Gauge(
    "outbox_unpublished",
    "Committed events that are not in the log yet.",
    ["service"],
    multiprocess_mode=NEWEST,
)
OUTBOX_OLDEST_SECONDS = Gauge(
    "outbox_oldest_seconds",
    "Age of the oldest event that is not in the log yet.",
    ["service"],
    multiprocess_mode=NEWEST,
)
RELAY_PUBLISH = Counter("relay_publish", "Events handed to the log.", ["service", "result"])
RELAY_BATCH_SIZE = Histogram(
    "relay_batch_size", "Events per append to the log.", ["service"], buckets=_SIZES
)

CONSUMER_OLDEST_UNPROCESSED_SECONDS = Gauge(
    "consumer_oldest_unprocessed_seconds",
    "Age of the oldest event in the log that the service has not handled.",
    ["service"],
    multiprocess_mode=NEWEST,
)
CONSUMER_LAG = Gauge(
    "consumer_lag",
    "Events in the log that the service has not handled.",
    ["service", "topic", "partition"],
    multiprocess_mode=NEWEST,
)
INBOX_DUPLICATES = Counter(
    "inbox_duplicates", "Events that were delivered again and passed over.", ["service"]
)
KSEQ_GAP = Counter(
    "kseq_gap", "Events that came before the one they follow on the same key.", ["service"]
)
PARKED_KEYS = Gauge("parked_keys", "Cases set aside.", ["service"], multiprocess_mode=NEWEST)
PARKED_EVENTS = Gauge("parked_events", "Events set aside.", ["service"], multiprocess_mode=NEWEST)
HANDLER_SECONDS = Histogram(
    "handler_seconds",
    "Time of one handler for one event.",
    ["service", "event_type"],
    buckets=_FAST,
)
BREAKER_STATE = Gauge(
    "breaker_state",
    "1 while a consumer has stopped setting cases aside, else 0.",
    ["service"],
    multiprocess_mode=NEWEST,
)
LAST_BEAT_AGE = Gauge(
    "last_beat_age",
    "Seconds since a relay, consumer or worker last went round its loop.",
    ["service", "role"],
    multiprocess_mode=NEWEST,
)

E2E_SECONDS = Histogram(
    "e2e_seconds", "Time from acceptance to the visible consequence.", ["flow"], buckets=_FLOW
)
LEDGER_UNEXPLAINED = Gauge(
    "ledger_unexplained",
    "Accepted cases that are neither routed, waiting nor set aside.",
    ["service"],
    multiprocess_mode=NEWEST,
)
AUDIT_UNWITNESSED_SECONDS = Gauge(
    "audit_unwitnessed_seconds",
    "Age of the oldest audit rows that no other service vouches for.",
    ["service"],
    multiprocess_mode=NEWEST,
)
AUDIT_REFUSED = Gauge(
    "audit_refused",
    "1 while the witness refuses the service's audit checkpoints, else 0.",
    ["service"],
    multiprocess_mode=NEWEST,
)
AUDIT_BROKEN = Gauge(
    "audit_broken",
    "1 while the end of the audit's chain is not what was sealed, else 0.",
    ["service"],
    multiprocess_mode=NEWEST,
)
LOG_FSYNC_SECONDS = Histogram("log_fsync_seconds", "Time of one durable commit.", buckets=_FAST)
GROUP_COMMIT_BATCH = Histogram(
    "group_commit_batch", "Transactions that shared one durable commit.", buckets=_SIZES
)

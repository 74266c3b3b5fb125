"""Where a case stands, and how the whole is, in a sentence, in both languages at once.

The API answers both, so they are written here, not translated with the pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.ops.queries.flows import Flow, Stage
from services.ops.queries.ledger import Reconciliation
from services.ops.queries.looks import DECIDERS
from shared.messaging.backbone import ParkedCase
from shared.messaging.replica import LANGUAGES
from shared.words import label

Sentence = Mapping[str, str]

LATE = timedelta(seconds=30)
"""An event that has waited longer for the log, or a case for its decision, is late."""

SERVICES: Mapping[str, Sentence] = {
    "directory": {"zh": "机构人员", "en": "directory"},
    "intake": {"zh": "登记", "en": "intake"},
    "mediation": {"zh": "调解", "en": "mediation"},
    "referral": {"zh": "公益线索", "en": "referral"},
    "ops": {"zh": "运维", "en": "operations"},
    "log": {"zh": "事件日志", "en": "the event log"},
}

_UNITS: Sequence[tuple[int, str, str]] = (
    (86_400, "天", "d"),
    (3_600, "小时", "h"),
    (60, "分钟", "min"),
    (1, "秒", "s"),
)


class Tone(StrEnum):
    """How loud a sentence is."""

    GOOD = "ok"
    BUSY = "warn"
    BAD = "danger"


@dataclass(frozen=True, kw_only=True)
class Health:
    tone: Tone
    in_words: Sentence


def service_name(service: str, language: str) -> str:
    return SERVICES.get(service, {}).get(language, service)


def span(seconds: float, language: str) -> str:
    """About so long: ``42 分钟``."""
    for size, chinese, english in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {chinese if language == 'zh' else english}"
    return f"{max(0, round(seconds * 1000))} {'毫秒' if language == 'zh' else 'ms'}"


def stands(flow: Flow, parked: Mapping[str, ParkedCase], now: datetime) -> Sentence:
    """Where a case stands now."""
    return {language: _stands(flow, parked, now, language) for language in LANGUAGES}


def health(found: Reconciliation) -> Health:
    """The most serious thing there is to say of the whole."""
    for tone, chinese, english in _complaints(found):
        return Health(tone=tone, in_words={"zh": chinese, "en": english})
    return Health(
        tone=Tone.GOOD,
        in_words={
            "zh": "一切正常，每一件都有去向",
            "en": "All is well: every case is accounted for",
        },
    )


def _complaints(found: Reconciliation) -> Iterator[tuple[Tone, str, str]]:
    if found.unexplained or found.balanced is False:
        count = found.unexplained
        yield (
            Tone.BAD,
            f"{count} 件去向不明，账对不上",
            f"Unaccounted for: {count}. The books differ",
        )
    if found.away:
        chinese = "、".join(service_name(name, "zh") for name in found.away)
        english = ", ".join(service_name(name, "en") for name in found.away)
        yield Tone.BAD, f"联系不上：{chinese}", f"Away, and nothing is known of it: {english}"
    stuck = _stuck(found)
    if stuck:
        yield Tone.BUSY, f"流转正常，{stuck} 件停着等人处理", f"Cases flow; set aside: {stuck}"
    late = _late(found)
    if late:
        chinese, english = span(late, "zh"), span(late, "en")
        yield (
            Tone.BUSY,
            f"流转变慢，最久的等了 {chinese}",
            f"Cases are late: one has waited {english}",
        )


def _stuck(found: Reconciliation) -> int:
    told = [each.counts for each in found.look.backbones.values() if each is not None]
    return sum(counts.parked_keys + counts.dead_letters for counts in told)


def _late(found: Reconciliation) -> float:
    """Seconds of the longest wait that is too long; 0 when there is none."""
    told = [each.counts for each in found.look.backbones.values() if each is not None]
    unpublished = [counts.oldest_unpublished for counts in told if counts.oldest_unpublished]
    since = [*unpublished, *(wait.since for wait in found.waits if wait.since is not None)]
    longest = max((found.at - each for each in since), default=timedelta())
    return longest.total_seconds() if longest > LATE else 0.0


def _stands(flow: Flow, parked: Mapping[str, ParkedCase], now: datetime, language: str) -> str:
    zh = language == "zh"
    for service, case in parked.items():
        name = service_name(service, language)
        ago = span((now - case.since).total_seconds(), language)
        return f"停在“{name}”，等了 {ago}" if zh else f"Set aside in {name} for {ago}"
    if flow.registered_at is None:
        return "有后续事件，却没有见到登记" if zh else "Its registration was never seen"
    match flow.stage:
        case Stage.CONCLUDED:
            how = _how_it_ended(flow, language)
            return f"已结束：{how}" if zh else f"Over: {how}"
        case Stage.ROUTED:
            return _routed(flow, language)
        case _:
            ago = span((now - flow.registered_at).total_seconds(), language)
            name = service_name(DECIDERS.get(flow.kind or "", ""), language)
            return (
                f"已登记 {ago}，等“{name}”定去向" if zh else f"Registered {ago} ago; {name} decides"
            )


def _routed(flow: Flow, language: str) -> str:
    route = label("route", flow.route or "", language)
    state = label(_state_kind(flow), flow.state or "", language)
    holders = [each.name[language] for each in (flow.holder, flow.holder_member) if each]
    if language == "zh":
        who = " ".join(holders)
        return f"{route}，{f'由{who}办理' if who else '还没有人接手'}：{state}"
    who = ", ".join(holders)
    return f"{route}; {f'{who} has it' if who else 'nobody has it yet'}: {state}"


def _how_it_ended(flow: Flow, language: str) -> str:
    if flow.outcome:
        kind = "lead_outcome" if flow.kind == "lead" else "outcome"
        return label(kind, flow.outcome, language)
    return label(_state_kind(flow), flow.state or "", language)


def _state_kind(flow: Flow) -> str:
    return "lead_state" if flow.kind == "lead" else "state"

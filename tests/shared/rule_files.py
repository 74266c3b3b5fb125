"""A small rule file for tests, about nothing in particular, and ways to change it."""

from pathlib import Path

from shared.rules import Facts, Kind, RuleSet, Value, load_rule_set

TEXT = """
name: shop.routing
version: "1"
valid_from: 2026-01-01
codes:
  routes: [stop, desk, back]
  overlays: [gift]
  parallel: [call, note]
  extras: {urgent: [true], colour: [red, blue]}
certainty:
  law: {zh: 法律, en: law}
bands:
  first: {zh: 第一, en: first}
  second: {zh: 第二, en: second}
facts:
  broken: {kind: known, zh: 破损, en: broken}
  open: {kind: flag, zh: 营业, en: open}
  size: {kind: code, zh: 大小, en: size, codes: {s: {zh: 小, en: small}, l: {zh: 大, en: large}}}
  tags:
    kind: codes
    zh: 标签
    en: tags
    codes: {x: {zh: 甲, en: ex}, y: {zh: 乙, en: why}, z: {zh: 丙, en: zed}}
  pieces: {kind: count, zh: 件数, en: pieces}
  price: {kind: amount, zh: 价格, en: price}
rows:
  - id: A1
    band: first
    if: {fact: broken, is: yes}
    route: stop
    parallel: [note]
    extras: {urgent: true, colour: red}
    says: {zh: 停。, en: Stop.}
    law: [{zh: 甲法, en: A Law, tag: law}]
  - id: A2
    band: second
    if:
      any:
        - id: A2a
          if: {fact: tags, in: [x, y]}
          says: {zh: 标签。, en: Tagged.}
        - id: A2b
          if: {all: [{fact: pieces, at_least: 3}, {fact: price, over: 50}]}
          says: {zh: 多。, en: Many.}
    route: desk
    overlays: [gift]
    says: {zh: 柜台。, en: The desk.}
    law: []
  - id: A9
    band: second
    if: {otherwise: true}
    route: back
    says: {zh: 后面。, en: The back.}
    law: []
overlays:
  - {id: A10, if: {fact: size, is: l}, code: gift, says: {zh: 礼。, en: A gift.}, law: []}
parallel:
  - {id: A11, if: {always: true}, code: call, says: {zh: 打电话。, en: A call.}, law: []}
  - {id: A12, if: {fact: pieces, below: 2}, code: note, says: {zh: 便条。, en: A note.}, law: []}
"""
KNOWN = {
    "broken": Kind.KNOWN,
    "open": Kind.FLAG,
    "size": Kind.CODE,
    "tags": Kind.CODES,
    "pieces": Kind.COUNT,
    "price": Kind.AMOUNT,
}


def changed(old: str, new: str) -> str:
    """The file with one thing changed, which must be in it."""
    assert old in TEXT, old
    return TEXT.replace(old, new, 1)


def with_rows(*conditions: str) -> str:
    """The file with other rows: R1, R2, … with these conditions, and the last row."""
    head, _, rest = TEXT.partition("rows:\n")
    rows, _, tail = rest.partition("\noverlays:")
    last = "  - id: A9" + rows.partition("  - id: A9")[2]
    others = (
        last.replace("A9", f"R{number}").replace("{otherwise: true}", condition)
        for number, condition in enumerate(conditions, start=1)
    )
    head = head.replace("[stop, desk, back]", "[back]")
    return f"{head}rows:\n" + "\n".join([*others, last]) + f"\noverlays:{tail}"


def load_text(folder: Path, text: str, name: str = "routing-1.yaml") -> RuleSet:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return load_rule_set(file)


def stated(**facts: Value) -> Facts:
    """A case in which only the last row matches, with changes."""
    calm: dict[str, Value] = {"broken": "no", "open": True, "size": None, "tags": frozenset()}
    return {**calm, "pieces": 2, "price": 100, **facts}

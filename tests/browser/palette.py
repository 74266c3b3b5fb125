"""Makes a picture of a page small: as many colours as one byte can name, none of them missed."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
Colour = tuple[int, int, int]


def smaller(png: bytes) -> bytes:
    """The same picture with a palette; ``png`` has 8 bits per channel, as Chromium writes it."""
    chunks = list(_chunks(png))
    width, height, _, kind = struct.unpack(">IIBB", chunks[0][1][:10])
    channels = 4 if kind == 6 else 3
    raw = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    pixels = [
        (row[at], row[at + 1], row[at + 2])
        for row in _rows(raw, width * channels, height, channels)
        for at in range(0, len(row), channels)
    ]
    counts = Counter(pixels)
    palette = [colour for colour, _ in counts.most_common(COLOURS)]
    index = {colour: _nearest(colour, palette) for colour in counts}
    named = bytes(index[pixel] for pixel in pixels)
    lines = b"".join(b"\0" + named[at : at + width] for at in range(0, len(named), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return SIGNATURE + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", header),
            (b"PLTE", bytes(part for colour in palette for part in colour)),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _nearest(colour: Colour, palette: Sequence[Colour]) -> int:
    def away(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, palette[number], strict=True))

    return min(range(len(palette)), key=away)


def _rows(raw: bytes, length: int, height: int, step: int) -> Iterator[bytes]:
    """Without the filters that a PNG has before it is packed."""
    above = bytes(length)
    for number in range(height):
        start = number * (length + 1)
        row = bytearray(raw[start + 1 : start + 1 + length])
        _unfilter(raw[start], row, above, step)
        above = bytes(row)
        yield above


def _unfilter(kind: int, row: bytearray, above: bytes, step: int) -> None:
    for at in range(len(row) if kind else 0):
        left = row[at - step] if at >= step else 0
        up = above[at]
        corner = above[at - step] if at >= step else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        row[at] = (row[at] + guess) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((left, up, corner), key=lambda value: abs(near - value))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

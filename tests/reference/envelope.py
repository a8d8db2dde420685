"""The envelope of a frame: nine values in MessagePack.

In scope: bytes to a `Frame`. Out of scope: the payload and whether the frame fits the state.
"""

from typing import NamedTuple, Optional

VERSION = 3

FINE, DISPLAY = 1, 2

# The big-endian numbers of MessagePack: bytes, and whether they are signed.
NUMBERS = {
    0xCC: (1, False), 0xCD: (2, False), 0xCE: (4, False), 0xCF: (8, False),
    0xD0: (1, True), 0xD1: (2, True), 0xD2: (4, True), 0xD3: (8, True),
}
# The size of the length before binary data.
BINARY = {0xC4: 1, 0xC5: 2, 0xC6: 4}


class Invalid(ValueError):
    """A frame that no server sends, or that is of another version."""


class Frame(NamedTuple):
    """One frame. `base` is None for a keyframe, `time` is in Unix seconds."""

    epoch: int
    base: Optional[int]
    sequence: int
    time: int
    resolution: int
    simulated: bool
    payload: bytes
    digest: int


def parse(data):
    """Returns the `Frame` in these bytes. The version is read before anything else."""
    if data[:1] != b"\x99":
        raise Invalid(f"first byte is {data[:1].hex()}, expected 99, an array of nine")
    version, at = value(data, 1)
    if version != VERSION:
        raise Invalid(f"version is {version}, expected {VERSION}")
    values = []
    for _ in Frame._fields:
        one, at = value(data, at)
        values.append(one)
    if at != len(data):
        raise Invalid(f"{len(data) - at} bytes follow the envelope")
    frame = Frame(*values)
    if frame.resolution not in (FINE, DISPLAY):
        raise Invalid(f"resolution is {frame.resolution}, expected 1 or 2")
    return frame


def value(data, at):
    """Returns the value that begins at this offset, and the offset after it."""
    try:
        kind = data[at]
    except IndexError:
        raise Invalid("the envelope is cut off") from None
    at += 1
    if kind < 0x80:
        return kind, at
    if kind >= 0xE0:
        return kind - 0x100, at
    if kind in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[kind], at
    if kind in NUMBERS:
        size, signed = NUMBERS[kind]
        return int.from_bytes(cut(data, at, size), "big", signed=signed), at + size
    if kind in BINARY:
        size = BINARY[kind]
        length = int.from_bytes(cut(data, at, size), "big")
        at += size
        return cut(data, at, length), at + length
    raise Invalid(f"type {kind:#04x} of MessagePack has no place in an envelope")


def cut(data, at, size):
    """Returns so many bytes."""
    if at + size > len(data):
        raise Invalid("the envelope is cut off")
    return data[at:at + size]

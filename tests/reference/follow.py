"""Follows files of frames: python3 follow.py FILE…

A record is its length, four bytes, and a frame, or as JSON the rows that the frames before it must
have led to. Exits with an error at the first wrong digest or row.
"""

import json
import sys
from pathlib import Path

from decoder import State
from envelope import Invalid


def records(data):
    """Yields the records of a file."""
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at:at + 4], "big")
        yield data[at + 4:end]
        at = end


def follow(path):
    """Follows one file. Returns how many frames and rows it had, or raises `Invalid`."""
    state, frames, rows = State(), 0, 0
    for record in records(path.read_bytes()):
        if record[:1] == b"[":
            compare(state.rows, json.loads(record))
        else:
            state.apply(record)
            frames, rows = frames + 1, rows + len(state.rows)
    return frames, rows


def compare(rows, expected):
    """Raises `Invalid` at the first row that is not as expected."""
    if len(rows) != len(expected):
        raise Invalid(f"{len(rows)} rows, expected {len(expected)}")
    for row, other in zip(rows, expected):
        found = [row[0], list(row[1]), list(row[2])]
        if found != other:
            raise Invalid(f"row is {found}, expected {other}")


def main():
    """Follows all files and prints their sizes."""
    for path in map(Path, sys.argv[1:]):
        try:
            frames, rows = follow(path)
        except Invalid as error:
            sys.exit(f"{path.name}: {error}")
        print(f"{path.name}: {frames} frames, {rows} rows")


if __name__ == "__main__":
    main()

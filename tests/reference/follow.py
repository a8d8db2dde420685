"""Follows files of frames: python3 follow.py FILE…

A record is its length, four bytes, and a frame, or as JSON what the frames before it must have led
to: a list of rows, or an object with states in SI units. Exits with an error at the first
difference.
"""

import json
import sys
from math import isclose
from pathlib import Path

import si
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
        elif record[:1] == b"{":
            compare_states(state, json.loads(record))
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


def compare_states(state, expected):
    """Raises `Invalid` at the first row that is not as expected in SI units."""
    if (state.time, len(state.rows)) != (expected["time"], len(expected["states"])):
        raise Invalid(f"{len(state.rows)} rows at {state.time}, expected {expected}")
    _, lattice = state.resolutions[state.resolution]
    for row, other in zip(state.rows, expected["states"]):
        found = si.state(row, state.time, state.resolution, lattice)
        for name, value in found.items():
            is_same = value == other[name]
            # Products of decimals: their last bits may differ.
            if name in ("baro_altitude", "vertical_rate") and None not in (value, other[name]):
                is_same = isclose(value, other[name])
            if not is_same:
                raise Invalid(f"{name} is {value}, expected {other[name]}: {row}")


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

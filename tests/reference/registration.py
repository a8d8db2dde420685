"""United States registrations from addresses.

The addresses a00001 to adf7c7 number the registrations N1 to N99999 in the order of a tree: a digit,
then up to four more digits, of which the last one or two may be letters instead.
"""

FIRST, LAST = 0xA00001, 0xADF7C7
# I and O are left out.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# How many registrations begin with so many digits: itself, with letters, with one more digit.
# Behind three digits: 1 + 24 * 25 with letters... behind five digits only itself.
SUFFIXES = 1 + 24 * 25
FOUR = 1 + 24 + 10
THREE = SUFFIXES + 10 * FOUR
TWO = SUFFIXES + 10 * THREE
ONE = SUFFIXES + 10 * TWO


def registration(address):
    """Returns the registration that an address encodes, or None."""
    if not FIRST <= address <= LAST:
        return None
    first, rest = divmod(address - FIRST, ONE)
    found = f"N{first + 1}"
    for size in (TWO, THREE, FOUR):
        if rest < SUFFIXES:
            return found + letters(rest)
        digit, rest = divmod(rest - SUFFIXES, size)
        found += str(digit)
    if rest <= 24:
        return found + ("" if rest == 0 else LETTERS[rest - 1])
    return found + str(rest - 25)


def letters(rest):
    """Returns no letters, one, or two."""
    if rest == 0:
        return ""
    first, second = divmod(rest - 1, 25)
    return LETTERS[first] + ("" if second == 0 else LETTERS[second - 1])

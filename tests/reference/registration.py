"""United States registrations from addresses.

The addresses a00001 to adf7c7 are the registrations N1 to N99999 in order. After N and a digit from
1 to 9 stand up to four more characters: digits, and in the last two places also letters.
"""

FIRST, LAST = 0xA00001, 0xADF7C7
# Without I and O.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# How many registrations begin with 1 to 3 digits and go on with none, one or two letters.
LETTERED = 1 + 24 * 25
# How many begin with 4, 3, 2 digits and 1 digit. Behind four digits stands one letter or digit.
FOUR = 1 + 24 + 10
THREE = LETTERED + 10 * FOUR
TWO = LETTERED + 10 * THREE
ONE = LETTERED + 10 * TWO


def registration(address):
    """Returns the registration that an address encodes, or None."""
    if not FIRST <= address <= LAST:
        return None
    first, rest = divmod(address - FIRST, ONE)
    found = f"N{first + 1}"
    for size in (TWO, THREE, FOUR):
        if rest < LETTERED:
            return found + letters(rest)
        digit, rest = divmod(rest - LETTERED, size)
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

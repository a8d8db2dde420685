"""The range decoder: bits under adaptive models, uniform values, and the codes made of them.

In scope: the coder, `tree`, `raw`, `number`, `signed`. Out of scope: which models they use.

These are closures over local variables, because an attribute costs twice as much.
"""

from typing import Callable, NamedTuple

from envelope import Invalid

# The weight of a model's next bit, by the number of its updates.
UPDATES_MAX = 126
WEIGHT = [(1 << 16) // (2 * n + 3) for n in range(UPDATES_MAX + 1)]
MORE = [min(n + 1, UPDATES_MAX) for n in range(UPDATES_MAX + 1)]

# The most zero bytes at the end of a payload that are left out.
LEFT_OUT_MAX = 8

# The most binary digits of a number.
DIGITS_MAX = 24


class Coder(NamedTuple):
    """What reads a payload."""

    bit: Callable[[int], int]
    uniform: Callable[[int], int]
    tree: Callable[[int, int], int]
    raw: Callable[[int], int]
    number: Callable[[int], int]
    signed: Callable[[int], int]


def coder(payload, zeros, updates):
    """Returns a `Coder` at the beginning of a payload. It changes the models in the two lists."""
    data = payload + bytes(LEFT_OUT_MAX + 4)
    span, code, at = 0xFFFFFFFF, int.from_bytes(data[:4], "big"), 4
    end = len(payload) + LEFT_OUT_MAX

    def more():
        nonlocal span, code, at
        while span < 0x1000000:
            if at >= end:
                raise Invalid(f"the payload ends before its rows: {len(payload)} bytes")
            span, code, at = span << 8, code << 8 | data[at], at + 1

    def bit(model):
        """Returns a bit under a model."""
        nonlocal span, code
        zero, n = zeros[model], updates[model]
        updates[model] = MORE[n]
        bound = span * zero >> 16
        if code < bound:
            span = bound
            zeros[model] = zero + ((65535 - zero) * WEIGHT[n] >> 15)
            if span < 0x1000000:
                more()
            return 0
        code -= bound
        span -= bound
        zeros[model] = zero - (zero * WEIGHT[n] >> 15)
        if span < 0x1000000:
            more()
        return 1

    def uniform(n):
        """Returns a value below n, each as likely."""
        nonlocal span, code
        span //= n
        found = min(code // span, n - 1)
        code -= found * span
        more()
        return found

    def tree(first, size):
        """Returns `size` binary digits, each under a model of the digits before it."""
        node = 1
        for _ in range(size):
            node = 2 * node + bit(first + node - 1)
        return node - (1 << size)

    def raw(size):
        """Returns `size` binary digits without a model."""
        if size <= 12:
            return uniform(1 << size)
        high = uniform(1 << size - 12)
        return high << 12 | uniform(1 << 12)

    def number(first, with_tree_max=DIGITS_MAX):
        """Returns a number of 0 to 24 binary digits. Longer ones than the bound have no tree."""
        digits = 0
        while digits < DIGITS_MAX and bit(first + digits):
            digits += 1
        if digits < 2:
            return digits
        if digits > with_tree_max:
            return 1 << digits - 1 | raw(digits - 1)
        high = min(3, digits - 1)
        rest = digits - 1 - high
        found = 1 << high | tree(first + DIGITS_MAX + 7 * (digits - 2), high)
        return found << rest | raw(rest) if rest else found

    def signed(first):
        """Returns a number with a sign."""
        if not bit(first):
            return 0
        negative = bit(first + 1)
        magnitude = number(first + 2, 7) + 1
        return -magnitude if negative else magnitude

    return Coder(bit, uniform, tree, raw, number, signed)

"""Random draws that need no memory: entity number i of a stream always draws the same, in any order of asking.

The generator is SplitMix64 (Steele, Lea and Flood, 2014), started from a hash of the seed, the name of the stream and
the number of the entity. Whole numbers only, so that the same seed gives the same bytes on every machine.
"""

import hashlib
from collections.abc import Sequence
from math import gcd
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


class Draw:
    """Draws of one entity, one after the other."""

    __slots__ = ("_state",)

    def __init__(self, state: int) -> None:
        self._state = state

    def bits(self) -> int:
        """64 random bits."""
        self._state = z = (self._state + _GAMMA) & _MASK
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _MASK
        return z ^ (z >> 31)

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, ``limit``."""
        return self.bits() * limit >> 64

    def low(self, limit: int) -> int:
        """The same with a heavy tail: small numbers far more often (density about 1/x)."""
        return self.below(max(1, limit >> self.below(max(1, limit.bit_length()))))

    def percent(self, chance: int) -> bool:
        """True in ``chance`` cases of a hundred."""
        return self.below(100) < chance

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]


class Stream:
    """A named source of draws: ``stream.at(i)`` is the draw of entity ``i``."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, name: str) -> None:
        digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest, "big")

    def at(self, index: int) -> Draw:
        """The draw of one entity."""
        return Draw((self._key + index * 0xD1342543DE82EF95) & _MASK)


def scatter(index: int, space: int, step: int = 2_654_435_761) -> int:
    """A number below ``space`` that no other index below ``space`` gets; neighbours land far apart."""
    while gcd(step, space) != 1:
        step += 2
    return index * step % space

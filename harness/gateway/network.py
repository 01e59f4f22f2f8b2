"""network - `addr`, `addr/bits`, `[addr]/bits` patterns: parsed and matched as cidr_match(3) does."""

from __future__ import annotations

import socket
from dataclasses import dataclass


class PatternError(Exception):
    """A bad address pattern, in Postfix's words."""


@dataclass(frozen=True, slots=True)
class Network:
    """A range of addresses of one family; `wanted` is False for a negated pattern."""

    bits: int  # of the family: 32 or 128
    first: int
    length: int
    wanted: bool = True

    def matches(self, address: Address) -> bool:
        """Negated patterns, too, match only addresses of their own family."""
        shift = self.bits - self.length
        return self.bits == address.bits and (address.value >> shift == self.first >> shift) == self.wanted


@dataclass(frozen=True, slots=True)
class Address:
    """An IPv4 or IPv6 address as a number."""

    bits: int
    value: int


def parse_address(text: str) -> Address | None:
    """The address that inet_pton(3) reads, IPv6 when there is a colon; None when it reads none."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        packed = socket.inet_pton(family, text)
    except (OSError, ValueError):  # ValueError: NUL or a character that is no byte
        return None
    return Address(len(packed) * 8, int.from_bytes(packed, "big"))


def parse_network(pattern: str) -> Network:
    """The network that a pattern stands for.  Raises PatternError."""
    bare = pattern.lstrip("!")
    wanted = (len(pattern) - len(bare)) % 2 == 0
    if not bare:
        raise PatternError("no pattern")
    net, slash, mask = _split_mask(bare)
    address = parse_address(net)
    if not slash:
        if address is None:
            raise PatternError(f'bad address pattern: "{net}"')
        return Network(address.bits, address.value, address.bits, wanted)
    if not (mask.isascii() and mask.isdigit()):
        raise PatternError(f'bad mask value in "{net}/{mask}"')
    length = int(mask)
    if length > (128 if ":" in net else 32):
        raise PatternError(f'bad mask length in "{net}/{mask}"')
    if address is None:
        raise PatternError(f'bad network value in "{net}/{mask}"')
    host_bits = address.bits - length
    first = address.value >> host_bits << host_bits
    if first != address.value:
        family = socket.AF_INET if address.bits == 32 else socket.AF_INET6
        right = socket.inet_ntop(family, first.to_bytes(address.bits // 8, "big"))
        raise PatternError(
            f'non-null host address bits in "{net}/{mask}", perhaps you should use "{right}/{length}" instead'
        )
    return Network(address.bits, first, length, wanted)


def _split_mask(bare: str) -> tuple[str, str, str]:
    """`[addr/len]`, `[addr]/len`, `[addr]`, `addr/len` or `addr` -> (addr, "/" or "", len)."""
    if not bare.startswith("["):
        return bare.partition("/")
    inside, closed, after = bare[1:].partition("]")
    if not closed:
        raise PatternError(f"missing ']' character after \"[{inside}\"")
    if after.startswith("/"):
        return inside, "/", after[1:]
    if after:
        raise PatternError(f'garbage after "[{inside}]"')
    return inside.partition("/")

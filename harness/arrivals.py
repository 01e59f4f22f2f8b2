"""arrivals - when sessions are to begin: open loop at a rate, or closed, one after the other on so many connections."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

_FORMS = "constant R/s, poisson R/s, ramp R..R/s, step R,R,R/s, at S,S,S, or replay FILE"
_LEAST = 0.001  # sessions a second; what is less has no text of its own
_MOST = 1e9  # there is a nanosecond between two, and no clock that sees less
_NUMBER = r"\d+(?:\.\d+)?"
_RATES = re.compile(rf"(constant|poisson|ramp|step) +({_NUMBER}(?:(?:\.\.|, *){_NUMBER})*)(?:/s)?")
_TIMES = re.compile(rf"at +({_NUMBER}(?:, *{_NUMBER})*)")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Open-loop arrivals: a shape, and its rates in sessions a second; for `at`, seconds from the start."""

    shape: str
    numbers: tuple[float, ...]

    def times(self, duration_s: float, seed: int = 1) -> Iterator[float]:
        """The intended starts in seconds from the beginning, as long as it lasts; the same for the same seed."""
        for moment in self._endless(duration_s, Random(seed)):
            if moment >= duration_s:
                return
            yield moment

    @property
    def text(self) -> str:
        """What parse_arrivals makes this of."""
        joined = (".." if self.shape == "ramp" else ",").join(f"{number:.6f}" for number in self.numbers)
        return f"{self.shape} {joined}" + ("" if self.shape == "at" else "/s")

    def at_rate(self, rate: float) -> Arrivals:
        """The same shape with another mean rate."""
        mean = sum(self.numbers) / len(self.numbers)
        return Arrivals(self.shape, tuple(max(number / mean * rate, _LEAST) for number in self.numbers))

    @property
    def peak(self) -> float:
        """The highest rate in sessions a second; 0 for recorded times."""
        return 0.0 if self.shape == "at" else max(self.numbers)

    def _endless(self, duration_s: float, random: Random) -> Iterator[float]:
        first, last = self.numbers[0], self.numbers[-1]
        match self.shape:
            case "constant":
                yield from (place / first for place in count())
            case "poisson":
                moment = 0.0
                while True:
                    moment += random.expovariate(first)
                    yield moment
            case "ramp":  # the k-th start is where the integral of the rate reaches k
                slope = (last - first) / duration_s
                for place in count():
                    if abs(slope) < 1e-12:
                        yield place / first
                        continue
                    square = first * first + 2 * slope * place
                    if square < 0:
                        return
                    yield (math.sqrt(square) - first) / slope
            case "step":
                each = duration_s / len(self.numbers)
                for at, rate in enumerate(self.numbers):
                    yield from (at * each + place / rate for place in range(math.ceil(rate * each)))
            case _:
                yield from self.numbers


def parse_arrivals(text: str) -> Arrivals:
    """`poisson 200/s`, `ramp 50..400/s`, `step 50,100,200/s`, `at 0,0.1,0.5`; a bare rate is constant.

    Raises ValueError, saying what may stand there.
    """
    text = text.strip()
    if re.fullmatch(rf"{_NUMBER}(?:/s)?", text):
        text = f"constant {text}"
    if found := _TIMES.fullmatch(text):
        return Arrivals("at", tuple(sorted(float(number) for number in found[1].split(","))))
    found = _RATES.fullmatch(text)
    numbers = tuple(float(number) for number in re.findall(_NUMBER, found[2])) if found else ()
    if found is None or len(numbers) != {"ramp": 2, "step": len(numbers)}.get(found[1], 1):
        raise ValueError(f"expects {_FORMS}, got {text!r}")
    if not _LEAST <= min(numbers) <= max(numbers) <= _MOST:
        raise ValueError(f"a rate must be {_LEAST:g}/s to {_MOST:.0f}/s, got {text!r}")
    return Arrivals(found[1], numbers)

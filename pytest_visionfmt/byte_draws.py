"""Values of a strategy outside of any test, each told by a seed and its number alone.

Hypothesis's own choice of values is not for this: it tries the constants of the modules that happen to
be loaded, so a seed would mean one thing in a whole run and another in one file of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

__all__ = ["apart", "drawn"]

T = TypeVar("T")
# More than Hypothesis ever makes one value of.
_BYTES = 1 << 15
# What a filter refuses is drawn again.
_ATTEMPTS = 50


def apart(function: Callable[[], T]) -> T:
    """Return what a function returns that runs in a thread of its own.

    Hypothesis makes and runs no test within a test, and strategies are made and sampled within tests too.
    """
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function).result()


def drawn(strategy: st.SearchStrategy[T], numbers: Iterable[int], seed: str) -> list[T]:
    """Return one value of a strategy for each of the numbers, told by it and the seed.

    Raises ``Unsatisfiable`` where the strategy draws nothing.
    """
    values: list[T] = []

    def keep(value: T) -> None:
        values.append(value)

    def draw_all() -> None:
        test: Any = settings(database=None, deadline=None)(given(strategy)(keep))
        from_bytes: Callable[[bytes], bytes | None] = test.hypothesis.fuzz_one_input
        for number in numbers:
            buffers = (Random(f"{seed}/{number}/{i}").randbytes(_BYTES) for i in range(_ATTEMPTS))
            if all(from_bytes(buffer) is None for buffer in buffers):
                raise Unsatisfiable(f"{strategy!r} draws no value")

    apart(draw_all)
    return values

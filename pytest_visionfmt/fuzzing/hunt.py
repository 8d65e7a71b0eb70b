"""Hunting for the smallest values on which a law is broken: the one place where Hypothesis is driven."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from pytest_visionfmt.conversions import LawBroken

__all__ = ["Clock", "Found", "hunt"]

_MOST_HANGS = 3
_SLOW_KINDS = ("hung",)


class _Enough(BaseException):
    """Ends a hunt at once, as Ctrl-C would: to Hypothesis it is no failure."""


@dataclass
class Clock:
    """When to stop: ``over`` once the time is up."""

    until: float | None = None
    ran_out: bool = False

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        if self.until is not None and time.monotonic() >= self.until:
            self.ran_out = True
        return self.ran_out


@dataclass
class Found:
    """A failure that was found: the values, the error, and how many examples were tried before."""

    arguments: tuple[Any, ...]
    error: LawBroken
    examples: int


@dataclass
class _Search:
    law: str
    judge: Callable[..., None]
    known: frozenset[str]
    clock: Clock
    examples: int = 0
    passed_over: int = 0
    found: Found | None = None
    hangs: int = field(default=0)

    def __call__(self, arguments: tuple[Any, ...]) -> None:
        if self.clock.over or self.hangs >= _MOST_HANGS:
            raise _Enough
        if self.found is None:
            self.examples += 1
        try:
            self.judge(*arguments)
        except LawBroken as error:
            if error.law != self.law:
                self.passed_over += self.found is None
                return  # another law's business
            if error.kind in self.known:
                return
            if self.found is not None and error.kind != self.found.error.kind:
                return  # while one failure is made small, others wait for their turn
            if error.kind in _SLOW_KINDS:
                self.hangs += 1
            self.found = Found(arguments, error, self.found.examples if self.found else self.examples)
            raise


def hunt(
    law: str,
    strategies: Sequence[st.SearchStrategy[Any]],
    judge: Callable[..., None],
    *,
    max_examples: int,
    seed: int,
    clock: Clock,
    known: frozenset[str] = frozenset(),
    shrink: bool = True,
) -> tuple[Found | None, int, int]:
    """Return the smallest failure of a law that is not known yet, how many examples were tried, and how many of
    them could not be judged for another law's failure.

    ``judge`` is called with a value of each strategy and raises ``LawBroken``.
    """
    search = _Search(law, judge, known, clock)
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

    @hypothesis.seed(seed)
    @settings(
        max_examples=max_examples,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        # A converter may be slow, and so is a folder of images.
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.tuples(*strategies))
    def test(arguments: tuple[Any, ...]) -> None:
        search(arguments)

    try:
        test()
    except (LawBroken, _Enough):
        pass
    except (Flaky, ExceptionGroup):
        # It fails now and then, or the time was up while it was made smaller: what was seen was seen.
        if search.found is None:
            raise
    return search.found, search.examples, search.passed_over

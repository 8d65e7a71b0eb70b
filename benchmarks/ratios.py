"""Time functions side by side in one run: CPU seconds, rounds interleaved, medians.

Machines are shared and noisy; a ratio against a baseline of the same round is what can be repeated.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

__all__ = ["medians", "ratios"]


def ratios(functions: Mapping[str, Callable[[], object]], baseline: str, rounds: int = 5) -> dict[str, float]:
    """Return, for every function, the median over the rounds of its CPU time against the baseline's."""
    seconds = _timed(functions, rounds)
    return {
        name: statistics.median(a / b for a, b in zip(taken, seconds[baseline], strict=True))
        for name, taken in seconds.items()
    }


def medians(functions: Mapping[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Return, for every function, the median over the rounds of its CPU time in seconds."""
    return {name: statistics.median(taken) for name, taken in _timed(functions, rounds).items()}


def _timed(functions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function()  # caches, imports
    for number in range(rounds):
        for name in list(functions)[:: -1 if number % 2 else 1]:
            gc.collect()
            start = time.process_time()
            functions[name]()
            seconds[name].append(time.process_time() - start)
    return seconds

"""How far a command is: rate and time left on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

__all__ = ["Progress", "progress"]

_STEPS = (("G", 1e9), ("M", 1e6), ("k", 1e3))


class Progress:
    """What a command tells of its progress. This one keeps it to itself."""

    def advance(self, by: int) -> None:
        """Take note that so much more is done."""

    def clear(self) -> None:
        """Leave the terminal to what is about to be printed, until there is more progress."""


class _Bar(Progress):
    """A line at the end of what the terminal shows."""

    def __init__(self, bar: Any, total: int, unit: str, title: str) -> None:
        self._bar = bar
        self._unit = unit
        self._task = bar.add_task(title, total=total, rate="")
        self._is_shown = False

    def advance(self, by: int) -> None:
        self._bar.update(self._task, advance=by)
        self._bar.update(self._task, rate=_rate(self._bar.tasks[0].speed, self._unit))
        if not self._is_shown:
            self._is_shown = True
            self._bar.start()

    def clear(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self._bar.stop()


def _rate(speed: float | None, unit: str) -> str:
    """Return a speed in words, nothing as long as it is not known: ``250 MB/s``, ``12 files/s``."""
    if speed is None:
        return ""
    prefix, size = next(((prefix, size) for prefix, size in _STEPS if speed >= size), ("", 1))
    text = f"{speed / size:.3g}" if speed < 1000 * size else f"{speed / size:.0f}"
    return f"{text} {prefix}B/s" if unit == "bytes" else f"{text}{prefix} {unit}/s"


@contextmanager
def progress(total: int | Callable[[], int], unit: str, *, title: str = "", enabled: bool = True) -> Iterator[Progress]:
    """Show on standard error how much of ``total`` is done, at which rate, and the time that is left.

    ``total`` may be a function, called only where something is shown. ``unit`` is what is counted,
    ``bytes`` or ``files``, and ``title`` stands before it all. Nothing is shown where standard error is no
    terminal, where it is not ``enabled``, or where rich, of the extra ``cli``, is not installed.
    """
    rich = _rich() if enabled and sys.stderr.isatty() else None
    if rich is None:
        yield Progress()
        return
    named = [rich.TextColumn("{task.description}")] if title else []
    shown = (*named, rich.BarColumn(), rich.TaskProgressColumn(), rich.TextColumn("{task.fields[rate]}"))
    # What is printed on standard output may be read by a program: it stays as it is.
    options = {"transient": True, "redirect_stdout": False, "redirect_stderr": False}
    shown_bar = rich.Progress(*shown, rich.TimeRemainingColumn(), console=_console(), **options)
    bar = _Bar(shown_bar, total if isinstance(total, int) else total(), unit, title)
    try:
        yield bar
    finally:
        bar.clear()


def _rich() -> Any:
    """Return rich's module of progress, None where it is not installed."""
    try:
        return import_module("rich.progress")
    except ImportError:
        return None


def _console() -> Any:
    return import_module("rich.console").Console(file=sys.stderr)

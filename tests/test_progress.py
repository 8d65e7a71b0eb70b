"""Progress: rate and time left on a terminal, nothing in a pipe or without rich."""

from __future__ import annotations

import io
import re
import sys

import pytest

from pytest_visionfmt.commands.progress import progress

MARKUP = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    """Text that a terminal would show."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return what stands in for standard error from here on."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def all_of_it(unit: str, *, enabled: bool = True) -> None:
    with progress(8_000_000, unit, enabled=enabled) as bar:
        for _ in range(4):
            bar.advance(2_000_000)


@pytest.mark.parametrize(("unit", "rate"), [("bytes", r"[0-9.]+ [kMG]B/s"), ("files", r"[0-9.]+[kMG] files/s")])
def test_a_terminal_sees_share_rate_and_time_left(unit: str, rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    all_of_it(unit)
    shown = MARKUP.sub("", stream.getvalue())
    assert re.search(rf"100% +{rate} +0:00:00", shown)


def test_the_terminal_is_left_to_what_is_printed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with progress(3, "files") as bar:
        bar.advance(1)
        bar.clear()
        printed = len(stream.getvalue())
        bar.clear()
        assert len(stream.getvalue()) == printed
        bar.advance(1)
        assert "67%" in MARKUP.sub("", stream.getvalue()[printed:])


@pytest.mark.parametrize("reason", ["a pipe", "no rich", "not enabled"])
def test_nothing_is_shown_elsewhere(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    if reason == "a pipe":
        monkeypatch.setattr(stream, "isatty", lambda: False)
    elif reason == "no rich":
        monkeypatch.setitem(sys.modules, "rich.progress", None)
    all_of_it("bytes", enabled=reason != "not enabled")
    assert stream.getvalue() == ""

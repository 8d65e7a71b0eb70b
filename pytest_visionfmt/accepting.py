"""The accept path: records that are certain to be clean, at the cost of little more than their parse.

It may refuse more than the full check, never less. A line is accepted where the types compiled from
the schema take it, where it has no key twice, and where the cheap twin of every rule is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from pytest_visionfmt.checking import rules_of
from pytest_visionfmt.format import Clean, Format, Profile
from pytest_visionfmt.schema_decoders import REFUSALS, Decoder, decoder_of
from pytest_visionfmt.schema_nodes import Node, nodes_of

__all__ = ["MAX_LINE_BYTES", "Acceptor", "Run", "acceptor_of"]

MAX_LINE_BYTES = 1 << 24
"""The longest line that is read: what is longer is no data file of ours."""

Add = Callable[[int, Any], bool]


class Run(NamedTuple):
    """How far a run of accepted lines went: the last line seen, and whether it was refused."""

    n: int
    raw: bytes
    refused: bool


@dataclass(frozen=True, slots=True)
class Acceptor:
    """The accept path of one format in one profile."""

    root: Node
    decoder: Decoder
    cleans: tuple[Clean, ...]

    def accepts(self, raw: bytes) -> Any:
        """Return the decoded record of a line that is certain to be clean, else None."""
        try:
            value = self.decoder.decode(raw)
            plain = b"\\" not in raw
            # An escaped quote apart, a text has two quotes for every key and string: one more key
            # than was decoded stands there twice. With a backslash before it, any other quote
            # would be counted wrong, so such a text is not for us.
            if raw.count(b'"') != 2 * self.decoder.strings(value, plain) or not (plain or b'\\"' not in raw):
                return None
        except REFUSALS:
            return None
        return value if all(clean(value) for clean in self.cleans) else None

    def run(self, lines: Iterable[tuple[int, bytes]], adds: list[Add]) -> Run | None:
        """Accept numbered lines one after the other, up to the first that is refused; None if there is no line.

        ``adds`` take every accepted record, and are dropped from the list when they need no more.
        """
        decode, strings, cleans = self.decoder.decode, self.decoder.strings, self.cleans
        n, raw = 0, b""
        # The body is that of ``accepts``, written out: a call would cost a tenth of a short line.
        for n, raw in lines:
            try:
                value = decode(raw)
                plain = b"\\" not in raw
                if raw.count(b'"') != 2 * strings(value, plain) or not (plain or b'\\"' not in raw):
                    return Run(n, raw, True)
            except REFUSALS:
                return Run(n, raw, True)
            for clean in cleans:
                if not clean(value):
                    return Run(n, raw, True)
            if len(raw) > MAX_LINE_BYTES:
                return Run(n, raw, True)
            for add in adds:
                if add(n, value):
                    adds = adds.copy()
                    adds.remove(add)
        return Run(n, raw, False) if n else None

    def adds(self, format_: Format, states: Sequence[Any]) -> list[Add]:
        """Return the cheap twins of a format's folds, bound to their states."""
        folds = zip(rules_of(format_).file, states, strict=True)
        return [add for (_, look), state in folds if look.quick and (add := look.quick(self.root, state))]


@lru_cache(maxsize=128)
def acceptor_of(format_: Format, profile: Profile) -> Acceptor | None:
    """Return the accept path of a format in one profile, None where not all of its rules allow one."""
    root = nodes_of(format_, profile)
    decoder = decoder_of(root)
    if decoder is None:
        return None
    rules = rules_of(format_)
    cleans: dict[Clean, None] = {}
    for _, look in rules.record:
        clean = look.clean(root) if look.clean else None
        if clean is None:
            return None
        if clean is not True:
            cleans[clean] = None  # rules may share a twin
    for _, fold in rules.file:
        if fold.quick is None or fold.quick(root, fold.start()) is None:
            return None
    return Acceptor(root, decoder, tuple(cleans))

"""The accept path: records that are certain to be clean, at the cost of little more than their parse.

It may refuse more than the full check, never less. A line is accepted where the types compiled from
the schema take it, where it has no key twice, and where the cheap twin of every rule is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from pytest_visionfmt.checking import rules_of
from pytest_visionfmt.format import Format, Profile, Record, Rule, Twin
from pytest_visionfmt.json_quotes import quotes_of
from pytest_visionfmt.schema_decoders import REFUSALS, Decoder, decoder_of
from pytest_visionfmt.schema_nodes import Node, nodes_of

__all__ = ["Acceptor", "Add", "Run", "acceptor_of"]

Add = Callable[[int, Any], Any]


class Run(NamedTuple):
    """How far a run of accepted lines went: the last line seen, and whether it was refused.

    ``record`` is what was decoded of a line that only rules of the format can have anything against.
    ``error`` is what stopped the run after this line: a file that cannot be read on, or the user.
    """

    n: int
    raw: bytes
    refused: bool
    record: Any = None
    error: BaseException | None = None


_RUN = """
def run(lines, adds):
    number, raw = 0, b""
    only = adds[0] if len(adds) == 1 else None
    try:
        for number, raw in lines:
            try:
                value = decode(raw)
                plain = 92 not in raw
                {count}
                # Escaped ones apart, a text has two quotes for every key and every string. One that was
                # not decoded is a key that stands there twice, or what the first of the two held.
                if (raw.count(b'"') if plain else quotes_of(raw)) != 2 * n:
                    return Run(number, raw, True)
            except REFUSALS:
                return Run(number, raw, True)
            {cleans}
            if only is not None:
                only(number, value)
            else:
                for add in adds.copy():
                    if add(number, value):
                        adds.remove(add)
                only = adds[0] if len(adds) == 1 else None
    except BaseException as error:
        return Run(number, raw, False, None, error)
    return Run(number, raw, False) if number else None
"""


@dataclass(frozen=True, slots=True)
class Acceptor:
    """The accept path of one format in one profile.

    ``run(lines, adds)`` accepts numbered lines one after the other, up to the first that is refused,
    and returns how far it went, None if there is no line. ``adds`` take every accepted record; those
    that need no more are dropped from the list.
    """

    root: Node
    twins: tuple[tuple[Rule, Record, Callable[[Any], bool]], ...]
    run: Callable[[Iterable[tuple[int, bytes]], list[Add]], Run | None]

    def accepts(self, raw: bytes) -> bool:
        """Whether a text is certain to be clean."""
        run = self.run(((1, raw),), [])
        return run is not None and not run.refused

    def unsure(self, record: Any) -> list[tuple[Rule, Record]]:
        """Return the rules that may have something against a decoded record."""
        return [(rule, look) for rule, look, sure in self.twins if not sure(record)]

    def adds(self, format_: Format, states: Sequence[Any]) -> list[Add]:
        """Return the cheap twins of a format's folds, bound to their states."""
        folds = zip(rules_of(format_).file, states, strict=True)
        return [add for (_, look), state in folds if look.quick and (add := look.quick(self.root, state))]


def _acceptor(root: Node, decoder: Decoder, twins: Mapping[tuple[Rule, Record], Twin]) -> Acceptor:
    # As dataclasses do: one function written for these types. Calls alone would cost a third of a short line.
    names = decoder.names
    names |= {"Run": Run, "quotes_of": quotes_of, "REFUSALS": REFUSALS, "decode": decoder.decode}
    lines = []
    for i, clean in enumerate(dict.fromkeys(twin.together or twin.sure for twin in twins.values())):
        names[f"clean{i}"] = clean
        lines.append(f"if not clean{i}(value): return Run(number, raw, True, value)")
    exec(_RUN.format(count=_indented(decoder.count, 16), cleans=_indented(lines, 12)), names)
    return Acceptor(root, tuple((rule, look, twin.sure) for (rule, look), twin in twins.items()), names["run"])


def _indented(lines: Iterable[str], by: int) -> str:
    return f"\n{' ' * by}".join(lines)


@lru_cache(maxsize=128)
def acceptor_of(format_: Format, profile: Profile) -> Acceptor | None:
    """Return the accept path of a format in one profile, None where not all of its rules allow one."""
    root = nodes_of(format_, profile)
    decoder = decoder_of(root)
    if decoder is None:
        return None
    rules = rules_of(format_)
    twins: dict[tuple[Rule, Record], Twin] = {}
    for rule, look in rules.record:
        twin = look.clean(root) if look.clean else None
        if twin is None:
            return None
        if twin is not True:
            twins[rule, look] = twin
    for _, fold in rules.file:
        if fold.quick is None or fold.quick(root, fold.start()) is None:
            return None
    return _acceptor(root, decoder, twins)

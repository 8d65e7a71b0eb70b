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
from pytest_visionfmt.format import Format, Kept, Profile, Record, Rule, Twin
from pytest_visionfmt.json_quotes import quotes_of
from pytest_visionfmt.schema_bounds import Bounds, bounds_of, relaxed
from pytest_visionfmt.schema_decoders import REFUSALS, Decoder, decoder_of
from pytest_visionfmt.schema_nodes import Node, nodes_of

__all__ = ["Acceptor", "Add", "Run", "acceptor_of", "relaxed_of"]

Add = Callable[[int, Any], Any]
Calls = tuple[Callable[[str], Any], Callable[[Any], Any]]


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
def run(lines, adds, calls):
    number, raw = 0, b""
    {calls}
    only = adds[0] if len(adds) == 1 else None
    done = []
    try:
        for number, raw in lines:
            {bound}
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
            {lines}
            if only is not None:
                if only(number, value):
                    adds.clear()
                    only = None
            elif adds:
                for add in adds:
                    if add(number, value):
                        done.append(add)
                if done:
                    adds[:] = [add for add in adds if add not in done]
                    done.clear()
                    only = adds[0] if len(adds) == 1 else None
    except BaseException as error:
        return Run(number, raw, False, None, error)
    return Run(number, raw, False) if number else None
"""


@dataclass(frozen=True, slots=True)
class Acceptor:
    """The accept path of one format in one profile.

    ``run(lines, adds, calls)`` accepts numbered lines one after the other, up to the first that is
    refused, and returns how far it went, None if there is no line. ``adds`` take every accepted record;
    those that need no more are dropped from the list. ``calls`` are what each ``Kept`` calls. Both come
    from ``bound``.
    """

    root: Node
    twins: tuple[tuple[Rule, Record, Callable[[Any], bool]], ...]
    run: Callable[[Iterable[tuple[int, bytes]], list[Add], Sequence[Calls]], Run | None]
    attributes: tuple[str, ...]
    idle: tuple[Calls, ...]

    def accepts(self, raw: bytes) -> bool:
        """Whether a text is certain to be clean."""
        run = self.run(((1, raw),), [], self.idle)
        return run is not None and not run.refused

    def unsure(self, record: Any) -> list[tuple[Rule, Record]]:
        """Return the rules that may have something against a decoded record."""
        return [(rule, look) for rule, look, sure in self.twins if not sure(record)]

    def take(self, n: int, record: Any, adds: list[Add], calls: Sequence[Calls]) -> None:
        """Let the folds take one record, as ``run`` does."""
        for attribute, (of, append) in zip(self.attributes, calls, strict=True):
            append(of(getattr(record, attribute)))
        adds[:] = [add for add in adds if not add(n, record)]

    def bound(self, format_: Format, states: Sequence[Any]) -> tuple[list[Add], list[Calls]]:
        """Return the cheap twins of a format's folds, bound to their states, as ``run`` takes them."""
        folds = zip(rules_of(format_).file, states, strict=True)
        quick = [look.quick(self.root, state) for (_, look), state in folds if look.quick]
        adds = [add for add in quick if add and not isinstance(add, Kept)]
        return adds, [(add.of, add.append) for add in quick if isinstance(add, Kept)]


def _acceptor(
    root: Node,
    decoder: Decoder,
    twins: Mapping[tuple[Rule, Record], Twin],
    longest: int | None,
    kept: Sequence[Kept],
) -> Acceptor:
    # As dataclasses do: one function written for these types. Calls alone would cost a third of a short line.
    names = decoder.names
    names |= {"Run": Run, "quotes_of": quotes_of, "REFUSALS": REFUSALS, "decode": decoder.decode}
    lines = []
    for i, clean in enumerate(dict.fromkeys(twin.together or twin.sure for twin in twins.values())):
        names[f"clean{i}"] = clean
        lines.append(f"if not clean{i}(value): return Run(number, raw, True, value)")
    lines += [f"append{i}(of{i}(value.{one.attribute}))" for i, one in enumerate(kept)]
    written = {
        "calls": _indented([f"of{i}, append{i} = calls[{i}]" for i in range(len(kept))], 4),
        "bound": "" if longest is None else f"if len(raw) > {longest}: return Run(number, raw, True)",
        "count": _indented(decoder.count, 16),
        "lines": _indented(lines, 12),
    }
    exec(_RUN.format_map(written), names)
    sure = tuple((rule, look, twin.sure) for (rule, look), twin in twins.items())
    attributes = tuple(one.attribute for one in kept)
    return Acceptor(root, sure, names["run"], attributes, tuple((_nothing, _nothing) for _ in kept))


def _nothing(_: Any) -> None:
    """Keep nothing of a record."""


def _indented(lines: Iterable[str], by: int) -> str:
    return f"\n{' ' * by}".join(lines)


@lru_cache(maxsize=128)
def acceptor_of(format_: Format, profile: Profile) -> Acceptor | None:
    """Return the accept path of a format in one profile, None where not all of its rules allow one."""
    return _acceptor_of(format_, nodes_of(format_, profile))


@lru_cache(maxsize=128)
def relaxed_of(format_: Format, profile: Profile) -> tuple[Acceptor, Bounds] | None:
    """Return the accept path of a format without the bounds of its schema, and these; None where there are none."""
    root = nodes_of(format_, profile)
    acceptor, bounds = _acceptor_of(format_, relaxed(root)), bounds_of(root)
    return (acceptor, bounds) if acceptor and bounds else None


def _acceptor_of(format_: Format, root: Node) -> Acceptor | None:
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
    bounds = [look.only_over for _, look in rules.file if look.only_over is not None]
    folds = [look.quick and look.quick(root, look.start()) for _, look in rules.file if look.only_over is None]
    if None in folds:
        return None
    kept = [fold for fold in folds if isinstance(fold, Kept)]
    return _acceptor(root, decoder, twins, min(bounds, default=None), kept)

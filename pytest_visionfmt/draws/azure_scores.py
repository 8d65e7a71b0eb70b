"""Drawing the scores of Azure responses: the classes of a dataset, the same for every image, and a score for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import cycle, islice
from math import ceil, fsum, inf, nextafter
from struct import unpack_from
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_refusals import is_of_type
from pytest_visionfmt.schema_strategies import Compiler, Hook, make_unique
from pytest_visionfmt.value_decoders import Decoder, Drawing, in_blocks

if TYPE_CHECKING:
    from pytest_visionfmt.draws.azure_responses import ResponseArguments

__all__ = ["SPARE_SCORES", "classes", "kinds_of_class", "labels", "range_of", "scores", "shares"]

_MORE_CLASSES = 5
SPARE_SCORES = 1024
"""Of so many scores per response are the bytes drawn; beyond, they repeat."""
_EDGE_SHARE = 0x8000
_GRID = 0x10000 - _EDGE_SHARE
# What each class weighs; its score is its share of all. None first: then the first class has it all.
_WEIGHTS: tuple[float, ...] = (
    *in_blocks((0.0, 1.0, 2.0, 0.001, 1e-06, 1e-09), _EDGE_SHARE),
    *((u + 1) / _GRID for u in range(_GRID)),
)
_SCORES: tuple[float, ...] = (
    0.0, 1.0, 0.5, 0.25, 0.75, 0.9, 0.1, 1 / 3, 0.1 + 0.2, 0.17234468937875752, 0, 1, 0.999, 1 - 2.0**-53,
    nextafter(0.5, 1), nextafter(0.5, 0), 0.01, 0.001, 2.098e-06, 4.783e-08, 1e-9, 1e-320, 5e-324,
)  # fmt: skip


def range_of(node: Node) -> tuple[float, float]:
    """Return the least and the most that a score may be."""
    low = float(node.minimum if node.minimum is not None else 0)
    return low, float(node.maximum if node.maximum is not None else max(1.0, low + 1))


def kinds_of_class(node: Node) -> list[Node]:
    """Return the node of a class once for every type that it may have: the classes of a dataset are of one."""
    if node.enum is None:
        return [replace(node, types=(type_,)) for type_ in node.types] or [Node(types=("string",))]
    kinds = []
    for type_ in ("string", "integer"):
        if values := tuple(value for value in node.enum if is_of_type(value, type_)):
            kinds.append(replace(node, enum=values))
    return kinds or [node]


def classes(named: Node, scored: Node, of_one: bool, arguments: ResponseArguments) -> Decoder:
    """Decode the classes of a dataset: of one type, none twice, sorted."""
    if arguments.classes is not None:
        given_ = arguments.classes
        return Decoder(0, lambda b, at, drawing: given_)
    least = max(1, named.min_items, scored.min_items)
    if of_one:  # enough for their scores to sum to 1
        least = max(least, ceil(1 / range_of(scored.items or Node())[1]))
    most = min(n for n in (least + _MORE_CLASSES, named.max_items, scored.max_items) if n is not None)
    if arguments.labels is not None:
        lists = st.lists(arguments.labels, min_size=least, max_size=most, unique_by=_typed)
        return Decoder(0, lambda b, at, drawing: sorted(drawing.draw(lists), key=_typed))
    kinds = [Compiler().plain(kind, "$[*].labels[*]") for kind in kinds_of_class(named.items or Node())]
    table = in_blocks(kinds)

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        kind = table[b[at]]
        count = drawing.source.randint(least, most)
        held = drawing.source.randbytes(count * kind.size) if kind.size else b""
        found = [kind.read(held, i * kind.size, drawing) for i in range(count)]
        make_unique(found, kind, drawing, replace=True)
        return sorted(found)

    return Decoder(1, read)


def _typed(label: Any) -> tuple[str, Any]:
    return type(label).__name__, label


def labels(compiler: Compiler, node: Node, site: str) -> Decoder:
    """The classes of the dataset, a list of its own for every image."""
    return Decoder(0, lambda b, at, drawing: list(drawing.shared["classes"]))


def scores(of_one: bool, most_images: int) -> Hook:
    """A score for each class. ``of_one`` has them sum to 1; none is the threshold that parts agree on.

    There the page and the service differ.
    """
    spare = max(1, SPARE_SCORES // max(1, most_images))

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        low, high = range_of(node.items or Node())
        table = _WEIGHTS if of_one else _table(low, high)

        def read(b: bytes, at: int, drawing: Drawing) -> list[float]:
            probs: list[float] = []
            count = len(drawing.shared["classes"])
            drawn = min(count, spare)
            threshold = None if of_one else drawing.shared.get("threshold")
            beside = None if threshold is None else nextafter(threshold, inf if threshold < high else -inf)

            def fill(b: bytes, at: int) -> None:
                found = [table[u] for u in unpack_from(f">{drawn}H", b, at)]
                if threshold in found:
                    found = [beside if score == threshold else score for score in found]
                if drawn < count:
                    found = list(islice(cycle(found), count))
                probs.extend(shares(found, low, high) if of_one else found)

            drawing.pending.append((2 * drawn, fill))
            return probs

        return Decoder(0, read)

    return hook


@lru_cache(maxsize=16)
def _table(low: float, high: float) -> Sequence[float]:
    """Return a table of scores.

    The even grid comes down from the largest: so what must be selected shrinks to that, and all else to zero.
    """
    span = high - low
    edges = [min(high, max(low, low + span * edge)) for edge in _SCORES] if (low, high) != (0, 1) else _SCORES
    grid = (max(low, high - span * u / (_GRID - 1)) for u in range(_GRID))
    return (*in_blocks(edges, _EDGE_SHARE), *grid)


def shares(weights: list[float], low: float, high: float) -> list[float]:
    """Return scores that sum to 1 and are to each other as the weights, as far as the schema lets them."""
    total = fsum(weights)
    probs = [weight / total for weight in weights] if total else [1.0] + [0.0] * (len(weights) - 1)
    if low <= 0 and high >= 1:
        return probs
    probs = [min(high, max(low, prob)) for prob in probs]
    total, count = fsum(probs), len(probs)
    if total > 1 > count * low:
        shrink = (1 - count * low) / (total - count * low)
        probs = [low + (prob - low) * shrink for prob in probs]
    elif total < 1 < count * high:
        stretch = (count * high - 1) / (count * high - total)
        probs = [high - (high - prob) * stretch for prob in probs]
    return [min(high, max(low, prob)) for prob in probs]

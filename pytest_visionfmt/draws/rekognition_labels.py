"""Drawing moderation labels: those of ground truth, and those that a model found, each below its parent."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

from pytest_visionfmt.formats.moderation_taxonomy import TAXONOMIES, ModerationLabel, top_level
from pytest_visionfmt.schema_nodes import Node, compile_pattern
from pytest_visionfmt.schema_strategies import Compiler, Hook, always
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, given, in_blocks, look_up, number_table

__all__ = [
    "LEVEL",
    "confidences",
    "fits",
    "found_labels",
    "names_of_truth",
    "prediction",
    "truth_labels",
    "with_ancestors",
]

Found: TypeAlias = dict[ModerationLabel, float]
"""What a model found: rows of its taxonomy, a parent before what stands below it, with their confidence."""

LEVEL, _TYPES = "TaxonomyLevel", "ContentTypes"
_MOST_FOUND = 3
_MOST_SEEN = 4  # of the labels that the image has
_STEP = 5  # between the thresholds of an evaluation
_EDGE_SHARE = 0x3000  # of the entries of a table of numbers
# The first of each is the simplest; 99.44782257080078 is from AWS's own samples.
_SURE = (99.5, 99.44782257080078, 50.0)
_BETWEEN_THRESHOLDS = (
    99.5, 5.000000476837158, 99.99999237060547, 50.5, 49.999996185302734, 50.000003814697266, 99.44782257080078, 67.5,
)  # fmt: skip


def fits(node: Node, text: str) -> bool:
    """Whether a string is allowed at a node, as far as enumeration, length and pattern say."""
    return (
        (node.enum is None or text in node.enum)
        and (node.max_length is None or len(text) <= node.max_length)
        and (node.pattern is None or bool(compile_pattern(node.pattern).search(text)))
    )


# Ground truth.


def names_of_truth(name: Node, taxonomy: str) -> tuple[str, ...]:
    """Return the labels that ground truth may name, as far as the schema allows them."""
    return tuple(label for label in top_level(taxonomy) if fits(name, label))


def truth_labels(names: Sequence[str], labels: st.SearchStrategy[str] | None, counts: tuple[int, int]) -> Hook:
    """The labels of an image, none twice: those of the taxonomy, or what the user's strategy draws."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        item = node.items or Node()
        if labels is not None:
            least, most = counts
            return _named(compiler, item, site, given(st.lists(labels, min_size=least, max_size=most, unique=True)))
        if not names:
            return compiler.plain(node, site)
        least, most = (min(bound, len(names)) for bound in counts)
        length_of = in_blocks(range(least, most + 1))

        def read(b: bytes, at: int, drawing: Drawing) -> list[str]:
            left = list(names)
            return [left.pop(b[i] * len(left) >> 8) for i in range(at + 1, at + 1 + length_of[b[at]])]

        return _named(compiler, item, site, Decoder(1 + most, read))

    return hook


def _named(compiler: Compiler, item: Node, site: str, names: Decoder) -> Decoder:
    """Decode the objects that hold these names; what else a schema wants of them is its own."""
    hooks = {**compiler.hooks, f"{site}[*].Name": _told("name")}
    size, read_item = Compiler(hooks, compiler.counts).compile(item, f"{site}[*]")

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        items = []
        drawing.shared["truth"] = names.read(b, at + size, drawing)
        for name in drawing.shared["truth"]:
            drawing.shared["name"] = name
            items.append(read_item(b, at, drawing))
        return items

    return Decoder(size + names.size, read)


def _told(key: str) -> Hook:
    """What the rest of the object was made for, under a key of what its parts share."""
    return always(Decoder(0, lambda b, at, drawing: drawing.shared[key]))


# Predictions.


@cache
def _lineages(taxonomy: str) -> dict[ModerationLabel, tuple[ModerationLabel, ...]]:
    """Return every row of a taxonomy with those above it, itself last, in the taxonomy's order."""
    above: dict[str, tuple[ModerationLabel, ...]] = {"": ()}
    lineages = {}
    for row in TAXONOMIES[taxonomy]:
        # A name may stand at two levels, one below the other: only the upper one has anything below it.
        lineages[row] = (*above[row.parent], row)
        above.setdefault(row.name, lineages[row])
    return lineages


def with_ancestors(found: Iterable[tuple[ModerationLabel, float]], taxonomy: str) -> Found:
    """Return labels with all that stand above them, as the service lists them.

    A label with others below it has the confidence of the surest of them.
    """
    lineages = _lineages(taxonomy)
    all_: Found = {}
    for row, confidence in sorted(found, key=lambda pair: -pair[0].level):
        if row not in all_:
            for member in lineages[row]:
                all_[member] = max(all_.get(member, 0.0), confidence)
    return {row: all_[row] for row in lineages if row in all_} if len(all_) > 1 else all_


@lru_cache(maxsize=16)
def confidences(low: float, high: float, *, thresholds: bool = False) -> tuple[float, ...]:
    """Return 65 536 confidences of single precision, as the service writes them; the bounds are among them.

    Where ``thresholds`` count what is found, no confidence is on one, nor at a bound: whether "at least" or
    "more than" is meant would decide about it.
    """
    edges = [n for n in (_BETWEEN_THRESHOLDS if thresholds else _SURE) if low < n < high]
    edges += [] if thresholds else [float(high), float(low)]
    even = number_table(low, high)[_EDGE_SHARE:]
    grid = struct.unpack(f"{len(even)}f", struct.pack(f"{len(even)}f", *even))
    grid = tuple(_inside(n, low, high, _STEP if thresholds else math.inf) for n in grid)
    return (*in_blocks(edges or grid[:1], _EDGE_SHARE), *grid)


def _inside(n: float, low: float, high: float, step: float) -> float:
    """Return a number as it is where it is within bounds and on no step, else one nearby."""
    if low < n < high and n % step:
        return n
    moved = n + 0.25 if n + 0.25 < high else n - 0.25
    return moved if low < moved < high else (low + high) / 2


def found_labels(taxonomy: str, table: Sequence[float], *, sees_truth: bool = False) -> Decoder:
    """Decode what a model found: up to three labels of any level, and all that stand above them.

    A model that ``sees_truth`` also finds about half of the image's own labels.
    """
    rows = sorted(_lineages(taxonomy), key=lambda row: row.level)
    row_of = in_blocks(rows)
    length_of = in_blocks(range(_MOST_FOUND + 1))
    top = {row.name: row for row in rows if row.level == 1}
    own = 1 + 3 * _MOST_FOUND

    def sure(b: bytes, at: int) -> float:
        return table[b[at] << 8 | b[at + 1]]

    def read(b: bytes, at: int, drawing: Drawing) -> Found:
        places = range(at + 1, at + 1 + 3 * length_of[b[at]], 3)
        found = [(row_of[b[i]], sure(b, i + 1)) for i in places]
        if sees_truth:
            seen = [name for name in drawing.shared.get("truth", ())[:_MOST_SEEN] if name in top]
            places = range(at + own, at + own + 3 * len(seen), 3)
            found += [(top[name], sure(b, i + 1)) for name, i in zip(seen, places, strict=True) if b[i] >= 128]
        return with_ancestors(found, taxonomy)

    return Decoder(own + 3 * _MOST_SEEN * sees_truth, read)


def prediction(taxonomy: str, *, thresholds: bool, sees_truth: bool = False) -> Hook:
    """What a model of one version answers: labels, and kinds of image where it knows any.

    Levels and content types came with version 7.0. ``thresholds`` says that an evaluation counts the labels,
    ``sees_truth`` that the model finds some of those that the image has.
    """
    knows = taxonomy != "6.1"

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        if not knows:
            node = replace(node, properties={key: n for key, n in node.properties.items() if key != _TYPES})
        hooks = {
            **compiler.hooks,
            f"{site}.ModerationLabels": _predicted(taxonomy, knows, thresholds, sees_truth),
            f"{site}.ModerationModelVersion": always(choice((taxonomy,))),
            f"{site}.{_TYPES}": _content_types,
        }
        return Compiler(hooks, compiler.counts).plain(node, site)

    return hook


def _predicted(taxonomy: str, knows: bool, thresholds: bool, sees_truth: bool) -> Hook:
    """The list of labels found: root first or leaf first, and either all with their level or all without."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        item = node.items or Node()
        table = confidences(*_bounds(item), thresholds=thresholds)
        found = found_labels(taxonomy, table, sees_truth=sees_truth)
        optional = LEVEL in item.optional
        without = replace(item, properties={key: n for key, n in item.properties.items() if key != LEVEL})
        with_level = replace(item, required=(*item.required, LEVEL)) if optional else item
        kinds = ([without] if optional else []) + ([with_level] if knows or not optional else [])
        hooks: Mapping[str, Hook] = {
            **compiler.hooks,
            f"{site}[*].Confidence": _told("confidence"),
            f"{site}[*].Name": _of_row("name"),
            f"{site}[*].ParentName": _of_row("parent"),
            f"{site}[*].{LEVEL}": _of_row("level"),
        }
        inner = Compiler(hooks, compiler.counts)
        items = [inner.compile(kind, f"{site}[*]") for kind in kinds]
        size = max(decoder.size for decoder in items)
        read_of = in_blocks([decoder.read for decoder in items])

        def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
            all_ = found.read(b, at + 2, drawing)
            read_item, shared = read_of[b[at]], drawing.shared
            labels = []
            for row, confidence in all_.items():
                shared["row"], shared["confidence"] = row, confidence
                labels.append(read_item(b, at + 2 + found.size, drawing))
            return labels[::-1] if b[at + 1] >= 128 else labels

        return Decoder(2 + found.size + size, read)

    return hook


def _bounds(item: Node) -> tuple[float, float]:
    node = item.properties.get("Confidence", Node())
    return 0 if node.minimum is None else node.minimum, 100 if node.maximum is None else node.maximum


def _of_row(field: str) -> Hook:
    index = ModerationLabel._fields.index(field)
    return always(Decoder(0, lambda b, at, drawing: drawing.shared["row"][index]))


def _content_types(compiler: Compiler, node: Node, site: str) -> Decoder:
    """No kind of image, or some, each once."""
    name = (node.items or Node()).properties.get("Name", Node())
    _, most = compiler.bounds(node, site)
    most = max(node.min_items, min(most, len(name.enum or "a")))
    sure = look_up(confidences(*_bounds(node.items or Node())))
    inner = Compiler({**compiler.hooks, f"{site}[*].Confidence": always(sure)}, compiler.counts)
    size, read_list = inner.array(node, site, lengths=range(node.min_items, most + 1))

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        kinds: list[Any] = read_list(b, at, drawing)
        if name.enum and len(kinds) > 1:
            start = name.enum.index(kinds[0]["Name"])
            for i, kind in enumerate(kinds):
                kind["Name"] = name.enum[(start + i) % len(name.enum)]
        return kinds

    return Decoder(size, read)

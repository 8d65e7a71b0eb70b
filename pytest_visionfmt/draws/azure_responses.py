"""Drawing Azure responses: what the items of one response agree on, boxes as models give them, older keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.draws import azure_geometry
from pytest_visionfmt.draws.azure_answers import answered, reported
from pytest_visionfmt.draws.azure_explanations import agreed_size, explained, which_explained
from pytest_visionfmt.draws.azure_scores import classes, kinds_of_class, labels, scores
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_responses_xai_rules import EXPLANATIONS
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_strategies import Compiler, Hook, always, decode_record
from pytest_visionfmt.value_decoders import Decoder, Drawing, choice, given

__all__ = ["ResponseArguments", "draw_response"]

_ONE_CLASS = frozenset({"azure-multiclass-response", "azure-multiclass-xai-response"})
_OUTLINED = "azure-is-response"
_MOST_OBJECTS = {_OUTLINED: 3}  # an outline is long
_OBJECTS = frozenset({"azure-od-response", _OUTLINED})
_EXPLAINED = frozenset({"azure-multiclass-xai-response", "azure-multilabel-xai-response"})
_FILENAME = "tmp0a1b2c3d"


class ResponseArguments(NamedTuple):
    """What the user asked for; each means the same in every strategy that has it.

    ``images`` bounds the items of the response, ``objects`` those of each list of boxes. ``classes``
    are those of the dataset, sorted; where there are none, they are drawn, from ``labels`` if given.
    ``answered`` says that what a model answers for each image is settled elsewhere.
    """

    images: tuple[int, int] = (1, 4)
    objects: tuple[int, int] | None = None
    classes: tuple[Any, ...] | None = None
    labels: st.SearchStrategy[Any] | None = None
    attribution_size: int | None = None
    threshold: float = 0.5
    answered: bool = False


_AS_IT_COMES = ResponseArguments()


def draw_response(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    format_: Format,
    profile: Profile,
    arguments: ResponseArguments = _AS_IT_COMES,
    settle: Callable[[Drawing], None] | None = None,
) -> list[dict[str, Any]]:
    """Draw one Azure response, as its schema in this profile has it.

    ``settle`` is called first, to write into ``shared`` of the drawing what is not to be drawn here.
    """
    decoder = _decoder(format_, profile, arguments)
    if settle is not None:
        decoder = _settled(decoder, settle)
    response: list[dict[str, Any]] = decode_record(decoder, draw)
    event(f"visionfmt:{format_.id} images", ("none", "one", "several")[min(len(response), 2)])
    return response


def _settled(decoder: Decoder, settle: Callable[[Drawing], None]) -> Decoder:
    def read(b: bytes, at: int, drawing: Drawing) -> Any:
        settle(drawing)
        return decoder.read(b, at, drawing)

    return Decoder(decoder.size, read)


@lru_cache(maxsize=128)
def _decoder(format_: Format, profile: Profile, arguments: ResponseArguments) -> Decoder:
    page, node = (nodes_of(format_, which).items or Node() for which in ("documented", profile))
    shared: dict[str, Decoder] = {}
    hooks: dict[str, Hook] = {}
    if format_.id in _OBJECTS:
        found = node.at(("boxes", 0)) or Node()
        kinds = kinds_of_class(found.properties.get("label", Node()))
        shared["kind"] = choice(range(len(kinds)))
        hooks["$[*].boxes[*].label"] = _label_of(kinds) if arguments.labels is None else always(given(arguments.labels))
        hooks["$[*].boxes[*].box"] = _predicted_box(page.at(("boxes", 0, "box")) or Node())
        if format_.id == _OUTLINED:
            hooks["$[*].boxes[*]"] = azure_geometry.outline
            hooks["$[*].boxes[*].polygon"] = _contours
            hooks["$[*].boxes[*].polygon[*]"] = _contour
        if arguments.answered:
            hooks["$[*].boxes"] = reported
    else:
        of_one = format_.id in _ONE_CLASS
        named = node.properties.get("labels", Node())
        shared["classes"] = classes(named, node.properties.get("probs", Node()), of_one, arguments)
        hooks["$[*].labels"] = labels
        selects = format_.id in _EXPLAINED and not of_one
        if selects:
            threshold = arguments.threshold
            shared["threshold"] = Decoder(0, lambda b, at, drawing: threshold)
        hooks["$[*].probs"] = answered if arguments.answered else scores(of_one, arguments.images[1])
        if format_.id in _EXPLAINED:
            shared["explained"] = which_explained(node)
            shared["size"] = agreed_size(node, arguments.attribution_size)
            hooks["$[*]"] = explained(selects, arguments.images[1])
    if profile == "reader":
        shared["older"] = choice([False] * 6 + [True])
        hooks["$[*]"] = _older(hooks.get("$[*]"))
    hooks["$"] = _agreeing(shared)
    counts = {"$": arguments.images, "$[*].boxes": arguments.objects or (0, _MOST_OBJECTS.get(format_.id, 4))}
    return Compiler(hooks, counts).compile(nodes_of(format_, profile))


def _agreeing(shared: Mapping[str, Decoder]) -> Hook:
    """A response of which first is read what all of its items agree on, unless that is settled already."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        size, read_items = compiler.plain(node, site)
        places: list[tuple[str, Callable[[bytes, int, Drawing], Any], int]] = []
        for name, decoder in shared.items():
            places.append((name, decoder.read, size))
            size += decoder.size

        def read(b: bytes, at: int, drawing: Drawing) -> Any:
            for name, read_one, offset in places:
                if name not in drawing.shared:
                    drawing.shared[name] = read_one(b, at + offset, drawing)
            return read_items(b, at, drawing)

        return Decoder(size, read)

    return hook


def _older(item: Hook | None) -> Hook:
    """An item, sometimes with the keys that the service wrote until June 2023."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        size, read_item = item(compiler, node, site) if item else compiler.plain(node, site)
        nulls = [key for key in EXPLANATIONS if key not in node.properties]

        def read(b: bytes, at: int, drawing: Drawing) -> Any:
            value = read_item(b, at, drawing)
            if drawing.shared["older"]:
                value.setdefault("filename", _FILENAME)
                value.update(dict.fromkeys(nulls))
            return value

        return Decoder(size, read)

    return hook


def _label_of(kinds: list[Node]) -> Hook:
    """A class of the one type that all classes of a dataset have."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        decoders = [compiler.plain(kind, site) for kind in kinds]
        return Decoder(
            max(decoder.size for decoder in decoders),
            lambda b, at, drawing: decoders[drawing.shared["kind"]].read(b, at, drawing),
        )

    return hook


def _predicted_box(page: Node) -> Hook:
    """A box within what the page allows; where the schema allows more, corners are sometimes moved out there."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        inside = replace(node, properties={key: _within(n, page, key) for key, n in node.properties.items()})
        decoder = azure_geometry.box(compiler, inside, site)
        moves: list[tuple[str, float, float]] = []
        for inner, outer in zip(azure_geometry.axes_of(inside), azure_geometry.axes_of(node), strict=True):
            moves += [(inner.low, inner.least, outer.least), (inner.high, inner.most, outer.most)]
        if all(edge == far for _, edge, far in moves):
            return decoder
        size, read_box = decoder

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            box: dict[str, Any] = read_box(b, at, drawing)
            if b[at + size] >= 192:
                styles = b[at + size + 1]
                for key, edge, far in moves:
                    style, styles = styles & 3, styles >> 2
                    if style in (1, 2):
                        box[key] = far if style == 1 else (edge + far) / 2
            return box

        return Decoder(size + 2, read)

    return hook


def _within(node: Node, page: Node, key: str) -> Node:
    """Return the node of a number, no wider than the page has it."""
    limits = page.properties.get(key, Node())
    low = max((n for n in (node.minimum, limits.minimum) if n is not None), default=None)
    high = min((n for n in (node.maximum, limits.maximum) if n is not None), default=None)
    return replace(node, minimum=low, maximum=high)


def _contours(compiler: Compiler, node: Node, site: str) -> Decoder:
    """The contours of an outline; none, now and then, where the schema allows that."""
    size, read_contours = azure_geometry.segments(compiler, node, site)
    if node.min_items:
        return Decoder(size, read_contours)
    return Decoder(size + 1, lambda b, at, drawing: [] if b[at + size] >= 224 else read_contours(b, at, drawing))


def _contour(compiler: Compiler, node: Node, site: str) -> Decoder:
    """A contour of three points and more; now and then of as few as the schema allows."""
    size, read_contour = azure_geometry.segment(compiler, node, site)
    few = range(2 * -(-node.min_items // 2), 6, 2)
    if not few:
        return Decoder(size, read_contour)
    number = compiler.compile(node.items or Node(), f"{site}[*]")
    room = few[-1] * number.size

    def read(b: bytes, at: int, drawing: Drawing) -> Any:
        style = b[at + size + room]
        if style < 224:
            return read_contour(b, at, drawing)
        length = few[style % len(few)]
        return [number.read(b, at + size + i * number.size, drawing) for i in range(length)]

    return Decoder(size + room + 1, read)

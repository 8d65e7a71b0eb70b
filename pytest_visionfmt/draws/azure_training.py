"""Drawing Azure training records: the classes that their schemas cannot say, and the user's arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.draws import azure_geometry, azure_images
from pytest_visionfmt.draws.azure_images import Size
from pytest_visionfmt.draws.separate_boxes import separate_boxes
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_training_rules import BACKGROUND
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_strategies import Compiler, Hook, always, decode_record
from pytest_visionfmt.value_decoders import Decoder, Drawing, given, text
from pytest_visionfmt.values import describe

__all__ = ["TrainingArguments", "draw_training_record"]

_EXTRAS = (("isTruncated", "false"), ("label_confidence", 0.9), ("bbox", "null"), ("note", {"by": ["a"]}))
_LARGEST = 2**63 - 1
_MOST_OBJECTS = {"azure-is-record": 4}  # an outline is long
_SIZE_KEYS = ("width", "height")


class TrainingArguments(NamedTuple):
    """What the user asked for; each means the same in every strategy that has it.

    ``counts`` bounds the items of the label list. ``grid`` is the size of the image on whose pixels
    ``separate`` boxes lie, None for the record's own.
    """

    counts: tuple[int, int] | None = None
    labels: st.SearchStrategy[Any] | None = None
    image_urls: st.SearchStrategy[str] | None = None
    image_sizes: st.SearchStrategy[Size] | None = None
    with_details: bool | None = None
    separate: bool = False
    grid: Size | None = None


_AS_IT_COMES = TrainingArguments()


def draw_training_record(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    format_: Format,
    profile: Profile,
    arguments: TrainingArguments = _AS_IT_COMES,
) -> dict[str, Any]:
    """Draw one record of an Azure training format, as its schema in this profile has it."""
    record: dict[str, Any] = decode_record(_decoder(format_, profile, arguments), draw)
    label = record.get("label")
    kind = ("empty", "one item", "several items")[min(len(label), 2)] if isinstance(label, list) else describe(label)
    event(f"visionfmt:{format_.id} label", kind)
    return record


@lru_cache(maxsize=128)
def _decoder(format_: Format, profile: Profile, arguments: TrainingArguments) -> Decoder:
    page, node = nodes_of(format_, "documented"), nodes_of(format_, profile)
    folders = azure_images.folders(node.properties.get("image_url", Node()))
    sizes, needed = _sizes(page, arguments)
    if arguments.with_details is False:
        node = replace(node, properties={key: n for key, n in node.properties.items() if key != "image_details"})
    elif needed:
        node = replace(node, required=(*node.required, *(key for key in node.optional if key == "image_details")))
    hooks: dict[str, Hook] = {
        "$": _record(folders if arguments.image_urls is None else (), sizes, widened=profile == "reader"),
        "$.image_url": azure_images.image_url(folders, azure_images.extensions(page)),
        "$.image_details": azure_images.image_details(page, needed),
        "$.image_details.width": azure_images.sized(0) if sizes else azure_images.pixels,
        "$.image_details.height": azure_images.sized(1) if sizes else azure_images.pixels,
        **_HOOKS[format_.id],
    }
    if arguments.separate:
        hooks["$.label"] = separate_boxes
    if arguments.image_urls is not None:
        hooks["$.image_url"] = always(given(arguments.image_urls))
    counts = arguments.counts or (0, _MOST_OBJECTS.get(format_.id, 8))
    if arguments.labels is not None:
        hooks.update(_labels_given(format_, arguments.labels, counts))
    return Compiler(hooks, {"$.label": counts}).compile(node)


def _sizes(page: Node, arguments: TrainingArguments) -> tuple[Decoder | None, tuple[str, ...]]:
    """Return the decoder of the image's size where parts must agree on one, and the details that must be there."""
    details = page.properties.get("image_details", Node())
    all_keys = tuple(details.properties) if arguments.with_details else ()
    if arguments.image_sizes is not None:
        return azure_images.sizes_from(arguments.image_sizes), all_keys or _SIZE_KEYS
    if grid := arguments.grid:
        return Decoder(0, lambda b, at, drawing: grid), all_keys
    if arguments.separate:
        return azure_images.own_sizes(arguments.counts[0] if arguments.counts else 0), all_keys or _SIZE_KEYS
    return None, all_keys


def _record(folders: tuple[str, ...], sizes: Decoder | None, *, widened: bool) -> Hook:
    """A record whose image is named as its details say; for the reader, sometimes with more keys."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        size, read_object = compiler.object(node, site)

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            if sizes:
                drawing.shared["size"] = sizes.read(b, at + size + widened, drawing)
            record: dict[str, Any] = read_object(b, at, drawing)
            details = record.get("image_details") if folders else None
            kind = details.get("format") if isinstance(details, dict) else None
            if isinstance(kind, str) and "image_url" in record:
                record["image_url"] = f"{record['image_url'].rpartition('.')[0]}.{kind}"
            if widened and b[at + size] > 224:
                key, value = _EXTRAS[b[at + size] % len(_EXTRAS)]
                record[key] = value if not isinstance(value, dict) else {"by": ["a"]}
            return record

        return Decoder(size + widened + (sizes.size if sizes else 0), read)

    return hook


def _labels_given(format_: Format, labels: st.SearchStrategy[Any], counts: tuple[int, int]) -> dict[str, Hook]:
    """Draw every class from the user's strategy; in a list of classes, none twice."""
    if format_.id == "azure-multiclass-record":
        return {"$.label": always(given(labels))}
    if format_.id == "azure-multilabel-record":
        least, most = counts
        lists = st.lists(labels, min_size=least, max_size=most, unique_by=lambda label: (type(label), label))
        return {"$.label": always(given(lists))}
    return {"$.label[*].label": always(given(labels))}


def _after_background(label: str) -> str:
    """Return a class that neither is nor sorts before the background class, which it would displace."""
    return label if label > BACKGROUND else f"a{label}"


def _object_class(compiler: Compiler, node: Node, site: str) -> Decoder:
    return text(_after_background)


def _image_classes(compiler: Compiler, node: Node, site: str) -> Decoder:
    """Classes of one type, none twice."""
    size, read_list = compiler.plain(node, site)

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        label: list[Any] = read_list(b, at, drawing)
        drawing.finish.append(lambda: _make_distinct(label))
        return label

    return Decoder(size, read)


def _make_distinct(label: list[Any]) -> None:
    seen: set[Any] = set()
    for i, item in enumerate(label):
        if isinstance(label[0], str):
            item = item if isinstance(item, str) else str(item)
            while item in seen:
                item = f"{item}{i}"
        elif len(label) > 1:  # integers; of booleans there are but two, so several become integers
            item = len(item) if isinstance(item, str) else int(item)
            while item in seen:
                item = item + 1 if item < _LARGEST else 0
        seen.add(item)
        label[i] = item


_HOOKS: dict[str, dict[str, Hook]] = {
    "azure-multiclass-record": {},
    "azure-multilabel-record": {"$.label": _image_classes},
    "azure-od-record": {"$.label[*]": azure_geometry.box, "$.label[*].label": _object_class},
    "azure-is-record": {
        "$.label[*]": azure_geometry.outline,
        "$.label[*].label": _object_class,
        "$.label[*].polygon": azure_geometry.segments,
        "$.label[*].polygon[*]": azure_geometry.segment,
    },
}

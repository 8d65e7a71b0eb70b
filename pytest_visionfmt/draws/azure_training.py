"""Drawing Azure training records: the classes and image URLs that their schemas cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

from pytest_visionfmt.draws import azure_geometry
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats.azure_training_rules import BACKGROUND
from pytest_visionfmt.schema_nodes import Node, compile_pattern, nodes_of
from pytest_visionfmt.schema_strategies import (
    Compiler,
    Decoder,
    Drawing,
    Hook,
    decode_record,
    fixed_text,
    text,
)

__all__ = ["draw_training_record"]

_DOCUMENTED = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"
_FOLDERS = (
    _DOCUMENTED,
    "azureml://subscriptions/s/resourceGroups/g/workspaces/w/datastores/d/paths/",
    "azureml://datastores/d/paths/",
    "AmlDatastore://d/",
    "https://account.blob.core.windows.net/d/",
    "http://localhost/d/",
    "wasbs://d@account.blob.core.windows.net/",
    "abfss://d@account.dfs.core.windows.net/",
    "file:///d/",
)
_NAMES = (
    "{}", "images/{}", "a/b/c/{}", "Image_{}", "image ({})", "my images/{}", "%20{}", "größe/{}", "图像/{}",
    "e\u0301/{}", "x.y/{}.z", "{}+1,2", "#{}", "'{}'",
)  # fmt: skip
_PIXELS = (400, 1, 2, 3, 64, 258, 416, 499, 640, 666, 1024, 1920, 4096, 10000)
_SPELLINGS = (*(f"{n}px" for n in _PIXELS), *(str(n) for n in _PIXELS))
_EXTRAS = (("isTruncated", "false"), ("label_confidence", 0.9), ("bbox", "null"), ("note", {"by": ["a"]}))
_LARGEST = 2**63 - 1
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_OBJECTS = {"azure-is-record": 4}  # an outline is long


def draw_training_record(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    format_: Format,
    profile: Profile,
    *,
    given: Mapping[str, st.SearchStrategy[Any]] | None = None,
    counts: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Draw one record of an Azure training format, as its schema in this profile has it.

    ``given`` may hold strategies ``labels`` and ``image_urls``; ``counts`` bounds the items of the label list.
    """
    counts = counts or (0, _MOST_OBJECTS.get(format_.id, 8))
    drawing = Drawing(draw, given or {}, {"$.label": counts})
    record: dict[str, Any] = decode_record(_decoder(format_, profile), drawing)
    label = record.get("label")
    if isinstance(label, list):
        event(f"visionfmt:{format_.id} label", ("empty", "one item", "several items")[min(len(label), 2)])
    return record


@lru_cache(maxsize=64)
def _decoder(format_: Format, profile: Profile) -> Decoder:
    page = nodes_of(format_, "documented")
    folders = _folders(nodes_of(format_, profile).properties.get("image_url", Node()))
    hooks: dict[str, Hook] = {
        "$": _record(folders, widened=profile == "reader"),
        "$.image_url": _image_url(folders, _extensions(page)),
        "$.image_details": _image_details(page),
        "$.image_details.width": _pixels,
        "$.image_details.height": _pixels,
        **_HOOKS[format_.id](profile),
    }
    return Compiler(hooks).compile(nodes_of(format_, profile))


def _extensions(page: Node) -> tuple[str, ...]:
    node = page.at(("image_details", "format"))
    return tuple(str(value) for value in (node and node.enum) or ("jpg",))


def _folders(image_url: Node) -> tuple[str, ...]:
    """Return the folders under which an image's URL has the form that the schema asks for."""
    matches = compile_pattern(image_url.pattern).search if image_url.pattern else bool
    return tuple(folder for folder in _FOLDERS if matches(f"{folder}a.jpg"))


def _record(folders: tuple[str, ...], *, widened: bool) -> Hook:
    """A record whose image is named as its details say; for the reader, sometimes with more keys."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        size, read_object = compiler.object(node, site)

        def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
            record: dict[str, Any] = read_object(b, at, drawing)
            details = record.get("image_details")
            kind = details.get("format") if isinstance(details, dict) else None
            if isinstance(kind, str) and folders and "image_urls" not in drawing.given and "image_url" in record:
                record["image_url"] = f"{record['image_url'].rpartition('.')[0]}.{kind}"
            if widened and b[at + size] > 224:
                key, value = _EXTRAS[b[at + size] % len(_EXTRAS)]
                record[key] = value if not isinstance(value, dict) else {"by": ["a"]}
            return record

        return Decoder(size + widened, read)

    return hook


def _image_url(folders: tuple[str, ...], extensions: tuple[str, ...]) -> Hook:
    """An image in one of the folders; four bytes of name, so that images do not repeat."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        plain = compiler.plain(node, site)

        def read(b: bytes, at: int, drawing: Drawing) -> Any:
            if "image_urls" in drawing.given:
                return drawing.draw(drawing.given["image_urls"])
            if not folders:
                return plain.read(b, at, drawing)
            name = _NAMES[b[at + 1] % len(_NAMES) if b[at + 1] > 127 else 0]
            number = _letters(int.from_bytes(b[at + 3 : at + 7], "big"))
            folder = folders[b[at] % len(folders)]
            return f"{folder}{name.format(number)}.{extensions[b[at + 2] % len(extensions)]}"

        return Decoder(max(7, plain.size), read)

    return hook


def _letters(n: int) -> str:
    name = _LETTERS[n % 26]
    while n := n // 26:
        name += _LETTERS[n % 26]
    return name


def _image_details(page: Node) -> Hook:
    """Where the reader never looks, the documented keys, other spellings of the type, or anything."""

    def hook(compiler: Compiler, node: Node, site: str) -> Decoder:
        documented = page.properties.get("image_details")
        if node.types or documented is None:
            return compiler.plain(node, site)
        size, read_details = compiler.plain(documented, site)
        anything = compiler.plain(node, site)

        def read(b: bytes, at: int, drawing: Drawing) -> Any:
            if b[at] > 224:
                return anything.read(b, at + 1, drawing)
            details: dict[str, Any] = read_details(b, at + 1, drawing)
            if b[at] > 128:
                details["format"] = "JPEG"
            return details

        return Decoder(1 + max(size, anything.size), read)

    return hook


def _pixels(compiler: Compiler, node: Node, site: str) -> Decoder:
    plain = compiler.plain(replace(node, types=tuple(t for t in node.types if t != "string")), site)
    spelt = fixed_text(_SPELLINGS, node.pattern)
    if "string" not in node.types or spelt is None:
        return compiler.plain(node, site)
    return compiler.union([spelt, plain] if plain.size and len(node.types) > 1 else [spelt])


def _object_class(compiler: Compiler, node: Node, site: str) -> Decoder:
    """A class that neither is nor sorts before the background class, which would displace it."""
    size, read_text = text()

    def read(b: bytes, at: int, drawing: Drawing) -> Any:
        if "labels" in drawing.given:
            return drawing.draw(drawing.given["labels"])
        label: str = read_text(b, at, drawing)
        return label if label > BACKGROUND else f"a{label}"

    return Decoder(size, read)


def _image_class(compiler: Compiler, node: Node, site: str) -> Decoder:
    size, read_class = compiler.plain(node, site)

    def read(b: bytes, at: int, drawing: Drawing) -> Any:
        if "labels" in drawing.given:
            return drawing.draw(drawing.given["labels"])
        return read_class(b, at, drawing)

    return Decoder(size, read)


def _image_classes(compiler: Compiler, node: Node, site: str) -> Decoder:
    """Classes of one type, none twice."""
    size, read_list = compiler.plain(node, site)
    least = node.min_items

    def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
        if "labels" in drawing.given:
            low, high = drawing.counts.get(site, (least, least + 8))
            labels = drawing.given["labels"]
            return list(drawing.draw(st.lists(labels, min_size=low, max_size=high, unique_by=lambda x: (type(x), x))))
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


_HOOKS: dict[str, Callable[[Profile], dict[str, Hook]]] = {
    "azure-multiclass-record": lambda profile: {"$.label": _image_class},
    "azure-multilabel-record": lambda profile: {"$.label": _image_classes},
    "azure-od-record": lambda profile: {"$.label[*]": azure_geometry.box, "$.label[*].label": _object_class},
    "azure-is-record": lambda profile: {
        "$.label[*]": azure_geometry.outline,
        "$.label[*].label": _object_class,
        "$.label[*].polygon": azure_geometry.segments,
        "$.label[*].polygon[*]": azure_geometry.segment,
    },
}

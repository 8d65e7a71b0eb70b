"""Edge cases of Azure training records: images and classes; what an object looks like is in ``azure_objects``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pytest_visionfmt.edges import azure_objects
from pytest_visionfmt.edges.cases import EdgeCase, holds, values_at
from pytest_visionfmt.edges.families import Edges, FileRecords
from pytest_visionfmt.edges.maker import Maker, Simplest
from pytest_visionfmt.formats.azure_training_rules import BACKGROUND
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_nodes import Node, compile_pattern

__all__ = ["CLASSES", "CLASS_PAIRS", "EDGES"]

_SHORTEST = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"

# (name, name of the image below its folder, what its like must hold to be one, why)
_NAMES: tuple[tuple[str, str, str, str], ...] = (
    ("image-name-with-space", "my images/a.jpg", " ", "a folder with a space, which URLs do without"),
    ("image-name-with-brackets", "image (1).jpg", "(", "a name as browsers give to a second download"),
    ("image-name-percent-encoded", "my%20image.jpg", "%20", "a space that was percent-encoded once"),
    ("image-name-umlaut", "größe/a.jpg", "größe", "a folder that is not ASCII"),
    ("image-name-ideographs", "图像/a.jpg", "图像", "a folder that no European code page has"),
    ("image-name-combining", "e\u0301/a.jpg", "e\u0301", "an accent as a character of its own, as macOS writes names"),
    ("image-name-with-hash", "#1.jpg", "#", "a hash, where URLs begin a fragment"),
    ("image-name-with-dots", "x.y/a.z.jpg", ".z.", "dots in it, of which only the last begins the extension"),
    ("image-name-in-folders", "a/b/c/a.jpg", "/b/c/", "folders in folders"),
)
# (name, URL, how its like begins, why)
_OTHER_URLS: tuple[tuple[str, str, str, str], ...] = (
    ("url-short-azureml", "azureml://datastores/d/paths/a.jpg", "azureml://datastores/", "the short form"),
    ("url-camel-case", _SHORTEST.replace("resourcegroups", "resourceGroups"), "azureml://subscriptions/s/resourceG",
     "resourceGroups in camel case"),
    ("url-amldatastore", "AmlDatastore://d/a.jpg", "AmlDatastore://", "the form of SDK v1"),
    ("url-https", "https://account.blob.core.windows.net/d/a.jpg", "https://", "the scheme of an address on the web"),
    ("url-http", "http://localhost/d/a.jpg", "http://", "the scheme of an address on the web without encryption"),
    ("url-wasbs", "wasbs://d@account.blob.core.windows.net/a.jpg", "wasbs://", "the scheme of a blob in an account"),
    ("url-abfss", "abfss://d@account.dfs.core.windows.net/a.jpg", "abfss://", "the scheme of a file in a data lake"),
    ("url-file", "file:///d/a.jpg", "file:///", "the scheme of a file on the machine itself"),
)  # fmt: skip
_EXTRAS = (("isTruncated", "false"), ("label_confidence", 0.9), ("bbox", "null"))

# (name, class, why, whether it is drawn)
CLASSES: tuple[tuple[str, str, str, bool], ...] = (
    ("class-one-character", "b", "The class is one character.", True),
    ("class-number", "007", "The class is a string of digits, which must keep its zeros.", True),
    ("class-true", "true", "The class is a string that YAML takes for a boolean.", True),
    ("class-null", "null", "The class is a string that looks like no value at all.", True),
    ("class-nan", "NaN", "The class is a string that tables take for a missing value.", True),
    ("class-with-space", "milk bottle", "The class is two words.", True),
    ("class-with-comma", "a,b", "The class has a comma, which CSV takes for the end of a column.", True),
    ("class-with-quote", 'a"b', "The class has a quote.", True),
    ("class-with-apostrophe", "it's", "The class has an apostrophe.", True),
    ("class-with-backslash", "a\\b", "The class has a backslash.", True),
    ("class-with-slash", "a/b", "The class has a slash, which would make it a folder.", True),
    ("class-with-line-break", "a\nb", "The class has a line break, which must not end the line of the file.", True),
    ("class-composed", "é", "The class has an accent as one character (NFC).", True),
    ("class-decomposed", "e\u0301", "The class has an accent as a character of its own (NFD).", True),
    ("class-ideographs", "自行车", "The class has no Latin letters.", True),
    ("class-emoji", "😀", "The class is a character beyond 16 bits.", True),
    ("class-right-to-left", "שלום", "The class is written from right to left.", True),
    ("class-bidi-override", "\u202eabc", "The class begins by turning the direction of writing.", True),
    ("class-zero-width", "\u200b", "The class is a character that nobody sees.", True),
    ("class-long", "x" * 255, "The class is as long as a file name may be.", True),
    ("class-very-long", "x" * 10_000, "The class is longer than anybody makes room for.", False),
    ("class-space-around", " x ", "The class has spaces around it, which trimming would lose.", True),
    ("class-space-behind", "x ", "The class has a space behind it, which trimming would lose.", False),
    ("class-background", BACKGROUND, "The class is called as detection calls the background.", True),
)
CLASS_PAIRS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("classes-composed-and-decomposed", ("é", "e\u0301"), "Two classes look the same and are not."),
    ("classes-by-case", ("can", "Can", "CAN"), "Classes differ by their case only."),
    ("classes-by-space", ("can", "can ", "c an"), "Classes differ by spaces only."),
)


def _url(node: Node) -> str | None:
    """The shortest image URL; None where an edited schema wants another form."""
    matches = compile_pattern(node.pattern).search if node.pattern else bool
    return _SHORTEST if matches(_SHORTEST) else None


def _name_as_told(record: Any) -> None:
    """Name the image as its details say: a file of one type with another's extension would be odd."""
    url, kind = value_at(record, ("image_url",)), value_at(record, ("image_details", "format"))
    if isinstance(url, str) and isinstance(kind, str) and kind.islower():
        record["image_url"] = f"{url.rpartition('.')[0]}.{kind}"


def _image_cases(maker: Maker) -> Iterator[EdgeCase]:
    yield from maker.case("no-image-details", "The image is told by its URL alone.", {}, _has_no_details)
    width: Path = ("image_details", "width")
    yield from maker.case("width-without-unit", "Pixels as a string without px.", {width: "400"}, _has_bare_digits)
    folder = str(maker.simplest(("image_url",))).rpartition("/")[0]
    for name, image, mark, why in _NAMES:
        like = _has_in_url(mark)
        yield from maker.case(name, f"The image's URL has {why}.", {("image_url",): f"{folder}/{image}"}, like)
    if maker.profile == "reader":
        yield from _image_cases_of_the_reader(maker)


def _image_cases_of_the_reader(maker: Maker) -> Iterator[EdgeCase]:
    for name, url, mark, why in _OTHER_URLS:
        yield from maker.case(name, f"The image's URL has {why}.", {("image_url",): url}, _has_in_url(mark))
    kind: Path = ("image_details", "format")
    yield from maker.case(
        "format-in-capitals", "The type of the image in capitals.", {kind: "JPEG"}, holds(kind, "JPEG")
    )
    nothing = "Null where the page wants image details, which the reader never reads."
    details: Path = ("image_details",)
    yield from maker.case("image-details-null", nothing, {details: None}, holds(details, None))
    for key, value in _EXTRAS:
        why = f"The key {key}, which older data has and the reader ignores."
        yield from maker.case(f"extra-key-{key}", why, {(key,): value}, holds((key,), value))


def _has_no_details(record: Any) -> bool:
    return "image_details" not in record


def _has_bare_digits(record: Any) -> bool:
    return any(
        str(found).isdigit() for found in values_at(record, ("image_details", "width")) if isinstance(found, str)
    )


def _has_in_url(mark: str) -> Callable[[Any], bool]:
    return lambda record: mark in record["image_url"]


def _class_cases(maker: Maker, path: Path, classes: Iterable[tuple[str, str, str, bool]]) -> Iterator[EdgeCase]:
    for name, label, why, drawn in classes:
        yield from maker.case(name, why, {path: label}, holds(path, label) if drawn else None)


def _pairs_of_classes(maker: Maker, path_of: Callable[[int], Path]) -> Iterator[EdgeCase]:
    for name, labels, why in CLASS_PAIRS:
        yield from maker.case(name, why, {path_of(i): label for i, label in enumerate(labels)})


def _multiclass(maker: Maker) -> Iterator[EdgeCase]:
    yield from _image_cases(maker)
    yield from _class_cases(maker, ("label",), CLASSES)


def _multilabel(maker: Maker) -> Iterator[EdgeCase]:
    yield from _image_cases(maker)
    label: Path = ("label",)
    yield from maker.case("no-class", "The image has no class at all.", {label: []}, holds(label, []))
    yield from _class_cases(maker, ("label", 0), CLASSES)
    yield from _pairs_of_classes(maker, lambda i: ("label", i))
    every = [label for _, label, _, _ in CLASSES]
    yield from maker.case("very-many-classes", "The image has every class that trips parsers.", {label: every})


def _objects(maker: Maker) -> Iterator[EdgeCase]:
    yield from _image_cases(maker)
    label: Path = ("label",)
    yield from maker.case(
        "background", "The image has no object, and is kept as background.", {label: []}, holds(label, [])
    )
    # Others would displace the background class.
    yield from _class_cases(maker, ("label", 0, "label"), (row for row in CLASSES if row[1] > BACKGROUND))
    yield from _pairs_of_classes(maker, lambda i: ("label", i, "label"))


def _detection(maker: Maker) -> Iterator[EdgeCase]:
    yield from _objects(maker)
    yield from azure_objects.boxes(maker)


def _segmentation(maker: Maker) -> Iterator[EdgeCase]:
    yield from _objects(maker)
    yield from azure_objects.outlines(maker)


def _image_files(maker: Maker) -> Iterator[FileRecords]:
    folder = str(maker.simplest(("image_url",))).rpartition("/")[0]
    for name, why, images in (
        ("same-name-in-folders", "Images have the same name, in different folders.", ("a/1.jpg", "b/1.jpg", "1.jpg")),
        ("differing-by-extension", "Images differ by their extension only.", ("1.jpg", "1.png", "1.jpeg")),
        ("differing-by-case", "Images differ by the case of their name only.", ("a.jpg", "A.jpg")),
    ):
        yield name, why, [maker.record({("image_url",): f"{folder}/{image}"}) for image in images]


def _object_files(maker: Maker) -> Iterator[FileRecords]:
    for name, why, images in _image_files(maker):
        yield name, why, [maker.whole({("image_url",): record["image_url"]}) for record in images]
    background = [maker.record({("label",): []}) for _ in range(9)]
    yield "all-background-but-one", "Only the last image has an object.", [*background, maker.whole()]


def _edges(
    cases: Callable[[Maker], Iterator[EdgeCase]],
    files: Callable[[Maker], Iterator[FileRecords]],
    simplest: Mapping[str, Simplest] | None = None,
) -> Edges:
    return Edges({"$.image_url": _url, **(simplest or {})}, _name_as_told, cases, files)


EDGES: dict[str, Edges] = {
    "azure-multiclass-record": _edges(_multiclass, _image_files),
    "azure-multilabel-record": _edges(_multilabel, _image_files),
    "azure-od-record": _edges(_detection, _object_files, azure_objects.SIMPLEST_BOX),
    "azure-is-record": _edges(_segmentation, _object_files, azure_objects.SIMPLEST_OUTLINE),
}

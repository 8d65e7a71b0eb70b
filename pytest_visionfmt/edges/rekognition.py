"""Edge cases of Rekognition's manifests and responses: images in S3, labels of a taxonomy, confidences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pytest_visionfmt.draws.rekognition_labels import with_ancestors
from pytest_visionfmt.edges.cases import EdgeCase, holds, values_at
from pytest_visionfmt.edges.families import Edges, FileRecords
from pytest_visionfmt.edges.maker import Maker, Simplest
from pytest_visionfmt.formats.moderation_taxonomy import LATEST, TAXONOMIES, top_level
from pytest_visionfmt.formats.rekognition_verdicts import ADAPTER, BASE_MODEL, SOURCE_REF, TRUTH
from pytest_visionfmt.json_paths import Path, site_of
from pytest_visionfmt.schema_nodes import Node, compile_pattern

__all__ = ["ARN", "ARNS", "EDGES"]

ARN = "arn:aws:rekognition:us-east-1:111122223333:project/my-project/version/my-adapter/1700000000000"

_SHORTEST = "s3://foo/a.jpg"
_SURE = 99.5
_SOURCE: Path = (SOURCE_REF,)
_LABELS: Path = (TRUTH, "ModerationLabels")

# (name, bucket and key, what its like must hold to be one or None where it is not drawn, why)
_IMAGES: tuple[tuple[str, str, str | None, str], ...] = (
    ("key-with-space", "foo/my images/a.jpg", "/my images/", "a space, which URLs do without"),
    ("key-with-plus", "foo/a+b/a.jpg", "/a+b/", "a plus sign, which forms take for a space"),
    ("key-percent-encoded", "foo/my%20images/a.jpg", "%20", "a space that was percent-encoded once"),
    ("key-with-comma", "foo/a,b/a.jpg", "/a,b/", "a comma, which CSV takes for the end of a column"),
    ("key-with-quote", 'foo/a"b/a.jpg', '/a"b/', "a quote, which JSON escapes"),
    ("key-with-backslash", "foo/a\\b/a.jpg", "/a\\b/", "a backslash, which is no separator of folders here"),
    ("key-with-hash", "foo/#a.jpg", "/#", "a hash, where URLs begin a fragment"),
    ("key-with-question-mark", "foo/a?b/a.jpg", "/a?b/", "a question mark, where URLs begin a query"),
    ("key-composed", "foo/größe/a.jpg", "/größe/", "letters that are not ASCII, composed (NFC)"),
    ("key-decomposed", "foo/e\u0301/a.jpg", "/e\u0301/", "an accent as a character of its own (NFD)"),
    ("key-ideographs", "foo/图像/a.jpg", "/图像/", "letters that no European code page has"),
    ("key-emoji", "foo/😀/a.jpg", "/😀/", "a character beyond 16 bits"),
    ("key-with-two-slashes", "foo/a//b/a.jpg", "/a//b/", "an empty folder in it, which paths do without"),
    ("key-with-leading-slash", "foo//a.jpg", "foo//", "a slash at its beginning, which is part of the key"),
    ("key-with-dots", "foo/x.y/a.z.jpg", ".z.", "dots in it, of which only the last begins the extension"),
    ("key-in-capitals", "foo/a.JPG", ".JPG", "an extension in capitals"),
    ("key-png", "foo/a.png", ".png", "the extension of the other type of image"),
    ("key-longest", f"foo/{'a' * 1020}.jpg", None, "as many characters as the API takes"),
    ("bucket-shortest", "123/a.jpg", "s3://123/", "the shortest bucket there may be, of digits only"),
    ("bucket-longest", f"{'b' * 63}/a.jpg", f"s3://{'b' * 63}/", "the longest bucket that S3 takes today"),
    ("bucket-longest-of-the-api", f"{'b' * 255}/a.jpg", None, "the longest bucket that the API's model takes"),
    ("bucket-with-dots", "my.bucket.example/a.jpg", "s3://my.bucket", "a bucket like a host name"),
    ("bucket-of-old", "My_Old_Bucket/a.jpg", "s3://My_", "a bucket of old, with capitals and underscores"),
)
_OTHERS: tuple[tuple[str, Any, str], ...] = (
    ("string", "checked", "A string"), ("integer", 17, "An integer"), ("number", 0.5, "A number"),
    ("boolean", True, "A boolean"), ("null", None, "Null"), ("array", ["a", "b"], "A list"),
    ("object", {"by": "a"}, "An object"),
)  # fmt: skip
_OTHER_KEYS = {"string": "annotator", "integer": "batch", "number": "weight", "boolean": "checked", "null": "remark",
               "array": "workers", "object": "meta"}  # fmt: skip

# (name, confidence, why, whether it is drawn in an output, which keeps off thresholds)
_CONFIDENCES: tuple[tuple[str, float, str, bool], ...] = (
    ("lowest", 5.0, "the lowest that predictions are returned with, a threshold itself", False),
    ("above-lowest", 5.000000476837158, "next above 5 in single precision, which is long as a double", True),
    ("on-threshold", 50.0, "on a threshold, which counts as found there", False),
    ("integer", 50, "on a threshold, written as an integer", False),
    ("below-highest", 99.99999237060547, "next below 100 in single precision", True),
    ("many-nines", 99.99999, "next to 100, and no number of single precision", False),
    ("highest", 100.0, "as sure as a model can be", False),
)
ARNS: tuple[tuple[str, str, str], ...] = (
    ("in-china", ARN.replace("aws:", "aws-cn:", 1).replace("us-east-1", "cn-north-1"), "of another partition, aws-cn"),
    ("in-govcloud", ARN.replace("aws:", "aws-us-gov:", 1).replace("us-east-1", "us-gov-west-1"), "of AWS GovCloud"),
    ("with-dots", ARN.replace("my-adapter", "my-model.2020-01-21T09.10.15"), "of a version with dots and a time in it"),
    (
        "with-longest-names",
        ARN.replace("my-project", "p" * 255).replace("my-adapter", "v" * 255),
        "of the longest names",
    ),
)


def _found(name: str, version: str = LATEST, confidence: float = _SURE) -> list[dict[str, Any]]:
    """Return the labels from the top down to one, as the service lists them; the lowest of its name."""
    row = [row for row in TAXONOMIES[version] if row.name == name][-1]
    found = with_ancestors([(row, confidence)], version)
    return [{"Confidence": sure, "Name": row.name, "ParentName": row.parent} for row, sure in found.items()]


# What is simplest where a schema alone leads to labels that no taxonomy has.


def _image(node: Node) -> str | None:
    matches = compile_pattern(node.pattern).search if node.pattern else bool
    return _SHORTEST if matches(_SHORTEST) else None


def _first_label(node: Node) -> str:
    return top_level()[0]


def _first_found(node: Node) -> dict[str, Any]:
    """A prediction of one label, so that something is there to be told of it."""
    known = {"ModerationLabels": _found(top_level()[0]), "ModerationModelVersion": LATEST, "ProjectVersion": ARN}
    return {key: known.get(key) for key in node.required}


def _simplest(*blocks: Path) -> Mapping[str, Simplest]:
    simplest: dict[str, Simplest] = {
        site_of(_SOURCE): _image,
        site_of((*_LABELS, 0, "Name")): _first_label,
    }
    for block in blocks:
        if block:
            simplest[site_of(block)] = _first_found
        label = (*block, "ModerationLabels", 0)
        simplest[site_of((*label, "Confidence"))] = lambda node: _SURE
        simplest[site_of((*label, "Name"))] = _first_label
        simplest[site_of((*label, "ParentName"))] = lambda node: ""
        simplest[site_of((*block, "ModerationModelVersion"))] = lambda node: LATEST
        simplest[site_of((*block, "ContentTypes", 0, "Confidence"))] = lambda node: _SURE
    return simplest


def _settle_output(record: Any) -> None:
    """Have both predictions where there is one: the other one finds nothing."""
    if isinstance(record, dict) and (ADAPTER in record) != (BASE_MODEL in record):
        nothing = {"ModerationLabels": [], "ModerationModelVersion": LATEST}
        if ADAPTER in record:
            record[BASE_MODEL] = nothing
        else:
            base = record.pop(BASE_MODEL)
            record.update({ADAPTER: {**nothing, "ProjectVersion": ARN}, BASE_MODEL: base})


# Manifests.


def _manifest(maker: Maker) -> Iterator[EdgeCase]:
    for name, image, mark, why in _IMAGES:
        like = _has_in_image(mark) if mark else None
        yield from maker.case(name, f"The image's address has {why}.", {_SOURCE: f"s3://{image}"}, like)
    yield from maker.case("no-label", "The image is a safe one.", {_LABELS: []}, holds(_LABELS, []))
    for name in top_level():
        path = (*_LABELS, 0, "Name")
        yield from maker.case(
            f"truth={name}", "The image has one label of the top level.", {path: name}, holds(path, name)
        )
    every = [{"Name": name} for name in top_level()]
    yield from maker.case("every-top-level-label", "The image has all labels of the top level.", {_LABELS: every})
    same = [{"Name": top_level()[0]}] * 2
    yield from maker.case("label-twice", "The image has the same label twice.", {_LABELS: same})
    for type_, value, words in _OTHERS:
        key: Path = (_OTHER_KEYS[type_],)
        why = f"{words} under a key that the page does not have, and that passes through."
        yield from maker.case(f"other-key-{type_}", why, {key: value}, holds(key, value))


def _has_in_image(mark: str) -> Callable[[Any], bool]:
    return lambda record: mark in record[SOURCE_REF]


def _output(maker: Maker) -> Iterator[EdgeCase]:
    yield from _manifest(maker)
    for key in (ADAPTER, BASE_MODEL):
        yield from _predictions(
            maker, (key,), key.replace("detect-moderation-labels", "adapter").replace("adapter-", "")
        )
    block: Path = (ADAPTER, "ModerationLabels")
    found = _found("Weapons")
    both = {block: found, (BASE_MODEL, "ModerationLabels"): found}
    yield from maker.case("adapter-as-base-model", "Adapter and base model find the same.", both)


def _response(maker: Maker) -> Iterator[EdgeCase]:
    yield from _predictions(maker, (), "response")
    metadata = {"RequestId": "a", "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    why = "The response has the key that boto3 adds to it."
    yield from maker.case("with-response-metadata", why, {("ResponseMetadata",): metadata})


def _predictions(maker: Maker, block: Path, who: str) -> Iterator[EdgeCase]:
    """Yield what a model may have found; the paths begin at its block."""
    labels: Path = (*block, "ModerationLabels")
    in_output = bool(block)
    for name, value, why, drawn in _CONFIDENCES:
        path = (*labels, 0, "Confidence")
        like = holds(path, value) if drawn and in_output else None
        yield from maker.case(f"{who}-confidence-{name}", f"A confidence is {why}.", {path: value}, like)
    yield from maker.case(f"{who}-found-nothing", "The model finds nothing.", {labels: []}, holds(labels, []))
    for name, label, why in (
        ("first-level", "Gambling", "A label that has none below it stands alone."),
        ("second-level", "Weapons", "A label of the second level is found with the one above it."),
        ("second-without-third", "Death and Emaciation", "A label is found, and none of those below it."),
        ("third-level", "Air Crash", "A label of the third level is found with the two above it."),
    ):
        found = _found(label)
        yield from maker.case(f"{who}-{name}", why, {labels: found}, _finds(labels, [x["Name"] for x in found]))
        if len(found) > 1:
            yield from maker.case(f"{who}-{name}-leaf-first", f"{why[:-1]}, the lowest first.", {labels: found[::-1]})
    siblings = [*_found("Weapons"), *_found("Self-Harm", confidence=60.5)[1:]]
    yield from maker.case(f"{who}-siblings", "Labels share the one above them.", {labels: siblings})
    every = [
        {"Confidence": _SURE, "Name": row.name, "ParentName": row.parent, "TaxonomyLevel": row.level}
        for row in TAXONOMIES[LATEST]
    ]
    yield from maker.case(f"{who}-every-label", "The model finds every label there is.", {labels: every})
    older = {labels: _found("Gambling", "6.1"), (*block, "ModerationModelVersion"): "6.1"}
    yield from maker.case(f"{who}-6.1", "The older model has a label of the same name as the one above it.", older)
    for name, arn, why in ARNS:
        path = (*block, "ProjectVersion")
        yield from maker.case(
            f"{who}-arn-{name}", f"The adapter's version is {why}.", {path: arn}, _of_version(path, arn)
        )


def _finds(labels: Path, names: list[str]) -> Callable[[Any], bool]:
    return lambda record: any(set(names) <= {label["Name"] for label in found} for found in values_at(record, labels))


def _of_version(path: Path, arn: str) -> Callable[[Any], bool]:
    return lambda record: any(len(found) == len(arn) for found in values_at(record, path))


# Files.


def _files(maker: Maker) -> Iterator[FileRecords]:
    folder = str(maker.simplest(_SOURCE)).rpartition("/")[0]
    for name, why, images in (
        ("same-name-in-folders", "Images have the same name, in different folders.", ("a/1.jpg", "b/1.jpg", "1.jpg")),
        ("differing-by-extension", "Images differ by their extension only.", ("1.jpg", "1.png", "1.jpeg")),
        ("differing-by-case", "Images differ by the case of their name only.", ("a.jpg", "A.jpg")),
        ("composed-and-decomposed", "Keys of images look the same and are not.", ("é.jpg", "e\u0301.jpg")),
        ("with-and-without-slash", "Keys differ by a slash at their beginning.", ("a.jpg", "/a.jpg")),
    ):
        yield name, why, [maker.record({_SOURCE: f"{folder}/{image}"}) for image in images]
    yield "very-many-records", "The file has as many lines as a training set has images.", _many(maker, 10_000)
    yield "all-safe", "No image has a label.", _many(maker, 20, {_LABELS: []})


def _many(maker: Maker, count: int, changes: Mapping[Path, Any] | None = None) -> list[Any]:
    return [maker.record({_SOURCE: f"s3://foo/{i}.jpg", **(changes or {})}) for i in range(count)]


def _testing_files(maker: Maker) -> Iterator[FileRecords]:
    yield from _files(maker)
    testing = [maker.record({(ADAPTER, "ModerationLabels"): labels}) for labels in ([], _found("Weapons"))]
    yield "testing-output", "The lines have the predictions of both models.", testing


def _edges(
    cases: Callable[[Maker], Iterator[EdgeCase]],
    files: Callable[[Maker], Iterable[FileRecords]] = lambda maker: (),
    settle: Callable[[Any], None] | None = None,
    blocks: tuple[Path, ...] = (),
) -> Edges:
    return Edges(_simplest(*blocks), settle, cases, lambda maker: iter(files(maker)))


EDGES: dict[str, Edges] = {
    "rekognition-input-record": _edges(_manifest, _files),
    "rekognition-output-record": _edges(_output, _testing_files, _settle_output, ((ADAPTER,), (BASE_MODEL,))),
    "rekognition-moderation-response": _edges(_response, blocks=((),)),
}

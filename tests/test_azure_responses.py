"""Azure responses: what the page says, what the service writes, and what neither does."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from records import PROFILES, SAMPLES, box, jsonl, record, reference

from pytest_visionfmt import (
    TABLE,
    AnnotatedImage,
    AnnotatedObject,
    InvalidRecord,
    Reaction,
    Severity,
    check_bytes,
    check_file,
    check_record,
    read,
)
from pytest_visionfmt.findings import Evidence
from pytest_visionfmt.format import Profile

MC, ML, OD, IS = (f"azure-{kind}-response" for kind in ("multiclass", "multilabel", "od", "is"))
MX, LX = "azure-multiclass-xai-response", "azure-multilabel-xai-response"
RESPONSES = (MC, ML, OD, IS, MX, LX)
CLASSES = ["can", "carton", "milk_bottle"]
SQUARE = [[[0.1, -0.2], [0.3, 0]], [[1e-05, 0.2], [0.1, 0.1]], [[0, 0], [0.5, 0.5]]]


def image(type_: str = "PNG", size: tuple[int, int] = (2, 2)) -> str:
    buffer = BytesIO()
    Image.new("RGB", size).save(buffer, type_)
    return base64.b64encode(buffer.getvalue()).decode()


PNG = image()


def scored(probs: list[Any] | None = None, labels: Any = CLASSES, **rest: Any) -> dict[str, Any]:
    return {"probs": [0.1, 0.7, 0.2] if probs is None else probs, "labels": labels, **rest}


def explained(**rest: Any) -> dict[str, Any]:
    return scored(**{"visualizations": PNG, "attributions": SQUARE, **rest})


def explained_classes(**rest: Any) -> dict[str, Any]:
    return scored([0.9, 0.8, 0.1], **{"visualizations": [PNG, PNG], "attributions": [SQUARE, SQUARE], **rest})


def seen(corners: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """Return an item with one box."""
    around = {"topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8, **(corners or {})}
    return {"boxes": [{"box": around, "label": "can", "score": 0.9, **rest}]}


def outlined(polygon: Any = ((0.1, 0.2, 0.6, 0.2, 0.6, 0.8),), **rest: Any) -> dict[str, Any]:
    return seen(polygon=json.loads(json.dumps(polygon)), **rest)


PLAIN: dict[str, dict[str, Any]] = {
    MC: scored(), ML: scored([0.9, 0.8, 0.1]), OD: seen(), IS: outlined(), MX: explained(), LX: explained_classes(),
}  # fmt: skip


def found(value: Any, format_id: str, profile: Profile = "documented") -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(value, format_id, profile=profile)}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", RESPONSES)
def test_a_plain_response_is_clean_and_so_is_an_empty_one(format_id: str, profile: Profile) -> None:
    assert check_record([PLAIN[format_id]] * 2, format_id, profile=profile) == ()
    assert check_record([], format_id, profile=profile) == ()  # none of the images could be decoded


# What the service itself writes: a warning to the page at most, and nothing to itself.

WRITTEN: list[tuple[str, Any, str, str, Evidence]] = [
    (MC, [scored(filename="/tmp/a/1")], "VF612", "$[0].filename", Evidence.DOCUMENTED),
    (MC, [scored(visualizations=None)], "VF612", "$[0].visualizations", Evidence.DOCUMENTED),
    (ML, [scored(attributions=None)], "VF612", "$[0].attributions", Evidence.DOCUMENTED),
    (MC, [scored([0.5, 0.5], [0, 1])], "VF602", "$[0].labels[0]", Evidence.READ),
    (ML, [scored([0.5, 0.5], [0, 1])], "VF602", "$[0].labels[1]", Evidence.READ),
    (OD, [seen(label=3)], "VF602", "$[0].boxes[0].label", Evidence.INFERRED),
    (OD, [seen({"topX": -0.01})], "VF605", "$[0].boxes[0].box.topX", Evidence.READ),
    (OD, [seen({"bottomY": 1.01})], "VF606", "$[0].boxes[0].box.bottomY", Evidence.READ),
    (IS, [outlined([])], "VF607", "$[0].boxes[0].polygon", Evidence.READ),
    (IS, [outlined([[0.1, 0.2, 0.3, 0.4]])], "VF607", "$[0].boxes[0].polygon[0]", Evidence.READ),
    (IS, [outlined([[0.1, 0.2]])], "VF607", "$[0].boxes[0].polygon[0]", Evidence.READ),
    (IS, [outlined(filename="1")], "VF612", "$[0].boxes[0].filename", Evidence.INFERRED),
    (MX, [explained(attributions=None)], "VF602", "$[0].attributions", Evidence.READ),
    (MX, [explained(visualizations=None, attributions=None)], "VF602", "$[0].visualizations", Evidence.READ),
    (LX, [explained_classes(attributions=[None, None])], "VF602", "$[0].attributions[1]", Evidence.READ),
]


@pytest.mark.parametrize(("format_id", "value", "code", "path", "evidence"), WRITTEN, ids=lambda v: str(v)[-40:])
def test_what_the_service_writes_is_a_warning_to_the_page_and_nothing_to_itself(
    format_id: str, value: Any, code: str, path: str, evidence: Evidence
) -> None:
    findings = check_record(value, format_id)
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    (finding,) = (finding for finding in findings if (finding.code, finding.path) == (code, path))
    assert (finding.reaction, finding.evidence) == (Reaction.ACCEPTED, evidence)
    assert check_record(value, format_id, profile="reader") == ()


NONE_SELECTED = scored([0.1, 0.2, 0.3], visualizations=None, attributions=None)


@pytest.mark.parametrize("profile", PROFILES)
def test_null_is_how_an_image_without_a_selected_class_is_written(profile: Profile) -> None:
    # The page does not say what stands there.
    assert check_record([NONE_SELECTED, explained_classes()], LX, profile=profile) == ()


# What neither the page says nor the service writes.

BROKEN: list[tuple[str, Any, set[tuple[str, str]]]] = [
    (MC, scored(), {("VF602", "$")}),
    (MC, [[{"label": "can", "score": 1}]], {("VF602", "$[0]")}),
    (MC, [scored(labels="carton")], {("VF602", "$[0].labels")}),
    (MC, [scored([0.5, 0.5])], {("VF430", "$[0].probs")}),
    (MC, [scored([0.5, 0.5], [True, "a"])], {("VF602", "$[0].labels[0]")}),
    (MC, [scored([0.5, 0.5], ["a", "a"])], {("VF610", "$[0].labels")}),
    (MC, [scored([], [])], {("VF607", "$[0].probs"), ("VF607", "$[0].labels")}),
    (MC, [scored([-0.5, 1.2, 0.5])], {("VF605", "$[0].probs[0]"), ("VF606", "$[0].probs[1]")}),
    (MC, [scored([1], ["a"]), scored([1], ["b"])], {("VF431", "$[1].labels")}),
    (MC, [scored([1], ["a"]), scored([0, 1], ["a", "b"])], {("VF431", "$[1].labels")}),
    (MC, [scored(labels=["b", "c", "a"])], {("VF432", "$[0].labels[2]")}),
    (MC, [scored(), scored(labels=CLASSES[::-1])], {("VF432", "$[1].labels[1]")}),
    (MC, [scored([0.5, 0.5, 0.5])], {("VF433", "$[0].probs")}),
    (ML, [scored([0.5, 0.5, 0.5])], set()),
    (MC, [explained()], {("VF437", "$[0].visualizations"), ("VF437", "$[0].attributions")}),
    (ML, [explained_classes()], {("VF437", "$[0].visualizations"), ("VF437", "$[0].attributions")}),
    (OD, [seen() | {"visualizations": PNG}], {("VF437", "$[0].visualizations")}),
    (OD, [seen({"topX": -0.011})], {("VF605", "$[0].boxes[0].box.topX")}),
    (OD, [seen({"bottomX": 1.011})], {("VF606", "$[0].boxes[0].box.bottomX")}),
    (OD, [seen({"bottomX": 0.1})], {("VF435", "$[0].boxes[0].box.bottomX")}),
    (OD, [seen({"topY": 0.9})], {("VF435", "$[0].boxes[0].box.bottomY")}),
    (OD, [seen(score=1.5)], {("VF606", "$[0].boxes[0].score")}),
    (OD, [outlined()], {("VF434", "$[0].boxes[0].polygon")}),
    (OD, [{"boxes": None}], {("VF602", "$[0].boxes")}),
    (IS, [seen()], {("VF601", "$[0].boxes[0].polygon")}),
    (IS, [outlined([[0.1, 0.2, 0.6, 0.2, 0.6, 0.8, 1]])], {("VF436", "$[0].boxes[0].polygon[0]")}),
    (IS, [outlined([[0.1, 0.2, 0.6, 0.2, 0.6, 0.8, "1"]])], {("VF602", "$[0].boxes[0].polygon[0][6]")}),
    (IS, [outlined([[0.1, 0.2, 0.6, 0.2, 0.6, 1.5]])], {("VF606", "$[0].boxes[0].polygon[0][5]")}),
    (IS, [outlined({"counts": "a", "size": [1, 1]})], {("VF602", "$[0].boxes[0].polygon")}),
    (MX, [explained(attributions=SQUARE[:2])], {("VF607", "$[0].attributions")}),
    (MX, [explained(attributions=[*SQUARE, SQUARE[0]])], {("VF608", "$[0].attributions")}),
    (MX, [explained(attributions=[SQUARE[0], SQUARE[1], [[1, 2]]])], {("VF440", "$[0].attributions[2]")}),
    (MX, [explained(attributions=[SQUARE[0], [[1, 2], [3]], SQUARE[2]])], {("VF440", "$[0].attributions[1][1]")}),
    (MX, [explained(attributions=[[[1, 2, 3], [4, 5, 6]]] * 3)], {("VF440", "$[0].attributions[0][0]")}),
    (MX, [explained(visualizations="AAAA")], {("VF441", "$[0].visualizations")}),
    (MX, [explained(visualizations="a")], {("VF441", "$[0].visualizations")}),
    (MX, [explained(visualizations=f"!{PNG}")], {("VF441", "$[0].visualizations")}),
    (MX, [explained(visualizations="\u00e9")], {("VF441", "$[0].visualizations")}),
    (MX, [explained(visualizations=PNG[:-40])], {("VF441", "$[0].visualizations")}),
    (MX, [explained(), scored(attributions=SQUARE)], {("VF442", "$[1].visualizations")}),
    (MX, [explained(probs=[0.5, 0.5, 0.5])], {("VF433", "$[0].probs")}),
    (LX, [explained_classes(visualizations=[PNG])], {("VF438", "$[0].attributions")}),
    (LX, [explained_classes(visualizations=[PNG] * 4, attributions=[SQUARE] * 4)],
     {("VF439", "$[0].visualizations"), ("VF439", "$[0].attributions")}),
    (LX, [explained_classes(attributions=[SQUARE, [[[1, 2]]] * 3])], {("VF440", "$[0].attributions[1][0][0]")}),
    (LX, [explained_classes(visualizations=[PNG, "?"])], {("VF441", "$[0].visualizations[1]")}),
    (LX, [scored([1, 1, 1]), explained_classes()],
     {("VF442", "$[0].visualizations"), ("VF442", "$[0].attributions")}),
]  # fmt: skip


def _in_words(value: Any) -> str:
    # The order of a set differs from process to process, and so would the name of the test.
    return str(sorted(value) if isinstance(value, set) else value)[-50:]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "value", "wanted"), BROKEN, ids=_in_words)
def test_what_was_not_seen_is_an_error_of_unknown_consequence(
    format_id: str, value: Any, wanted: set[tuple[str, str]], profile: Profile
) -> None:
    findings = check_record(value, format_id, profile=profile)
    assert {(finding.code, finding.path) for finding in findings} == wanted
    assert all(finding.reaction == Reaction.UNKNOWN and finding.consequence for finding in findings)
    mild = {"VF432"}  # the classes are all there, in another order than seen
    assert all(finding.severity == ("warning" if finding.code in mild else "error") for finding in findings)


def test_null_beside_a_list_is_not_how_the_service_writes_what_was_not_asked_for() -> None:
    assert found([explained_classes(attributions=None)], LX) == {("VF438", "$[0].attributions")}
    assert found([explained_classes(attributions=[None, None])], LX, "reader") == set()


@pytest.mark.parametrize(
    ("probs", "is_right"),
    [
        ([2.098e-06, 4.783e-08, 0.999, 8.637e-06], True),  # the page's own
        ([0.006, 9.345e-05, 0.992, 0.003], True),
        ([0.5, 0.51], True),
        ([0.5, 0.49], True),
        ([0.5, 0.5101], False),
        ([0.5, 0.4899], False),
        ([0.0105] * 100, True),
        ([0.01051] * 100, False),
        ([1], True),
    ],
    ids=str,
)
def test_scores_sum_to_1_as_well_as_the_samples_of_the_page_do(probs: list[float], is_right: bool) -> None:
    labels = [f"{n:03}" for n in range(len(probs))]
    codes = {code for code, _ in found([scored(probs, labels)], MC)}
    assert codes == (set() if is_right else {"VF433"})


def test_the_message_on_a_sum_names_those_of_the_page() -> None:
    (finding,) = check_record([scored([0.5, 0.5, 0.5])], MC)
    assert finding.message == (
        "the scores sum to 1.5; 1 is wanted, give or take 0.01 (the page's samples: 0.99901, 1.00109)"
    )


def test_classes_of_two_types_cannot_be_sorted() -> None:
    assert found([scored(labels=["a", 1, 2])], MC, "reader") == {("VF432", "$[0].labels[1]")}
    assert found([scored(labels=[2, 10, 20])], MC, "reader") == set()


@pytest.mark.parametrize("type_", ["PNG", "JPEG", "GIF", "BMP"])
def test_any_image_that_pillow_decodes_is_a_visualization(type_: str) -> None:
    assert found([explained(visualizations=image(type_))], MX) == set()


def test_base64_may_have_the_line_breaks_of_encodebytes() -> None:
    broken = base64.encodebytes(base64.b64decode(image(size=(40, 40)))).decode()
    assert "\n" in broken
    assert found([explained(visualizations=broken)], MX) == set()


SHAPES: list[tuple[str, Any, str]] = [
    (MC, scored(), "one object"), (OD, seen(), "one object"), (MC, [[]], "Hugging Face"), (OD, [[]], "not seen"),
    (MC, [scored(labels="can")], "the predicted class alone"), (MC, [scored(labels=None)], "not seen"),
]  # fmt: skip


@pytest.mark.parametrize(("format_id", "value", "words"), SHAPES, ids=[f"{row[0]}-{row[2]}" for row in SHAPES])
def test_the_shapes_of_other_models_and_versions_are_named(format_id: str, value: Any, words: str) -> None:
    (finding,) = check_record(value, format_id)
    assert words in finding.consequence


# What a response shows.


def test_read_gives_each_class_its_score() -> None:
    objects = (AnnotatedObject("can", score=0.25), AnnotatedObject(7, score=0.75))
    for format_id in (MC, ML, MX, LX):
        assert read([scored([0.25, 0.75], ["can", 7])], format_id) == [AnnotatedImage(objects=objects)]
    assert read([], MC) == []


def test_read_gives_boxes_and_outlines_as_they_are_written() -> None:
    shown = AnnotatedObject("can", (-0.005, 0.2, 0.6, 1.002), score=0.9)
    corners = {"topX": -0.005, "bottomY": 1.002}
    assert read([seen(corners), {"boxes": []}], OD) == [AnnotatedImage(objects=(shown,)), AnnotatedImage()]
    (picture,) = read([outlined([[0, 0, 1, 0, 1, 1], [0.5, 0.5]])], IS)
    assert picture.objects[0].polygons == ((0, 0, 1, 0, 1, 1), (0.5, 0.5))
    assert read([outlined([])], IS)[0].objects[0].polygons == ()


def test_read_takes_the_name_that_the_service_wrote_until_2023() -> None:
    assert [picture.name for picture in read([scored(filename="/tmp/1"), scored(filename=3)], MC)] == ["/tmp/1", None]
    assert read([seen() | {"filename": "a"}], OD)[0].name == "a"


@pytest.mark.parametrize(("format_id", "value"), [(MC, [scored([0.1])]), (OD, [{"boxes": [1]}]), (IS, scored())])
def test_what_cannot_be_read_says_why(format_id: str, value: Any) -> None:
    with pytest.raises(InvalidRecord, match=r"VF[46]"):
        read(value, format_id)


# Recognition.


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("format_id", RESPONSES)
def test_a_clean_response_is_recognised(tmp_path: Path, format_id: str, indent: int | None) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([PLAIN[format_id]] * 2, indent=indent))
    report = check_file(path)
    assert (report.format, report.also_fits) == (format_id, (ML,) if format_id == MC else ())
    assert report.findings == ()


CASES: list[tuple[str, bytes, str, tuple[str, ...]]] = [
    ("scores that do not sum to 1", jsonl([scored([1, 1, 1])]), ML, ()),
    ("scores out of range", jsonl([scored([2, 1, 1])]), MC, (ML,)),
    ("scores of 2022", jsonl([scored(filename="1", visualizations=None, attributions=None)]), MC, (ML,)),
    ("integer classes", jsonl([scored([0.5, 0.5], [0, 1])]), MC, (ML,)),
    ("scores with the key misspelt", jsonl([{"probabilities": [1], "labels": ["a"]}]), MC, (ML,)),
    ("scores without labels", jsonl([{"probs": [1]}]), MC, (ML,)),
    ("scores with a trailing comma", b'[{"probs": [1], "labels": ["a"],}]', MC, (ML,)),
    ("one object of scores", jsonl(scored()), MC, (ML,)),
    ("no box", jsonl([{"boxes": []}]), OD, (IS,)),
    ("broken boxes", jsonl([seen({"topX": 9}, score=9)]), OD, ()),
    ("boxes outside by little", jsonl([seen({"topX": -0.001})]), OD, ()),
    ("boxes cut off", jsonl([seen()])[:-30], OD, ()),
    ("lists for boxes", jsonl([{"boxes": [[0, 0, 1, 1]], "labels": ["a"], "scores": [1]}]), OD, (IS,)),
    ("broken outlines", jsonl([outlined([[1, 2, 3]])]), IS, ()),
    ("an empty outline", jsonl([outlined([])]), IS, ()),
    ("outlines cut off", jsonl([outlined()])[:-30], IS, ()),
    ("a bad explanation", jsonl([explained(attributions=[1])]), MX, ()),
    ("bad explanations", jsonl([explained_classes(visualizations=["?"])]), LX, ()),
    ("explanations of wrong sums", jsonl([explained(probs=[1, 1, 1])]), MX, ()),
    ("explanations of one kind", jsonl([scored(attributions=[SQUARE])]), LX, ()),
    ("lists of null", jsonl([scored(attributions=[None], visualizations=[None])]), LX, ()),
    ("an explanation cut off", jsonl([explained()])[:-20], MX, (LX,)),
    ("a record of boxes", jsonl(record([box()])), "azure-od-record", ()),
    ("a broken record of boxes", jsonl(record([box()]))[:-4], "azure-od-record", ()),
]


@pytest.mark.parametrize(("content", "format_id", "also"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_keys_tell_the_format(tmp_path: Path, content: bytes, format_id: str, also: tuple[str, ...]) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    report = check_file(path)
    assert (report.format, report.also_fits) == (format_id, also)


@pytest.mark.parametrize(
    "value", [{"labels": ["bug"]}, {"visualizations": [1]}, {"prob": 1}, [{"labels": []}], [], [[{"label": 1}]]]
)
def test_a_key_that_others_use_as_well_does_not_tell(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))
    assert check_file(path).format == ""


# The page's samples. Those of explanations are cut short with dots and are no JSON as they are printed.
# Mended: for each image in base64 there is one of a single pixel; of each attribution there are the first
# and the last number of its first and its last row, three times; the list for three classes has three.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", RESPONSES)
def test_the_samples_of_the_page_are_clean(format_id: str, profile: Profile) -> None:
    report = check_file(SAMPLES / f"{format_id}.json", profile=profile)
    assert (report.format, report.findings) == (format_id, ())


@pytest.mark.parametrize(("format_id", "line", "column"), [(MX, 16, 64), (LX, 15, 75)])
def test_the_dots_of_the_page_are_found_where_they_are(format_id: str, line: int, column: int) -> None:
    path = SAMPLES / f"{format_id}.printed.json"
    report = check_file(path)
    assert (report.format, report.also_fits) == (MX, (LX,))
    assert [(f.code, f.line, f.column) for f in report.findings] == [("VF010", line, column)]
    assert path.read_text().splitlines()[line - 1][column - 1 :].startswith("...")


def test_an_outline_of_the_page_leaves_its_box_and_the_sums_are_off() -> None:
    # So neither is asked for.
    (picture,) = read(json.loads((SAMPLES / f"{IS}.json").read_text()), IS)
    outside = [max(shape.polygons[0][::2]) - shape.box[2] for shape in picture.objects if shape.box]
    assert max(outside) == pytest.approx(0.598 - 0.397)
    sums = [sum(json.loads((SAMPLES / f"{name}.json").read_text())[0]["probs"]) for name in (MC, MX)]
    assert sums == pytest.approx([0.99901, 1.00109], abs=5e-6)


# Any JSON.

KEYS = ["probs", "labels", "boxes", "box", "topX", "bottomX", "polygon", "label", "score", "visualizations",
        "attributions", "filename"]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | st.floats(-0.1, 1.1) | st.sampled_from(["", "a", "b", PNG]),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(KEYS), children, max_size=5),
    max_leaves=12,
)
NEAR = st.lists(
    st.dictionaries(st.sampled_from(["probs", "labels", "boxes", *KEYS[-3:]]), JSON, max_size=5), max_size=3
)
KEYWORDS = {"type": "VF602", "minimum": "VF605", "maximum": "VF606", "minItems": "VF607", "maxItems": "VF608",
            "uniqueItems": "VF610"}  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", RESPONSES)
@given(value=NEAR | JSON)
def test_any_json_is_judged_as_the_reference_implementation_judges_it(
    format_id: str, profile: Profile, value: Any
) -> None:
    ours = {pair for pair in found(value, format_id, profile) if pair[0] in KEYWORDS.values()}
    errors = reference(TABLE[format_id], profile).iter_errors(value)
    assert ours == {(KEYWORDS[e.validator], e.json_path) for e in errors if e.validator != "required"}


@pytest.mark.parametrize("format_id", RESPONSES)
@given(value=NEAR | JSON)
def test_the_page_is_never_milder_than_the_service(format_id: str, value: Any) -> None:
    rank = {(f.code, f.path): f.severity.rank for f in check_record(value, format_id)}
    for finding in check_record(value, format_id, profile="reader"):
        assert finding.severity.rank <= rank.get((finding.code, finding.path), -1)


def test_a_whole_attribution_is_checked_in_a_file(tmp_path: Path) -> None:
    channel = [[0.5] * 224 for _ in range(224)]
    value = [explained(attributions=[channel, channel, [*channel[:-1], [0.5] * 223]])]
    (finding,) = check_bytes(json.dumps(value).encode(), MX).findings
    assert (finding.code, finding.path) == ("VF440", "$[0].attributions[2][223]")
    value[0]["attributions"][2][223] += [float("inf")]
    (finding,) = check_record(value, MX)
    assert (finding.code, finding.path) == ("VF012", "$[0].attributions[2][223][223]")

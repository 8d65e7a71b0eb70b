"""A response beside its request: the pairs of the page, and each with one fact changed."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from records import PROFILES, SAMPLES

from pytest_visionfmt import TABLE, Finding, Reaction, Severity, check_exchange
from pytest_visionfmt.checking import rules_of
from pytest_visionfmt.exchange import check_answer
from pytest_visionfmt.findings import Evidence
from pytest_visionfmt.format import Pair, Profile
from pytest_visionfmt.formats.azure_exchange import TASKS, response_format

MC, ML, OD, IS = TASKS
CLASSES = ["can", "carton", "milk_bottle"]
SQUARE = [[[0.1, -0.2], [0.3, 0]], [[1e-05, 0.2], [0.1, 0.1]], [[0, 0], [0.5, 0.5]]]


def encoded(content: bytes) -> str:
    return base64.encodebytes(content).decode()


def _png() -> str:
    buffer = BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, "PNG")
    return encoded(buffer.getvalue())


PNG, TEXT = _png(), encoded(b"no image")


def request(*rows: Any, **table: Any) -> dict[str, Any]:
    return {"input_data": {"columns": ["image"], "data": list(rows or (PNG,)), **table}}


def row(text: str = PNG, flag: Any = True, **parameters: Any) -> str:
    return json.dumps({"image_base64": text, "model_explainability": flag, "xai_parameters": parameters})


def asking(**parameters: Any) -> dict[str, Any]:
    return request(row(**{"visualizations": True, "attributions": True, **parameters}))


def scored(probs: Any = (0.1, 0.7, 0.2), labels: Any = CLASSES, **rest: Any) -> dict[str, Any]:
    return {"probs": list(probs), "labels": list(labels), **rest}


def explained(*without: str, **rest: Any) -> dict[str, Any]:
    item = scored(**{"visualizations": PNG, "attributions": SQUARE, **rest})
    return {key: value for key, value in item.items() if key not in without}


def explained_classes(number: int = 2, *without: str, **rest: Any) -> dict[str, Any]:
    given = {"probs": (0.9, 0.8, 0.1), "visualizations": [PNG] * number, "attributions": [SQUARE] * number, **rest}
    return explained(*without, **given)


def seen(label: str = "can", **rest: Any) -> dict[str, Any]:
    corners = {"topX": 0.1, "topY": 0.2, "bottomX": 0.6, "bottomY": 0.8}
    return {"boxes": [{"box": corners, "label": label, "score": 0.9}], **rest}


def answer(asked: Any, response: Any, task: str, profile: Profile, classes: Any = None) -> tuple[Finding, ...]:
    """Return the findings on a response beside its request, those on the request left out."""
    format_ = TABLE[response_format(asked, task)]
    return check_answer(Pair(asked, response, profile, classes), format_)


# The pairs of the page. Its requests hold a name where the image in base64 belongs, and ask for no
# attributions, which its responses have: mended, there is an image, and attributions are asked for. Of
# two images, as it says above them, its requests and its responses have one.


def sample(format_id: str) -> Any:
    return json.loads((SAMPLES / f"{format_id}.json").read_text())


OF_PAGE = [
    pytest.param(task, asked, sample(TASKS[task][explains]), id=f"{task}, {'explained' if explains else 'scores'}")
    for task in TASKS
    for explains, asked in ((False, request()), (True, asking(xai_algorithm="xrai")))
]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("task", "asked", "response"), OF_PAGE)
def test_the_pairs_of_the_page_are_clean(task: str, asked: Any, response: Any, profile: Profile) -> None:
    assert check_exchange(asked, response, task=task, profile=profile) == ()
    assert answer(asked, response, task, profile) == ()


def test_the_request_of_the_page_does_not_ask_for_the_attributions_of_its_response() -> None:
    findings = check_exchange(asking(attributions=False), sample("azure-multiclass-xai-response"), task=MC)
    assert [(f.code, f.path) for f in findings] == [("VF468", "$[0].attributions")]


# One fact changed: what the page says to it, and the service.

ONCE = "$[0].visualizations"
BOTH = {ONCE, "$[0].attributions"}
IMAGES = {"attributions": False}
THRESHOLD = "confidence_score_threshold_multilabel"
CHANGED: list[tuple[str, str, Any, Any, set[tuple[str, str]], set[tuple[str, str]]]] = [
    ("one item more", MC, request(), [scored()] * 2, {("VF460", "$[1]")}, {("VF460", "$[1]")}),
    ("one item less", OD, request(PNG, PNG), [seen()], {("VF462", "$")}, {("VF462", "$")}),
    ("one row without an image", ML, request(PNG, TEXT), [scored()], {("VF461", "$")}, {("VF461", "$")}),
    ("two rows without", IS, request(TEXT, PNG, TEXT), [{"boxes": []}], {("VF461", "$")}, {("VF461", "$")}),
    ("no row with an image", MC, request(TEXT), [], {("VF461", "$")}, {("VF461", "$")}),
    ("one row without, two gone", MC, request(PNG, TEXT, PNG), [scored()], {("VF462", "$")}, {("VF462", "$")}),
    ("two rows without, one gone", MC, request(TEXT, TEXT), [scored()], {("VF462", "$")}, {("VF462", "$")}),
    ("a row without, none gone", MC, request(PNG, TEXT), [scored()] * 2, set(), set()),
    ("what is no base64 does not vanish", MC, request(PNG, "AAAAA"), [scored()], {("VF462", "$")}, {("VF462", "$")}),
    ("a row of JSON without", MC, request(row(), row(TEXT)), [explained("attributions")],
     {("VF461", "$")}, {("VF461", "$")}),
    ("rows in lists", MC, request([PNG], [TEXT]), [scored()], {("VF461", "$")}, {("VF461", "$")}),
    ("the image in the second column", MC, request(["1", PNG], ["2", TEXT], columns=["id", "image"]), [scored()],
     {("VF461", "$")}, {("VF461", "$")}),
    ("null of 2022", MC, request(), [scored(visualizations=None)], {("VF467", ONCE)}, set()),
    ("null of 2022 with boxes", OD, request(), [seen(visualizations=None)], {("VF467", ONCE)}, set()),
    ("an explanation of scores alone", MC, request(), [explained("attributions")],
     {("VF468", ONCE)}, {("VF468", ONCE)}),
    ("explanations of scores alone", ML, request(row(flag="no")), [explained_classes()],
     {("VF468", path) for path in BOTH}, {("VF468", path) for path in BOTH}),
    ("boxes explained as asked", OD, asking(), [seen(visualizations=PNG)], {("VF468", ONCE)}, {("VF468", ONCE)}),
    ("null for boxes as asked", IS, asking(), [{"boxes": [], "visualizations": None}], {("VF467", ONCE)}, set()),
    ("images asked for alone", MC, asking(**IMAGES), [explained("attributions")], set(), set()),
    ("attributions not asked for", MC, asking(**IMAGES), [explained()],
     {("VF468", "$[0].attributions")}, {("VF468", "$[0].attributions")}),
    ("null for what was not asked for", MC, asking(**IMAGES), [explained(attributions=None)],
     {("VF467", "$[0].attributions")}, set()),
    ("null, and integer classes", MC, asking(**IMAGES), [explained(labels=[1, 2, 3], attributions=None)],
     {("VF467", "$[0].attributions"), *(("VF602", f"$[0].labels[{n}]") for n in range(3))}, set()),
    ("null, and a key that begins alike", MC, request(), [scored(visualizations=None, visualizations_2=None)],
     {("VF467", ONCE), ("VF612", "$[0].visualizations_2")}, set()),
    ("images missing", MC, asking(), [explained("visualizations")], {("VF465", ONCE)}, {("VF465", ONCE)}),
    ("images of one item missing", MC, request(row(), row()), [explained("attributions"), scored()],
     {("VF465", "$[1].visualizations")}, {("VF465", "$[1].visualizations")}),
    ("null for the image", MC, asking(), [explained(visualizations=None)], {("VF466", ONCE)}, {("VF466", ONCE)}),
    ("nothing asked for", MC, asking(visualizations=False, **IMAGES), [scored()], set(), set()),
    ("by default, images", MC, request(row()), [explained("attributions")], set(), set()),
    ("by default, images alone", MC, request(row()), [explained()],
     {("VF468", "$[0].attributions")}, {("VF468", "$[0].attributions")}),
    ("row 0 counts", MC, request(row(), row(flag=False)), [explained("attributions")] * 2, set(), set()),
    ("the row of index 0 counts", MC, request(row(), row(flag=False), index=[1, 0]), [scored()] * 2, set(), set()),
    ("two classes explained", ML, asking(), [explained_classes()], set(), set()),
    ("one class less", ML, asking(), [explained_classes(1)],
     {("VF469", path) for path in BOTH}, {("VF469", path) for path in BOTH}),
    ("one class more", ML, asking(**IMAGES), [explained_classes(3, "attributions")],
     {("VF469", ONCE)}, {("VF469", ONCE)}),
    ("a higher threshold", ML, asking(**{THRESHOLD: 0.85}), [explained_classes(1)], set(), set()),
    ("a threshold of all", ML, asking(**{THRESHOLD: -1}), [explained_classes(3)], set(), set()),
    ("no class selected", ML, asking(), [explained_classes(probs=(0, 0, 0), visualizations=None, attributions=None)],
     set(), set()),
    ("no class selected, empty", ML, asking(), [explained_classes(0, probs=(0, 0, 0))], set(), set()),
    ("null while classes are selected", ML, asking(**IMAGES),
     [explained_classes(2, "attributions", visualizations=None)], {("VF466", ONCE)}, {("VF466", ONCE)}),
    ("null for each class", ML, asking(), [explained_classes(visualizations=[None, None])],
     {("VF466", ONCE)}, {("VF466", ONCE)}),
    ("null for one class", ML, asking(), [explained_classes(visualizations=[PNG, None])],
     {("VF466", ONCE)}, {("VF466", ONCE)}),
    ("a list of null not asked for", ML, asking(**IMAGES), [explained_classes(attributions=[None, None])],
     {("VF467", "$[0].attributions")}, set()),
    ("a tie explained", ML, asking(), [explained_classes(3, probs=(0.9, 0.8, 0.5))],
     {("VF470", "$[0].probs[2]")}, {("VF470", "$[0].probs[2]")}),
    ("a tie not explained", ML, asking(), [explained_classes(2, probs=(0.9, 0.8, 0.5))],
     {("VF470", "$[0].probs[2]")}, set()),
    ("a tie alone not explained", ML, asking(**IMAGES),
     [explained_classes(0, "attributions", probs=(0.1, 0.5, 0.1), visualizations=None)],
     {("VF470", "$[0].probs[1]")}, set()),
    ("a tie and one class more", ML, asking(**IMAGES), [explained_classes(3, "attributions", probs=(0.9, 0.5, 0.1))],
     {("VF469", ONCE)}, {("VF469", ONCE)}),
    ("five classes", ML, asking(), [explained_classes(5, probs=[1] * 5, labels="abcde")], set(), set()),
    ("six classes", ML, asking(), [explained_classes(6, probs=[1] * 6, labels="abcdef")],
     {("VF471", ONCE)}, {("VF471", ONCE)}),
    ("six classes, one at the threshold", ML, asking(), [explained_classes(5, probs=[1] * 5 + [0.5], labels="abcdef")],
     {("VF470", "$[0].probs[5]"), ("VF471", ONCE)}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("task", "asked", "response", "page", "service"), [c[1:] for c in CHANGED],
                         ids=[c[0] for c in CHANGED])  # fmt: skip
def test_one_fact_changed_is_that_finding(
    task: str, asked: Any, response: Any, page: set[tuple[str, str]], service: set[tuple[str, str]]
) -> None:
    for profile, wanted in zip(PROFILES, (page, service), strict=True):
        findings = answer(asked, response, task, profile)
        assert {(finding.code, finding.path) for finding in findings} == wanted
        assert len(findings) == len(wanted)
        assert {finding.file for finding in findings} <= {"response"}


def test_every_rule_of_a_pair_is_broken_above_or_below() -> None:
    rules = {rule.code for format_ in TABLE.values() for rule, _ in rules_of(format_).exchange}
    assert {code for *_, page, _ in CHANGED for code, _ in page} >= rules - {"VF463", "VF464"}


W, E, N = Severity.WARNING, Severity.ERROR, Severity.NOTE
JUDGED: list[tuple[str, Severity, Reaction, Evidence]] = [
    ("one item more", E, Reaction.UNKNOWN, Evidence.INFERRED),
    ("one item less", E, Reaction.UNKNOWN, Evidence.INFERRED),
    ("one row without an image", W, Reaction.IMAGE_SKIPPED, Evidence.RUN),
    ("null of 2022", W, Reaction.ACCEPTED, Evidence.READ),
    ("an explanation of scores alone", E, Reaction.UNKNOWN, Evidence.INFERRED),
    ("images missing", E, Reaction.UNKNOWN, Evidence.INFERRED),
    ("null for the image", E, Reaction.UNKNOWN, Evidence.INFERRED),
    ("one class less", E, Reaction.UNKNOWN, Evidence.INFERRED),
    ("a tie not explained", W, Reaction.ACCEPTED, Evidence.READ),
    ("six classes", N, Reaction.UNKNOWN, Evidence.DOCUMENTED),
]


@pytest.mark.parametrize(("name", "severity", "reaction", "evidence"), JUDGED, ids=[row[0] for row in JUDGED])
def test_severity_and_reaction_are_those_of_the_rule(
    name: str, severity: Severity, reaction: Reaction, evidence: Evidence
) -> None:
    (case,) = (case for case in CHANGED if case[0] == name)
    finding, *_ = answer(case[2], case[3], case[1], "documented")
    assert (finding.severity, finding.reaction, finding.evidence) == (severity, reaction, evidence)
    assert finding.consequence


# The classes of the dataset.


@pytest.mark.parametrize("profile", PROFILES)
def test_a_response_has_the_classes_of_the_dataset(profile: Profile) -> None:
    def codes(task: str, response: Any, classes: Any) -> set[tuple[str, str]]:
        return {(f.code, f.path) for f in answer(request(), response, task, profile, classes)}

    assert codes(MC, [scored()], ("milk_bottle", "can", "carton")) == set()
    assert codes(MC, [scored()], None) == set()
    assert codes(MC, [scored()], (*CLASSES, "water_bottle")) == {("VF463", "$[0].labels")}
    assert codes(ML, [scored()], ("can", "carton")) == {("VF464", "$[0].labels[2]")}
    assert codes(MC, [scored()], ()) == {("VF464", f"$[0].labels[{n}]") for n in range(3)}
    assert codes(OD, [seen()], ("can", "carton")) == set()  # not every class is in every image
    assert codes(OD, [seen("cat")], ("can", "carton")) == {("VF464", "$[0].boxes[0].label")}


def test_the_message_on_the_classes_explained_says_whose_count_it_is() -> None:
    asked, response = asking(attributions=False), [explained_classes(3, "attributions", probs=(0.9, 0.5, 0.1))]
    page, service = (answer(asked, response, ML, profile)[0].message for profile in PROFILES)
    assert page == "3 visualizations, while 2 classes score at or above the threshold of 0.5"
    assert service == "3 visualizations, while 1 class scores above the threshold of 0.5"


def test_a_missing_class_is_named_and_the_others_counted() -> None:
    (finding,) = answer(request(), [scored()], MC, "documented", (*CLASSES, "x", "y", "z"))
    assert finding.message == 'class "x" of the dataset is not among the labels, nor are 2 more'
    assert finding.severity == Severity.ERROR


# What the service takes for which request.

ASKED: list[tuple[str, Any, bool]] = [
    ("bare base64", request(), False),
    ("the flag left out", request(json.dumps({"image_base64": PNG})), False),
    *((f"the flag {flag!r}", request(row(flag=flag)), True) for flag in (True, "True", "yes", "Y", "on", 1, "t")),
    *((f"the flag {flag!r}", request(row(flag=flag)), False) for flag in (False, "FALSE", "no", 0, "off", "f")),
]


@pytest.mark.parametrize(("asked", "explains"), [c[1:] for c in ASKED], ids=[c[0] for c in ASKED])
def test_the_flag_of_row_0_tells_which_response_there_is(asked: Any, explains: bool) -> None:
    for task, formats in TASKS.items():
        assert response_format(asked, task) == formats[explains]


UNREADABLE: list[Any] = [
    None, {}, {"input_data": []}, request(None), request("null"), request("12"), request(row(flag=None)),
    request(row(flag="maybe")), request(row(visualizations="True")), request(row(attributions=1)),
    request(json.dumps({"model_explainability": 1, "xai_parameters": None})), request() | {"input_data": 1},
]  # fmt: skip


@pytest.mark.parametrize("asked", UNREADABLE, ids=lambda value: str(value)[-50:])
def test_a_request_that_the_service_refuses_says_nothing_of_explanations(asked: Any) -> None:
    for response in ([], [explained()], [scored()], [explained("attributions")]):
        codes = {finding.code for finding in answer(asked, response, MC, "documented")}
        assert not codes & {"VF465", "VF466", "VF467", "VF468"}


@pytest.mark.parametrize("threshold", [None, "high", "nan", {}])
def test_a_threshold_that_is_no_number_selects_nobody_knows_what(threshold: Any) -> None:
    asked = asking(**{THRESHOLD: threshold})
    wrong = {"VF469", "VF470", "VF471"} if threshold != "nan" else set()
    assert not {finding.code for finding in answer(asked, [explained_classes()], ML, "reader")} & wrong


# The call.


def test_first_come_the_findings_on_the_request_then_those_on_the_response() -> None:
    findings = check_exchange(request(PNG, TEXT), [scored(probs=(1, 1, 1))], task=MC)
    assert [(f.file, f.code) for f in findings] == [("request", "VF403"), ("response", "VF433"), ("response", "VF461")]
    asked = request(row(xai_algorithm="lime"))
    (finding,) = check_exchange(asked, [explained("attributions")], task=MC)
    assert (finding.file, finding.path) == ("request", "$.input_data.data[0] > $.xai_parameters.xai_algorithm")


def test_what_json_has_not_is_all_there_is_to_say() -> None:
    findings = check_exchange(request(), [scored(), scored(probs=(float("nan"), 1, 0))], task=MC)
    assert [(f.file, f.code, f.path) for f in findings] == [("response", "VF012", "$[1].probs[0]")]


def test_an_unknown_task_lists_what_there_is_and_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown task 'object_detection'. Did you mean 'image_object_detection'\?"):
        check_exchange(request(), [], task="object_detection")
    with pytest.raises(ValueError, match="There are: image_classification, image_classification_multilabel, "):
        check_exchange(request(), [], task="ocr")


def test_one_string_is_no_list_of_classes() -> None:
    with pytest.raises(ValueError, match="classes='can' is one string"):
        check_exchange(request(), [], task=MC, classes="can")


def test_an_unknown_profile_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown profile 'strict'"):
        check_exchange(request(), [], task=MC, profile="strict")  # type: ignore[arg-type]


def test_classes_may_be_any_iterable() -> None:
    assert check_exchange(request(), [scored()], task=MC, classes=iter(CLASSES)) == ()


# Any JSON.

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-1, 2)
    | st.floats(-0.1, 1.1)
    | st.sampled_from(["", "a", PNG, TEXT, row(), row(attributions=True), row("?", 7), "{}", "null"])
)
KEYS = ["input_data", "columns", "data", "index", "probs", "labels", "boxes", "label", "box", "polygon",
        "visualizations", "attributions"]  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(KEYS), children, max_size=4),
    max_leaves=10,
)
TABLES = st.builds(request, JSON, JSON, index=JSON) | st.builds(request, JSON) | st.just(asking())
ITEMS = st.lists(st.dictionaries(st.sampled_from(KEYS[4:]), JSON, max_size=4), max_size=3)


@given(TABLES | JSON, ITEMS | JSON, st.sampled_from(list(TASKS)))
def test_no_json_makes_the_rules_raise_or_the_page_milder(asked: Any, response: Any, task: str) -> None:
    page, service = (answer(asked, response, task, profile, ("a",)) for profile in PROFILES)
    rank = {(finding.code, finding.path): finding.severity.rank for finding in page}
    for finding in service:
        assert finding.severity.rank <= rank.get((finding.code, finding.path), -1)


@given(TABLES | JSON, ITEMS | JSON, st.sampled_from(list(TASKS)), st.sampled_from(PROFILES))
def test_no_json_makes_check_exchange_raise(asked: Any, response: Any, task: str, profile: Profile) -> None:
    findings = check_exchange(asked, response, task=task, classes=("a",), profile=profile)
    assert {finding.file for finding in findings} <= {"request", "response"}

"""Requests as they are drawn: clean, varied, of real images, and what they shrink to."""

from __future__ import annotations

import base64
import copy
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from drawing import STRATEGIES, decoded, many, minimal, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from PIL import Image
from records import PROFILES, REQUESTS, reference

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE, Severity, check_record, edge_cases, encoders, record
from pytest_visionfmt.draws.azure_requests import RequestArguments, _decoder
from pytest_visionfmt.draws.request_images import TYPES, image_text
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats.azure_requests_rows import flag_of

SCORING, XAI = REQUESTS
PNG = image_text("PNG", (1, 1))
Request = dict[str, Any]


def scoring(*rows: Any, **more: Any) -> Request:
    return {"input_data": {"columns": ["image"], "data": list(rows), **more}}


def row(text: str = PNG, **wishes: Any) -> str:
    return json.dumps({"image_base64": text, **wishes})


def rows_of(request: Request) -> list[Any]:
    """Return what stands in the image column."""
    table = request["input_data"]
    at = table["columns"].index("image")
    return [cell[at] if isinstance(cell, list) else cell for cell in table["data"]]


def texts_of(request: Request) -> list[str]:
    rows = rows_of(request)
    return [json.loads(text)["image_base64"] if text.startswith("{") else text for text in rows]


def wishes_of(request: Request) -> Iterator[dict[str, Any]]:
    for text in rows_of(request):
        yield {key: value for key, value in json.loads(text).items() if key != "image_base64"}


def assert_clean(request: Request, format_id: str, profile: Profile) -> None:
    findings = check_record(request, format_id, profile=profile)
    assert {(finding.code, finding.severity) for finding in findings} <= {("VF419", Severity.NOTE)}
    assert list(reference(TABLE[format_id], profile).iter_errors(request)) == []


# Every request is clean, varied, fresh and plain JSON.


@pytest.mark.parametrize("format_id", REQUESTS)
@given(data=st.data())
def test_a_default_request_has_no_finding_but_notes_in_either_profile(format_id: str, data: st.DataObject) -> None:
    request = data.draw(STRATEGIES[format_id]())
    for profile in PROFILES:
        assert_clean(request, format_id, profile)


@pytest.mark.parametrize("format_id", REQUESTS)
@given(data=st.data())
def test_a_request_for_the_reader_has_no_finding_but_notes_there(format_id: str, data: st.DataObject) -> None:
    assert_clean(data.draw(STRATEGIES[format_id](profile="reader")), format_id, "reader")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", REQUESTS)
def test_no_health_check_fails_under_default_settings(format_id: str, profile: Profile) -> None:
    @settings(settings.get_profile("default"), database=None)
    @given(STRATEGIES[format_id](profile=profile))
    def draw(value: Any) -> None:
        assert json.loads(json.dumps(value)) == value

    draw()


@pytest.mark.parametrize("format_id", REQUESTS)
@given(data=st.data())
def test_images_are_what_pillow_decodes(format_id: str, data: st.DataObject) -> None:
    for text in texts_of(data.draw(STRATEGIES[format_id](profile="reader"))):
        with Image.open(io.BytesIO(base64.b64decode(text))) as image:
            image.load()
            assert image.format in TYPES


def test_images_are_of_every_type_in_one_line_and_in_several() -> None:
    texts = [text for request in many(SCORING) for text in texts_of(request)]
    seen = set()
    for text in texts:
        end = "\r\n" if "\r" in text else "\n" if "\n" in text else ""
        with Image.open(io.BytesIO(base64.b64decode(text))) as image:
            seen.add((image.format, end))
    assert seen == {(type_, end) for type_ in TYPES for end in ("", "\n", "\r\n")}


def test_line_breaks_stand_where_encodebytes_puts_them() -> None:
    texts = [text for request in many(SCORING) for text in texts_of(request)]
    broken = [text.replace("\r", "") for text in texts if "\n" in text]
    assert broken
    assert all(text == base64.encodebytes(base64.b64decode(text)).decode() for text in broken)


def test_an_image_is_encoded_once_for_each_size_and_type(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    encode = encoders.encode

    def counting(image: Image.Image, type_: str, **options: Any) -> bytes:
        encoded.append((type_, image.size))
        return encode(image, type_, **options)

    monkeypatch.setattr(encoders, "encode", counting)
    sizes = st.tuples(st.integers(50, 52), st.just(9))  # of which no other test has any
    drawn = sample(visionfmt.azure_scoring_request(image_sizes=sizes))
    assert len({text for request in drawn for text in texts_of(request)}) == 3 * 3 * len(TYPES)
    assert len(encoded) == len(set(encoded)) == 3 * len(TYPES)


@given(visionfmt.azure_xai_request(profile="reader"))
def test_no_row_asks_for_anything_but_the_row_that_counts(request: Request) -> None:
    index = request["input_data"].get("index")
    wishes = list(wishes_of(request))
    first = wishes[index.index(0) if index else 0]
    assert all(other in ({}, first) for other in wishes)


def test_wishes_stand_in_all_rows_or_only_where_they_count() -> None:
    seen = set()
    for request in sample(visionfmt.azure_xai_request(min_images=2), 400):
        wishes = list(wishes_of(request))
        if any(wishes):
            seen.add((all(wishes), "index" in request["input_data"]))
    assert seen == {(all_rows, index) for all_rows in (True, False) for index in (True, False)}


def test_every_algorithm_is_asked_for_and_defaults_are_left_out_or_given() -> None:
    wishes = [wish for request in many(XAI, size=800) for wish in wishes_of(request)]
    parameters = [wish["xai_parameters"] for wish in wishes if "xai_parameters" in wish]
    algorithms = {given.get("xai_algorithm") for given in parameters if given}
    assert algorithms == {None, "xrai", "integrated_gradients", "guided_gradcam", "guided_backprop"}
    for key in ("visualizations", "attributions"):
        assert {given.get(key) for given in parameters} == {None, False, True}
    thresholds = {given.get("confidence_score_threshold_multilabel") for given in parameters} - {None}
    assert {0, 0.5, 1} <= thresholds
    assert 0 <= min(thresholds) <= max(thresholds) <= 1
    assert {wish.get("model_explainability") for wish in wishes} == {None, False, True}
    assert {} in parameters


WIDENED: list[tuple[str, str, Callable[[Request], bool]]] = [
    (SCORING, "another column", lambda r: len(r["input_data"]["columns"]) > 1),
    (SCORING, "null for an index", lambda r: r["input_data"].get("index", 0) is None),
    (SCORING, "a name of a row", lambda r: any(isinstance(n, str) for n in r["input_data"].get("index") or ())),
    (SCORING, "another key", lambda r: len(r) > 1),
    (XAI, "another column", lambda r: r["input_data"]["columns"].index("image") > 0),
    (XAI, "a word for true", lambda r: any(isinstance(w.get("model_explainability"), str) for w in wishes_of(r))),
    (XAI, "1 for true", lambda r: any(type(w.get("model_explainability")) is int for w in wishes_of(r))),
    (XAI, "a key of a row", lambda r: any("note" in w for w in wishes_of(r))),
    *(
        (XAI, key, lambda r, key=key: any(key in w.get("xai_parameters", {}) for w in wishes_of(r)))
        for key in ("n_steps", "approximation_method", "xrai_fast", "batch_size")
    ),
    *(
        (XAI, f"a threshold as {type_.__name__}", lambda r, type_=type_: any(type(
            w.get("xai_parameters", {}).get("confidence_score_threshold_multilabel")) is type_ for w in wishes_of(r)))
        for type_ in (str, bool)
    ),
]  # fmt: skip


@pytest.mark.parametrize(("format_id", "what", "condition"), WIDENED, ids=[f"{r[0]}-{r[1]}" for r in WIDENED])
def test_the_reader_s_profile_widens_to_what_it_takes(
    format_id: str, what: str, condition: Callable[[Request], bool]
) -> None:
    assert any(map(condition, many(format_id, "reader", 600))), what
    assert not any(map(condition, many(format_id))), what


@pytest.mark.parametrize("format_id", REQUESTS)
def test_a_request_that_was_changed_leaves_no_trace(format_id: str) -> None:
    strategy = STRATEGIES[format_id](profile="reader")
    before = copy.deepcopy(sample(strategy, 50))
    for request in sample(strategy, 50):
        table = request["input_data"]
        for items in (table["columns"], table.get("index") or [], *table["data"]):
            if isinstance(items, list):
                items.clear()
        request.clear()
    assert sample(strategy, 50) == before


@pytest.mark.parametrize("format_id", REQUESTS)
def test_a_request_by_its_format_is_the_same_strategy(format_id: str) -> None:
    assert sample(record(format_id), 30) == sample(STRATEGIES[format_id](), 30)


def test_a_request_strategy_is_shown_as_its_call() -> None:
    assert repr(visionfmt.azure_xai_request(nested=True)) == "azure_xai_request(nested=True)"


# What they shrink to.


@pytest.mark.parametrize("profile", PROFILES)
def test_a_request_shrinks_to_one_pixel(profile: Profile) -> None:
    assert minimal(visionfmt.azure_scoring_request(profile=profile)) == scoring(PNG)
    assert minimal(visionfmt.azure_xai_request(profile=profile)) == scoring(row())
    with Image.open(io.BytesIO(base64.b64decode(PNG))) as image:
        assert image.size == (1, 1)


@pytest.mark.parametrize(("format_id", "plain"), [(SCORING, scoring(PNG)), (XAI, scoring(row()))])
@pytest.mark.parametrize("profile", PROFILES)
def test_bytes_that_are_all_zero_are_the_simplest_request(format_id: str, plain: Request, profile: Profile) -> None:
    assert decoded(_decoder(TABLE[format_id], profile, RequestArguments())) == plain


# Bugs that clients have, each as what a request must have to show it, and the shortest such request.


def has_line_break(request: Request) -> bool:
    return any("\n" in text for text in texts_of(request))


def is_nested(request: Request) -> bool:
    return isinstance(request["input_data"]["data"][0], list)


def has_index(request: Request) -> bool:
    return "index" in request["input_data"]


def has_row_0_last(request: Request) -> bool:
    index = request["input_data"].get("index") or [0]
    return bool(index[0] != 0)


def has_two_images(request: Request) -> bool:
    return len(texts_of(request)) > 1


def has_jpeg(request: Request) -> bool:
    return any(text.startswith("/9j/") for text in texts_of(request))


def explains(request: Request) -> bool:
    return any(wish.get("model_explainability") is True for wish in wishes_of(request))


def asks_for_another_algorithm(request: Request) -> bool:
    return any(wish.get("xai_parameters", {}).get("xai_algorithm", "xrai") != "xrai" for wish in wishes_of(request))


def has_high_threshold(request: Request) -> bool:
    key = "confidence_score_threshold_multilabel"
    return any(wish.get("xai_parameters", {}).get(key, 0) > 0.9 for wish in wishes_of(request))


BUGS: list[tuple[str, Callable[[Request], bool], Request]] = [
    (SCORING, has_line_break, scoring(image_text("PNG", (1, 1), "\n"))),
    (SCORING, is_nested, scoring([PNG])),
    (SCORING, has_index, scoring(PNG, index=[0])),
    (SCORING, has_row_0_last, scoring(PNG, PNG, index=[1, 0])),
    (SCORING, has_two_images, scoring(PNG, PNG)),
    (SCORING, has_jpeg, scoring(image_text("JPEG", (1, 1)))),
    (XAI, has_line_break, scoring(row(image_text("PNG", (1, 1), "\n")))),
    (XAI, is_nested, scoring([row()])),
    (XAI, explains, scoring(row(model_explainability=True))),
    (XAI, asks_for_another_algorithm, scoring(row(xai_parameters={"xai_algorithm": "integrated_gradients"}))),
    (XAI, has_high_threshold, scoring(row(xai_parameters={"confidence_score_threshold_multilabel": 1.0}))),
]


@pytest.mark.parametrize(("format_id", "bug", "shortest"), BUGS, ids=[f"{r[0]}-{r[1].__name__}" for r in BUGS])
def test_a_bug_shrinks_to_the_shortest_request_that_shows_it(
    format_id: str, bug: Callable[[Request], bool], shortest: Request
) -> None:
    assert json.dumps(minimal(STRATEGIES[format_id](), bug)) == json.dumps(shortest)


# Edge cases.

PEOPLE_KNOW = {
    "image-jpeg", "line-breaks", "windows-line-breaks", "nested", "nested-twice", "same-image-twice", "index",
    "index-backwards", "very-many-images",
}  # fmt: skip
OF_EXPLANATIONS = {
    "defaults-given", "no-parameter", "scores-only", "threshold-zero", "threshold-one", "wishes-in-the-first-row",
    "wishes-in-the-row-of-index-0", "space-around-row", "with-all-optional-keys",
    *(f"input_data.data.xai_parameters.xai_algorithm={name}"
      for name in ("xrai", "integrated_gradients", "guided_gradcam", "guided_backprop")),
}  # fmt: skip
OF_THE_READER = {"index-null", "index-of-names", "column-before", "column-behind", "extra-key-note"}
EXPLANATIONS_OF_THE_READER = {
    "threshold-below-zero", "threshold-above-one", "batch-size", "input_data.data.model_explainability=yes",
    'input_data.data.xai_parameters.confidence_score_threshold_multilabel="0.5"',
    "input_data.data.xai_parameters.n_steps-minimum-integer",
}  # fmt: skip


@pytest.mark.parametrize("format_id", REQUESTS)
def test_what_people_of_the_field_know_is_among_the_edge_cases(format_id: str) -> None:
    of_page, of_reader = ({str(case) for case in edge_cases(format_id, profile=profile)} for profile in PROFILES)
    explanations = format_id == XAI
    assert PEOPLE_KNOW | (OF_EXPLANATIONS if explanations else set()) <= of_page
    wanted = OF_THE_READER | (EXPLANATIONS_OF_THE_READER if explanations else set())
    assert wanted <= of_reader
    assert not wanted & of_page


# Arguments.


@pytest.mark.parametrize("format_id", REQUESTS)
@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_every_argument_does_what_it_says(format_id: str, profile: Profile, data: st.DataObject) -> None:
    low = data.draw(st.integers(1, 6))
    high = data.draw(st.integers(low, 8))
    sides = data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=3))
    nested, with_index = (data.draw(st.sampled_from([None, True, False])) for _ in range(2))
    strategy = STRATEGIES[format_id](
        min_images=low, max_images=high, image_sizes=st.tuples(st.sampled_from(sides), st.sampled_from(sides)),
        nested=nested, with_index=with_index, profile=profile,
    )  # fmt: skip
    request = data.draw(strategy)
    assert low <= len(rows_of(request)) <= high
    for text in texts_of(request):
        with Image.open(io.BytesIO(base64.b64decode(text))) as image:
            assert set(image.size) <= set(sides)
    assert nested in (None, is_nested(request))
    assert with_index in (None, has_index(request))
    assert_clean(request, format_id, profile)


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_explanations_are_asked_for_or_not_as_was_wanted(profile: Profile, data: st.DataObject) -> None:
    wanted = data.draw(st.booleans())
    request = data.draw(visionfmt.azure_xai_request(model_explainability=wanted, profile=profile))
    flags = [flag_of(wish["model_explainability"]) for wish in wishes_of(request) if "model_explainability" in wish]
    assert set(flags) <= {wanted}
    assert flags or not wanted
    assert_clean(request, XAI, profile)


def test_numbers_of_images_are_all_drawn() -> None:
    assert {len(rows_of(request)) for request in many(SCORING)} == {1, 2, 3}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"min_images": 0}, "min_images=0 is less than 1"),
    ({"min_images": -1}, "min_images=-1 is negative"),
    ({"min_images": 4}, "min_images=4 is larger than max_images=3"),
    ({"max_images": 2.5}, "max_images=2.5 is not an integer"),
    ({"image_sizes": (6, 4)}, r"image_sizes=\(6, 4\) is not a strategy"),
    ({"image_sizes": st.just((6, 0))}, r"drew \(6, 0\), which is no pair of positive integers"),
    ({"image_sizes": st.just((10**6, 100))}, r"drew \(1000000, 100\): .* more than is drawn"),
    ({"nested": 1}, "nested=1 is neither of True, False, None"),
    ({"with_index": "yes"}, "with_index='yes' is neither of True, False, None"),
    ({"profile": "page"}, "profile='page' is neither of"),
]


@pytest.mark.parametrize("format_id", REQUESTS)
@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(format_id: str, arguments: Any, message: str) -> None:
    strategy = STRATEGIES[format_id](**arguments)
    with pytest.raises(InvalidArgument, match=message):
        minimal(strategy)


def test_a_wrong_wish_raises_when_first_drawn_from() -> None:
    strategy = visionfmt.azure_xai_request(model_explainability="yes")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="model_explainability='yes' is neither of"):
        minimal(strategy)

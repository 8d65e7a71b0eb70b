"""Scoring and explainability requests: what the service reads from them, and what it does with the rest."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import PROFILES, SAMPLES, reference
from test_image_bytes import decodes, image_bytes

from pytest_visionfmt import TABLE, Reaction, Record, Severity, check_bytes, check_file, check_record, read
from pytest_visionfmt.findings import Evidence
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import azure_requests_images
from pytest_visionfmt.formats.azure_requests_rows import flag_of, row_nodes, unread, xai_defaults
from pytest_visionfmt.image_facts import ImageFacts, ImageProblem, facts_of_first
from pytest_visionfmt.json_paths import INSIDE
from pytest_visionfmt.schema_files import load_schema

SCORING, XAI = "azure-scoring-request", "azure-xai-request"
BOTH = (SCORING, XAI)
ROW = "$.input_data.data[0]"
INNER = f"{ROW} > $"
PARAMETERS = f"{INNER}.xai_parameters"
PNG = base64.b64encode(image_bytes("PNG", (1, 1), "L")).decode()
CUT = base64.b64encode(image_bytes("PNG", (9, 9))[:90]).decode()


def request(*rows: Any, columns: Any = ("image",), **changes: Any) -> dict[str, Any]:
    return {"input_data": {"columns": list(columns), "data": list(rows), **changes}}


def row(text: Any = PNG, **changes: Any) -> str:
    return json.dumps({"image_base64": text, **changes})


def explain(**parameters: Any) -> str:
    return row(model_explainability=True, xai_parameters=parameters)


def found(value: Any, format_id: str, profile: Profile = "documented") -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check_record(value, format_id, profile=profile)}


CLEAN: list[tuple[str, str, Any]] = [
    ("flat rows", SCORING, request(PNG, PNG)),
    ("rows in lists", SCORING, request([PNG], [PNG])),
    ("an index", SCORING, request(PNG, PNG, index=[0, 1])),
    ("an index in another order", SCORING, request(PNG, PNG, index=[7, 0])),
    ("line breaks in the base64", SCORING, request(base64.encodebytes(image_bytes("PNG", (9, 9))).decode())),
    ("a later row that is a number too", SCORING, request(PNG, base64.b64encode(image_bytes("GIF")).decode())),
    ("nothing but the image", XAI, request(row())),
    ("all documented parameters", XAI, request(explain(
        xai_algorithm="integrated_gradients", visualizations=False, attributions=True,
        confidence_score_threshold_multilabel=0.25,
    ))),
    ("rows in lists, explained", XAI, request([explain()], [explain()])),
    ("the defaults said and unsaid", XAI, request(explain(), explain(xai_algorithm="xrai"))),
    ("parameters in the row of index 0 only", XAI, request(row(), explain(attributions=True), index=[1, 0])),
    ("the lowest threshold", XAI, request(explain(confidence_score_threshold_multilabel=0))),
    ("the highest threshold", XAI, request(explain(confidence_score_threshold_multilabel=1))),
]  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "value"), [c[1:] for c in CLEAN], ids=[c[0] for c in CLEAN])
def test_a_request_that_the_service_takes_as_it_is_meant_is_clean(format_id: str, value: Any, profile: Profile) -> None:
    assert check_record(value, format_id, profile=profile) == ()


E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE
R = Reaction
# (format, value, code, path, severity and reaction in documented, in reader or None).
REACTIONS: list[tuple[str, Any, str, str, tuple[Severity, Reaction] | None, tuple[Severity, Reaction] | None]] = [
    (SCORING, request(PNG[:-1]), "VF401", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request("é"), "VF401", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request([PNG[:-1]]), "VF401", f"{ROW}[0]", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request("!!!!" + PNG), "VF402", ROW, (E, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (SCORING, request("QUJD"), "VF403", ROW, (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (SCORING, request(""), "VF403", ROW, (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (SCORING, request(PNG, "12345678"), "VF403", "$.input_data.data[1]", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (SCORING, request(CUT), "VF404", ROW, (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (SCORING, request("data:image/png;base64," + PNG), "VF406", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request("https://h/1.jpg"), "VF406", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, row()), "VF407", "$.input_data.data[1]", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, [PNG]), "VF408", "$.input_data.data[1]", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request([PNG, "1"]), "VF409", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request([PNG], []), "VF409", "$.input_data.data[1]", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, columns=("image", "x")), "VF409", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request([PNG, 1], columns=("image", "x")), "VF608", "$.input_data.columns", (E, R.ACCEPTED), None),
    (SCORING, request([1, PNG], columns=("x", "image")), "VF602", f"{ROW}[0]", (E, R.ACCEPTED), None),
    (SCORING, request(PNG, columns=["x"]), "VF410", "$.input_data.columns[0]", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, columns=[]), "VF410", "$.input_data.columns", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request([PNG, PNG], columns=["image"] * 2), "VF410", "$.input_data.columns",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, index=[1]), "VF411", "$.input_data.index", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, index=[False]), "VF411", "$.input_data.index", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, index=[0, 1]), "VF412", "$.input_data.index", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(PNG, index=None), "VF602", "$.input_data.index", (E, R.ACCEPTED), None),
    (SCORING, request("12345678"), "VF413", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request("true"), "VF413", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(row()), "VF414", ROW, (E, R.ACCEPTED), None),
    (SCORING, request(), "VF607", "$.input_data.data", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, request(None), "VF602", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (SCORING, {"input_data": [PNG]}, "VF602", "$.input_data", (E, R.UNKNOWN), (E, R.UNKNOWN)),
    (SCORING, request(PNG) | {"params": {}}, "VF612", "$.params", (W, R.UNKNOWN), None),
    (XAI, request(row("QUJD")), "VF403", f"{INNER}.image_base64", (E, R.IMAGE_SKIPPED), (E, R.IMAGE_SKIPPED)),
    (XAI, request([row(PNG[:-1])]), "VF401", f"{ROW}[0] > $.image_base64", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request({"image_base64": PNG}), "VF602", ROW, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request("null"), "VF602", INNER, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(PNG), "VF010", INNER, (E, R.VALUE_MISREAD), (E, R.VALUE_MISREAD)),
    (XAI, request(row(), PNG), "VF407", "$.input_data.data[1] > $", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request("{}"), "VF601", f"{INNER}.image_base64", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request('{"image": ""}'), "VF613", f"{INNER}.image", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(row(None)), "VF602", f"{INNER}.image_base64", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(row(model_explainability=None)), "VF602", f"{INNER}.model_explainability",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(row(model_explainability="maybe")), "VF604", f"{INNER}.model_explainability",
     None, (E, R.LOAD_FAILS)),
    (XAI, request(row(model_explainability=1.0)), "VF420", f"{INNER}.model_explainability",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(row(xai_parameters=None)), "VF602", PARAMETERS, (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(xai_algorithm="XRAI")), "VF603", f"{PARAMETERS}.xai_algorithm",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(row(xai_parameters={"xai_algorithm": "x"})), "VF603", f"{PARAMETERS}.xai_algorithm",
     (E, R.ACCEPTED), None),
    (XAI, request(explain(visualizations="True")), "VF602", f"{PARAMETERS}.visualizations",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(attributions=1)), "VF602", f"{PARAMETERS}.attributions",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(confidence_score_threshold_multilabel="0.5")), "VF602",
     f"{PARAMETERS}.confidence_score_threshold_multilabel", (E, R.ACCEPTED), None),
    (XAI, request(explain(confidence_score_threshold_multilabel=None)), "VF602",
     f"{PARAMETERS}.confidence_score_threshold_multilabel", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(confidence_score_threshold_multilabel=-1)), "VF418",
     f"{PARAMETERS}.confidence_score_threshold_multilabel", (W, R.ACCEPTED), None),
    (XAI, request(row(), explain()), "VF415", "$.input_data.data[1] > $.model_explainability",
     (W, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (XAI, request(explain(), explain(attributions=True)), "VF415", "$.input_data.data[1] > $.xai_parameters",
     (W, R.VALUE_MISREAD), (W, R.VALUE_MISREAD)),
    (XAI, request(row(xai_parameters={"run": 1})), "VF416", f"{PARAMETERS}.run",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(seed=1)), "VF612", f"{PARAMETERS}.seed", (W, R.ACCEPTED), None),
    (XAI, request(explain(batch_size=2)), "VF417", f"{PARAMETERS}.batch_size", (W, R.ACCEPTED), None),
    (XAI, request(explain(n_steps=2)), "VF417", f"{PARAMETERS}.n_steps", (W, R.ACCEPTED), None),
    (XAI, request(explain(n_steps=1)), "VF605", f"{PARAMETERS}.n_steps", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(n_steps=True)), "VF602", f"{PARAMETERS}.n_steps", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(n_steps=50.0)), "VF420", f"{PARAMETERS}.n_steps", (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(approximation_method="x")), "VF603", f"{PARAMETERS}.approximation_method",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(xrai_fast="maybe")), "VF604", f"{PARAMETERS}.xrai_fast",
     (E, R.LOAD_FAILS), (E, R.LOAD_FAILS)),
    (XAI, request(explain(n_step=1)), "VF613", f"{PARAMETERS}.n_step", (E, R.VALUE_MISREAD), (E, R.VALUE_MISREAD)),
    (XAI, request(explain(xai_algorithm="guided_gradcam")), "VF419", f"{PARAMETERS}.xai_algorithm",
     (N, R.LOAD_FAILS), (N, R.LOAD_FAILS)),
]  # fmt: skip


@pytest.mark.parametrize("case", REACTIONS, ids=lambda case: f"{case[2]}-{case[3]}-{str(case[1])[-40:]}")
def test_severity_and_reaction_are_those_of_the_place(case: Any) -> None:
    format_id, value, code, path, *expected = case
    for profile, wanted in zip(PROFILES, expected, strict=True):
        findings = [f for f in check_record(value, format_id, profile=profile) if (f.code, f.path) == (code, path)]
        assert [(f.severity, f.reaction) for f in findings] == ([wanted] if wanted else [])
        assert all(f.consequence for f in findings)


ONE_MISTAKE = [(code, value) for format_id, value, code, *_ in REACTIONS if format_id == SCORING and code < "VF5"]


@pytest.mark.parametrize(("code", "value"), ONE_MISTAKE, ids=[f"{c}-{str(v)[-40:]}" for c, v in ONE_MISTAKE])
def test_one_mistake_breaks_one_rule_beside_the_schema(code: str, value: Any) -> None:
    assert {found_code for found_code, _ in found(value, SCORING) if found_code < "VF6"} == {code}


ALONE: list[tuple[str, str, Any, set[tuple[str, str]]]] = [
    ("broken JSON among JSON", XAI, request(row(), "{'image_base64': ''}"), {("VF010", "$.input_data.data[1] > $")}),
    ("no rows with an index", SCORING, request(index=[0]), {("VF607", "$.input_data.data")}),
    ("an index of false and 0", XAI, request(row(), explain(n_steps=9), index=[False, 0]),
     {("VF602", "$.input_data.index[0]"), ("VF417", "$.input_data.data[1] > $.xai_parameters.n_steps")}),
    ("no truth value in a later row", XAI, request(row(), row(model_explainability="maybe")),
     {("VF602", "$.input_data.data[1] > $.model_explainability")}),
    ("a key the page does not name, misspelt", XAI, request(explain(n_step=9)), {("VF613", f"{PARAMETERS}.n_step")}),
    ("line breaks within the JSON of a row", XAI, request(row().replace(PNG, PNG + "\n")),
     {("VF016", f"{INNER}.image_base64")}),
]  # fmt: skip


@pytest.mark.parametrize(("format_id", "value", "wanted"), [c[1:] for c in ALONE], ids=[c[0] for c in ALONE])
def test_nothing_else_is_said(format_id: str, value: Any, wanted: set[tuple[str, str]]) -> None:
    assert found(value, format_id) == wanted


def test_a_float_that_is_no_flag_anyway_is_too_large_and_nothing_else() -> None:
    assert found(request(row(model_explainability=2.0)), XAI, "reader") == {("VF606", f"{INNER}.model_explainability")}


# Base64 and images: the reader's own two steps are the judge.


def reader_makes_of(text: str) -> str:
    try:
        data = base64.b64decode(text)
    except ValueError:
        return "error"
    return "image" if decodes(data) else "missing"


WHOLE = [base64.b64encode(image_bytes(t, (4, 3))).decode() for t in ("PNG", "GIF", "BMP")]


@given(st.sampled_from(WHOLE), st.data())
def test_a_base64_text_is_judged_as_the_reader_judges_it(whole: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 5))
    put = data.draw(st.text(st.sampled_from("Aa+/=-_ \n\r!é"), max_size=4))
    text = whole[:at] + put + whole[at + cut :]
    codes = {finding.code for finding in check_record(request(PNG, text), SCORING, profile="reader")} - {"VF402"}
    made = reader_makes_of(text)
    assert (codes == {"VF401"}) == (made == "error")
    assert bool(codes & {"VF403", "VF404", "VF405"}) == (made == "missing")


@given(st.text(st.sampled_from("ABcd+/==-_ \n!"), max_size=12))
def test_what_the_page_takes_is_what_a_strict_decoder_takes(text: str) -> None:
    codes = {finding.code for finding in check_record(request(PNG, text), SCORING)}
    try:
        base64.b64decode(text.replace("\n", ""), validate=True)
        strict = True
    except ValueError:
        strict = False
    assert strict != bool(codes & {"VF401", "VF402"})


STRAY = [
    ("AAA\u00e9", '"é" at character 4'),
    ("AAAAA", "5 letters, too many by one for any padding"),
    ("AAAAAA", "6 letters, without the padding"),
    ("-" + PNG, "of the URL-safe alphabet"),
    (PNG + "QUJD", "padding stands where it does not belong"),
]


@pytest.mark.parametrize(("text", "message"), STRAY)
def test_the_message_says_what_is_wrong_with_the_base64(text: str, message: str) -> None:
    assert any(message in finding.message for finding in check_record(request(PNG, text), SCORING))


def test_each_image_is_decoded_once_for_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def look(data: bytes) -> ImageFacts | ImageProblem:
        looked.append(data)
        return facts_of_first(data)

    monkeypatch.setattr(azure_requests_images, "facts_of_first", look)
    azure_requests_images._decoded.cache_clear()
    check_record(request(PNG, WHOLE[0], WHOLE[1]), SCORING)
    assert len(looked) == 3


# What the row of index 0 decides.


@pytest.mark.parametrize("flag", [True, 1, "1", *(w for word in ("y", "yes", "t", "true", "on")
                                                  for w in (word, word.upper(), word.title()))])  # fmt: skip
def test_the_reader_takes_many_words_for_yes(flag: Any) -> None:
    assert flag_of(flag) is True
    assert check_record(request(row(model_explainability=flag)), XAI, profile="reader") == ()
    # It is on: what to explain counts.
    broken = row(model_explainability=flag, xai_parameters={"visualizations": 1})
    assert found(request(broken), XAI, "reader") == {("VF602", f"{PARAMETERS}.visualizations")}


@pytest.mark.parametrize("flag", [False, 0, "0", *(w for word in ("n", "no", "f", "false", "off")
                                                   for w in (word, word.upper(), word.title()))])  # fmt: skip
def test_the_reader_takes_many_words_for_no_and_looks_no_further(flag: Any) -> None:
    assert flag_of(flag) is False
    broken = row(model_explainability=flag, xai_parameters={"visualizations": 1, "n_steps": "x"})
    assert check_record(request(broken), XAI, profile="reader") == ()


@pytest.mark.parametrize("flag", [None, 2, -1, 0.5, 1.0, "", "maybe", " yes", "true\n", "True ", [], {}])
def test_what_is_no_truth_value_to_the_reader_is_an_error(flag: Any) -> None:
    assert flag_of(flag) is None
    (finding,) = check_record(request(row(model_explainability=flag)), XAI, profile="reader")
    assert (finding.path, finding.severity) == (f"{INNER}.model_explainability", E)


@pytest.mark.parametrize("code", [{"n_steps": 1}, {"xai_algorithm": 7}, {"n_step": 1}, {"model": 1}])
def test_only_the_row_of_index_0_is_read_for_what_to_explain(code: dict[str, Any]) -> None:
    counts, ignored = request(explain(**code)), request(row(), row(xai_parameters=code))
    assert any(f.severity == E for f in check_record(counts, XAI, profile="reader"))
    assert check_record(ignored, XAI, profile="reader") == ()
    swapped = request(row(), explain(**code), index=[1, 0])
    assert any(f.severity == E for f in check_record(swapped, XAI, profile="reader"))


def test_what_the_reader_never_looks_at_is_an_error_to_the_page_and_accepted() -> None:
    (finding,) = check_record(request(row(), row(xai_parameters={"visualizations": 1})), XAI)
    assert (finding.severity, finding.reaction, finding.evidence) == (E, Reaction.ACCEPTED, Evidence.RUN)


def test_the_image_of_every_row_is_read() -> None:
    value = request(row(), "{}", row("QUJD"))
    assert found(value, XAI, "reader") == {
        ("VF601", "$.input_data.data[1] > $.image_base64"),
        ("VF403", "$.input_data.data[2] > $.image_base64"),
    }


def test_other_columns_are_never_looked_at() -> None:
    value = request([1, row(), "{"], columns=["a", "image", "b"])
    assert check_record(value, XAI, profile="reader") == ()
    assert unread(value, ("input_data", "data", 0, 2, INSIDE))
    assert not unread(value, ("input_data", "data", 0, 1, INSIDE))


SAME = [({}, {"xai_algorithm": "xrai"}), ({"n_steps": 50}, {}), ({"attributions": True}, {"attributions": True})]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_rows_that_ask_for_the_same_differ_in_nothing(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert "VF415" not in {code for code, _ in found(request(explain(**first), explain(**second)), XAI)}


def test_parameters_of_a_row_that_asks_for_scores_only_are_no_difference() -> None:
    scores = row(model_explainability=False, xai_parameters={"attributions": True})
    assert found(request(explain(), scores), XAI) == {("VF415", "$.input_data.data[1] > $.model_explainability")}


@pytest.mark.parametrize("parameters", [{"xai_algorithm": "guided_gradcam"}, {"n_steps": 50.0},
                                        {"confidence_score_threshold_multilabel": 2}])  # fmt: skip
def test_nothing_is_said_of_an_explanation_that_is_not_asked_for(parameters: dict[str, Any]) -> None:
    assert {code for code, _ in found(request(row(xai_parameters=parameters)), XAI)} <= {"VF417"}


# The defaults.


def test_the_defaults_are_those_of_the_page() -> None:
    page = {"model_explainability": False, "xai_algorithm": "xrai", "visualizations": True, "attributions": False,
            "confidence_score_threshold_multilabel": 0.5}  # fmt: skip
    assert xai_defaults() == page
    assert xai_defaults("reader") == page | {"n_steps": 50, "approximation_method": "riemann_middle", "xrai_fast": True}
    assert row_nodes("documented").properties["xai_parameters"].default == {
        "xai_algorithm": "xrai", "visualizations": True, "attributions": False,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["azure/xai-request.schema.json", "azure/xai-request.reader.schema.json"])
def test_a_default_is_valid_at_its_place(name: str) -> None:
    schema = load_schema(name)
    places = [*schema["$defs"]["row"]["properties"].values(), schema["$defs"]["xai_parameters"],
              *schema["$defs"]["xai_parameters"]["properties"].values()]  # fmt: skip
    with_default = [place for place in places if "default" in place]
    assert len(with_default) >= 6
    for place in with_default:
        validator = jsonschema.Draft202012Validator({**place, "$defs": schema["$defs"]})
        assert validator.is_valid(place["default"])


# Any shape.

KEYS = ["input_data", "columns", "data", "index", "image_base64", "model_explainability", "xai_parameters",
        "xai_algorithm", "visualizations", "n_steps", "xrai_fast", "model"]  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from([0.5, 1.0, "", "image", "xrai", "yes", "[]", PNG])
)
JSON = st.recursive(
    SCALARS,
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), children, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS), children, max_size=4).map(json.dumps)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("format_id", BOTH)
@given(rows=JSON, index=JSON, columns=st.sampled_from([["image"], [], ["a", "image"], [None], None, {}]))
def test_nothing_raises_and_the_page_is_never_milder(format_id: str, rows: Any, index: Any, columns: Any) -> None:
    for value in (rows, {"input_data": rows}, {"input_data": {"columns": columns, "data": rows, "index": index}}):
        for rule in TABLE[format_id].rules:
            if isinstance(rule.look, Record):
                list(rule.look.find(value))
        documented, reader = (
            {f.path for f in check_record(value, format_id, profile=profile) if f.severity == E} for profile in PROFILES
        )
        assert documented >= reader


def inner_errors(value: Any, profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield what the reference implementation says of a row's object: validators pass over strings."""
    schema = TABLE[XAI].schema(profile)
    codes = {"type": "VF602", "enum": "VF603", "pattern": "VF604", "minimum": "VF605", "maximum": "VF606"}
    validator = reference(TABLE[XAI], profile).evolve(schema={"$ref": "#/$defs/row", "$defs": schema["$defs"]})
    for error in validator.iter_errors(value):
        if error.validator in codes:
            yield codes[error.validator], f"{ROW} > {error.json_path}"


@pytest.mark.parametrize("profile", PROFILES)
@given(parameters=JSON, flag=st.sampled_from([True, "on", 1]), image=st.sampled_from([PNG, 1]))
def test_the_json_in_a_string_is_judged_as_the_reference_implementation_judges_it(
    profile: Profile, parameters: Any, flag: Any, image: Any
) -> None:
    value = {"image_base64": image, "model_explainability": flag, "xai_parameters": parameters}
    text = json.dumps(value)
    theirs = set(inner_errors(value, profile))
    ours = {pair for pair in found(request(text), XAI, profile) if pair[0] in {f"VF60{n}" for n in range(2, 7)}}
    unnamed = {f"{PARAMETERS}.{key}" for key in ("n_steps", "approximation_method", "xrai_fast")}
    replaced = {path for code, path in found(request(text), XAI, profile) if code == "VF420"}
    assert {pair for pair in ours if profile == "reader" or not pair[1].startswith(tuple(unnamed))} == {
        pair for pair in theirs if pair[1] not in replaced
    }


# Files.


def test_a_finding_in_a_row_stands_at_its_string() -> None:
    content = json.dumps(request(row(), explain(xai_algorithm="lime")), indent=1)
    (finding,) = [f for f in check_bytes(content.encode(), XAI).findings if f.code == "VF415"]
    line = content.splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith('"{\\"image_base64')


RECOGNISED: list[tuple[str, Any, str, tuple[str, ...]]] = [
    ("bare rows", request(PNG), SCORING, ()),
    ("broken bare rows", request("AAAAA", "https://h/1.png", None), SCORING, ()),
    ("rows of JSON", request(row()), XAI, ()),
    ("broken rows of JSON", request("{'image_base64': ''}"), XAI, ()),
    ("rows of JSON with everything wrong", request(row(7, xai_parameters=1)), XAI, ()),
    ("objects instead of strings", request({"image_base64": PNG}), XAI, ()),
    ("rows in lists", request([row()]), XAI, ()),
    ("bare rows, then JSON", request(PNG, row()), SCORING, ()),
    ("a bare row that reads as JSON", request("12345678"), SCORING, ()),
    ("no row", request(), SCORING, (XAI,)),
    ("a bare list", {"input_data": [PNG]}, SCORING, (XAI,)),
    ("input_data misspelt", {"inputData": {}}, SCORING, (XAI,)),
]


@pytest.mark.parametrize(("value", "format_id", "also"), [c[1:] for c in RECOGNISED], ids=[c[0] for c in RECOGNISED])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_row_of_index_0_tells_the_format(
    tmp_path: Path, value: Any, format_id: str, also: tuple[str, ...], indent: int | None
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value, indent=indent))
    report = check_file(path)
    assert (report.format, report.also_fits) == (format_id, also)


@pytest.mark.parametrize("format_id", BOTH)
def test_a_request_shows_no_annotations(format_id: str) -> None:
    with pytest.raises(ValueError, match="shows no annotations"):
        read(request(PNG), format_id)


# The document's samples. The page prints the code without indentation; mended, it has it again.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("format_id", "image"), [(SCORING, "images/1.jpg"), (XAI, "test_image.jpg")])
def test_the_code_of_the_page_writes_a_clean_request(
    format_id: str, image: str, profile: Profile, tmp_path: Path
) -> None:
    (tmp_path / image).parent.mkdir(exist_ok=True)
    (tmp_path / image).write_bytes(image_bytes("JPEG", (3, 2)))
    sent = {}

    def invoke(**given: str) -> str:
        sent.update(given)
        return "[]"

    endpoints = SimpleNamespace(get=dict, invoke=invoke)
    names: dict[str, Any] = {
        "os": os, "dataset_dir": str(tmp_path), "online_endpoint_name": "e", "deployment": SimpleNamespace(name="d"),
        "ml_client": SimpleNamespace(online_endpoints=endpoints),
    }  # fmt: skip
    with chdir(tmp_path):
        exec((SAMPLES / f"{format_id}.code.txt").read_text(), names)
    report = check_file(tmp_path / sent["request_file"], profile=profile)
    assert (report.format, report.findings) == (format_id, ())


def test_the_template_of_a_scoring_request_holds_no_base64() -> None:
    report = check_file(SAMPLES / f"{SCORING}.template.json")
    assert report.format == SCORING
    assert [(f.code, f.line, f.column) for f in report.findings] == [("VF401", 7, 10)]


def test_the_template_of_an_explainability_request_holds_no_base64() -> None:
    value = eval((SAMPLES / f"{XAI}.template.txt").read_text(), {"json": json})
    assert found(value, XAI) == {("VF401", f"{INNER}.image_base64")}

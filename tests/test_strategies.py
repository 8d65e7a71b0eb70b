"""The strategies: every record is clean, varied, fresh, and plain JSON."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from drawing import STRATEGIES, many, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from records import PROFILES, profiles_of, reference

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE, Finding, Severity, check_record, record
from pytest_visionfmt.format import Profile


def minded(value: Any, format_id: str, profile: Profile) -> list[Finding]:
    """Return the findings on a record but notes, which say what is worth knowing of one that is right."""
    found = check_record(value, format_id, profile=profile)
    return [finding for finding in found if finding.severity is not Severity.NOTE]


@pytest.mark.parametrize("format_id", STRATEGIES)
@given(data=st.data())
def test_a_default_record_has_no_finding_in_either_profile(format_id: str, data: st.DataObject) -> None:
    value = data.draw(STRATEGIES[format_id]())
    for profile in profiles_of(TABLE[format_id]):
        assert minded(value, format_id, profile) == []
        assert list(reference(TABLE[format_id], profile).iter_errors(value)) == []


@pytest.mark.parametrize("format_id", [id_ for id_ in STRATEGIES if len(profiles_of(TABLE[id_])) > 1])
@given(data=st.data())
def test_a_record_for_the_reader_has_no_finding_there(format_id: str, data: st.DataObject) -> None:
    value = data.draw(STRATEGIES[format_id](profile="reader"))
    assert minded(value, format_id, "reader") == []
    assert list(reference(TABLE[format_id], "reader").iter_errors(value)) == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", STRATEGIES)
def test_no_health_check_fails_under_default_settings(format_id: str, profile: Profile) -> None:
    @settings(settings.get_profile("default"), database=None)
    @given(STRATEGIES[format_id](profile=profile))
    def draw(value: Any) -> None:
        json.dumps(value)

    draw()


@pytest.mark.parametrize("format_id", STRATEGIES)
@given(data=st.data())
def test_a_record_is_plain_json_and_survives_it(format_id: str, data: st.DataObject) -> None:
    value = data.draw(STRATEGIES[format_id](profile="reader"))
    assert json.loads(json.dumps(value)) == value
    assert types_in(value) <= {dict, list, str, int, float, bool, type(None)}


def types_in(value: Any) -> set[type]:
    below: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return {type(value)}.union(*map(types_in, below))


def test_images_do_not_repeat() -> None:
    urls = [value["image_url"] for value in many("azure-multiclass-record")]
    assert len(set(urls)) == len(urls)


def test_detection_records_have_several_boxes_on_average() -> None:
    counts = [len(value["label"]) for value in many("azure-od-record")]
    assert sum(counts) / len(counts) >= 3.5
    assert set(counts) == set(range(9))


def test_the_type_of_the_image_agrees_with_its_name() -> None:
    for value in many("azure-od-record"):
        if "format" in value.get("image_details", {}):
            assert value["image_url"].endswith("." + value["image_details"]["format"])


WIDENED: list[tuple[str, str, Callable[[dict[str, Any]], bool]]] = [
    ("azure-multiclass-record", "integer class", lambda r: type(r["label"]) is int),
    ("azure-multilabel-record", "integer classes", lambda r: any(type(label) is int for label in r["label"])),
    ("azure-od-record", "numeric string", lambda r: any(isinstance(b["topX"], str) for b in r["label"])),
    ("azure-od-record", "boolean coordinate", lambda r: any(isinstance(b["bottomY"], bool) for b in r["label"])),
    ("azure-is-record", "isCrowd as a string", lambda r: any(isinstance(b.get("isCrowd"), str) for b in r["label"])),
    ("azure-od-record", "JPEG", lambda r: isinstance(d := r.get("image_details"), dict) and d.get("format") == "JPEG"),
    ("azure-od-record", "short URL", lambda r: r["image_url"].startswith("azureml://datastores/")),
    ("azure-is-record", "another key", lambda r: not r.keys() <= {"image_url", "image_details", "label"}),
]


@pytest.mark.parametrize(("format_id", "what", "condition"), WIDENED, ids=[row[1] for row in WIDENED])
def test_the_reader_s_profile_widens_to_what_it_takes(
    format_id: str, what: str, condition: Callable[[dict[str, Any]], bool]
) -> None:
    assert any(map(condition, many(format_id, "reader", 600))), what
    assert not any(map(condition, many(format_id))), what


def test_very_many_integer_classes_stay_within_64_bits() -> None:
    strategy = visionfmt.azure_multilabel_record(min_labels=300, max_labels=300, profile="reader")
    for value in sample(strategy, 40):
        assert check_record(value, "azure-multilabel-record", profile="reader") == ()


def test_an_unknown_format_raises_at_once() -> None:
    with pytest.raises(ValueError, match="Did you mean 'azure-is-record'"):
        record("azure-is-recrod")


def test_a_strategy_is_shown_as_its_call() -> None:
    assert repr(visionfmt.azure_od_record(min_objects=1, profile="reader")) == (
        "azure_od_record(min_objects=1, profile='reader')"
    )
    assert repr(record("azure-od-record")) == "record('azure-od-record', profile='documented')"
    assert repr(record(TABLE["azure-od-record"])) == "record('azure-od-record', profile='documented')"


@pytest.mark.parametrize("format_id", STRATEGIES)
def test_a_record_that_was_changed_leaves_no_trace(format_id: str) -> None:
    @settings(max_examples=100, database=None, derandomize=True)
    @given(STRATEGIES[format_id](profile="reader"))
    def ruin(value: Any) -> None:
        spoil(value)

    def spoil(value: Any) -> None:
        below = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        for item in list(below):
            spoil(item)
        if isinstance(value, dict | list):
            value.clear()

    before = copy.deepcopy(sample(STRATEGIES[format_id](profile="reader"), 50))
    ruin()
    assert sample(STRATEGIES[format_id](profile="reader"), 50) == before


@pytest.mark.parametrize("format_id", STRATEGIES)
def test_a_record_by_its_format_is_the_same_strategy(format_id: str) -> None:
    assert sample(record(format_id), 30) == sample(STRATEGIES[format_id](), 30)


def test_statistics_name_what_was_drawn(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given
        from pytest_visionfmt import azure_od_record

        @given(azure_od_record())
        def test_it(value): pass
        """
    )
    result = pytester.runpytest("--hypothesis-show-statistics")
    result.stdout.fnmatch_lines(["*visionfmt:azure-od-record label: several items*"])

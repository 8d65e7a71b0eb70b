"""The strategies: every record is clean, varied, fresh, and shrinks to what a person would write."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from records import PROFILES, TRAINING, reference

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE, check_record, record
from pytest_visionfmt.draws import DRAWS
from pytest_visionfmt.format import Profile
from pytest_visionfmt.schema_nodes import Node, nodes_of

STRATEGIES: dict[str, Callable[..., st.SearchStrategy[Any]]] = {
    id_: getattr(visionfmt, id_.replace("-", "_")) for id_ in TABLE if id_ in DRAWS
}
SHORTEST = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"
SHRINKING = settings(max_examples=2000, database=None, derandomize=True)


def minimal(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool] = lambda value: True) -> Any:
    return find(strategy, condition, settings=SHRINKING)


def sample(strategy: st.SearchStrategy[Any], size: int = 300) -> list[Any]:
    """Return drawn values, the same in every run."""
    values: list[Any] = []

    @settings(max_examples=size, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_a_default_record_has_no_finding_in_either_profile(format_id: str, data: st.DataObject) -> None:
    value = data.draw(STRATEGIES[format_id]())
    for profile in PROFILES:
        assert check_record(value, format_id, profile=profile) == ()
        assert list(reference(TABLE[format_id], profile).iter_errors(value)) == []


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_a_record_for_the_reader_has_no_finding_there(format_id: str, data: st.DataObject) -> None:
    value = data.draw(STRATEGIES[format_id](profile="reader"))
    assert check_record(value, format_id, profile="reader") == ()
    assert list(reference(TABLE[format_id], "reader").iter_errors(value)) == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
def test_no_health_check_fails_under_default_settings(format_id: str, profile: Profile) -> None:
    @settings(settings.get_profile("default"), database=None)
    @given(STRATEGIES[format_id](profile=profile))
    def draw(value: Any) -> None:
        json.dumps(value)

    draw()


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_a_record_is_plain_json_and_survives_it(format_id: str, data: st.DataObject) -> None:
    value = data.draw(STRATEGIES[format_id](profile="reader"))
    assert json.loads(json.dumps(value)) == value
    assert types_in(value) <= {dict, list, str, int, float, bool, type(None)}


def types_in(value: Any) -> set[type]:
    below: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return {type(value)}.union(*map(types_in, below))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
def test_every_key_enumeration_and_bound_of_the_schema_is_drawn(format_id: str, profile: Profile) -> None:
    drawn = sample(STRATEGIES[format_id](profile=profile), 1200)
    root = nodes_of(TABLE[format_id], profile)
    missing: list[Any] = []
    for site, node in root.walk():
        values = [value for record_ in drawn for value in at_site(record_, site.split(".")[1:])]
        missing += [
            (site, "value", wanted)
            for wanted in wanted_at(node)
            if (site, wanted) not in OUT_OF_ORDER and not any(same(v, wanted) for v in values)
        ]
        objects = [value for value in values if isinstance(value, dict)]
        for key in node.optional:
            if {key in value for value in objects} != {True, False}:
                missing.append((site, "optional key", key))
        if isinstance(node.min_items, int) and node.types == ("array",):
            lengths = {len(value) for value in values}
            if len(lengths) < 3 or (node.min_items and node.min_items not in lengths):
                missing.append((site, "lengths", sorted(lengths)))
    assert not missing


# A top left corner at the far edge leaves no room for the other corner, and the other way round.
OUT_OF_ORDER = {(f"$.label[*].{key}", bound) for key, bound in
                (("topX", 1), ("topY", 1), ("bottomX", 0), ("bottomY", 0))}  # fmt: skip


def at_site(value: Any, steps: list[str]) -> list[Any]:
    """Return all values at a site such as label[*].topX of one record."""
    if not steps:
        return [value]
    name, *rest = steps
    key, stars = name.partition("[")[0], name.count("[*]")
    found = [value[key]] if isinstance(value, dict) and key in value else []
    for _ in range(stars):
        found = [item for items in found if isinstance(items, list) for item in items]
    return [deeper for item in found for deeper in at_site(item, rest)]


def wanted_at(node: Node) -> list[Any]:
    """Return values that a strategy must reach at a node: every enumerated one, and the bounds."""
    bounds = [bound for bound in (node.minimum, node.maximum) if bound is not None]
    return [*(node.enum or ()), *bounds]


def same(a: Any, b: Any) -> bool:
    return (type(a) is type(b) and a == b) or (isinstance(a, float) and not isinstance(b, bool) and a == b)


def test_images_do_not_repeat() -> None:
    urls = [value["image_url"] for value in sample(visionfmt.azure_multiclass_record())]
    assert len(set(urls)) == len(urls)


def test_detection_records_have_several_boxes_on_average() -> None:
    counts = [len(value["label"]) for value in sample(visionfmt.azure_od_record())]
    assert sum(counts) / len(counts) >= 3.5
    assert set(counts) == set(range(9))


def test_the_type_of_the_image_agrees_with_its_name() -> None:
    for value in sample(visionfmt.azure_od_record()):
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
    assert any(map(condition, sample(STRATEGIES[format_id](profile="reader"), 600))), what
    assert not any(map(condition, sample(STRATEGIES[format_id]()))), what


def test_what_multiclass_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_multiclass_record()) == {"image_url": SHORTEST, "label": "a"}


def test_what_multilabel_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_multilabel_record()) == {"image_url": SHORTEST, "label": []}
    some = minimal(visionfmt.azure_multilabel_record(), lambda r: bool(r["label"]))
    assert some == {"image_url": SHORTEST, "label": ["a"]}


def test_what_detection_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_od_record()) == {"image_url": SHORTEST, "label": []}
    one = {"label": "a", "topX": 0.0, "topY": 0.0, "bottomX": 1.0, "bottomY": 1.0}
    assert minimal(visionfmt.azure_od_record(), lambda r: bool(r["label"])) == {"image_url": SHORTEST, "label": [one]}


def test_what_segmentation_records_shrink_to() -> None:
    assert minimal(visionfmt.azure_is_record()) == {"image_url": SHORTEST, "label": []}
    one = {"label": "a", "polygon": [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0]]}
    assert minimal(visionfmt.azure_is_record(), lambda r: bool(r["label"])) == {"image_url": SHORTEST, "label": [one]}


def test_very_many_integer_classes_stay_within_64_bits() -> None:
    strategy = visionfmt.azure_multilabel_record(min_labels=300, max_labels=300, profile="reader")
    for value in sample(strategy, 40):
        assert check_record(value, "azure-multilabel-record", profile="reader") == ()


def collapses(value: dict[str, Any]) -> bool:
    """A box that loses its area when coordinates are rounded to two decimals, a converter's classic."""
    return any(round(b["topX"], 2) == round(b["bottomX"], 2) for b in value["label"])


def test_a_failure_that_needs_one_box_shrinks_to_one_plain_box() -> None:
    value = minimal(visionfmt.azure_od_record(), collapses)
    (only,) = value["label"]
    assert value.keys() == {"image_url", "label"}
    assert only.keys() == {"label", "topX", "topY", "bottomX", "bottomY"}
    assert (only["label"], only["topY"], only["bottomY"]) == ("a", 0.0, 1.0)
    assert len(json.dumps(value)) <= 230


@pytest.mark.parametrize("format_id", ["azure-od-record", "azure-is-record"])
@given(data=st.data())
def test_the_bounds_on_objects_hold(format_id: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 5))
    high = data.draw(st.integers(low, 7))
    value = data.draw(STRATEGIES[format_id](min_objects=low, max_objects=high))
    assert low <= len(value["label"]) <= high


@given(data=st.data())
def test_the_bounds_on_labels_hold(data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 5))
    high = data.draw(st.integers(low, 7))
    own = data.draw(st.sampled_from([None, st.integers(0, 50), st.text(min_size=1)]))
    value = data.draw(visionfmt.azure_multilabel_record(min_labels=low, max_labels=high, labels=own))
    assert low <= len(value["label"]) <= high
    assert len({(type(label), label) for label in value["label"]}) == len(value["label"])


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_labels_and_image_urls_are_drawn_from_the_strategies_given(format_id: str, data: st.DataObject) -> None:
    labels, urls = st.sampled_from(["cat", "dog"]), st.sampled_from(["https://h/1.png", "https://h/2.png"])
    value = data.draw(STRATEGIES[format_id](labels=labels, image_urls=urls))
    assert value["image_url"] in ("https://h/1.png", "https://h/2.png")
    label = value["label"]
    classes = [label] if isinstance(label, str) else [x["label"] if isinstance(x, dict) else x for x in label]
    assert set(classes) <= {"cat", "dog"}


WRONG: list[tuple[Callable[[], st.SearchStrategy[Any]], str]] = [
    (lambda: visionfmt.azure_od_record(min_objects=3, max_objects=2), "min_objects=3 is larger than max_objects=2"),
    (lambda: visionfmt.azure_is_record(min_objects=-1), "min_objects=-1 is negative"),
    (lambda: visionfmt.azure_multilabel_record(min_labels=9), "min_labels=9 is larger than max_labels=8"),
    (lambda: visionfmt.azure_od_record(max_objects=2.5), "max_objects=2.5 is not an integer"),  # type: ignore[arg-type]
    (lambda: visionfmt.azure_od_record(labels=["cat"]), r"labels=\['cat'\] is not a strategy"),  # type: ignore[arg-type]
    (lambda: visionfmt.azure_multiclass_record(profile="page"), "profile='page' is neither of"),  # type: ignore[arg-type]
    (lambda: record("azure-od-record", profile="page"), "profile='page' is neither of"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Callable[[], Any], message: str) -> None:
    strategy = make()  # not here, as with Hypothesis's own strategies
    with pytest.raises(InvalidArgument, match=message):
        minimal(strategy)


def test_an_unknown_format_raises_at_once() -> None:
    with pytest.raises(ValueError, match="Did you mean 'azure-is-record'"):
        record("azure-is-recrod")


def test_a_strategy_is_shown_as_its_call() -> None:
    assert repr(visionfmt.azure_od_record(min_objects=1, profile="reader")) == (
        "azure_od_record(min_objects=1, profile='reader')"
    )
    assert repr(record("azure-od-record")) == "record('azure-od-record', profile='documented')"
    assert repr(record(TABLE["azure-od-record"])) == "record('azure-od-record', profile='documented')"


@pytest.mark.parametrize("format_id", TRAINING)
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


@pytest.mark.parametrize("format_id", TRAINING)
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

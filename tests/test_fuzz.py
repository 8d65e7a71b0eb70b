"""fuzz(): planted bugs are found and made small, right converters pass, and no converter takes the run down."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from mutants import MUTANTS, PAIRS, Mutant, converter, mutated

from pytest_visionfmt import (
    AnnotatedImage,
    AnnotatedObject,
    Failure,
    Format,
    FuzzReport,
    LawBroken,
    conversion,
    fuzz,
    laws,
    px,
)
from pytest_visionfmt.fuzzing.callers import importable
from pytest_visionfmt.geometry import intersection_over_union
from pytest_visionfmt.laws import LAWS, skip_reason

CORRECT = [pytest.param(name, id=name) for name in PAIRS]
OD: dict[str, Any] = {"source": "coco", "target": "azure-od-record"}


@pytest.fixture(scope="session")
def mutant_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutants")


def right(name: str = "coco-od") -> Callable[..., Any]:
    return converter(PAIRS[name].module, PAIRS[name].function)


def examples(request: pytest.FixtureRequest, small: int, full: int) -> int:
    return full if request.config.getoption("--full") else small


# Right converters, and wrong ones.


@pytest.mark.parametrize("name", CORRECT)
def test_a_right_converter_keeps_every_law(name: str, request: pytest.FixtureRequest) -> None:
    pair = PAIRS[name]
    inverse = converter(pair.module, pair.inverse) if pair.inverse else None
    slow = pair.promise.get("unit") == "folder"
    for seed in range(examples(request, 1, 5)):
        report = fuzz(
            right(name),
            inverse=inverse,
            seed=seed,
            max_examples=examples(request, 20 if slow else 60, 5000),
            **pair.promise,
        )
        assert report.ok, str(report)
        assert set(report.examples) | set(report.skipped) == set(LAWS)


def test_a_copy_keeps_every_law_but_refusing() -> None:
    # Objects that are alike but for an outline, in another order: each has to find its own.
    report = fuzz(lambda document: document, source="coco", target="coco", seed=1, in_process=True, max_examples=100)
    assert {failure.law for failure in report.failures} == {"rejects"}


@pytest.mark.parametrize(
    ("source", "target", "convert"),
    [
        ("coco", "azure-od-record", lambda document: right()(document)[0]),
        ("azure-od-record", "coco", lambda record: right("od-coco")([record])),
        ("pascal-voc", "azure-od-record", lambda text: right("voc-od")({"Annotations/a.xml": text})[0]),
    ],
    ids=["coco-od", "od-coco", "voc-od"],
)
def test_a_right_converter_of_single_records_keeps_every_law(source: str, target: str, convert: Any) -> None:
    report = fuzz(convert, source=source, target=target, unit="record", seed=1, max_examples=30, in_process=True)
    assert report.ok, str(report)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_breaks_its_law(mutant: Mutant, mutant_folder: Path, request: pytest.FixtureRequest) -> None:
    convert, inverse = mutated(mutant, mutant_folder)
    promise = PAIRS[mutant.pair].promise
    in_process = mutant.law != "deterministic"  # another hash seed is another process
    for seed in range(1, 1 + examples(request, 1, 5)):
        report = fuzz(
            convert, inverse=inverse, seed=seed, only=[mutant.law], in_process=in_process, shrink=False, **promise
        )
        assert report.failures, seed


TEETH = ("round_trip", "deterministic", "independent", "order", "concatenation", "relabel", "scale", "rejects")


@pytest.mark.parametrize("law", TEETH)
def test_a_law_catches_what_conserves_and_valid_output_let_pass(law: str, mutant_folder: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.law == law)
    convert, inverse = mutated(mutant, mutant_folder)
    earlier = ["runs", "valid_output", "conserves"]
    report = fuzz(
        convert, inverse=inverse, seed=1, only=earlier, max_examples=60, in_process=True, **PAIRS[mutant.pair].promise
    )
    assert report.ok, str(report)


SKIPS = {
    ("coco", "azure-od-record", "dataset"): {"round_trip"},
    ("coco", "azure-od-record", "record"): {"round_trip", "concatenation"},
    ("coco", "azure-od-record", "folder"): {"round_trip"},
    ("coco", "azure-multilabel-record", "dataset"): {"round_trip"},
    ("coco", "azure-multiclass-record", "dataset"): {"round_trip", "conserves"},
    ("azure-od-record", "coco", "dataset"): {"round_trip"},
    ("azure-od-record", "coco", "folder"): {"round_trip", "scale"},
    ("azure-is-record", "pascal-voc", "dataset"): {"round_trip"},
    ("azure-multiclass-record", "azure-multilabel-record", "record"): {"round_trip", "concatenation"},
    ("azure-multilabel-record", "azure-multiclass-record", "dataset"): {"round_trip", "conserves"},
    ("azure-multilabel-record", "coco", "dataset"): {"round_trip", "conserves"},
    ("pascal-voc", "azure-od-record", "dataset"): {"round_trip"},
    ("pascal-voc", "coco", "record"): {"round_trip", "concatenation"},
    ("coco", None, "dataset"): set(LAWS) - {"runs", "deterministic", "independent", "rejects"},
}


@pytest.mark.parametrize("pair", SKIPS, ids=str)
def test_a_law_is_skipped_only_where_the_table_says_so(pair: Any) -> None:
    source, target, unit = pair
    judged = conversion(source, target, unit=unit)
    assert {law for law in LAWS if skip_reason(law, judged, has_inverse=False)} == SKIPS[pair]


def test_a_failure_is_small_and_says_what_happened() -> None:
    def shifted(document: Any) -> Any:
        records = right()(document)
        for record in records:
            for box in record["label"]:
                box["bottomX"] = box["topX"] + (box["bottomX"] - box["topX"]) * 0.9
        return records

    report = fuzz(shifted, seed=3, only=["conserves"], **OD)
    (failure,) = report.failures
    assert isinstance(failure, Failure)
    assert len(failure.source["images"]) == len(failure.source["annotations"]) == 1
    assert failure.kind == "box-moved"
    assert "left, top, right, bottom" in failure.message
    assert " px" in failure.message
    assert "the right edge is off by" in failure.message
    assert failure.output[0]["label"]
    assert failure.seed == 3
    assert not report.ok


def test_distinct_failures_are_all_reported() -> None:
    def twice_wrong(document: Any) -> Any:
        records = [record for record in right()(document) if record["label"]]
        for record in records:
            for box in record["label"]:
                box["label"] = "x"
        return records

    report = fuzz(twice_wrong, seed=1, in_process=True, only=["conserves"], **OD)
    assert {failure.kind for failure in report.failures} == {"image-lost", "class-changed"}


def test_crashes_at_two_places_are_two_failures() -> None:
    def crash(document: Any) -> Any:
        if document["annotations"]:
            raise RuntimeError("objects")
        raise RuntimeError("no objects")

    report = fuzz(crash, seed=1, in_process=True, only=["runs"], **OD)
    assert {failure.message.partition(" (")[0] for failure in report.failures} == {
        "it raised RuntimeError: objects",
        "it raised RuntimeError: no objects",
    }


def test_the_same_seed_finds_the_same(mutant_folder: Path) -> None:
    convert, _ = mutated(MUTANTS[0], mutant_folder)
    first, second = (fuzz(convert, seed=7, in_process=True, only=["conserves"], **OD) for _ in range(2))
    assert first.failures == second.failures
    assert first.failures


def test_what_was_found_can_be_seen_again(mutant_folder: Path) -> None:
    convert, _ = mutated(MUTANTS[0], mutant_folder)
    (failure, *_) = fuzz(convert, seed=1, in_process=True, only=["conserves"], **OD).failures
    namespace: dict[str, Any] = {}
    exec(failure.reproduce, namespace)
    (test,) = [found for name, found in namespace.items() if name.startswith("test_")]
    with pytest.raises(LawBroken) as caught:
        test()
    assert caught.value.message == failure.message


@given(*[st.tuples(*[st.integers(0, 20)] * 4)] * 2)
def test_shapely_sees_the_same_intersection_over_union(a: Any, b: Any) -> None:
    (left, top, across, down), (x, y, width, height) = a, b
    assume(across * down * width * height)
    first, second = (left, top, left + across, top + down), (x, y, x + width, y + height)
    shared = shapely.box(*first).intersection(shapely.box(*second)).area
    both = shapely.box(*first).union(shapely.box(*second)).area
    assert intersection_over_union(first, second) == pytest.approx(shared / both)


# Laws on their own.


def test_a_law_serves_in_a_test_of_ones_own() -> None:
    document = {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}],
        "categories": [{"id": 1, "name": "a"}],
    }
    judged = conversion("coco", "azure-od-record")
    laws.conserves(right(), document, judged)
    with pytest.raises(LawBroken, match="there was 1 object"):
        laws.conserves(lambda document: [{**r, "label": []} for r in right()(document)], document, judged)


@pytest.mark.parametrize(
    ("shift", "pixels", "broken"), [(0.4, 0.5, False), (0.6, 0.5, True), (0.9, 1.0, False), (0.2, 0.1, True)]
)
def test_the_tolerance_is_in_pixels(shift: float, pixels: float, broken: bool) -> None:
    document = {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}],
        "categories": [{"id": 1, "name": "a"}],
    }

    def shifted(document: Any) -> Any:
        records = right()(document)
        records[0]["label"][0]["topX"] += shift / 100
        return records

    judged = conversion("coco", "azure-od-record", tolerance=px(pixels))
    if broken:
        with pytest.raises(LawBroken, match="off by"):
            laws.conserves(shifted, document, judged)
    else:
        laws.conserves(shifted, document, judged)


def test_without_a_size_the_tolerance_is_a_ratio_and_the_message_says_so() -> None:
    url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a.jpg"
    box = {"label": "a", "topX": 0.1, "topY": 0.1, "bottomX": 0.5, "bottomY": 0.5}
    judged = conversion("azure-od-record", "azure-od-record", unit="record")
    laws.conserves(
        lambda record: {**record, "label": [{**box, "topX": 0.1004}]}, {"image_url": url, "label": [box]}, judged
    )
    with pytest.raises(LawBroken, match=r"0\.0005 of the image, whose size nobody says"):
        laws.conserves(
            lambda record: {**record, "label": [{**box, "topX": 0.11}]}, {"image_url": url, "label": [box]}, judged
        )


SAME_NAME = {
    "images": [
        {"id": i, "width": 100, "height": 100, "file_name": f"{folder}/a.jpg"} for i, folder in ((1, "x"), (2, "y"))
    ],
    "annotations": [],
    "categories": [],
}


def test_names_that_collide_fail_unless_folders_may_be_lost() -> None:
    def flat(document: Any) -> Any:
        images = [{**image, "file_name": image["file_name"].rpartition("/")[2]} for image in document["images"]]
        return right()({**document, "images": images})

    with pytest.raises(LawBroken, match="names collide"):
        laws.conserves(flat, SAME_NAME, conversion("coco", "azure-od-record"))
    laws.conserves(flat, SAME_NAME, conversion("coco", "azure-od-record", losses={"folders"}))


@pytest.mark.parametrize(
    ("loss", "convert"),
    [
        ("crowd", lambda record: {**record, "label": [{**box, "isCrowd": 0} for box in record["label"]]}),
        ("size", lambda record: {key: value for key, value in record.items() if key != "image_details"}),
        ("format", lambda record: {**record, "image_details": {"width": 10, "height": 10}}),
        ("empty-images", lambda records: [record for record in records if record["label"]]),
    ],
)
def test_a_loss_has_to_be_declared(loss: str, convert: Any) -> None:
    url = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/{}.jpg"
    box = {"label": "a", "topX": 0.1, "topY": 0.1, "bottomX": 0.5, "bottomY": 0.5, "isCrowd": 1}
    details = {"width": 10, "height": 10, "format": "jpg"}
    value: Any = {"image_url": url.format("a"), "image_details": details, "label": [box]}
    unit: Any = "record"
    if loss == "empty-images":
        value, unit = [value, {"image_url": url.format("b"), "label": []}], "dataset"
    with pytest.raises(LawBroken):
        laws.conserves(convert, value, conversion("azure-od-record", "azure-od-record", unit=unit))
    losses = {loss, "format"} if loss == "size" else {loss}
    laws.conserves(convert, value, conversion("azure-od-record", "azure-od-record", unit=unit, losses=losses))


# Converters that misbehave.


def exits(document: Any) -> Any:
    sys.exit(3)


def ends_the_interpreter(document: Any) -> Any:
    os._exit(4)


def loops(document: Any) -> Any:
    while True:
        pass


def loops_in_c(document: Any) -> Any:
    ctypes.PyDLL(None).pause()  # with the interpreter locked: no signal handler of Python's would ever run


def prints(document: Any) -> Any:
    print("converting")
    return right()(document)


def prints_below_python(document: Any) -> Any:
    os.write(1, b"converting")
    return right()(document)


def moves(document: Any) -> Any:
    os.chdir("/")
    return right()(document)


def returns_nothing(document: Any) -> Any:
    return None


def returns_numpy(document: Any) -> Any:
    records = right()(document)
    records[0]["image_details"]["width"] = np.int64(7)
    return records


def crashes(document: Any) -> Any:
    ctypes.string_at(0)


MISBEHAVING = [
    (exits, "exited", "sys.exit(3)"),
    (ends_the_interpreter, "died", "exit code 4"),
    (crashes, "died", "signal 11"),
    (loops, "hung", "did not return within"),
    (loops_in_c, "hung", "did not return within"),
    (prints, "printed", "'converting"),
    (prints_below_python, "printed", "'converting"),
    (moves, "moved", "working directory to '/'"),
    (returns_nothing, "wrong-type", "a NoneType, not a list of records"),
    (returns_numpy, "foreign", "a numpy.int64 at [0]['image_details']['width']"),
]


@pytest.mark.parametrize(("convert", "kind", "message"), MISBEHAVING, ids=lambda x: getattr(x, "__name__", None))
def test_a_converter_that_misbehaves_is_a_failure_with_a_name(convert: Any, kind: str, message: str) -> None:
    report = fuzz(convert, seed=1, max_examples=5, call_timeout=0.4, only=["runs"], **OD)
    (failure,) = report.failures
    assert (failure.law, failure.kind) == ("runs", kind)
    assert message in failure.message
    assert os.getcwd() != "/"


def test_a_converter_without_a_name_runs_in_a_copy_of_this_process() -> None:
    here = os.getpid()

    def not_here(document: Any) -> Any:
        assert os.getpid() != here
        return right()(document)

    assert importable(not_here) is None
    assert fuzz(not_here, seed=1, max_examples=5, **OD).ok


def test_in_process_is_this_process() -> None:
    seen = set()

    def here(document: Any) -> Any:
        seen.add(os.getpid())
        return right()(document)

    assert fuzz(here, seed=1, max_examples=5, in_process=True, **OD).ok
    assert seen == {os.getpid()}


def test_a_worker_goes_on_after_it_was_killed() -> None:
    def now_and_then(document: Any) -> Any:
        if len(document["annotations"]) > 1:
            os._exit(1)
        return right()(document)

    report = fuzz(now_and_then, seed=1, max_examples=40, only=["runs", "conserves"], **OD)
    assert [(failure.law, failure.kind) for failure in report.failures] == [("runs", "died")]
    assert report.examples["conserves"] == 40


def test_declared_errors_are_for_bad_data_only() -> None:
    def refuses(document: Any) -> Any:
        raise ValueError("no")

    report = fuzz(refuses, seed=1, max_examples=5, in_process=True, **OD)
    assert [failure.law for failure in report.failures] == ["runs"]


def test_without_a_target_only_some_laws_are_judged() -> None:
    report = fuzz(right(), source="coco", seed=1, max_examples=10, in_process=True)
    assert report.ok
    assert set(report.examples) == {"runs", "deterministic", "independent", "rejects"}
    assert report.skipped["conserves"] == "there is no target to judge by"


def test_time_that_is_up_ends_the_run() -> None:
    report = fuzz(right(), seed=1, max_time=0, in_process=True, **OD)
    assert report.out_of_time
    assert not any(report.examples.values())
    assert "time was up" in str(report)


def test_a_document_that_names_no_images_comes_with_them() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["classes"],
        "properties": {"classes": {"type": "array", "items": {"enum": ["a", "b"]}}},
        "examples": [{"classes": ["a"]}],
    }

    def shown(response: Any) -> list[AnnotatedImage]:
        return [AnnotatedImage(objects=tuple(map(AnnotatedObject, dict.fromkeys(response["classes"]))))]

    responses = Format("responses", "Responses", "here", "json", {"documented": schema}, (), read=shown)

    def to_record(response: Any, images: list[AnnotatedImage]) -> Any:
        (image,) = images
        assert not image.objects
        url = f"azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/{image.name}"
        details = {"width": image.width, "height": image.height}
        return {"image_url": url, "image_details": details, "label": list(dict.fromkeys(response["classes"]))}

    judged: Any = {"source": responses, "target": "azure-multilabel-record", "unit": "record"}
    assert fuzz(to_record, seed=1, max_examples=20, only=["conserves"], in_process=True, **judged).ok
    report = fuzz(
        lambda response, images: {**to_record(response, images), "label": []},
        seed=1, max_examples=50, only=["conserves"], in_process=True, **judged,
    )  # fmt: skip
    assert [failure.kind for failure in report.failures] == ["class-lost"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"source": "cocoa"}, "Did you mean 'coco'"),
        ({"unit": "file"}, "unknown unit 'file'"),
        ({"losses": {"holse"}}, "unknown loss 'holse'"),
        ({"only": ["conserve"]}, "unknown law 'conserve'"),
        ({"max_examples": 0}, "max_examples=0"),
        ({"call_timeout": 0}, "call_timeout=0"),
    ],
)
def test_a_wrong_argument_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fuzz(right(), **{**OD, **wrong})


# The corpus.


def test_failures_are_kept_as_files_and_tried_again_first(tmp_path: Path) -> None:
    broken = {"now": True}

    def drops(document: Any) -> Any:
        return [record for record in right()(document) if record["label"] or not broken["now"]]

    options: Any = {**OD, "seed": 1, "max_examples": 30, "only": ["conserves"], "in_process": True, "corpus": tmp_path}
    (failure,) = fuzz(drops, **options).failures
    (case,) = tmp_path.glob("*/conserves-*/case.json")
    assert json.loads((case.parent / "source.json").read_text()) == failure.source
    assert [json.loads(line) for line in (case.parent / "output.jsonl").read_text().splitlines()] == failure.output
    assert "'a.jpg', 100 x 100 px, no objects" in (case.parent / "expected.txt").read_text()

    again = fuzz(drops, **{**options, "seed": 2})
    assert [(f.kind, f.examples) for f in again.failures] == [("image-lost", 0)]

    broken["now"] = False
    fixed = fuzz(drops, **options)
    assert fixed.ok
    assert fixed.fixed == [f"{case.parent.name} (image-lost)"]
    assert "no longer fails" in str(fixed)


def test_a_corpus_that_was_edited_by_hand_is_no_error(tmp_path: Path) -> None:
    place = tmp_path / f"{__name__}.right" / "conserves-1"
    place.mkdir(parents=True)
    (place / "case.json").write_text("{")
    assert fuzz(right(), seed=1, max_examples=3, only=["runs"], in_process=True, corpus=tmp_path, **OD).ok


def test_a_report_says_what_was_done() -> None:
    report = fuzz(right(), seed=5, max_examples=3, only=["runs", "round_trip"], in_process=True, **OD)
    assert isinstance(report, FuzzReport)
    text = str(report)
    assert "passed  runs: 3 examples" in text
    assert "skipped round_trip: there is no inverse" in text
    assert "no failures, seed 5" in text

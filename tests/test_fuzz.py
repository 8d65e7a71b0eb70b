"""fuzz(): planted bugs are found and made small, right converters pass, and no converter takes the run down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import misbehaving
import pytest
from mutants import MUTANTS, PAIRS, Mutant, converter, mutated

from pytest_visionfmt import (
    AnnotatedImage,
    AnnotatedObject,
    Failure,
    Format,
    FuzzReport,
    LawBroken,
    fuzz,
)
from pytest_visionfmt.fuzzing.callers import importable
from pytest_visionfmt.laws import LAWS

# How many examples of each law an everyday run judges: the two that the others are variants of get the most.
SMALL = {"coco-od": 200, "voc-od": 200, "coco-od-folder": 5, "voc-od-folder": 5}
FEW = 25
OD: dict[str, Any] = {"source": "coco", "target": "azure-od-record"}


@pytest.fixture(scope="session")
def mutant_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutants")


def right(name: str = "coco-od") -> Callable[..., Any]:
    return converter(PAIRS[name].module, PAIRS[name].function)


def examples(request: pytest.FixtureRequest, small: int, full: int) -> int:
    return full if request.config.getoption("--full") else small


# Right converters, and wrong ones.


def judged(name: str, **options: Any) -> FuzzReport:
    """Fuzz a right converter, with its inverse, by all laws."""
    pair = PAIRS[name]
    inverse = converter(pair.module, pair.inverse) if pair.inverse else None
    return fuzz(right(name), inverse=inverse, **pair.promise, **options)


@pytest.mark.parametrize("name", PAIRS)
def test_right_converters_give_no_false_alarms(name: str, request: pytest.FixtureRequest) -> None:
    for seed in range(examples(request, 1, 5)):
        number = examples(request, SMALL.get(name, FEW), 5000)
        report = judged(name, seed=seed, max_examples=number, in_process=True)
        assert report.ok, str(report)
        assert set(report.examples) | set(report.skipped) == set(LAWS)


@pytest.mark.parametrize("name", ["coco-od", "od-response", "voc-od-folder"])
def test_the_worker_gives_no_false_alarms_either(name: str, request: pytest.FixtureRequest) -> None:
    report = judged(name, seed=1, max_examples=examples(request, 5, 1000))
    assert report.ok, str(report)


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
    report = fuzz(convert, source=source, target=target, unit="record", seed=1, max_examples=20, in_process=True)
    assert report.ok, str(report)


def test_every_law_has_a_mutant_of_its_own() -> None:
    assert {mutant.law for mutant in MUTANTS} == set(LAWS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_breaks_its_law(mutant: Mutant, mutant_folder: Path, request: pytest.FixtureRequest) -> None:
    convert, inverse = mutated(mutant, mutant_folder)
    options: dict[str, Any] = {
        "inverse": inverse,
        "only": [mutant.law],
        "in_process": mutant.law != "deterministic",  # another hash seed is another process
        "max_failures": 1,
        "shrink": False,
    }
    for seed in range(1, 1 + examples(request, 1, 5)):
        assert fuzz(convert, seed=seed, **options, **PAIRS[mutant.pair].promise).failures, seed


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
    first, second = (fuzz(convert, seed=7, in_process=True, only=["conserves"], max_failures=1, **OD) for _ in range(2))
    assert first.failures == second.failures
    assert first.failures


def test_what_was_found_can_be_seen_again(mutant_folder: Path) -> None:
    convert, _ = mutated(MUTANTS[0], mutant_folder)
    (failure, *_) = fuzz(convert, seed=1, in_process=True, only=["conserves"], max_failures=1, **OD).failures
    namespace: dict[str, Any] = {}
    exec(failure.reproduce, namespace)
    (test,) = [found for name, found in namespace.items() if name.startswith("test_")]
    with pytest.raises(LawBroken) as caught:
        test()
    assert caught.value.message == failure.message


# Converters that misbehave.


MISBEHAVING = [
    (misbehaving.exits, "exited", "sys.exit(3)"),
    (misbehaving.ends_the_interpreter, "died", "exit code 4"),
    (misbehaving.crashes, "died", "signal 11"),
    (misbehaving.loops, "hung", "did not return within"),
    (misbehaving.loops_in_c, "hung", "did not return within"),
    (misbehaving.prints, "printed", "'converting"),
    (misbehaving.prints_below_python, "printed", "'converting"),
    (misbehaving.moves, "moved", "working directory to '/'"),
    (misbehaving.returns_nothing, "wrong-type", "a NoneType, not a list of records"),
    (misbehaving.returns_numpy, "foreign", "a numpy.int64 at [0]['image_details']['width']"),
]


@pytest.mark.parametrize(("convert", "kind", "message"), MISBEHAVING, ids=lambda x: getattr(x, "__name__", None))
def test_a_converter_that_misbehaves_is_a_failure_with_a_name(convert: Any, kind: str, message: str) -> None:
    # A process is started for each call that takes it down: the first is enough.
    report = fuzz(convert, seed=1, max_examples=1, max_failures=1, shrink=False, call_timeout=0.4, only=["runs"], **OD)
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
    report = fuzz(
        to_record, seed=1, max_examples=20, raises=(KeyError, TypeError, ValueError), in_process=True, **judged
    )
    assert {failure.law for failure in report.failures} <= {"rejects"}, str(report)
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
        ({"max_failures": 0}, "max_failures=0"),
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


def copied(value: Any, images: Any = None) -> Any:
    return value


@pytest.mark.parametrize(
    ("source", "name"), [("azure-od-record", "source.jsonl"), ("azure-od-response", "source.json")]
)
def test_whatever_is_broken_is_kept_and_can_be_seen_again(source: str, name: str, tmp_path: Path) -> None:
    # Among the breaches are NaN, numbers beyond 64 bits, half of a surrogate pair, and null for the whole.
    options: Any = {"source": source, "target": source, "only": ["rejects"], "max_failures": 1000}
    report = fuzz(copied, seed=1, in_process=True, corpus=tmp_path, **options)
    assert len(report.failures) > 80
    str(report).encode()
    assert len(list(tmp_path.glob(f"*/rejects-*/{name}"))) > 80
    again = fuzz(copied, seed=1, in_process=True, corpus=tmp_path, **options)
    assert {failure.kind for failure in report.failures} == {f.kind for f in again.failures if not f.examples}
    for failure in report.failures:
        namespace: dict[str, Any] = {}
        exec(failure.reproduce, namespace)
        with pytest.raises(LawBroken):
            namespace["test_copied_rejects"]()


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

"""Fuzzing from pytest and from the command line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_visionfmt import fuzz_items
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.fuzzing.targets import FuzzTarget, parse_target

GOOD = Path(__file__).parent.parent / "examples" / "converters"
BAD = """
import coco_azure

def drops_empty(document):
    return [record for record in coco_azure.to_detection(document) if record["label"]]

def refuses_nothing(document):
    return document["images"] and document["annotations"] and document["categories"]
"""
# A run of pytest within the test forgets the modules that it was first to import; so it must not be first.
assert fuzz_items

OPTIONS = ["--visionfmt-max-examples=25", "--visionfmt-fuzz-seed=1"]


@pytest.fixture
def modules(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wrong converter, where the example converters can be imported."""
    monkeypatch.syspath_prepend(str(GOOD))
    pytester.makepyfile(wrong=BAD)
    monkeypatch.syspath_prepend(str(pytester.path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(GOOD), *filter(None, sys.path)]))
    sys.modules.pop("wrong", None)
    return pytester.path


def test_a_converter_is_one_item_for_each_law(pytester: pytest.Pytester, modules: Path) -> None:
    formats = ["--visionfmt-from=coco", "--visionfmt-to=azure-od-record"]
    result = pytester.runpytest("--visionfmt-fuzz=wrong:drops_empty", *formats, *OPTIONS, "-v")
    result.stdout.fnmatch_lines(
        [
            "*wrong:drops_empty: coco -> azure-od-record::runs PASSED*",
            "*wrong:drops_empty: coco -> azure-od-record::conserves FAILED*",
            "*::round_trip SKIPPED*",
        ]
    )
    result.stdout.fnmatch_lines(["*'a.jpg': the image is lost*", "The smallest source that shows it:"])
    result.stdout.fnmatch_lines(["from wrong import drops_empty"])
    assert list(pytester.path.glob(".visionfmt/corpus/wrong.drops_empty/conserves-*/source.json"))


def test_lines_of_the_ini_file_are_fuzzed_too_and_k_chooses(pytester: pytest.Pytester, modules: Path) -> None:
    line = "coco_azure:to_detection: coco -> azure-od-record; inverse=coco_azure:from_detection"
    pytester.makeini(f"[pytest]\nvisionfmt_fuzz =\n    {line}\nvisionfmt_max_examples = 10\n")
    pytester.runpytest("-k", "round_trip or scale", *OPTIONS).assert_outcomes(passed=2, deselected=9)


def test_a_run_is_split_over_workers(pytester: pytest.Pytester, modules: Path) -> None:
    pytester.makeini(
        "[pytest]\nvisionfmt_fuzz =\n    wrong:drops_empty: coco -> azure-od-record; losses=empty-images\n"
    )
    pytester.runpytest_subprocess("-n", "2", "-k", "runs or conserves", *OPTIONS).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--visionfmt-fuzz=wrong:drops_empty"], "*--visionfmt-from*"),
        (["--visionfmt-fuzz=wrong:nothing", "--visionfmt-from=coco"], "*'wrong:nothing' cannot be imported*"),
        (["--visionfmt-fuzz=wrong:drops_empty", "--visionfmt-from=cocoa"], "*Did you mean 'coco'*"),
        (
            ["--visionfmt-fuzz=wrong:drops_empty", "--visionfmt-from=coco", "--visionfmt-losses=all"],
            "*unknown loss 'all'*",
        ),
    ],
)
def test_a_wrong_option_is_a_usage_error(
    pytester: pytest.Pytester, modules: Path, arguments: list[str], message: str
) -> None:
    result = pytester.runpytest(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


@pytest.mark.parametrize("line", ["a:b", "a:b: coco", "a: coco -> coco", "a:b: coco -> coco; unit", "a:b:  -> coco"])
def test_a_line_that_is_not_of_the_form_is_shown(line: str) -> None:
    with pytest.raises(ValueError, match="is not of the form"):
        parse_target(line)


def test_a_line_says_everything() -> None:
    target = parse_target("m.n:f.g: coco -> azure-od-record; unit=folder; losses=crowd, size; tolerance=1px")
    assert target == FuzzTarget(
        "m.n:f.g", "coco", "azure-od-record", {"unit": "folder", "losses": "crowd, size", "tolerance": "1px"}
    )
    promise = target.promise()
    assert promise["losses"] == {"crowd", "size"}
    assert promise["tolerance"].pixels == 1


WRONG = ["fuzz", "wrong:drops_empty", "--from=coco", "--to=azure-od-record", "--seed=1", "--max-examples=25"]


def test_the_command_fails_with_what_it_found(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(WRONG) == 1
    out = capsys.readouterr().out
    assert "FAILED conserves: 'a.jpg': the image is lost, with 0 objects" in out
    assert "skipped round_trip: there is no inverse" in out
    assert main([*WRONG, "--losses=empty-images", "--no-corpus"]) == 0


def test_so_many_failures_of_a_law_are_looked_for(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["fuzz", "wrong:refuses_nothing", *WRONG[2:], "--no-corpus", "--in-process", "--law=rejects"]
    assert main([*call, "--max-failures=2"]) == 1
    assert "examples, 2 distinct failures" in capsys.readouterr().out


def test_json_and_junit_hold_the_failures(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WRONG, "--output=json", "--law=conserves"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [failure["kind"] for failure in found["failures"]] == ["image-lost"]
    assert main([*WRONG, "--output=junit", "--law=conserves", "--law=round_trip"]) == 1
    suite = ElementTree.fromstring(capsys.readouterr().out)
    assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("conserves", ["failure"]),
        ("round_trip", ["skipped"]),
    ]


def test_a_written_test_fails_on_its_own(modules: Path, pytester: pytest.Pytester) -> None:
    main([*WRONG, "--write-test=test_found.py", "--law=conserves"])
    result = pytester.runpytest("test_found.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*conserves: 'a.jpg': the image is lost*"])


@pytest.mark.parametrize("wrong", [["--law=nothing"], ["--from=cocoa"], ["--tolerance=some"], ["--raises=nothing"]])
def test_a_wrong_call_is_exit_code_2(modules: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WRONG, *wrong]) == 2
    assert capsys.readouterr().err.startswith("visionfmt fuzz: ")

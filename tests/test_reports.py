"""Outputs for machines, selected codes, and known findings: on the command line and in pytest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import EXAMPLES, box, jsonl, record

from pytest_visionfmt import Report, check_bytes, check_file, check_paths
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.reports.baseline import Baseline
from pytest_visionfmt.reports.github import annotation
from pytest_visionfmt.reports.outputs import OUTPUTS, begin, end, output_for
from pytest_visionfmt.reports.selection import Selection, codes_of

OD = "azure-od-record"
BROKEN = jsonl(record([box(), box(bottomX=0.05)]), record([box(area=1, isCrowd=2)], "2.jpg"))
INVALID = list(check_paths([EXAMPLES / OD, EXAMPLES / "any"]))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b%.jsonl").write_bytes(BROKEN)
    (tmp_path / "clean.jsonl").write_bytes(jsonl(record([box()])))
    (tmp_path / "notes.json").write_text("{}")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", *arguments])
    return code, capsys.readouterr().out


def printed(output: str, reports: list[Report], *, complete: bool = True) -> str:
    lines = [line for report in reports for line in begin(output, report, notes=True)]
    return "\n".join([*lines, *end(output, reports, notes=True, complete=complete)])


def test_json_holds_every_finding_and_every_file(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys, "--output", "json", ".")
    document = json.loads(out)
    assert (code, document["complete"]) == (1, True)
    assert [file["file"] for file in document["files"]] == ["a b%.jsonl", "clean.jsonl", "notes.json"]
    assert document["files"][2]["skipped"]
    broken = document["files"][0]
    assert broken["counts"] == {"VF104": 1, "VF603": 1, "VF612": 1}
    first = broken["findings"][0]
    assert (first["code"], first["line"], first["path"]) == ("VF104", 1, "$.label[1].bottomX")
    assert first["reaction"] == "object-dropped"


def test_jsonl_is_a_line_a_finding_a_line_a_file_and_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = run(capsys, "--output", "jsonl", ".")
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    assert kinds == ["finding"] * 3 + ["file"] * 3 + ["end"]


def test_github_annotations_have_line_column_and_title(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = run(capsys, "--output", "github", ".")
    first, *_ = out.splitlines()
    column = re.search(r"line=1,col=([0-9]+),title=VF104 box-order::bottomX 0.05 is not greater", first)
    assert column
    assert first.startswith("::error file=a b%25.jsonl,line=1,col=")
    assert BROKEN.decode().splitlines()[0][int(column[1]) - 1 :].startswith("0.05")
    assert "::warning file=" in out


def test_nothing_in_the_data_ends_an_annotation_early() -> None:
    line = annotation("error", "a%\r\n::b", file="c:d,e%\n")
    assert line == "::error file=c%3Ad%2Ce%25%0A::a%25%0D%0A::b"


# What SARIF 2.1.0 (OASIS, sections 3.13 to 3.33) asks of the properties that are written here.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {
            "type": "object",
            "required": ["tool"],
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {"required": ["driver"], "properties": {"driver": {"required": ["name"], "properties": {
                    "rules": {"uniqueItems": True, "items": {
                        # All of these are what GitHub's code scanning asks for.
                        "required": ["id", "shortDescription", "fullDescription", "help"],
                        "properties": {"shortDescription": TEXT, "fullDescription": TEXT, "help": TEXT}}}}}}},
                "invocations": {"items": {"required": ["executionSuccessful"], "properties": {
                    "executionSuccessful": {"type": "boolean"}}}},
                "results": {"type": "array", "items": {
                    "required": ["message"],
                    "properties": {
                        "message": TEXT,
                        "level": {"enum": ["none", "note", "warning", "error"]},
                        "ruleIndex": {"type": "integer", "minimum": -1},
                        "locations": {"items": {"properties": {"physicalLocation": {"properties": {
                            "region": {"properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1}}},
                            "artifactLocation": {"properties": {"uri": {"pattern": "^[^ <>\\\\\"]*$"}}},
                        }}}}},
                    },
                }},
            },
        }},
    },
}  # fmt: skip


def test_sarif_has_what_the_standard_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = run(capsys, "--output", "sarif", ".")
    log = json.loads(out)
    jsonschema.validate(log, SARIF)
    (sarif_run,) = log["runs"]
    assert sarif_run["columnKind"] == "unicodeCodePoints"
    rules = sarif_run["tool"]["driver"]["rules"]
    for result in sarif_run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        location = result["locations"][0]["physicalLocation"]
        assert unquote(location["artifactLocation"]["uri"]) == "a b%.jsonl"
    assert [result["level"] for result in sarif_run["results"]] == ["error", "warning", "error"]


@pytest.mark.parametrize("complete", [True, False])
def test_every_output_of_every_example_can_be_read(complete: bool) -> None:
    jsonschema.validate(json.loads(printed("sarif", INVALID, complete=complete)), SARIF)
    assert json.loads(printed("json", INVALID, complete=complete))["complete"] == complete
    for line in printed("jsonl", INVALID, complete=complete).splitlines():
        json.loads(line)
    suite = ElementTree.fromstring(printed("junit", INVALID, complete=complete))[0]
    assert int(suite.attrib["tests"]) == len(suite) == len(INVALID) + (not complete)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert all(line.startswith("::") for line in printed("github", INVALID, complete=complete).splitlines())


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_partial_report_says_so(output: str) -> None:
    assert printed(output, INVALID[:2]) != (partial := printed(output, INVALID[:2], complete=False))
    words = {"json": '"complete": false', "jsonl": '"complete": false', "sarif": '"executionSuccessful": false'}
    assert words.get(output, "interrupted") in partial


def test_junit_fails_the_files_that_fail(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys, "--output", "junit", ".")
    suite = ElementTree.fromstring(out)[0]
    assert (code, suite.attrib["failures"], suite.attrib["skipped"]) == (1, "1", "1")
    failure = suite[0].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "2 errors"
    assert "error[VF104] box-order" in (failure.text or "")


REPORTS = st.sampled_from(INVALID)
CODES = st.sampled_from(["VF0", "VF1", "VF104", "VF6", "VF603", "VF"])


@given(REPORTS, st.lists(CODES, max_size=2), st.lists(CODES, max_size=2))
def test_a_selection_leaves_exactly_what_it_says(report: Report, select: list[str], ignore: list[str]) -> None:
    left = Selection(tuple(select), tuple(ignore)).of(report)
    wanted = {
        code: number
        for code, number in report.counts.items()
        if (not select or code.startswith(tuple(select))) and not (ignore and code.startswith(tuple(ignore)))
    }
    assert left.counts == wanted
    assert left.errors + left.warnings + left.notes == sum(wanted.values())
    assert {finding.code for finding in left.findings} == set(wanted)
    assert (left.file, left.lines) == (report.file, report.lines)


def test_codes_are_selected_and_ignored_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys, "--output", "concise", "--select", "VF6", "--ignore", "unknown-key", ".")
    assert (code, [line.split()[2] for line in out.splitlines()]) == (1, ["VF603"])
    code, out = run(capsys, "--ignore", "VF104,VF603", "--strict", ".")
    assert (code, "1 warning" in out) == (1, True)
    assert run(capsys, "--ignore", "VF104,VF603", ".")[0] == 0


def test_a_name_that_no_rule_has_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--ignore", "box-ordr", "."]) == 2
    assert "Did you mean 'box-order'?" in capsys.readouterr().err
    assert codes_of(" VF104 , box-order,ME001") == ("VF104", "VF104", "ME001")


def test_what_a_baseline_knows_passes_and_what_is_new_fails(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys, "--write-baseline", "known.json", ".")[0] == 1
    code, out = run(capsys, "--baseline", "known.json", ".")
    assert (code, out.splitlines()[-1].startswith("0 errors, 0 warnings")) == (0, True)

    # Lines may come and go above what is known.
    (folder / "a b%.jsonl").write_bytes(jsonl(record([box()], "0.jpg")) + BROKEN)
    assert run(capsys, "--baseline", "known.json", ".")[0] == 0

    (folder / "a b%.jsonl").write_bytes(BROKEN + jsonl(record([box(), box(bottomX=0.05)], "3.jpg")))
    code, out = run(capsys, "--baseline", "known.json", "--output", "concise", ".")
    assert (code, [line.split(":")[1] for line in out.splitlines()]) == (1, ["3"])

    (folder / "a b%.jsonl").write_bytes(BROKEN.splitlines(keepends=True)[1])
    code, out = run(capsys, "--baseline", "known.json", "a b%.jsonl")
    assert code == 0
    assert "mended: a b%.jsonl: VF104 $.label[1].bottomX: bottomX 0.05 is not greater than topX 0.1" in out
    assert run(capsys, "--baseline", "known.json", "clean.jsonl")[1].count("mended") == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 2, "known": []}', '{"version": 1, "known": [{}]}'])
def test_what_is_no_baseline_is_a_wrong_call(content: str, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "known.json").write_text(content)
    assert main(["check", "--baseline", "known.json", "clean.jsonl"]) == 2
    assert "write one with --write-baseline" in capsys.readouterr().err
    assert main(["check", "--baseline", "none.json", "clean.jsonl"]) == 2


@given(st.lists(REPORTS, max_size=4, unique_by=lambda report: report.file))
def test_a_baseline_of_a_run_knows_all_of_it_and_survives_its_file(reports: list[Report]) -> None:
    path = Path("known")
    Baseline.of(reports).write(path)
    read = Baseline.read(path)
    assert read == Baseline.of(reports)
    assert all(read.new_in(report).counts == {} for report in reports)
    assert list(read.mended(reports)) == []


def test_processes_find_what_one_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--jobs", "2", ".") == run(capsys, ".")


INTERRUPT = """
import os, signal, sys
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.formats import azure_training_clean
read = []
def stop(record):
    read.append(record)
    if len(read) == 50:
        os.kill(os.getpid(), signal.SIGINT)
    return True
azure_training_clean._clean_boxes = stop
sys.exit(main(["check", "--output", "json", "first.jsonl", "long.jsonl", "last.jsonl"]))
"""


def test_a_check_that_is_stopped_says_what_it_saw(folder: Path) -> None:
    (folder / "first.jsonl").write_bytes(BROKEN)
    lines = [jsonl(record([box(bottomX=0.05) if n == 3 else box()], f"{n}.jpg")) for n in range(1000)]
    (folder / "long.jsonl").write_bytes(b"".join(lines))
    (folder / "last.jsonl").write_bytes(BROKEN)
    stopped = subprocess.run([sys.executable, "-c", INTERRUPT], capture_output=True, text=True, check=False)
    document = json.loads(stopped.stdout)
    assert (stopped.returncode, document["complete"], stopped.stderr) == (130, False, "")
    assert [file["file"] for file in document["files"]] == ["first.jsonl", "long.jsonl"]
    assert 10 < document["files"][1]["lines"] < 1000


INTERRUPT_ALL = """
import os, signal, sys
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.commands import check
def stop(report, options):
    os.killpg(0, signal.SIGINT)  # as a terminal does: the workers get it as well
    return iter([])
if __name__ == "__main__":
    check._one = stop
    sys.exit(main(["check", "--output", "json", "--jobs", "2", "first.jsonl", "last.jsonl"]))
"""


def test_processes_that_are_stopped_say_nothing_of_it(folder: Path) -> None:
    (folder / "first.jsonl").write_bytes(BROKEN)
    (folder / "last.jsonl").write_bytes(BROKEN)
    (folder / "run.py").write_text(INTERRUPT_ALL)
    run = [sys.executable, "run.py"]
    stopped = subprocess.run(run, capture_output=True, text=True, check=False, start_new_session=True)
    document = json.loads(stopped.stdout)
    assert (stopped.returncode, document["complete"], stopped.stderr) == (130, False, "")
    assert [file["file"] for file in document["files"]] == ["first.jsonl"]


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".sarif", ".xml", ".txt"])
def test_pytest_writes_a_report_by_the_ending_of_its_file(pytester: pytest.Pytester, ending: str) -> None:
    data = pytester.mkdir("data")
    (data / "a.jsonl").write_bytes(BROKEN)
    (data / "b.jsonl").write_bytes(jsonl(record([box()])))
    options = ["--visionfmt-check", "data", f"--visionfmt-report=out/report{ending}"]
    pytester.runpytest(*options).assert_outcomes(passed=1, failed=1)
    alone = (pytester.path / "out" / f"report{ending}").read_text()
    reports = [check_file(data / name, shown_as=f"data/{name}") for name in ("a.jsonl", "b.jsonl")]
    assert alone == printed(output_for(ending), reports) + "\n"
    if ending == ".json":  # what workers say is put together before it is written in any form
        pytester.runpytest(*options, "-n1", "-p", "xdist").assert_outcomes(passed=1, failed=1)
        assert (pytester.path / "out" / f"report{ending}").read_text() == alone


def test_pytest_selects_ignores_and_knows(pytester: pytest.Pytester) -> None:
    data = pytester.mkdir("data")
    (data / "a.jsonl").write_bytes(BROKEN)
    (data / "b.jsonl").write_bytes(BROKEN)

    def outcomes(*options: str) -> dict[str, int]:
        return pytester.runpytest("--visionfmt-check", "data", *options).parseoutcomes()

    assert outcomes() == {"failed": 2}
    assert outcomes("--visionfmt-ignore=VF104,VF603") == {"passed": 2}
    assert outcomes("--visionfmt-select=VF5") == {"passed": 2}
    assert outcomes("-o", "visionfmt_ignore=VF104 VF603") == {"passed": 2}
    assert outcomes("-o", "visionfmt_per_file_ignores=data/a*: box-order, VF603") == {"failed": 1, "passed": 1}
    Baseline.of([check_file(data / "b.jsonl", shown_as="data/b.jsonl")]).write(pytester.path / "known.json")
    assert outcomes("--visionfmt-baseline=known.json") == {"failed": 1, "passed": 1}
    assert outcomes("-o", "visionfmt_baseline=known.json") == {"failed": 1, "passed": 1}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--visionfmt-report=a.csv", "*'a.csv' has none of the endings of a report: .json, *"),
        ("--visionfmt-ignore=box-ordr", "*Did you mean 'box-order'?*"),
        ("--visionfmt-baseline=none.json", "*No such file*none.json*"),
        ("--override-ini=visionfmt_per_file_ignores=a", "*'a' is not of the form 'GLOB: CODES'*"),
    ],
)
def test_a_wrong_option_is_a_usage_error(pytester: pytest.Pytester, option: str, message: str) -> None:
    result = pytester.runpytest("--visionfmt-check", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_a_report_without_its_codes_is_as_exact_as_it_was() -> None:
    report = check_bytes(20 * BROKEN, OD, max_findings=3)
    left = report.only(lambda code: code == "VF104")
    assert (left.counts, left.errors, left.warnings, len(left.findings)) == ({"VF104": 20}, 20, 0, 3)
    assert left.merge(left).counts == {"VF104": 40}

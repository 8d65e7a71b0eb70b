"""``pytest --visionfmt-check``: what is collected, what is said, and that nothing else is disturbed."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from records import box, jsonl, record

CLEAN = jsonl(record([box()]), record([box()], "2.jpg"))
BROKEN = jsonl(record([box()]), record([box(bottomX=0.05)], "2.jpg"))
WARNED = jsonl(record([box(area=1)]))
UNCLEAR = jsonl(record([]))


@pytest.fixture
def data(pytester: pytest.Pytester) -> Path:
    folder = pytester.mkdir("data")
    (folder / "clean.jsonl").write_bytes(CLEAN)
    (folder / "broken.jsonl").write_bytes(BROKEN)
    (folder / "warned.jsonl").write_bytes(WARNED)
    (folder / "notes.json").write_text('{"a": 1}')
    (folder / "test_code.py").write_text("def test_code(): pass\n")
    return folder


def test_without_the_flag_nothing_is_collected(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("data")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*visionfmt:*")


def test_with_the_flag_each_data_file_is_one_item_beside_the_tests(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "data", "-v")
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "visionfmt: profile documented",
            "data/broken.jsonl::visionfmt FAILED*",
            "data/clean.jsonl::visionfmt PASSED*",
            "data/notes.json::visionfmt SKIPPED*",
            "data/test_code.py::test_code PASSED*",
        ]
    )


def test_a_failure_reads_as_a_compiler_s(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "data")
    result.stdout.fnmatch_lines(
        [
            "*_ data/broken.jsonl _*",
            "error?VF104? box-order: bottomX 0.05 is not greater than topX 0.1",
            "  --> data/broken.jsonl:2:2??  $.label?0?.bottomX",
            '   |  ... "bottomX": 0.05, "bottomY": 0.8}]}',
            "   = the reader drops this object silently ?run?",
            "   = help: visionfmt explain VF104",
        ],
        consecutive=True,
    )
    result.stdout.fnmatch_lines(["FAILED data/broken.jsonl::visionfmt - 1 error: VF104"])


def test_the_summary_is_a_table_of_files_with_the_warnings_above_it(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "data")
    result.stdout.fnmatch_lines(
        [
            "*= visionfmt =*",
            "warning?VF612? unknown-key: the key *area* is not a documented one",
            "*data/warned.jsonl:1:*",
            "file               format           lines  errors  warnings",
            "data/broken.jsonl  azure-od-record      2       1         0",
            "data/clean.jsonl   azure-od-record      2       0         0",
            "data/warned.jsonl  azure-od-record      1       0         1",
        ]
    )


def test_findings_and_summary_are_the_same_under_xdist(pytester: pytest.Pytester, data: Path) -> None:
    def lines(*extra: str) -> list[str]:
        result = pytester.runpytest_subprocess("--visionfmt-check", "data", *extra)
        result.assert_outcomes(passed=3, failed=1, skipped=1)
        result.stdout.fnmatch_lines(["error?VF104? box-order*", "  --> data/broken.jsonl:2:*"])
        out = result.stdout.lines
        start = next(i for i, line in enumerate(out) if "= visionfmt =" in line)
        end = next(i for i, line in enumerate(out) if "short test summary" in line)
        return out[start:end]

    assert lines("-n", "2") == lines("-p", "no:xdist")


@pytest.mark.parametrize("extra", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_junit_xml_has_the_findings_without_colours(pytester: pytest.Pytester, data: Path, extra: list[str]) -> None:
    options = ["--visionfmt-check", "data", "--junitxml=out.xml", "--color=yes", "-o", "junit_family=xunit1", *extra]
    result = pytester.runpytest_subprocess(*options)
    assert "\x1b[" in result.stdout.str()
    text = (pytester.path / "out.xml").read_text()
    assert "\x1b" not in text
    assert "#x1B" not in text
    cases = {case.get("file"): case for case in ET.fromstring(text).iter("testcase")}
    failure = cases["data/broken.jsonl"].find("failure")
    assert failure is not None
    assert "error[VF104] box-order" in (failure.text or "")
    assert cases["data/broken.jsonl"].get("line") == "1"  # JUnit counts from 0: the second line
    properties = {p.get("name"): p.get("value") for p in cases["data/broken.jsonl"].iter("property")}
    assert properties["visionfmt_errors"] == "1"


def test_colours_are_on_the_terminal_only(pytester: pytest.Pytester, data: Path) -> None:
    coloured = pytester.runpytest("--visionfmt-check", "data", "--color=yes").stdout.str()
    assert "\x1b[31m\x1b[1merror[VF104] box-order" in coloured
    plain = pytester.runpytest("--visionfmt-check", "data", "--color=no").stdout.str()
    assert "\x1b" not in plain


def test_it_runs_without_a_terminal_plugin(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest_subprocess("--visionfmt-check", "data", "-p", "no:terminal")
    assert result.ret == 1
    assert not result.stderr.str()


def test_strict_fails_on_warnings(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "--visionfmt-strict", "data")
    result.assert_outcomes(passed=2, failed=2, skipped=1)
    result.stdout.fnmatch_lines(["visionfmt: profile documented, strict"])


def test_the_profile_is_chosen(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "--visionfmt-strict", "--visionfmt-profile=reader", "data")
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["visionfmt: profile reader, strict"])


def test_max_findings_caps_what_is_kept(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("a.jsonl").write_bytes(jsonl(*(record([box(bottomX=0)], f"{n}.jpg") for n in range(9))))
    result = pytester.runpytest("--visionfmt-check", "--visionfmt-max-findings=2", "a.jsonl")
    assert result.stdout.str().count("error[VF104]") == 2
    result.stdout.fnmatch_lines(
        ["... and 7 more findings in a.jsonl", "FAILED a.jsonl::visionfmt - 9 errors: VF104 x9"]
    )


INI = {
    "pytest.ini": """
        [pytest]
        visionfmt_check = true
        visionfmt_profile = reader
        visionfmt_strict = true
        visionfmt_max_findings = 1
        visionfmt_formats =
            data/*.jsonl: azure-od-record
    """,
    "pyproject.toml": """
        [tool.pytest.ini_options]
        visionfmt_check = true
        visionfmt_profile = "reader"
        visionfmt_strict = true
        visionfmt_max_findings = 1
        visionfmt_formats = ["data/*.jsonl: azure-od-record"]
    """,
}
NATIVE = """
    [tool.pytest]
    visionfmt_check = true
    visionfmt_profile = "reader"
    visionfmt_strict = true
    visionfmt_max_findings = 1
    visionfmt_formats = ["data/*.jsonl: azure-od-record"]
"""
HAS_NATIVE_TOML = tuple(map(int, pytest.__version__.split(".")[:1])) >= (9,)


@pytest.mark.parametrize("content", [*INI.items(), *([("pyproject.toml", NATIVE)] if HAS_NATIVE_TOML else [])],
                         ids=["ini", "toml", "native toml"][: 2 + HAS_NATIVE_TOML])  # fmt: skip
def test_every_option_has_an_ini_twin(pytester: pytest.Pytester, data: Path, content: tuple[str, str]) -> None:
    name, text = content
    lines = [line.removeprefix(" " * (8 if "        [" in text else 4)) for line in text.splitlines()]
    pytester.path.joinpath(name).write_text("\n".join(lines))
    result = pytester.runpytest("data")
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["visionfmt: profile reader, strict, 1 mapped"])


def test_an_option_beats_its_ini_twin(pytester: pytest.Pytester, data: Path) -> None:
    pytester.makeini("[pytest]\nvisionfmt_check = true\nvisionfmt_profile = reader\n")
    result = pytester.runpytest("data", "--visionfmt-profile=documented")
    result.stdout.fnmatch_lines(["visionfmt: profile documented"])


def test_a_mapped_format_is_not_questioned_and_the_first_match_wins(pytester: pytest.Pytester, data: Path) -> None:
    (data / "unclear.jsonl").write_bytes(UNCLEAR)
    pytester.makeini(
        "[pytest]\nvisionfmt_formats =\n  data/un*.jsonl: azure-multilabel-record\n  data/*.jsonl: azure-is-record\n"
    )
    result = pytester.runpytest("--visionfmt-check", "data")
    result.assert_outcomes(passed=2, failed=3, skipped=1)
    result.stdout.fnmatch_lines(["data/unclear.jsonl  azure-multilabel-record *"])
    result.stdout.no_fnmatch_line("*also fits*")


def test_a_file_that_fits_several_formats_says_so(pytester: pytest.Pytester, data: Path) -> None:
    (data / "unclear.jsonl").write_bytes(UNCLEAR)
    result = pytester.runpytest("--visionfmt-check", "data/unclear.jsonl")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*was read as azure-multilabel-record; it also fits azure-od-record*map it*"])


def test_a_foreign_file_is_skipped_with_its_reason_when_found(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "data", "-rs")
    result.stdout.fnmatch_lines(["SKIPPED ?1? data/notes.json:1: its first lines show no key of a known format*"])


def test_a_foreign_file_is_an_error_when_named(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "data/notes.json")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error?VF002? unknown-format: no known format: *"])


def test_a_file_of_another_suffix_is_collected_where_it_is_mapped_only(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("records.ndjson").write_bytes(BROKEN)
    assert pytester.runpytest("--visionfmt-check", "records.ndjson").ret == pytest.ExitCode.USAGE_ERROR
    pytester.makeini("[pytest]\nvisionfmt_formats = *.ndjson: azure-od-record\n")
    pytester.runpytest("--visionfmt-check", "records.ndjson").assert_outcomes(failed=1)


def test_one_line_tracebacks_are_one_line(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "data", "--tb=line")
    result.stdout.fnmatch_lines(["1 error: VF104"])


def test_files_outside_the_root_folder_are_named(pytester: pytest.Pytester, data: Path) -> None:
    root = pytester.mkdir("root")
    result = pytester.runpytest("--visionfmt-check", "data", f"--rootdir={root}")
    result.stdout.fnmatch_lines(["data/broken.jsonl  azure-od-record *", "data/clean.jsonl   azure-od-record *"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_file_that_cannot_be_read_is_a_failing_item(pytester: pytest.Pytester, data: Path) -> None:
    (data / "cut.jsonl.gz").write_bytes(b"no gzip")
    (data / "gone.jsonl").symlink_to(data / "nowhere.jsonl")
    os.mkfifo(data / "pipe.jsonl")
    result = pytester.runpytest("--visionfmt-check", "data/cut.jsonl.gz", "data")
    assert result.ret == 1
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    result.stdout.fnmatch_lines(["*unreadable-file: cannot be read: Not a gzipped file*"])


USAGE = [
    (["--visionfmt-profile=page"], "", "*--visionfmt-profile: unknown profile 'page'*"),
    (["--visionfmt-max-findings=-1"], "", "*--visionfmt-max-findings: -1 is negative*"),
    ([], "visionfmt_max_findings = many", "*visionfmt_max_findings: invalid literal for int() with base 10: 'many'*"),
    ([], "visionfmt_formats = data/a.jsonl", "*visionfmt_formats: 'data/a.jsonl' is not of the form 'GLOB: FORMAT'*"),
    ([], "visionfmt_formats = *: azure-od", "*visionfmt_formats: '?: azure-od': unknown format 'azure-od'. Did you*"),
    ([], "visionfmt_formats = *: nowhere:X", "*format 'nowhere:X' cannot be imported: No module named 'nowhere'*"),
    ([], "visionfmt_formats = *: broken:X", "*format 'broken:X' cannot be imported: division by zero*"),
    ([], "visionfmt_formats = *: wrong:X", "*the documented schema of 'x' is no JSON Schema: 5 is not *"),
    ([], "visionfmt_formats = *: os:curdir", "*'os:curdir' is a str, not a Format*"),
    ([], "visionfmt_formats = *: json:loads", "*'json:loads' is a function, not a Format*"),
]


@pytest.mark.parametrize(("options", "ini", "message"), USAGE, ids=[row[2] for row in USAGE])
def test_a_wrong_setting_is_a_usage_error(
    pytester: pytest.Pytester, data: Path, options: list[str], ini: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\npythonpath = .\n{ini}\n")
    pytester.makepyfile(
        broken="1 / 0",
        wrong="import pytest_visionfmt as v\nX = v.Format('x', 'X', 'me', 'jsonl', {'documented': {'type': 5}}, ())",
    )
    result = pytester.runpytest_subprocess("--visionfmt-check", "data", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_a_wrong_setting_does_not_trouble_a_run_without_the_flag(pytester: pytest.Pytester, data: Path) -> None:
    pytester.makeini("[pytest]\nvisionfmt_formats = nonsense\n")
    pytester.runpytest("data").assert_outcomes(passed=1)


def test_collection_names_the_items(pytester: pytest.Pytester, data: Path) -> None:
    result = pytester.runpytest("--visionfmt-check", "--collect-only", "-q", "data")
    result.stdout.fnmatch_lines(["data/broken.jsonl::visionfmt"])


def test_one_file_can_be_run_by_its_id(pytester: pytest.Pytester, data: Path) -> None:
    pytester.runpytest("--visionfmt-check", "data/clean.jsonl::visionfmt").assert_outcomes(passed=1)


def test_a_folder_with_a_data_name_is_walked(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("x.jsonl")
    (folder / "a.jsonl").write_bytes(CLEAN)
    pytester.runpytest("--visionfmt-check").assert_outcomes(passed=1)


def test_a_pretty_printed_config_file_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("package.json").write_text(json.dumps({"name": "x", "scripts": {"a": "b"}}, indent=2))
    pytester.runpytest("--visionfmt-check").assert_outcomes(skipped=1)

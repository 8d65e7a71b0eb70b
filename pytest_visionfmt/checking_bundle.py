"""The files of one training job to one report: each alone, then beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial, reduce
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from pytest_visionfmt.checking import judge, rules_of, value_of
from pytest_visionfmt.checking_files import Source, check_file, open_file
from pytest_visionfmt.format import Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.rekognition_job import Job, lowest_confidence
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.parts import tally_text
from pytest_visionfmt.report import MAX_FINDINGS, Report, Tally
from pytest_visionfmt.texts import Text, texts, whole_text

__all__ = ["bundle_reports", "check_bundle"]

_Path: TypeAlias = str | PathLike[str]

_INPUT, _TRAINING, _TESTING, _EVALUATION = "input", "training_output", "testing_output", "evaluation"
_FORMATS = {
    _INPUT: named("rekognition-input-record"),
    _TRAINING: named("rekognition-output-record"),
    _TESTING: named("rekognition-output-record"),
    _EVALUATION: named("rekognition-evaluation"),
}
_UNREADABLE = "VF001"


def check_bundle(
    *,
    input: _Path | Sequence[_Path] | None = None,
    training_output: _Path | None = None,
    testing_output: _Path | None = None,
    evaluation: _Path | None = None,
    profile: Profile = "documented",
    max_findings: int = MAX_FINDINGS,
) -> Report:
    """Check the files of one training job of custom moderation, each alone and beside the others.

    * ``input`` is the input manifest; a list of them where training and testing have one each.
    * ``training_output`` and ``testing_output`` are the output manifests.
    * ``evaluation`` is the evaluation results manifest.
    * ``profile`` and ``max_findings`` are those of ``check_file``; the latter holds for all files together.

    At least one file must be given. Each is checked as ``check_file`` does, by its own format. Then, as far as
    the files for it are there and legible: outputs have the images and the ground truth of the input, and each
    has predictions or has none as it should; images and labels are those that the evaluation speaks of; and its
    counts are those of the predictions, at every threshold from the lowest confidence that predictions have. A
    finding on what two files say stands at one place in one of them. Of the F1 score only the range is checked.

    The findings stand in the order of the arguments. Manifests are read line by line, and more than once. Never
    raises on bad data, nor on a file that cannot be read, which is one finding. Raises ``ValueError`` where no
    file is given, for an unknown profile, and where ``max_findings`` is negative.
    """
    reports = bundle_reports(input, training_output, testing_output, evaluation, profile, max_findings)
    return reduce(Report.merge, reports)


def bundle_reports(
    input: _Path | Sequence[_Path] | None,
    training_output: _Path | None,
    testing_output: _Path | None,
    evaluation: _Path | None,
    profile: Profile,
    max_findings: int,
) -> list[Report]:
    """Return the report on each file, in the order of the arguments; see ``check_bundle``."""
    check_profile(profile)
    if max_findings < 0:
        raise ValueError(f"max_findings={max_findings} is negative")
    inputs = [input] if isinstance(input, str | PathLike) else list(input or ())
    others = ((_TRAINING, training_output), (_TESTING, testing_output), (_EVALUATION, evaluation))
    given: list[tuple[str, _Path]] = [(_INPUT, path) for path in inputs]
    given += [(name, path) for name, path in others if path is not None]
    if not given:
        raise ValueError("no file is given: input, training_output, testing_output and evaluation are all None")
    files = [_File(name, Path(path), profile, max_findings) for name, path in given]
    # Of several inputs one that cannot be read leaves nothing to say about what is not in the input.
    illegible = {file.name for file in files if _UNREADABLE in file.report.counts}
    _look_beside([file for file in files if file.name not in illegible], profile)
    return [file.whole_report() for file in files]


def _look_beside(files: Sequence[_File], profile: Profile) -> None:
    """Look at files beside each other, all of them legible: first the evaluation, which says what to count."""
    job = Job()
    documents = [(file, text, value) for file in files if file.name == _EVALUATION for text, value in file.texts()]
    for _, _, value in documents:
        job.evaluate(value, lowest_confidence(_FORMATS[_TESTING], profile))
    manifests = [file for file in files if file.name != _EVALUATION]
    for file in manifests:
        job.begin(file.name)
        for text, value in file.texts():
            job.add(value, text.first)
            if file.name != _INPUT:
                file.look(text, value, job)
    for file in manifests if job.outputs else ():
        if file.name == _INPUT:
            for text, value in file.texts():
                file.look(text, value, job)
    for file, text, value in documents:
        file.look(text, value, job)


class _File:
    """One of the files, with the report on it alone and what is found beside the others."""

    def __init__(self, name: str, path: Path, profile: Profile, max_findings: int) -> None:
        self.name = name
        self.report = check_file(path, _FORMATS[name], profile=profile, max_findings=max_findings)
        self._path = path
        self._format = _FORMATS[name]
        self._profile = profile
        self._tally = Tally(max_findings)

    def texts(self) -> Iterator[tuple[Text, Any]]:
        """Yield the texts of the file that may hold a value, with it, ``MISSING`` where a text holds none."""
        with ExitStack() as streams:
            source = Source(partial(open_file, self._path), streams)
            if self._format.unit == "json":
                document = whole_text(source.whole())
                yield document, value_of(document.parsing, self._format, self._profile)
                return
            for text in texts(source.lines_again()):
                if not text.blank:
                    spread = text.last > text.first
                    yield text, MISSING if spread else value_of(text.parsing, self._format, self._profile)

    def look(self, text: Text, value: Any, job: Job) -> None:
        """Ask the rules on several files about one text of this file."""
        found = [
            found
            for rule, look in rules_of(self._format).files
            for hit in look.find(value, job)
            if (found := judge(rule, hit, self._format, self._profile, value))
        ]
        tally_text(self._tally, found, lambda: text.text, text.first)

    def whole_report(self) -> Report:
        """Return the report on the file, all findings in its order."""
        return self.report.with_more(self._tally)

"""What the whole suite shares: the two sizes of test, and how the examples in the documentation are run.

In ``docs/`` and ``README.md``, a ``python`` block is executed and its ``test_`` functions are called,
and a ``console`` block is run and its output compared. A block under a line that holds a name alone,
as in "`train.jsonl`:", is a file: it is written to a folder of the page, where the commands run. From the README
they find the checkout's ``examples`` there.
"""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from sybil import Example

# To explain costs more than to shrink, and find() would explain what it found as if it were a failure.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile("small", max_examples=50, deadline=None, print_blob=True, phases=_PHASES)
settings.register_profile("full", settings.get_profile("small"), max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the full sizes (minutes), not those for every day")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.getoption("--full") else "small")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a worker whole files: what a file's tests share, and what a page builds up, is then made once."""
    if config.getoption("dist") != "load":
        return None
    return importlib.import_module("xdist.scheduler").LoadFileScheduling(config, log)


_ROOT = Path(__file__).parent
_FILE_NAME = re.compile(r"^`([^`\n]+)`:\n\n\Z", re.MULTILINE)
# Not what pytest itself or a build machine sets: what is shown must not depend on them.
_UNWANTED = re.compile(r"PYTEST_|CI$|BUILD_NUMBER$|NO_COLOR$|FORCE_COLOR$|PY_COLORS$")


def _in_order(evaluate: Callable[[Example], str | None]) -> Callable[[Example], str | None]:
    """Evaluate what stands above in the page first, where it has not been: xdist splits a page."""

    def evaluator(example: Example) -> str | None:
        for earlier in example.document:
            if earlier.start < example.start and earlier.start not in example.namespace["_done"]:
                earlier.evaluate()
        example.namespace["_done"].add(example.start)
        with chdir(example.namespace["_folder"].name):
            return evaluate(example)

    return evaluator


def _written(example: Example) -> bool:
    """Write the block to the page's folder, if the line above names a file."""
    name = _FILE_NAME.search(example.document.text, 0, example.start)
    if name:
        path = Path(name[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.parsed, encoding="utf-8")
    return name is not None


def _python(example: Example) -> None:
    if _written(example):
        compile(example.parsed, example.path, "exec")
        return
    from sybil.evaluators.python import PythonEvaluator

    before = dict(example.namespace)
    PythonEvaluator()(example)
    for name, value in example.namespace.items():
        if name.startswith("test_") and value is not before.get(name):
            value()


def _console(example: Example) -> str | None:
    if Path(example.path) == _ROOT / "README.md" and not Path("examples").exists():
        shutil.copytree(_ROOT / "examples", "examples", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {name: value for name, value in os.environ.items() if not _UNWANTED.match(name)}
    for part in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, wanted = part.partition("\n")
        run = subprocess.run(
            command,
            shell=True,
            env={**env, "PATH": path, "COLUMNS": "100", "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        if not _agree(wanted, run.stdout):
            return f"$ {command}\nexpected:\n{wanted}\nfound (exit code {run.returncode}):\n{run.stdout}"
    return None


def _agree(wanted: str, found: str) -> bool:
    """Whether the output is the one wanted, where ``...`` stands for any lines, or for the rest of its line."""
    pattern = ""
    for line in wanted.strip().splitlines():
        start = re.escape(line.rstrip().removesuffix("..."))
        pattern += r"(?:.*\n)*" if line == "..." else f"{start}.*\n" if line.endswith("...") else f"{start}\n"
    text = "".join(f"{line.rstrip()}\n" for line in found.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


def _data(parse: Callable[[str], Any]) -> Callable[[Example], None]:
    def evaluator(example: Example) -> None:
        _written(example)
        parse(example.parsed)

    return evaluator


def _lines(text: str) -> None:
    """Take JSON Lines as they are: the examples of bad data are no JSON."""


def _ini(text: str) -> None:
    configparser.ConfigParser(interpolation=None).read_string(text)


def _yaml(text: str) -> None:
    if importlib.util.find_spec("yaml"):  # it comes with what builds the documentation
        importlib.import_module("yaml").safe_load(text)


_EVALUATORS: dict[str, Callable[[Example], str | None]] = {
    "python": _python,
    "console": _console,
    "ini": _data(_ini),
    "json": _data(json.loads),
    "jsonl": _data(_lines),
    "toml": _data(tomllib.loads),
    "yaml": _data(_yaml),
}


def _open_page(namespace: dict[str, Any]) -> None:
    namespace.update(_done=set(), _folder=tempfile.TemporaryDirectory(prefix="visionfmt-docs-"))


def _close_page(namespace: dict[str, Any]) -> None:
    namespace["_folder"].cleanup()
    namespace.clear()


@cache
def _collect_page() -> Callable[[Path, pytest.Collector], pytest.Collector | None]:
    from sybil import Sybil
    from sybil.parsers.markdown import CodeBlockParser

    return Sybil(
        parsers=[CodeBlockParser(language, _in_order(evaluate)) for language, evaluate in _EVALUATORS.items()],
        patterns=["docs/*.md", "docs/*/*.md", "README.md"],
        setup=_open_page,
        teardown=_close_page,
    ).pytest()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    # Who only checks the example data has not installed sybil, and pytest comes by the README all the same.
    if file_path.suffix != ".md" or not importlib.util.find_spec("sybil"):
        return None
    return _collect_page()(file_path, parent)

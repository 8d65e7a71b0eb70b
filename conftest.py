"""What the whole suite shares: the two sizes of test."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("small", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("full", max_examples=1000, deadline=None, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the full sizes (minutes), not those for every day")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.getoption("--full") else "small")

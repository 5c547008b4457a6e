"""The recorder of pair between the parties, for as long as a test runs."""

from __future__ import annotations

import warnings
from typing import Iterator

import pytest

from skeintrace.pair import intercept


@pytest.fixture
def seen() -> Iterator[None]:
    """Crossings are seen."""
    intercept.install()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        intercept.uninstall()

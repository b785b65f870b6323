"""The examples of the documentation run, and give what they say."""

import doctest
import inspect
import re
from pathlib import Path

import canary
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"canary": canary, "numpy": np}
PUBLIC = [getattr(canary, name) for name in canary.__all__ if name != "__version__"]
EXAMPLES = [item for item in PUBLIC if ">>>" in (inspect.getdoc(item) or "")]


def test_there_are_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("item", EXAMPLES, ids=lambda item: item.__name__)
def test_docstrings_run(item):
    text = inspect.getdoc(item)
    test = doctest.DocTestParser().get_doctest(text, NAMES.copy(), item.__name__, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test).failed == 0


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/coming-from-kayenta.md",
        "docs/coming-from-playbooks.md",
        "docs/what-your-engine-decides.md",
    ],
)
def test_the_python_of_pages_runs(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})  # noqa: S102

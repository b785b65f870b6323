"""The package itself: names, versions, import time, and what it drags in."""

import importlib.metadata
import inspect
import subprocess
import sys
from pathlib import Path

import canary
import pytest


def in_a_new_process(code):
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_the_version_is_the_distributions():
    assert canary.__version__ == importlib.metadata.version("canary-analysis")


def test_import_is_quick_and_pulls_in_nothing():
    code = (
        "import sys, time; start = time.perf_counter(); import canary; "
        "print(time.perf_counter() - start); "
        "print(sorted({'scipy', 'pandas', 'pyarrow', 'tqdm', 'polars'} & set(sys.modules)))"
    )
    seconds, extras = in_a_new_process(code).splitlines()
    assert float(seconds) < 0.1
    assert extras == "[]"


def test_there_is_one_extension():
    folder = Path(canary.__file__).parent
    extensions = [*folder.glob("*.so"), *folder.glob("*.pyd")]
    assert len(extensions) == 1


@pytest.mark.parametrize("name", sorted(set(canary.__all__) - {"__version__"}))
def test_everything_public_is_documented(name):
    documented = inspect.getdoc(getattr(canary, name))
    assert documented
    assert len(documented) > 20


def test_options_have_the_crates_names_and_defaults():
    signature = inspect.signature(canary.t_test)
    defaults = {
        p.name: p.default for p in signature.parameters.values() if p.kind == p.KEYWORD_ONLY
    }
    assert defaults == {
        "variance": "welch",
        "alternative": "two_sided",
        "confidence": 0.95,
        "measure": "difference",
        "nan_policy": "raise",
    }

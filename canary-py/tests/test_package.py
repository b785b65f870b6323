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


SHARED = {"alternative": "two_sided", "confidence": 0.95, "measure": "difference"}
OPTIONS = {
    "t_test": {"variance": "welch", **SHARED, "nan_policy": "raise", "null": None},
    "mann_whitney": {
        "method": "auto",
        "continuity": "corrected",
        "interval": "hodges_lehmann",
        **SHARED,
        "nan_policy": "raise",
        "null": None,
    },
    "two_proportion_z": {"interval": "miettinen_nurminen", **SHARED, "null": None},
}


@pytest.mark.parametrize("test", OPTIONS)
def test_options_have_the_crates_names_and_defaults(test):
    parameters = inspect.signature(getattr(canary, test)).parameters.values()
    positional = [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
    assert positional == ["baseline", "canary"]
    defaults = {p.name: p.default for p in parameters if p.kind == p.KEYWORD_ONLY}
    assert defaults == OPTIONS[test]


def test_names_say_where_they_are_imported_from():
    classes = [item for name in canary.__all__ if isinstance(item := getattr(canary, name), type)]
    assert len(classes) >= 15
    assert {item.__module__ for item in classes} == {"canary"}
    # pyo3 knows no other name for a function than its module's.
    assert canary.t_test.__module__ == "canary._core"


def test_every_property_and_method_is_documented():
    seen = 0
    for name in canary.__all__:
        item = getattr(canary, name)
        if not isinstance(item, type) or issubclass(item, Exception):
            continue
        fields = getattr(item, "__dataclass_fields__", {})  # the class describes these
        for member, value in vars(item).items():
            if not member.startswith("_") and member not in fields:
                seen += 1
                assert inspect.getdoc(value), f"{name}.{member}"
    assert seen >= 80

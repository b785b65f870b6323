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


def test_import_pulls_in_nothing_but_numpy():
    code = (
        "import sys; import canary; "
        "print(sorted({'scipy', 'pandas', 'pyarrow', 'tqdm', 'polars'} & set(sys.modules)))"
    )
    assert in_a_new_process(code) == "[]"


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


VALUES = [1.0, 2.5, 3.0, 4.5, 7.0, 8.5, 9.0, 9.5], [2.0, 3.5, 5.0, 4.0, 9.0, 9.5, 8.0, 7.0]
MANY = [VALUES[0]], [VALUES[1]]
WINDOWS = [[i * 7 % 11] for i in range(20)]
COUNTS = (3, 90), (9, 90)
STRATA = {"a": (3, 90), "b": (4, 50)}, {"a": (9, 90), "b": (5, 60)}
STRATA_OF_VALUES = {"a": VALUES[0]}, {"a": VALUES[1]}
ARMS = {"baseline": {"errors": canary.Counts(3, 90)}, "canary": {"errors": canary.Counts(9, 90)}}
SIZES = {"effect": 0.1, "power": 0.8}
# Arguments with which every function that has options of words answers.
CALLS = {
    "adjust": ([[0.1, 0.2]], {}),
    "anderson_darling_groups": (([*VALUES, VALUES[0]],), {}),
    "anomalous_windows": ((WINDOWS, WINDOWS), {}),
    "bayesian_test": (COUNTS, {"model": "beta_binomial"}),
    "bootstrap_one": (VALUES[:1], {}),
    "chi_square": (([3, 4], [5, 6]), {}),
    "cochran_mantel_haenszel": (STRATA, {}),
    "effective_sample_size": (VALUES[:1], {}),
    "equivalence": ((*VALUES, "10%"), {}),
    "exact_proportions": (COUNTS, {}),
    "fairness_gap": (STRATA, {}),
    "flips": ((canary.Policy.default(["errors"]),), ARMS),
    "inverse_propensity_means": ((*VALUES, [1.0] * 8, [2.0] * 8), {}),
    "judge": ((), ARMS),
    "plan_duration": ((100, 0.05), {"baseline": 0.01, "change": "25%"}),
    "plan_group_sequential": ((), {"looks": 5}),
    "post_stratified_means": ((*STRATA_OF_VALUES, {"a": 1.0}), {}),
    "power_means": ((), {"sd": 1, **SIZES}),
    "power_proportions": ((), {"baseline": 0.1, **SIZES}),
    "power_ranks": ((), SIZES),
    "power_rates": ((), {"baseline": 0.1, **SIZES}),
    "power_two_proportions": ((0.1, 0.2, 90, 90), {}),
    "ratio_metric": ((([1, 2], [3, 4]), ([2, 3], [3, 5])), {}),
    "trend": (VALUES[:1], {}),
    "two_proportion_z": (COUNTS, {}),
    "two_proportion_z_many": (([3], [90], [9], [90]), {}),
    "two_rates": (COUNTS, {}),
    "van_elteren": (STRATA_OF_VALUES, {}),
}
# Options of words whose default is no word.
WITHOUT_A_WORD = {("bayesian_test", "model"), ("bayesian_test", "measure")}


def words():
    """Every function of the core with each of its options that takes a word."""
    for name in canary.__all__:
        function = getattr(canary, name)
        if getattr(function, "__module__", None) != "canary._core" or isinstance(function, type):
            continue
        for option in inspect.signature(function).parameters.values():
            if isinstance(option.default, str) or (name, option.name) in WITHOUT_A_WORD:
                yield name, option.name


def arguments(name):
    return CALLS.get(name, (MANY if name.endswith("_many") else VALUES, {}))


@pytest.mark.parametrize("name", sorted({name for name, _ in words()}))
def test_every_function_answers(name):
    positional, options = arguments(name)
    assert getattr(canary, name)(*positional, **options) is not None


@pytest.mark.parametrize(("name", "option"), list(words()))
def test_an_unknown_word_is_refused(name, option):
    positional, options = arguments(name)
    with pytest.raises(canary.InvalidOption, match=rf'^{option}: must be .*, got "?typo"?$'):
        getattr(canary, name)(*positional, **{**options, option: "typo"})


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

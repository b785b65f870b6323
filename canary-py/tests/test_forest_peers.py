"""scikit-learn's isolation forest and ours: the same scores by the same trees, alike by others."""

import json
import warnings
from pathlib import Path

import canary
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

REFERENCE = Path(__file__).resolve().parents[2] / "fixtures" / "reference"
EXACT = 1e-12
#: How much farther from scikit-learn our mean scores may be than its other seeds are on average.
FACTOR = 1.5


def read(name):
    return json.loads((REFERENCE / name).read_text())


CASES = read("isolation_forest.json")["cases"]
TABLES = {table["name"]: table for table in read("isolation_forest_means.json")["tables"]}
LABELLED = [name for name, table in TABLES.items() if "labels" in table]


def level_by_level(tree, features):
    """scikit-learn's tree as ours: the children of a node are neighbours, leaves have no child."""
    numbers, following = [0], 1
    arrays = {"feature": [], "threshold": [], "child": [], "size": []}
    for node in numbers:  # grows while it is gone through
        inner = tree.children_left[node] >= 0
        arrays["feature"].append(int(features[tree.feature[node]]) if inner else 0)
        arrays["threshold"].append(float(tree.threshold[node]) if inner else 0.0)
        arrays["child"].append(following if inner else 0)
        arrays["size"].append(int(tree.n_node_samples[node]))
        if inner:
            numbers += [tree.children_left[node], tree.children_right[node]]
            following += 2
    return arrays


def forest_json(*, n_features, sample_size, offset, trees):
    return json.dumps(
        {
            "version": 1,
            "n_features": n_features,
            "sample_size": sample_size,
            "missing": "raise",
            "offset": offset,
            "trees": trees,
        }
    )


def sklearn_forest(model):
    """A fitted scikit-learn forest as the JSON of ours."""
    return forest_json(
        n_features=int(model.n_features_in_),
        sample_size=int(model.max_samples_),
        offset=float(model.offset_),
        trees=[
            level_by_level(estimator.tree_, features)
            for estimator, features in zip(
                model.estimators_, model.estimators_features_, strict=True
            )
        ],
    )


def as_they_see(rows):
    """Rounded to 24 bits, as scikit-learn rounds before it looks; ours are compared as they are."""
    return np.asarray(rows, dtype=np.float32).astype(float)


def near(values):
    return pytest.approx(np.asarray(values), rel=0, abs=EXACT)


# ------------------------------------------------------------------ the same trees


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_scores_of_written_trees(case):
    rows, new_rows = as_they_see(case["rows"]), as_they_see(case["new_rows"])
    forest = canary.Forest.from_json(
        forest_json(
            n_features=rows.shape[1],
            sample_size=case["psi"],
            offset=case["offset"],
            trees=case["trees"],
        )
    )
    assert forest.score_samples(rows) == near(case["score_samples"])
    assert forest.score_samples(new_rows) == near(case["new_score_samples"])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"n_estimators": 1},
        {"n_estimators": 30, "max_samples": 1},
        {"n_estimators": 30, "max_samples": 2},
        {"n_estimators": 30, "max_samples": 0.37},
        {"n_estimators": 10, "max_samples": 1500},
        {"n_estimators": 40, "max_features": 0.4},
        {"n_estimators": 40, "max_features": 1},
        {"n_estimators": 40, "bootstrap": True},
        {"n_estimators": 40, "contamination": 0.07},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["normal", "tied", "large", "float32"])
def test_scores_of_live_trees(options, kind):
    random = np.random.default_rng(11)
    x = random.standard_normal((1500, 5)) * [1e-3, 1, 1, 1e4, 1e9]
    new = random.standard_normal((700, 5)) * [1e-2, 3, 1, 1e4, 1e9]
    if kind == "tied":
        x, new = x.round(), new.round()
    elif kind == "large":
        x, new = x + 1e9, new + 1e9
    elif kind == "float32":
        x, new = x.astype(np.float32), new.astype(np.float32)
    theirs = IsolationForest(random_state=3, **options).fit(x)
    ours = canary.Forest.from_json(sklearn_forest(theirs))
    for rows in (x, new):
        assert ours.score_samples(as_they_see(rows)) == near(theirs.score_samples(rows))


@pytest.mark.parametrize("n", [1, 2, 3, 10, 255, 256, 257])
def test_scores_of_few_rows(n):
    x = np.random.default_rng(n).lognormal(size=(n, 3))
    theirs = IsolationForest(n_estimators=50, random_state=n).fit(x)
    ours = canary.Forest.from_json(sklearn_forest(theirs))
    assert ours.score_samples(as_they_see(x)) == near(theirs.score_samples(x))


# ------------------------------------------------------------------ trees of our own


@pytest.mark.parametrize("name", TABLES)
def test_mean_scores(name):
    """8 seeds of 1,000 trees, within 1.5 times what two such sets of scikit-learn's differ by."""
    table = TABLES[name]
    rows, first = np.array(table["rows"]), np.array(table["first"])
    scores = [
        canary.IsolationForest(
            n_estimators=1000, max_samples=min(256, len(rows)), random_state=seed
        )
        .fit(rows)
        .score_samples(rows)
        for seed in range(8)
    ]
    assert np.abs(np.mean(scores, axis=0) - first).mean() <= FACTOR * table["spread"]


@pytest.mark.parametrize("name", LABELLED)
def test_areas_under_the_roc_curve(name):
    """10 seeds of 100 trees, within three standard errors of scikit-learn's."""
    table = TABLES[name]
    rows, theirs = np.array(table["rows"]), table["auroc"]
    areas = []
    for seed in range(10):
        model = canary.IsolationForest(
            n_estimators=100, max_samples=min(256, len(rows)), random_state=seed
        ).fit(rows)
        areas.append(roc_auc_score(table["labels"], -model.score_samples(rows)))
    error = np.hypot(np.std(areas, ddof=1) / 10**0.5, theirs["sd"] / theirs["seeds"] ** 0.5)
    assert abs(np.mean(areas) - theirs["mean"]) <= 3 * error
    if name == "mulcross":
        assert np.mean(areas) >= 0.96  # Liu, Ting and Zhou (2008): 0.97


@pytest.mark.parametrize("contamination", ["auto", 0.01, 0.1, 0.5])
def test_offset(contamination):
    rows = np.array(TABLES["canary_metrics"]["rows"])
    model = canary.IsolationForest(contamination=contamination, random_state=0).fit(rows)
    scores = model.score_samples(rows)
    offset = -0.5 if contamination == "auto" else np.percentile(scores, 100 * contamination)
    assert model.offset_ == near(offset)
    assert model.decision_function(rows) == near(scores - model.offset_)
    outlier = model.decision_function(rows) < 0
    np.testing.assert_array_equal(model.predict(rows), np.where(outlier, -1, 1))


# ------------------------------------------------------------------ as one of scikit-learn's


def test_defaults_are_scikit_learns():
    ours, theirs = canary.IsolationForest().get_params(), IsolationForest().get_params()
    assert ours.pop("random_state") == 0  # a verdict must come out the same again
    shared = ours.keys() & theirs.keys()
    assert {"n_estimators", "max_samples", "max_features", "contamination"} <= shared
    assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}


def test_clone():
    rows = np.array(TABLES["iris"]["rows"])
    model = canary.IsolationForest(n_estimators=20, max_samples=64, random_state=5).fit(rows)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "offset_")
    np.testing.assert_array_equal(copy.fit(rows).score_samples(rows), model.score_samples(rows))


def test_pipeline():
    rows = np.array(TABLES["diabetes"]["rows"])
    pipeline = make_pipeline(
        StandardScaler(), canary.IsolationForest(n_estimators=50, random_state=5)
    ).fit(rows)
    scaled = StandardScaler().fit_transform(rows)
    alone = canary.IsolationForest(n_estimators=50, random_state=5).fit(scaled)
    np.testing.assert_array_equal(pipeline.score_samples(rows), alone.score_samples(scaled))
    assert set(pipeline.predict(rows)) <= {-1, 1}


def checks():
    # The generator calls the estimator's class to see what it is; only `check_` is run later.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(estimator_checks_generator(canary.IsolationForest(n_estimators=10)))


def check_name(value):
    function = getattr(value, "func", value)
    return getattr(function, "__name__", type(value).__name__)


@pytest.mark.parametrize(("estimator", "check"), checks(), ids=check_name)
# Some checks fit classes that are not of scikit-learn, or on fewer rows than asked for.
@pytest.mark.filterwarnings("ignore")
def test_estimator_checks(estimator, check):
    check(estimator)

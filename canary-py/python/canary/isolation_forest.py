"""The isolation forest as an estimator with scikit-learn's habits.

It is Python because its habits are: parameters that are set after construction, attributes that
appear when it is fitted, errors of the classes that pipelines look for. What it computes, `Forest`
does.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from canary._core import CanaryError, Forest, InvalidInput, InvalidOption

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    _RandomState: TypeAlias = int | np.random.RandomState | np.random.Generator | None


class IsolationForest:
    """Finds rows that are unlike the others, as `sklearn.ensemble.IsolationForest` does.

    Liu, Ting and Zhou (2008). It takes that class's place: the same methods, attributes, sign and
    scale, inside a `Pipeline` and with `clone`, without importing scikit-learn. `Forest.fit` has
    the formulas and says what is otherwise.

    Parameters:
        n_estimators: How many trees.
        max_samples: How many rows each tree grows on: `"auto"` is 256, or all where there are
            fewer; a whole number; or a fraction of all.
        max_features: How many features each tree may use: a whole number or a fraction of all.
        contamination: Which part of the training rows to take for anomalies, in (0, 0.5]; `"auto"`
            is an offset of -0.5.
        bootstrap: Whether a tree's rows are drawn with replacement.
        extension_level: With k > 0, splits are hyperplanes of k + 1 features (the extended forest).
        missing: `"raise"` refuses NaN; `"both_ways"` sends a row both ways where it misses what a
            split asks for, in parts like those of the rows that do not.
        random_state: The seed: the same seed, the same forest, on any machine and any number of
            threads. `None` draws one; numpy's generators give one.

    Attributes:
        forest_: The fitted `Forest`, which is written and read, and explains its scores.
        offset_: The score below which a row is an anomaly.
        max_samples_: How many rows each tree grew on.
        n_features_in_, feature_names_in_: The features, and their names where the rows had names.

    >>> rows = numpy.array([[1.0, 5.0], [1.1, 5.2], [0.9, 5.1], [1.0, 9.0]])
    >>> model = canary.IsolationForest(contamination=0.25).fit(rows)
    >>> model.predict(rows).tolist()
    [1, 1, 1, -1]
    >>> model.contributions(rows)[3].argmax()  # the second feature
    np.int64(1)
    """

    _estimator_type = "outlier_detector"

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_samples: str | float = "auto",
        max_features: float = 1.0,
        contamination: str | float = "auto",
        bootstrap: bool = False,
        extension_level: int = 0,
        missing: str = "raise",
        random_state: _RandomState = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.contamination = contamination
        self.bootstrap = bootstrap
        self.extension_level = extension_level
        self.missing = missing
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """The parameters by name.

        >>> canary.IsolationForest(n_estimators=20).get_params()["n_estimators"]
        20
        """
        # A subclass may have more of them.
        names = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: object) -> IsolationForest:
        """Sets parameters by name.

        >>> canary.IsolationForest().set_params(n_estimators=20).n_estimators
        20
        """
        known = self.get_params()
        for name in params:
            if name not in known:
                message = f"{name}: must be one of {', '.join(known)}, got {name!r}"
                raise InvalidOption(message)
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def fit(self, X: ArrayLike, y: object = None) -> IsolationForest:  # noqa: ARG002, N803
        """Grows the forest on rows; `y` is not looked at.

        >>> canary.IsolationForest().fit([[1.0], [1.1], [0.9]]).offset_
        -0.5
        """
        rows = _table(X)
        forest = Forest.fit(
            rows,
            n_estimators=self.n_estimators,
            max_samples=self.max_samples,
            max_features=self.max_features,
            contamination=self.contamination,
            bootstrap=self.bootstrap,
            extension_level=self.extension_level,
            missing=self.missing,
            random_state=_seed(self.random_state),
        )
        names = _names(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self.forest_ = forest
        return self

    def score_samples(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """The score of each row, between -1 and 0: the lower, the more of an anomaly.

        >>> model = canary.IsolationForest().fit([[1.0], [1.1], [0.9], [7.0]])
        >>> bool(model.score_samples([[7.0]]) < model.score_samples([[1.0]]))
        True
        """
        return self._fitted(X).score_samples(X)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """The score above `offset_`: negative for anomalies.

        >>> model = canary.IsolationForest().fit([[1.0], [1.1], [0.9], [7.0]])
        >>> bool(model.decision_function([[7.0]])[0] < 0)
        True
        """
        return self._fitted(X).decision_function(X)

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:  # noqa: N803
        """-1 for each row that is an anomaly, 1 for each that is not.

        >>> canary.IsolationForest().fit([[1.0], [1.1], [0.9], [7.0]]).predict([[7.0], [1.0]])
        array([-1,  1])
        """
        return self._fitted(X).predict(X)

    def fit_predict(self, X: ArrayLike, y: object = None) -> NDArray[np.int64]:  # noqa: N803
        """Grows the forest on rows and predicts the same rows.

        >>> canary.IsolationForest().fit_predict([[1.0], [1.1], [0.9], [7.0]])
        array([ 1,  1,  1, -1])
        """
        return self.fit(X, y).predict(X)

    def contributions(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """Why each row scores as it does, a column for each feature: see `Forest.contributions`.

        >>> model = canary.IsolationForest().fit([[1.0, 5.0], [1.1, 5.2], [0.9, 5.1], [1.0, 9.0]])
        >>> model.contributions([[1.0, 9.0]]).argmax()
        np.int64(1)
        """
        return self._fitted(X).contributions(X)

    @property
    def offset_(self) -> float:
        """The score below which a row is an anomaly.

        >>> canary.IsolationForest().fit([[1.0], [1.1], [0.9]]).offset_
        -0.5
        """
        return self._forest().offset

    @property
    def max_samples_(self) -> int:
        """How many rows each tree grew on.

        >>> canary.IsolationForest().fit([[1.0], [1.1], [0.9]]).max_samples_
        3
        """
        return self._forest().sample_size

    @property
    def n_features_in_(self) -> int:
        """How many features a row has.

        >>> canary.IsolationForest().fit([[1.0], [1.1], [0.9]]).n_features_in_
        1
        """
        return self._forest().n_features

    def _forest(self) -> Forest:
        try:
            return self.forest_
        except AttributeError:
            raise _not_fitted() from None

    def _fitted(self, rows: ArrayLike) -> Forest:
        """The forest, if it can score such rows."""
        forest = self._forest()
        # An array of numbers is checked where it is read.
        if type(rows) is np.ndarray and rows.ndim == 2 and rows.shape[1] == forest.n_features:
            return forest
        names, known = _names(rows), getattr(self, "feature_names_in_", None)
        if names is not None and known is not None and not np.array_equal(names, known):
            message = (
                "The feature names should match those that were passed during fit: "
                f"rows must have the columns {list(known)}, got {list(names)}"
            )
            raise InvalidInput(message)
        shape = _table(rows).shape
        if shape[1] != forest.n_features:
            message = (
                f"X has {shape[1]} features, but IsolationForest is expecting "
                f"{forest.n_features} features as input"
            )
            raise InvalidInput(message)
        return forest

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "forest_")

    def __sklearn_tags__(self) -> object:
        # Asked for by scikit-learn alone, so it is there.
        from sklearn.utils import Tags, TargetTags
        from sklearn.utils._tags import InputTags

        return Tags(
            estimator_type="outlier_detector",
            target_tags=TargetTags(required=False),
            input_tags=InputTags(allow_nan=self.missing == "both_ways"),
        )

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(defaults[name].default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"


def _table(rows: ArrayLike) -> NDArray[Any]:
    """The rows as numpy has them, refused where they are no table, in the words pipelines know."""
    if hasattr(rows, "toarray"):
        message = f"rows: sparse data must be made dense with toarray(), got {type(rows).__name__}"
        raise InvalidInput(message)
    if hasattr(rows, "__array_function__") and not hasattr(rows, "__array__"):
        message = f"rows: must be an array, got {type(rows).__name__}"
        raise InvalidInput(message)
    table = np.asarray(rows)
    if table.ndim != 2:
        message = (
            f"rows: Expected 2D array, a row for each point, got {table.ndim}D array instead. "
            "Reshape your data: reshape(-1, 1) makes one feature of a row of numbers"
        )
        raise InvalidInput(message)
    if table.shape[1] == 0:
        message = (
            f"rows: 0 feature(s) (shape={table.shape}) while a minimum of 1 is required, got none"
        )
        raise InvalidInput(message)
    if table.dtype.kind == "c":
        message = f"rows: Complex data not supported, got {table.dtype}"
        raise InvalidInput(message)
    objects = table.flat if table.dtype.kind == "O" else ()
    if any(isinstance(cell, (dict, list, tuple)) for cell in objects):
        message = "rows: the argument must be a string or a real number in each cell"
        raise TypeError(message)
    return table


def _names(rows: object) -> NDArray[Any] | None:
    """The columns' names, where all are texts."""
    columns = getattr(rows, "columns", None)
    if columns is None:
        return None
    names = np.asarray(list(columns), dtype=object)
    return names if len(names) and all(isinstance(name, str) for name in names) else None


def _seed(random_state: _RandomState) -> int:
    """A seed, drawn from a generator or anew where there is none."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, 2**63, dtype=np.int64))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(0, 2**63))
    is_whole = isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool)
    if is_whole and 0 <= random_state < 2**64:
        return int(random_state)
    message = (
        "random_state: must be a whole number from 0 to 2^64 - 1, None or a numpy generator, "
        f"got {random_state!r}"
    )
    raise InvalidOption(message)


IsolationForest.__module__ = "canary"


class _NotFittedError(CanaryError, AttributeError):
    """The estimator has not been fitted."""


def _not_fitted() -> Exception:
    """The error for an estimator without a forest; scikit-learn's own where that is at work."""
    message = "This IsolationForest instance is not fitted yet: call fit first"
    if sys.modules.get("sklearn") is not None:
        from sklearn.exceptions import NotFittedError

        error: Exception = NotFittedError(message)
        return error
    return _NotFittedError(message)

"""Judges canary releases: is the canary worse than the baseline, and how sure are we?

The arms come in the order baseline, canary. An estimate is canary minus baseline, or canary
divided by baseline, and ``alternative="greater"`` means that the canary is greater.
"""

from canary._core import DEBUG_BUILD as _DEBUG_BUILD
from canary._core import ArmLevel as ArmLevel
from canary._core import CanaryError as CanaryError
from canary._core import Change as Change
from canary._core import Counts as Counts
from canary._core import Estimate as Estimate
from canary._core import Exposure as Exposure
from canary._core import Finding as Finding
from canary._core import Gauge as Gauge
from canary._core import Histogram as Histogram
from canary._core import Interval as Interval
from canary._core import InvalidInput as InvalidInput
from canary._core import InvalidOption as InvalidOption
from canary._core import InvalidPolicy as InvalidPolicy
from canary._core import NotEnoughData as NotEnoughData
from canary._core import Policy as Policy
from canary._core import Sample as Sample
from canary._core import Series as Series
from canary._core import Summary as Summary
from canary._core import TestResult as TestResult
from canary._core import Verdict as Verdict
from canary._core import __version__ as __version__
from canary._core import judge as judge
from canary._core import mann_whitney as mann_whitney
from canary._core import t_test as t_test
from canary._core import two_proportion_z as two_proportion_z
from canary.playbook import AnalysisResult as AnalysisResult
from canary.playbook import CanaryAnalyzer as CanaryAnalyzer
from canary.playbook import CanaryMetrics as CanaryMetrics
from canary.playbook import CanaryStatisticalAnalyzer as CanaryStatisticalAnalyzer
from canary.playbook import StatisticalResult as StatisticalResult
from canary.playbook import is_statistically_significant as is_statistically_significant

__all__ = [
    "AnalysisResult",
    "ArmLevel",
    "CanaryAnalyzer",
    "CanaryError",
    "CanaryMetrics",
    "CanaryStatisticalAnalyzer",
    "Change",
    "Counts",
    "Estimate",
    "Exposure",
    "Finding",
    "Gauge",
    "Histogram",
    "Interval",
    "InvalidInput",
    "InvalidOption",
    "InvalidPolicy",
    "NotEnoughData",
    "Policy",
    "Sample",
    "Series",
    "StatisticalResult",
    "Summary",
    "TestResult",
    "Verdict",
    "__version__",
    "is_statistically_significant",
    "judge",
    "mann_whitney",
    "t_test",
    "two_proportion_z",
]

if _DEBUG_BUILD:
    import warnings

    warnings.warn("canary was built without optimisation: it is slow", RuntimeWarning, stacklevel=2)

"""Judges canary releases: is the canary worse than the baseline, and how sure are we?

The arms come in the order baseline, canary. An estimate is canary minus baseline, or canary
divided by baseline, and ``alternative="greater"`` means that the canary is greater.
"""

from canary._core import DEBUG_BUILD as _DEBUG_BUILD
from canary._core import Advice as Advice
from canary._core import AnomalyResult as AnomalyResult
from canary._core import AnomalyWindow as AnomalyWindow
from canary._core import ArgoAnalysis as ArgoAnalysis
from canary._core import ArgoLook as ArgoLook
from canary._core import ArmLevel as ArmLevel
from canary._core import BayesResult as BayesResult
from canary._core import BootstrapResult as BootstrapResult
from canary._core import CanaryError as CanaryError
from canary._core import Change as Change
from canary._core import ChangePoint as ChangePoint
from canary._core import Clusters as Clusters
from canary._core import Counts as Counts
from canary._core import CusumMonitor as CusumMonitor
from canary._core import Dependence as Dependence
from canary._core import Discoveries as Discoveries
from canary._core import DistributionComparisonMonitor as DistributionComparisonMonitor
from canary._core import EDetectorMonitor as EDetectorMonitor
from canary._core import EquivalenceResult as EquivalenceResult
from canary._core import Estimate as Estimate
from canary._core import EventSplitMonitor as EventSplitMonitor
from canary._core import Exposure as Exposure
from canary._core import FairnessResult as FairnessResult
from canary._core import Finding as Finding
from canary._core import FlaggerAnalysis as FlaggerAnalysis
from canary._core import FlaggerLook as FlaggerLook
from canary._core import Flip as Flip
from canary._core import FlipChange as FlipChange
from canary._core import Forest as Forest
from canary._core import Gap as Gap
from canary._core import Gauge as Gauge
from canary._core import GroupPlan as GroupPlan
from canary._core import GroupSequentialMonitor as GroupSequentialMonitor
from canary._core import Histogram as Histogram
from canary._core import Homogeneity as Homogeneity
from canary._core import Incident as Incident
from canary._core import Interval as Interval
from canary._core import InvalidInput as InvalidInput
from canary._core import InvalidOption as InvalidOption
from canary._core import InvalidPolicy as InvalidPolicy
from canary._core import KeptnAnalysis as KeptnAnalysis
from canary._core import KeptnEvaluation as KeptnEvaluation
from canary._core import LookBounds as LookBounds
from canary._core import ManyResults as ManyResults
from canary._core import MeanSequenceMonitor as MeanSequenceMonitor
from canary._core import MixtureSprtMonitor as MixtureSprtMonitor
from canary._core import NotEnoughData as NotEnoughData
from canary._core import Overdispersion as Overdispersion
from canary._core import Plan as Plan
from canary._core import PlannedLook as PlannedLook
from canary._core import Policy as Policy
from canary._core import PowerResult as PowerResult
from canary._core import ProportionBlocksMonitor as ProportionBlocksMonitor
from canary._core import ProportionSequenceMonitor as ProportionSequenceMonitor
from canary._core import QuantileComparisonMonitor as QuantileComparisonMonitor
from canary._core import QuantileSequenceMonitor as QuantileSequenceMonitor
from canary._core import RandomCutForestMonitor as RandomCutForestMonitor
from canary._core import Rope as Rope
from canary._core import Sample as Sample
from canary._core import SampleRatio as SampleRatio
from canary._core import SampleRatioMonitor as SampleRatioMonitor
from canary._core import Scored as Scored
from canary._core import Series as Series
from canary._core import SeriesMonitor as SeriesMonitor
from canary._core import SprtMonitor as SprtMonitor
from canary._core import SprtPlan as SprtPlan
from canary._core import State as State
from canary._core import StreamScore as StreamScore
from canary._core import Summary as Summary
from canary._core import TakenLook as TakenLook
from canary._core import TestResult as TestResult
from canary._core import TrendResult as TrendResult
from canary._core import Verdict as Verdict
from canary._core import WindowDependence as WindowDependence
from canary._core import __version__ as __version__
from canary._core import adjust as adjust
from canary._core import anderson_darling as anderson_darling
from canary._core import anderson_darling_groups as anderson_darling_groups
from canary._core import anomalous_windows as anomalous_windows
from canary._core import bayesian_test as bayesian_test
from canary._core import bootstrap as bootstrap
from canary._core import bootstrap_one as bootstrap_one
from canary._core import breslow_day as breslow_day
from canary._core import brown_forsythe as brown_forsythe
from canary._core import brunner_munzel as brunner_munzel
from canary._core import brunner_munzel_many as brunner_munzel_many
from canary._core import chi_square as chi_square
from canary._core import cochran_mantel_haenszel as cochran_mantel_haenszel
from canary._core import combine_e_values as combine_e_values
from canary._core import compare_trends as compare_trends
from canary._core import e_benjamini_hochberg as e_benjamini_hochberg
from canary._core import e_to_p as e_to_p
from canary._core import effective_sample_size as effective_sample_size
from canary._core import equivalence as equivalence
from canary._core import exact_proportions as exact_proportions
from canary._core import fairness_gap as fairness_gap
from canary._core import flips as flips
from canary._core import incidents as incidents
from canary._core import inverse_propensity_means as inverse_propensity_means
from canary._core import judge as judge
from canary._core import kolmogorov_smirnov as kolmogorov_smirnov
from canary._core import kolmogorov_smirnov_many as kolmogorov_smirnov_many
from canary._core import mann_whitney as mann_whitney
from canary._core import mann_whitney_many as mann_whitney_many
from canary._core import normal_cdf as normal_cdf
from canary._core import normal_quantile as normal_quantile
from canary._core import overdispersion as overdispersion
from canary._core import p_to_e as p_to_e
from canary._core import paired_series as paired_series
from canary._core import paired_t as paired_t
from canary._core import plan_duration as plan_duration
from canary._core import plan_group_sequential as plan_group_sequential
from canary._core import post_stratified_means as post_stratified_means
from canary._core import power_means as power_means
from canary._core import power_proportions as power_proportions
from canary._core import power_ranks as power_ranks
from canary._core import power_rates as power_rates
from canary._core import power_two_proportions as power_two_proportions
from canary._core import quantile_test as quantile_test
from canary._core import quantile_test_many as quantile_test_many
from canary._core import ratio_metric as ratio_metric
from canary._core import sample_ratio as sample_ratio
from canary._core import signed_rank as signed_rank
from canary._core import t_test as t_test
from canary._core import t_test_many as t_test_many
from canary._core import trend as trend
from canary._core import two_proportion_z as two_proportion_z
from canary._core import two_proportion_z_many as two_proportion_z_many
from canary._core import two_rates as two_rates
from canary._core import van_elteren as van_elteren
from canary.isolation_forest import IsolationForest as IsolationForest
from canary.playbook import AnalysisResult as AnalysisResult
from canary.playbook import CanaryAnalyzer as CanaryAnalyzer
from canary.playbook import CanaryMetrics as CanaryMetrics
from canary.playbook import CanaryStatisticalAnalyzer as CanaryStatisticalAnalyzer
from canary.playbook import StatisticalResult as StatisticalResult
from canary.playbook import detect_anomalies as detect_anomalies
from canary.playbook import is_statistically_significant as is_statistically_significant

__all__ = [
    "Advice",
    "AnalysisResult",
    "AnomalyResult",
    "AnomalyWindow",
    "ArgoAnalysis",
    "ArgoLook",
    "ArmLevel",
    "BayesResult",
    "BootstrapResult",
    "CanaryAnalyzer",
    "CanaryError",
    "CanaryMetrics",
    "CanaryStatisticalAnalyzer",
    "Change",
    "ChangePoint",
    "Clusters",
    "Counts",
    "CusumMonitor",
    "Dependence",
    "Discoveries",
    "DistributionComparisonMonitor",
    "EDetectorMonitor",
    "EquivalenceResult",
    "Estimate",
    "EventSplitMonitor",
    "Exposure",
    "FairnessResult",
    "Finding",
    "FlaggerAnalysis",
    "FlaggerLook",
    "Flip",
    "FlipChange",
    "Forest",
    "Gap",
    "Gauge",
    "GroupPlan",
    "GroupSequentialMonitor",
    "Histogram",
    "Homogeneity",
    "Incident",
    "Interval",
    "InvalidInput",
    "InvalidOption",
    "InvalidPolicy",
    "IsolationForest",
    "KeptnAnalysis",
    "KeptnEvaluation",
    "LookBounds",
    "ManyResults",
    "MeanSequenceMonitor",
    "MixtureSprtMonitor",
    "NotEnoughData",
    "Overdispersion",
    "Plan",
    "PlannedLook",
    "Policy",
    "PowerResult",
    "ProportionBlocksMonitor",
    "ProportionSequenceMonitor",
    "QuantileComparisonMonitor",
    "QuantileSequenceMonitor",
    "RandomCutForestMonitor",
    "Rope",
    "Sample",
    "SampleRatio",
    "SampleRatioMonitor",
    "Scored",
    "Series",
    "SeriesMonitor",
    "SprtMonitor",
    "SprtPlan",
    "State",
    "StatisticalResult",
    "StreamScore",
    "Summary",
    "TakenLook",
    "TestResult",
    "TrendResult",
    "Verdict",
    "WindowDependence",
    "__version__",
    "adjust",
    "anderson_darling",
    "anderson_darling_groups",
    "anomalous_windows",
    "bayesian_test",
    "bootstrap",
    "bootstrap_one",
    "breslow_day",
    "brown_forsythe",
    "brunner_munzel",
    "brunner_munzel_many",
    "chi_square",
    "cochran_mantel_haenszel",
    "combine_e_values",
    "compare_trends",
    "detect_anomalies",
    "e_benjamini_hochberg",
    "e_to_p",
    "effective_sample_size",
    "equivalence",
    "exact_proportions",
    "fairness_gap",
    "flips",
    "incidents",
    "inverse_propensity_means",
    "is_statistically_significant",
    "judge",
    "kolmogorov_smirnov",
    "kolmogorov_smirnov_many",
    "mann_whitney",
    "mann_whitney_many",
    "normal_cdf",
    "normal_quantile",
    "overdispersion",
    "p_to_e",
    "paired_series",
    "paired_t",
    "plan_duration",
    "plan_group_sequential",
    "post_stratified_means",
    "power_means",
    "power_proportions",
    "power_ranks",
    "power_rates",
    "power_two_proportions",
    "quantile_test",
    "quantile_test_many",
    "ratio_metric",
    "sample_ratio",
    "signed_rank",
    "t_test",
    "t_test_many",
    "trend",
    "two_proportion_z",
    "two_proportion_z_many",
    "two_rates",
    "van_elteren",
]

if _DEBUG_BUILD:
    import warnings

    warnings.warn("canary was built without optimisation: it is slow", RuntimeWarning, stacklevel=2)

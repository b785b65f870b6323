//! The extension module `canary._core`: a thin shell around `canary-core`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what Python hands over is taken by value; the crate's errors end here"
)]

mod anomaly;
mod convert;
mod data;
mod engines;
mod error;
mod flip;
mod judge;
mod sequential;
mod stats;
mod wrap;

use pyo3::prelude::pymodule;

/// The compiled part of the package; import `canary` instead.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::anomaly::forest::Forest;
    #[pymodule_export]
    use super::anomaly::incidents::{Incident, incidents};
    #[pymodule_export]
    use super::anomaly::stream::{RandomCutForestMonitor, StreamScore};
    #[pymodule_export]
    use super::anomaly::windows::{
        AnomalyResult, AnomalyWindow, WindowDependence, anomalous_windows,
    };
    #[pymodule_export]
    use super::data::{Counts, Exposure, Gauge, Histogram, Sample, Series, Summary};
    #[pymodule_export]
    use super::engines::{
        ArgoAnalysis, ArgoLook, FlaggerAnalysis, FlaggerLook, KeptnAnalysis, KeptnEvaluation,
    };
    #[pymodule_export]
    use super::error::{CanaryError, InvalidInput, InvalidOption, InvalidPolicy, NotEnoughData};
    #[pymodule_export]
    use super::flip::{Flip, FlipChange, flips};
    #[pymodule_export]
    use super::judge::finding::{Change, Finding};
    #[pymodule_export]
    use super::judge::judge;
    #[pymodule_export]
    use super::judge::policy::{Advice, Policy};
    #[pymodule_export]
    use super::judge::verdict::{Scored, Verdict};
    #[pymodule_export]
    use super::sequential::change::{ChangePoint, CusumMonitor, EDetectorMonitor};
    #[pymodule_export]
    use super::sequential::combine::{
        Discoveries, combine_e_values, e_benjamini_hochberg, e_to_p, p_to_e,
    };
    #[pymodule_export]
    use super::sequential::counts::{EventSplitMonitor, SampleRatioMonitor};
    #[pymodule_export]
    use super::sequential::group_sequential::{
        GroupPlan, GroupSequentialMonitor, LookBounds, PlannedLook, TakenLook,
        plan_group_sequential,
    };
    #[pymodule_export]
    use super::sequential::means::{MeanSequenceMonitor, ProportionSequenceMonitor};
    #[pymodule_export]
    use super::sequential::mixture::{MixtureSprtMonitor, ProportionBlocksMonitor};
    #[pymodule_export]
    use super::sequential::quantile::{
        DistributionComparisonMonitor, QuantileComparisonMonitor, QuantileSequenceMonitor,
    };
    #[pymodule_export]
    use super::sequential::series::SeriesMonitor;
    #[pymodule_export]
    use super::sequential::sprt::{SprtMonitor, SprtPlan};
    #[pymodule_export]
    use super::sequential::{Dependence, State};
    #[pymodule_export]
    use super::stats::bayes::{BayesResult, Rope, bayesian_test};
    #[pymodule_export]
    use super::stats::equivalence::{EquivalenceResult, adjust, equivalence};
    #[pymodule_export]
    use super::stats::location::{
        brown_forsythe, brunner_munzel, effective_sample_size, mann_whitney, paired_series,
        paired_t, signed_rank, t_test,
    };
    #[pymodule_export]
    use super::stats::many::{
        ManyResults, brunner_munzel_many, kolmogorov_smirnov_many, mann_whitney_many,
        quantile_test_many, t_test_many, two_proportion_z_many,
    };
    #[pymodule_export]
    use super::stats::power::{
        Plan, PowerResult, normal_cdf, normal_quantile, plan_duration, power_means,
        power_proportions, power_ranks, power_rates, power_two_proportions,
    };
    #[pymodule_export]
    use super::stats::proportions::{
        Clusters, FairnessResult, Gap, Overdispersion, SampleRatio, chi_square, exact_proportions,
        fairness_gap, overdispersion, ratio_metric, sample_ratio, two_proportion_z, two_rates,
    };
    #[pymodule_export]
    use super::stats::result::{ArmLevel, Estimate, Interval, TestResult};
    #[pymodule_export]
    use super::stats::shape::{
        BootstrapResult, anderson_darling, anderson_darling_groups, bootstrap, bootstrap_one,
        kolmogorov_smirnov, quantile_test,
    };
    #[pymodule_export]
    use super::stats::strata::{
        Homogeneity, breslow_day, cochran_mantel_haenszel, inverse_propensity_means,
        post_stratified_means, van_elteren,
    };
    #[pymodule_export]
    use super::stats::trend::{TrendResult, compare_trends, trend};

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// Whether it was built without optimisation, and is slow.
    #[pymodule_export]
    const DEBUG_BUILD: bool = cfg!(debug_assertions);
}

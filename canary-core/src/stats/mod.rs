//! Floor 2a: fixed-sample inference. Knows numbers only.
//!
//! | question | test | assumes | cost |
//! |---|---|---|---|
//! | did the mean move? | [`TTest`] (Welch) | independent values; means nearly normal | one pass |
//! | ... of the same requests on both arms? | [`PairedT`], [`SignedRank`] | independent pairs | one pass; a sort |
//! | ... of several requests a user? | [`RatioMetric`] | independent users (clusters) | one pass |
//! | ... of minutes that remember each other? | [`PairedSeries`] | both arms at the same times | one pass |
//! | did the whole distribution shift? | [`MannWhitney`] | independent values; for the shift, equal shapes | a sort |
//! | is a canary value mostly greater? | [`BrunnerMunzel`] | independent values | a sort |
//! | does anything about the distribution differ? | [`KolmogorovSmirnov`], [`AndersonDarling`] | independent values; for the latter few ties | a sort |
//! | did the spread change? | [`BrownForsythe`] | independent values | one pass |
//! | did a percentile move? | [`QuantileTest`] | independent values | a sort |
//! | any statistic, with an interval? | [`Bootstrap`] | independent values, or blocks of a series | the resamples; nothing for quantiles |
//! | did the share of failures change? | [`TwoProportionZ`]; [`ExactProportions`] for few | independent trials | constant |
//! | did the categories' shares change? | [`ChiSquare`] | independent trials, 5 expected a cell | constant |
//! | did the rate of events change? | [`TwoRates`] | events come one by one: see [`Overdispersion`] | constant |
//! | the same within regions, devices, hours? | [`CochranMantelHaenszel`], [`VanElteren`], [`WeightedMeans`] | the same change in every stratum | as the test within |
//! | does it leak? | [`Trend`] | order alone | n² slopes up to 3,000 values, then n log n |
//! | is it safe to promote? | [`Equivalence`] | as the test within | as the test within |
//! | how probable is it that the canary is worse? | [`BayesianTest`] | a prior | milliseconds |
//! | is the gap between groups larger? | [`FairnessGap`] | independent trials | constant |
//! | is the traffic split as configured? | [`sample_ratio()`] | independent requests | constant |
//! | how many requests, how long? | [`Power`], [`Traffic`] | as the test that is planned | microseconds |
//! | which of many p-values count? | [`adjust`](adjust()) | by the method | a sort |
//!
//! Which of them hold their error rates on which data, and from how many values on, is simulated in
//! the project's calibration tables.
//!
//! Every test is a small builder with defaults and a `run`; every one returns a [`TestResult`].
//! The canary is the subject: an estimate is canary minus baseline (or canary divided by
//! baseline), and `Alternative::Greater` means that the canary is greater.
//!
//! These are *fixed-sample* tests: their error rate holds for one look at data whose size did not
//! depend on them. Looked at every minute until they speak, they raise many times more false
//! alarms than their alpha.

mod anderson_darling;
mod bayes;
mod bootstrap;
mod brown_forsythe;
mod brunner_munzel;
mod cochran_mantel_haenszel;
mod contrast;
mod equivalence;
mod fairness;
mod input;
mod kolmogorov_smirnov;
mod mann_whitney;
mod many;
mod multiplicity;
mod overdispersion;
mod paired_series;
mod paired_t;
mod power;
mod proportions;
mod quantile_test;
mod ranks;
mod ratio_metric;
mod result;
mod sample_ratio;
mod signed_rank;
mod symmetric;
mod t_test;
mod trend;
mod two_rates;
mod van_elteren;
mod weighted_means;

pub use anderson_darling::AndersonDarling;
pub use bayes::{
    BayesDecision, BayesModel, BayesResult, BayesianTest, MeanPrior, Posterior, Rope, Typical,
};
pub use bootstrap::{Bootstrap, BootstrapInterval, BootstrapResult, Pairing, Statistic};
pub use brown_forsythe::{BrownForsythe, Centre};
pub use brunner_munzel::{BrunnerMunzel, BrunnerMunzelMethod};
pub use cochran_mantel_haenszel::{CochranMantelHaenszel, breslow_day};
pub use equivalence::{Equivalence, EquivalenceOutcome, EquivalenceResult, Goal};
pub use fairness::{FairnessGap, FairnessNotion, FairnessResult, Gap};
pub use kolmogorov_smirnov::KolmogorovSmirnov;
pub use mann_whitney::{Continuity, MannWhitney, RankMethod, ShiftInterval};
pub use many::many;
pub use multiplicity::{Adjustment, adjust};
pub use overdispersion::Overdispersion;
pub use paired_series::{PairedSeries, SeriesMethod, effective_sample_size};
pub use paired_t::PairedT;
pub use power::{
    Model, Plan, Power, PowerGoal, PowerResult, Traffic, normal_cdf, normal_quantile,
    power_two_proportions,
};
pub use proportions::{
    ChiSquare, ChiSquareContinuity, ExactProportions, ProportionInterval, ProportionMethod,
    TwoProportionZ,
};
pub(crate) use proportions::{Share, newcombe_reach};
pub use quantile_test::{QuantileInterval, QuantileTest};
pub use ratio_metric::{Clusters, RatioMetric};
pub use result::{
    ArmLevel, Effect, EffectSize, Estimate, Homogeneity, Interval, Method, TestName, TestResult,
};
pub use sample_ratio::{SampleRatio, sample_ratio};
pub use signed_rank::{SignedRank, ZeroPolicy};
pub use t_test::{TTest, Variance};
pub use trend::{Autocorrelation, SlopeInterval, Trend, TrendResult};
pub use two_rates::{RateMethod, TwoRates};
pub use van_elteren::VanElteren;
pub use weighted_means::WeightedMeans;

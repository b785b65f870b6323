//! What a check demands: a threshold on one number, a test with a margin, a sentence in the language
//! of conditions, or one of the kinds that need more than one metric or the whole distribution.

use crate::error::{Error, Result};
use crate::options::{Confidence, Margin, choice};
use crate::stats::{FairnessNotion, TestName};

use super::expression::Expression;
use super::statistic::Statistic;

/// What a check demands of its metric, or of several together.
///
/// | kind | question | answers |
/// |---|---|---|
/// | [`Threshold`] | is one number within fixed limits, or near the baseline's? | two |
/// | [`TestCondition`] | is the canary worse by more than a margin? At one look, or at any | three |
/// | [`DistributionCondition`] | are more than so many requests slower by more than a margin? | three |
/// | [`TrendCondition`] | does the canary grow faster, as a leak does? | three |
/// | [`AnomalyCondition`] | are more windows unlike the rest, by several metrics together? | three |
/// | [`FairnessCondition`] | are groups of people treated alike? | three |
/// | [`SampleRatioCondition`] | does the traffic split as configured? | two |
/// | [`MissingCondition`] | is too much of the data missing? | two |
/// | [`ExpressionCondition`] | does a condition hold, as people write it? | three |
/// | [`StandardCondition`] | is the canary worse in any way that such data can show? | three |
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a policy has few checks, and a test reads better without a box"
)]
pub enum Condition {
    /// A point comparison, as playbooks write them: "p99 at most 2x the baseline". It has two
    /// answers and knows nothing of chance.
    Threshold(Threshold),
    /// A statistical comparison with a margin: three answers.
    Test(TestCondition),
    /// The whole curve: few observations beyond the margin.
    Distribution(DistributionCondition),
    /// Growth over time against the baseline's.
    Trend(TrendCondition),
    /// Hardly more windows that are unlike the rest, by several metrics together, than the baseline
    /// has itself: three answers.
    Anomaly(AnomalyCondition),
    /// The gap between groups.
    Fairness(FairnessCondition),
    /// How the traffic splits.
    SampleRatio(SampleRatioCondition),
    /// How much was not measured.
    Missing(MissingCondition),
    /// A sentence such as `error_rate > 5% or latency_p99 > 2000ms`.
    Expression(ExpressionCondition),
    /// Everything that such observations can show, by the kind they are of.
    Standard(StandardCondition),
}

impl Condition {
    /// What of the metric it is about, in a check's name: `p99`, `mean`, `anomalies`.
    pub(super) fn level(&self) -> String {
        match self {
            Self::Threshold(threshold) => match threshold.statistic {
                Some(statistic) => statistic.to_string(),
                None => String::new(),
            },
            Self::Test(test) => test.level(),
            Self::Distribution(_) => "curve".to_owned(),
            Self::Trend(_) => "trend".to_owned(),
            Self::Anomaly(_) => "anomalies".to_owned(),
            Self::Fairness(fairness) => fairness.notion.as_str().replace('_', " "),
            Self::SampleRatio(_) => "split".to_owned(),
            Self::Missing(_) => "missing".to_owned(),
            Self::Expression(expression) => {
                let texts: Vec<&str> = expression.both().map(Expression::as_str).collect();
                texts.join(", ")
            }
            Self::Standard(_) => String::new(),
        }
    }

    /// Takes its numbers in the metric's unit for so many times as large ones: of those in percent, a
    /// hundredth are shares.
    pub(super) fn in_another_unit(&mut self, per: f64) {
        let share = |x: &mut f64| *x /= per;
        let margin = |margin: &mut Margin| {
            if let Margin::Difference(difference) = margin {
                *difference /= per;
            }
        };
        match self {
            Self::Threshold(threshold) => match &mut threshold.bound {
                Bound::Relative(relative) => margin(relative),
                Bound::Absolute { min, max } => {
                    [min, max].into_iter().flatten().for_each(share);
                }
            },
            Self::Test(test) => {
                margin(&mut test.margin);
                test.floor.iter_mut().for_each(share);
            }
            Self::Standard(standard) => {
                standard.margin.iter_mut().for_each(margin);
                standard.floor.iter_mut().for_each(share);
            }
            // Conditions convert their own numbers; the others have none in the metric's unit.
            Self::Expression(_)
            | Self::Distribution(_)
            | Self::Trend(_)
            | Self::Anomaly(_)
            | Self::Fairness(_)
            | Self::SampleRatio(_)
            | Self::Missing(_) => {}
        }
    }

    /// What is wrong with it for a check of so many metrics, if anything is.
    pub(super) fn check(&self, metrics: usize) -> Result<()> {
        let takes = match self {
            Self::Anomaly(_) => 1..=usize::MAX,
            Self::Expression(_) => 0..=usize::MAX,
            Self::Fairness(_) => 2..=usize::MAX,
            _ => 1..=1,
        };
        if !takes.contains(&metrics) {
            let rule = match (self, metrics) {
                (Self::Fairness(_), _) => {
                    "fairness needs at least two groups, each a metric of counts"
                }
                (_, 0) => "needs at least one metric",
                _ => "such a check looks at one metric",
            };
            return Err(Error::option("metrics", rule, metrics));
        }
        match self {
            Self::Threshold(_) => Ok(()),
            Self::Test(test) => test.check(),
            Self::Distribution(distribution) => distribution.check(),
            Self::Trend(trend) => trend.check(),
            Self::Anomaly(anomaly) => anomaly.check(),
            Self::Fairness(fairness) => fairness.check(),
            Self::SampleRatio(split) => split.check(),
            Self::Missing(missing) => missing.check(),
            Self::Expression(expression) => expression.check(),
            Self::Standard(standard) => standard.check(),
        }
    }
}

/// One number of an arm held against a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Which number; `None` is the rate of counts and the value of a gauge.
    pub statistic: Option<Statistic>,
    /// What it must not pass.
    pub bound: Bound,
}

/// What a threshold's number must not pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// Fixed limits of the canary's own number, in the metric's unit; the baseline is not asked.
    Absolute {
        /// At least this.
        min: Option<f64>,
        /// At most this.
        max: Option<f64>,
    },
    /// At most so much worse than the baseline's number.
    Relative(Margin),
}

choice! {
    /// The tests that a check can ask for: those whose interval can be held against a margin.
    #[derive(Default)]
    TestMethod("method") {
        /// The one that suits the observations: `two_proportion_z` for counts, `two_rates` for
        /// exposures, `paired_series` for series, `t_test` for samples and summaries, `quantile` for
        /// histograms.
        #[default]
        Auto = "auto",
        /// Student's or Welch's t, on samples, series and summaries.
        TTest = "t_test",
        /// Mann-Whitney U, on samples and series.
        MannWhitney = "mann_whitney",
        /// A quantile by order statistics, on samples, series and histograms.
        Quantile = "quantile",
        /// Mean distance from the median, on samples and series: has the spread grown?
        Spread = "spread",
        /// Two-proportion z, on counts.
        TwoProportionZ = "two_proportion_z",
        /// Two Poisson rates, on exposures.
        TwoRates = "two_rates",
        /// Series at the same times: what both arms share cancels, and memory is allowed for.
        PairedSeries = "paired_series",
    }
}

choice! {
    /// What a test is to show.
    #[derive(Default)]
    TestGoal("goal") {
        /// That the canary is not worse than the margin allows.
        #[default]
        NonInferiority = "non_inferiority",
        /// That it is neither worse nor better than the margin allows.
        Equivalence = "equivalence",
        /// That it is better, by the margin or more.
        Superiority = "superiority",
    }
}

choice! {
    /// At how many looks at data that grow a test's answer holds.
    #[derive(Default)]
    Looks("looks") {
        /// At one: the sharpest interval there is, for whoever judges once.
        #[default]
        Once = "once",
        /// At all of them together: for whoever judges all data so far again and again, and keeps nothing
        /// in between. The error rate is that of the whole rollout.
        Any = "any",
    }
}

/// A test and how much worse is still acceptable.
///
/// # At any look
/// With [`Looks::Any`] all data so far may be judged again and again, by somebody who keeps nothing in
/// between: the chance that *any* of the looks is wrong is what one look has otherwise. It takes about twice
/// the data. What is asked are the monitors of [`crate::sequential`], all data at once:
///
/// | observations | monitor | holds under |
/// |---|---|---|
/// | counts, exposures | [`MixtureSprt`](crate::sequential::MixtureSprt) | events that come one by one |
/// | samples and summaries (`t_test`) | [`MixtureSprt`](crate::sequential::MixtureSprt) | independent values |
/// | samples (`quantile`) | [`QuantileComparison`](crate::sequential::QuantileComparison) | independent values |
/// | series | [`SeriesComparison`](crate::sequential::SeriesComparison), pair by pair | nothing: memory is measured, from 16 pairs on |
///
/// Totals say nothing of how events came: bursts cannot be seen, and count as that many events. And
/// totals add up minutes of different traffic. While the canary's share of the traffic is the same, what
/// changes for both arms cancels; where the share changes while the level does, begin anew with each share, or
/// hand what came in between to a [`Watch`](super::Watch). There such a test is watched like any other.
/// A later look may take an answer back, as the data may: the promise is about the first one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestCondition {
    /// Which test.
    pub method: TestMethod,
    /// Which quantile, in (0, 1), where the method is one of a quantile.
    pub quantile: f64,
    /// The largest degradation one is willing to accept; of superiority, the least improvement.
    pub margin: Margin,
    /// A difference that is always acceptable, however large a part of the baseline it is: the
    /// larger of both counts. A percentage of hardly anything is hardly anything.
    pub floor: Option<f64>,
    /// From which part of the margin on a canary fails that is proved to be worse, in (0, 1]: see
    /// [`StandardCondition`]. Of non-inferiority alone.
    pub fail_beyond: f64,
    /// What is to be shown.
    pub goal: TestGoal,
    /// Confidence of the interval that is held against the margin.
    pub confidence: Confidence,
    /// Whether that holds for one look at the data, or for all looks together.
    pub looks: Looks,
}

impl TestCondition {
    /// The test that suits the observations, held against `margin`: non-inferiority, confidence
    /// 0.95, no floor.
    ///
    /// ```
    /// use canary_core::Margin;
    /// use canary_core::judge::{TestCondition, TestMethod};
    ///
    /// let at_most_5_percent_slower = TestCondition::new(Margin::Percent(5.0)).by(TestMethod::MannWhitney);
    /// assert_eq!(at_most_5_percent_slower.confidence.get(), 0.95);
    /// ```
    #[must_use]
    pub fn new(margin: Margin) -> Self {
        Self {
            method: TestMethod::Auto,
            quantile: 0.5,
            margin,
            floor: None,
            fail_beyond: 1.0,
            goal: TestGoal::NonInferiority,
            confidence: Confidence::default(),
            looks: Looks::Once,
        }
    }

    /// The same at any look, as far as there is a monitor for the method.
    ///
    /// ```
    /// use canary_core::judge::{Check, TestCondition};
    /// use canary_core::{Arms, Counts, Margin, Metric, Policy, Snapshot, Status, judge};
    /// use std::collections::BTreeMap;
    ///
    /// let test = TestCondition::new(Margin::Percent(50.0)).at_any_look();
    /// let metrics = BTreeMap::from([("error_rate".to_owned(), Metric::default())]);
    /// let policy = Policy::new(metrics, vec![Check::new("error_rate", test)])?;
    /// // All requests so far, judged anew every minute.
    /// let verdict = |minutes: u64| {
    ///     let requests = Arms::new((9, 950), (2, 50));
    ///     let requests = requests.map(|(errors, of)| Counts::new(errors * minutes, of * minutes).unwrap());
    ///     judge(&policy, &Snapshot::new().with("error_rate", requests)?)
    /// };
    /// assert_eq!(verdict(1)?.status, Status::Inconclusive);
    /// assert_eq!(verdict(15)?.status, Status::Fail);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub const fn at_any_look(mut self) -> Self {
        self.looks = Looks::Any;
        self
    }

    /// What is compared, in a check's name.
    pub(super) fn level(&self) -> String {
        match self.method {
            TestMethod::Auto => String::new(),
            TestMethod::Quantile => Statistic::Percentile(100.0 * self.quantile).to_string(),
            TestMethod::TTest | TestMethod::PairedSeries => "mean".to_owned(),
            TestMethod::MannWhitney => TestName::MannWhitney.level().to_owned(),
            TestMethod::Spread => "spread".to_owned(),
            TestMethod::TwoProportionZ | TestMethod::TwoRates => "rate".to_owned(),
        }
    }

    /// The same by another test.
    #[must_use]
    pub const fn by(mut self, method: TestMethod) -> Self {
        self.method = method;
        self
    }

    /// The same of a quantile, in (0, 1): 0.99 for the p99.
    #[must_use]
    pub const fn of_quantile(mut self, quantile: f64) -> Self {
        self.method = TestMethod::Quantile;
        self.quantile = quantile;
        self
    }

    /// What is out of range, if anything is.
    pub(super) fn check(&self) -> Result<()> {
        self.margin.check()?;
        inside("test.quantile", self.quantile, (0.0, 1.0))?;
        part("test.fail_beyond", self.fail_beyond)?;
        if let Some(floor) = self.floor
            && !(floor >= 0.0 && floor.is_finite())
        {
            let rule = "must be at least 0 and finite";
            return Err(Error::option("test.margin.floor", rule, floor));
        }
        let has_monitor = !matches!(self.method, TestMethod::MannWhitney | TestMethod::Spread);
        if self.looks == Looks::Any && !has_monitor {
            let rule = "must be auto, t_test, quantile, two_proportion_z, two_rates or paired_series \
                        for a test at any look";
            return Err(Error::option("test.method", rule, self.method));
        }
        Ok(())
    }
}

/// At most `share` of the observations are worse than the baseline's by more than `margin`.
///
/// ```
/// use canary_core::Margin;
/// use canary_core::judge::DistributionCondition;
///
/// // At most one request in fifty is more than 20 % slower than it would have been.
/// let condition = DistributionCondition::new(Margin::Percent(20.0));
/// assert_eq!(condition.share, 0.02);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DistributionCondition {
    /// How much worse any quantile may be.
    pub margin: Margin,
    /// Which share of the observations may be worse than that, in [0, 1).
    pub share: f64,
    /// From which part of the margin on a canary fails that is proved to be worse, in (0, 1], where a
    /// rollout is watched.
    pub fail_beyond: f64,
    /// Confidence of the interval that is held against the share.
    pub confidence: Confidence,
}

impl DistributionCondition {
    /// At most 2 % of the observations beyond the margin, with confidence 0.95.
    #[must_use]
    pub fn new(margin: Margin) -> Self {
        Self {
            margin,
            share: 0.02,
            fail_beyond: 1.0,
            confidence: Confidence::default(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.margin.check()?;
        part("distribution.fail_beyond", self.fail_beyond)?;
        if self.share != 0.0 {
            inside("distribution.share", self.share, (0.0, 1.0))?;
        }
        Ok(())
    }
}

/// The canary may grow by at most `margin` more than the baseline, over `over` units of time: memory
/// that leaks, a queue that fills.
///
/// ```
/// use canary_core::Margin;
/// use canary_core::judge::TrendCondition;
///
/// // At most 10 % of the baseline's level in an hour, times being in seconds.
/// assert_eq!(TrendCondition::new(Margin::Percent(10.0), 3600.0).over, 3600.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendCondition {
    /// How much faster it may grow: a difference in the metric's unit, or a part of the baseline's
    /// mean.
    pub margin: Margin,
    /// In how much time, in the unit of the series' times.
    pub over: f64,
    /// Confidence of the interval that is held against the margin.
    pub confidence: Confidence,
}

impl TrendCondition {
    /// With confidence 0.95.
    #[must_use]
    pub fn new(margin: Margin, over: f64) -> Self {
        Self {
            margin,
            over,
            confidence: Confidence::default(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.margin.check()?;
        inside("trend.over", self.over, (0.0, f64::INFINITY))?;
        Ok(())
    }
}

/// Groups of people, each a metric of counts, must be treated alike: see
/// [`FairnessGap`](crate::stats::FairnessGap).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FairnessCondition {
    /// What makes groups equal.
    pub notion: FairnessNotion,
    /// The canary's gap must be at least this: 0.8 for the four-fifths rule of `disparate_impact`.
    pub min: Option<f64>,
    /// The canary's gap must be at most this: 0.1 for differences of rates.
    pub max: Option<f64>,
    /// Confidence of the interval that is held against the limits.
    pub confidence: Confidence,
}

impl FairnessCondition {
    /// The usual limits: at least 0.8 for a ratio of rates (the four-fifths rule, EEOC 1978), at most
    /// 0.1 for a difference.
    ///
    /// ```
    /// use canary_core::judge::FairnessCondition;
    /// use canary_core::stats::FairnessNotion;
    ///
    /// assert_eq!(FairnessCondition::new(FairnessNotion::DisparateImpact).min, Some(0.8));
    /// ```
    #[must_use]
    pub fn new(notion: FairnessNotion) -> Self {
        let is_ratio = notion == FairnessNotion::DisparateImpact;
        Self {
            notion,
            min: is_ratio.then_some(0.8),
            max: (!is_ratio).then_some(0.1),
            confidence: Confidence::default(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        for (name, limit) in [("fairness.min", self.min), ("fairness.max", self.max)] {
            if let Some(limit) = limit
                && !(0.0..=1.0).contains(&limit)
            {
                return Err(Error::option(name, "must lie in [0, 1]", limit));
            }
        }
        if self.min.is_none() && self.max.is_none() {
            return Err(Error::option("fairness", "must have min or max", "none"));
        }
        Ok(())
    }
}

/// The canary must get its share of the requests: a chi-square test whose failure says that something
/// other than the release differs, so that no other finding can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleRatioCondition {
    /// The canary's share of both arms' traffic, in (0, 1).
    pub canary: f64,
    /// The p-value at or below which the split is wrong. Small, because with enough requests any
    /// router is found to be a little off.
    pub alpha: f64,
}

impl SampleRatioCondition {
    /// With the usual alpha of 0.001 (Fabijan et al. 2019 use 0.0005 to 0.01).
    ///
    /// ```
    /// assert_eq!(canary_core::judge::SampleRatioCondition::new(0.05).alpha, 0.001);
    /// ```
    #[must_use]
    pub const fn new(canary: f64) -> Self {
        Self {
            canary,
            alpha: 0.001,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        inside("sample_ratio.canary", self.canary, (0.0, 1.0))?;
        inside("sample_ratio.alpha", self.alpha, (0.0, 1.0))?;
        Ok(())
    }
}

/// At most so much of either arm's data may be missing: gaps in a series, and NaN that were left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MissingCondition {
    /// The largest acceptable share, in [0, 1).
    pub max: f64,
}

impl MissingCondition {
    pub(super) fn check(&self) -> Result<()> {
        if !(0.0..1.0).contains(&self.max) {
            return Err(Error::option("missing.max", "must lie in [0, 1)", self.max));
        }
        Ok(())
    }
}

/// What must not hold (`fail_if`), what must (`pass_if`), or both: then FAIL comes first, and where
/// neither holds the answer is INCONCLUSIVE.
///
/// ```
/// use canary_core::judge::{Expression, ExpressionCondition};
///
/// let rollback = ExpressionCondition::fail_if(Expression::parse("error_rate > 3%")?);
/// assert!(rollback.pass_if.is_none());
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionCondition {
    /// The canary fails where this holds: `error-rate > 3%`.
    pub fail_if: Option<Expression>,
    /// The canary passes where this holds: `success_rate >= 99%`.
    pub pass_if: Option<Expression>,
}

impl ExpressionCondition {
    /// FAIL where the condition holds, else PASS.
    #[must_use]
    pub const fn fail_if(condition: Expression) -> Self {
        Self {
            fail_if: Some(condition),
            pass_if: None,
        }
    }

    /// PASS where the condition holds, else FAIL.
    #[must_use]
    pub const fn pass_if(condition: Expression) -> Self {
        Self {
            fail_if: None,
            pass_if: Some(condition),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.fail_if.is_none() && self.pass_if.is_none() {
            let rule = "must have fail_if or pass_if";
            return Err(Error::option("condition", rule, "none"));
        }
        Ok(())
    }

    /// Both conditions, as far as they are there.
    pub(super) fn both(&self) -> impl Iterator<Item = &Expression> {
        [&self.fail_if, &self.pass_if].into_iter().flatten()
    }
}

/// Worse in no way that its observations can show; what that is stands in
/// [the table](mod@crate::judge#the-standard-checks).
///
/// Two changes are told apart, as in Wald's sequential test (1945): half of the margin, up to which a
/// canary is harmless, and the margin, from which on it is not acceptable. What is proved to be within the
/// margin passes, what is proved to be beyond half of it (and is not proved to be within all of it) fails;
/// the chance of a wrong failure of a harmless canary, and of a wrong pass of one that is not acceptable, is
/// at most 5 % each. In between either answer is right, which is what lets faults be found soon.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StandardCondition {
    /// The largest degradation one is willing to accept; by default 50 % of rates and 20 % of values.
    pub margin: Option<Margin>,
    /// A difference that is always acceptable; by default a quarter of a percentage point of
    /// proportions.
    pub floor: Option<f64>,
}

impl StandardCondition {
    pub(super) fn check(&self) -> Result<()> {
        if let Some(margin) = self.margin {
            let test = TestCondition::new(margin);
            return TestCondition {
                floor: self.floor,
                ..test
            }
            .check();
        }
        Ok(())
    }
}

/// A part of a margin.
fn part(argument: &str, value: f64) -> Result<()> {
    if value > 0.0 && value <= 1.0 {
        return Ok(());
    }
    Err(Error::option(argument, "must lie in (0, 1]", value))
}

fn inside(argument: &str, value: f64, (low, high): (f64, f64)) -> Result<()> {
    if value > low && value < high {
        return Ok(());
    }
    let rule = match high {
        f64::INFINITY => format!("must be more than {low} and finite"),
        _ => format!("must lie in ({low}, {high})"),
    };
    Err(Error::option(argument, rule, value))
}

/// How many more anomalous windows are still acceptable: see
/// [`AnomalousWindows`](crate::anomaly::AnomalousWindows).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnomalyCondition {
    /// By how much the canary's share of anomalous windows may exceed the baseline's own, from 0 to
    /// 1.
    pub margin: f64,
    /// Which part of the baseline's held-out windows counts as anomalous, in (0, 0.5].
    pub contamination: f64,
    /// Confidence of the interval that is held against the margin.
    pub confidence: Confidence,
}

impl AnomalyCondition {
    /// With the usual contamination of 0.1 and confidence of 0.95.
    ///
    /// ```
    /// assert_eq!(canary_core::judge::AnomalyCondition::new(0.2).contamination, 0.1);
    /// ```
    #[must_use]
    pub fn new(margin: f64) -> Self {
        Self {
            margin,
            contamination: 0.1,
            confidence: Confidence::default(),
        }
    }

    /// The same where its shares are in range; else what is wrong.
    pub(super) fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.margin) {
            let rule = "must lie in [0, 1]";
            return Err(Error::option("anomaly.margin", rule, self.margin));
        }
        if !(self.contamination > 0.0 && self.contamination <= 0.5) {
            let rule = "must lie in (0, 0.5]";
            return Err(Error::option(
                "anomaly.contamination",
                rule,
                self.contamination,
            ));
        }
        Ok(())
    }
}

/// Each kind is a condition.
macro_rules! into_condition {
    ($($kind:ident($type:ident)),+ $(,)?) => {$(
        impl From<$type> for Condition {
            fn from(condition: $type) -> Self {
                Self::$kind(condition)
            }
        }
    )+};
}
into_condition!(
    Threshold(Threshold),
    Test(TestCondition),
    Distribution(DistributionCondition),
    Trend(TrendCondition),
    Anomaly(AnomalyCondition),
    Fairness(FairnessCondition),
    SampleRatio(SampleRatioCondition),
    Missing(MissingCondition),
    Expression(ExpressionCondition),
    Standard(StandardCondition),
);

//! What a check demands, as it stands in a file.

use super::document;
use crate::error::{Error, Result};
use crate::judge::condition::{
    AnomalyCondition, Bound, DistributionCondition, FairnessCondition, Looks, MissingCondition,
    SampleRatioCondition, StandardCondition, TestCondition, TestGoal, TestMethod, Threshold,
    TrendCondition,
};
use crate::judge::statistic::Statistic;
use crate::judge::units::Quantity;
use crate::options::{Confidence, Margin};
use crate::stats::FairnessNotion;

document! {
    /// A number that must stay within `min` and `max`, or at most a `factor`, `percent` or
    /// `difference` worse than the baseline's.
    ThresholdDocument("Threshold") {
        ;
        /// Which number: `p99`, `mean`, `last`, ...; counts and gauges need none.
        statistic: Statistic,
        /// The canary's number must be at least this, e.g. `95%`.
        min: Quantity,
        /// The canary's number must be at most this, e.g. `500ms`.
        max: Quantity,
        /// At most this many times worse than the baseline, e.g. `2x`.
        factor: Quantity,
        /// At most this many percent worse than the baseline, e.g. `50%`.
        percent: Quantity,
        /// At most this much worse than the baseline, e.g. `20ms`, or `0.5%` of all requests.
        difference: Quantity,
    }
}

document! {
    /// A statistical test whose interval is held against a margin.
    TestDocument("Test") {
        /// The largest degradation one is willing to accept; of superiority, the least improvement.
        margin: MarginDocument,
        ;
        /// Which test; by default the one that suits the observations.
        method: TestMethod,
        /// Which quantile, e.g. `p99`, for the method of that name.
        quantile: Statistic,
        /// What is to be shown: `non_inferiority` (by default), equivalence or superiority.
        goal: TestGoal,
        /// From which part of the margin on a canary fails that is proved to be worse, e.g. `50%`; all of
        /// it by default.
        fail_beyond: Quantity,
        /// Confidence of the interval, e.g. `99%`; 95% by default.
        confidence: Quantity,
        /// Whether the interval holds for one look at the data: `once` (by default), or for as many looks
        /// at all data so far as there are: `any`.
        looks: Looks,
    }
}

document! {
    /// Few observations may be worse than the baseline's of the same rank by more than a margin.
    DistributionDocument("Distribution") {
        /// How much worse any quantile may be.
        margin: MarginDocument,
        ;
        /// Which share of the observations may be worse than that; 2% by default.
        share: Quantity,
        /// From which part of the margin on a canary fails that is proved to be worse, e.g. `50%`; all of
        /// it by default.
        fail_beyond: Quantity,
        /// Confidence of the interval, e.g. `99%`; 95% by default.
        confidence: Quantity,
    }
}

document! {
    /// How much more the canary may grow than the baseline.
    TrendDocument("Trend") {
        /// How much more, in the metric's unit or as a part of the baseline's mean.
        margin: MarginDocument,
        /// In how much time, e.g. `1h`; a plain number is in the unit of the series' times.
        over: Quantity,
        ;
        /// Confidence of the interval, e.g. `99%`; 95% by default.
        confidence: Quantity,
    }
}

document! {
    /// By how much the canary's share of anomalous windows may exceed the baseline's own.
    AnomalyDocument("Anomaly") {
        /// The excess that one is willing to accept, e.g. `10%` of all windows.
        margin: Quantity,
        ;
        /// Which part of the baseline's own windows counts as anomalous, e.g. `5%`; 10% by default.
        contamination: Quantity,
        /// Confidence of the interval, e.g. `99%`; 95% by default.
        confidence: Quantity,
    }
}

document! {
    /// How differently groups of people may be treated.
    FairnessDocument("Fairness") {
        /// What makes groups equal: `demographic_parity`, `equal_opportunity` or `disparate_impact`.
        notion: FairnessNotion,
        ;
        /// The gap must be at least this: 0.8 by default for `disparate_impact`, a ratio.
        min: Quantity,
        /// The gap must be at most this: 0.1 by default for the others, differences.
        max: Quantity,
        /// Confidence of the interval, e.g. `99%`; 95% by default.
        confidence: Quantity,
    }
}

document! {
    /// How the traffic is configured to split.
    SampleRatioDocument("SampleRatio") {
        /// The canary's share, e.g. `5%`.
        canary: Quantity,
        ;
        /// The p-value at or below which the split is wrong; 0.001 by default.
        alpha: f64,
    }
}

document! {
    /// How much may be missing.
    MissingDocument("Missing") {
        /// The largest acceptable share of either arm's data, e.g. `10%`.
        max: Quantity,
        ;
    }
}

document! {
    /// Worse in no way that its observations can show.
    StandardDocument("Standard") {
        ;
        /// The largest degradation one is willing to accept; by default 50 % of rates, 20 % of values.
        margin: MarginDocument,
    }
}

document! {
    /// Exactly one of `factor`, `percent` and `difference`.
    MarginDocument("Margin") {
        ;
        /// At most this many times worse, e.g. `2x`.
        factor: Quantity,
        /// At most this many percent worse, e.g. `5%`.
        percent: Quantity,
        /// At most this much worse, e.g. `20ms`, or `0.5%` of all requests.
        difference: Quantity,
        /// A difference that is always acceptable, however large a part of the baseline it is, e.g.
        /// `0.25%` of all requests beside a percent of `50%`.
        floor: Quantity,
    }
}

impl ThresholdDocument {
    pub(super) fn read(self, unit: Option<&str>) -> Result<Threshold> {
        let number = |key: &str, quantity: Option<Quantity>| {
            let value = quantity.map(|quantity| quantity.in_unit(unit)).transpose();
            value.map_err(|error| error.in_argument(&format!("threshold.{key}")))
        };
        let (min, max) = (number("min", self.min)?, number("max", self.max)?);
        let margin = MarginDocument {
            factor: self.factor,
            percent: self.percent,
            difference: self.difference,
            floor: None,
        };
        let bound = match (min.is_some() || max.is_some(), margin.is_empty()) {
            (true, true) => Bound::Absolute { min, max },
            (false, false) => Bound::Relative(margin.read(unit, "threshold")?.0),
            (absolute, _) => {
                let got = if absolute { "both kinds" } else { "none" };
                let rule = "must have min or max, or one of factor, percent and difference";
                return Err(Error::option("threshold", rule, got));
            }
        };
        Ok(Threshold {
            statistic: self.statistic,
            bound,
        })
    }
}

impl TestDocument {
    /// A test that stands under the key `name`, which may tell its goal and its method.
    pub(super) fn read(
        self,
        name: &str,
        unit: Option<&str>,
        goal: TestGoal,
        method: TestMethod,
    ) -> Result<TestCondition> {
        let (margin, floor) = self.margin.read(unit, &format!("{name}.margin"))?;
        let quantile = match self.quantile {
            None => None,
            Some(Statistic::Percentile(p)) => Some(p / 100.0),
            Some(other) => {
                let rule = "must be a percentile like p99";
                return Err(Error::option(format!("{name}.quantile"), rule, other));
            }
        };
        let method = match (self.method, quantile) {
            (Some(method), _) => method,
            (None, Some(_)) => TestMethod::Quantile,
            (None, None) => method,
        };
        let condition = TestCondition {
            method,
            quantile: quantile.unwrap_or(0.5),
            margin,
            floor,
            fail_beyond: share(self.fail_beyond, &format!("{name}.fail_beyond"))?.unwrap_or(1.0),
            goal: self.goal.unwrap_or(goal),
            confidence: confidence(self.confidence, name)?,
            looks: self.looks.unwrap_or_default(),
        };
        condition.check()?;
        Ok(condition)
    }

    /// The same at any look, as the key `sequential` says.
    pub(super) fn at_any_look(self) -> Result<Self> {
        if self.looks == Some(Looks::Once) {
            let rule = "must be any, as the key says";
            return Err(Error::option("sequential.looks", rule, Looks::Once));
        }
        Ok(Self {
            looks: Some(Looks::Any),
            ..self
        })
    }
}

impl DistributionDocument {
    pub(super) fn read(self, unit: Option<&str>) -> Result<DistributionCondition> {
        let usual =
            DistributionCondition::new(self.margin.read_alone(unit, "distribution.margin")?);
        Ok(DistributionCondition {
            share: share(self.share, "distribution.share")?.unwrap_or(usual.share),
            fail_beyond: share(self.fail_beyond, "distribution.fail_beyond")?.unwrap_or(1.0),
            confidence: confidence(self.confidence, "distribution")?,
            ..usual
        })
    }
}

impl TrendDocument {
    pub(super) fn read(self, unit: Option<&str>) -> Result<TrendCondition> {
        let over = self.over.in_unit(Some("s"));
        let over = over.map_err(|error| error.in_argument("trend.over"))?;
        Ok(TrendCondition {
            confidence: confidence(self.confidence, "trend")?,
            ..TrendCondition::new(self.margin.read_alone(unit, "trend.margin")?, over)
        })
    }
}

impl AnomalyDocument {
    pub(super) fn read(self) -> Result<AnomalyCondition> {
        let margin = share(Some(self.margin), "anomaly.margin")?.unwrap_or_default();
        let usual = AnomalyCondition::new(margin);
        let contamination = share(self.contamination, "anomaly.contamination")?;
        Ok(AnomalyCondition {
            contamination: contamination.unwrap_or(usual.contamination),
            confidence: confidence(self.confidence, "anomaly")?,
            ..usual
        })
    }
}

impl FairnessDocument {
    pub(super) fn read(self) -> Result<FairnessCondition> {
        let usual = FairnessCondition::new(self.notion);
        let (min, max) = (
            share(self.min, "fairness.min")?,
            share(self.max, "fairness.max")?,
        );
        let is_given = min.is_some() || max.is_some();
        Ok(FairnessCondition {
            min: if is_given { min } else { usual.min },
            max: if is_given { max } else { usual.max },
            confidence: confidence(self.confidence, "fairness")?,
            ..usual
        })
    }
}

impl SampleRatioDocument {
    pub(super) fn read(self) -> Result<SampleRatioCondition> {
        let canary = share(Some(self.canary), "sample_ratio.canary")?.unwrap_or_default();
        let usual = SampleRatioCondition::new(canary);
        Ok(SampleRatioCondition {
            alpha: self.alpha.unwrap_or(usual.alpha),
            ..usual
        })
    }
}

impl MissingDocument {
    pub(super) fn read(self) -> Result<MissingCondition> {
        let max = share(Some(self.max), "missing.max")?.unwrap_or_default();
        Ok(MissingCondition { max })
    }
}

impl StandardDocument {
    pub(super) fn read(self, unit: Option<&str>) -> Result<StandardCondition> {
        let margin = self
            .margin
            .map(|margin| margin.read(unit, "standard.margin"));
        Ok(match margin.transpose()? {
            None => StandardCondition::default(),
            Some((margin, floor)) => StandardCondition {
                margin: Some(margin),
                floor,
            },
        })
    }
}

/// A share, where one is written.
fn share(written: Option<Quantity>, place: &str) -> Result<Option<f64>> {
    let share = written.map(|share| share.in_unit(None)).transpose();
    share.map_err(|error| error.in_argument(place))
}

/// As it is written under a key of the check, or the usual one.
fn confidence(written: Option<Quantity>, place: &str) -> Result<Confidence> {
    let Some(written) = written else {
        return Ok(Confidence::default());
    };
    let level = written.in_unit(None).and_then(Confidence::try_from);
    level.map_err(|error| error.in_argument(&format!("{place}.confidence")))
}

impl MarginDocument {
    const NONE: Self = Self {
        factor: None,
        percent: None,
        difference: None,
        floor: None,
    };

    fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// The margin and its floor.
    fn read(self, unit: Option<&str>, place: &str) -> Result<(Margin, Option<f64>)> {
        let (key, margin) = match (&self.factor, &self.percent, &self.difference) {
            (Some(factor), None, None) => ("factor", factor.factor().map(Margin::Factor)),
            (None, Some(percent), None) => ("percent", percent.percent().map(Margin::Percent)),
            (None, None, Some(difference)) => (
                "difference",
                difference.in_unit(unit).map(Margin::Difference),
            ),
            (factor, percent, difference) => {
                let given = [factor, percent, difference].into_iter().flatten().count();
                let rule = "must have exactly one of factor, percent and difference";
                return Err(Error::option(place, rule, given));
            }
        };
        let checked = margin.and_then(Margin::check);
        let margin = checked.map_err(|error| error.in_argument(&format!("{place}.{key}")))?;
        let floor = self.floor.map(|floor| floor.in_unit(unit)).transpose();
        let floor = floor.map_err(|error| error.in_argument(&format!("{place}.floor")))?;
        Ok((margin, floor))
    }

    /// The margin where a floor has no meaning.
    fn read_alone(self, unit: Option<&str>, place: &str) -> Result<Margin> {
        if let Some(floor) = &self.floor {
            let rule = "is not for such a check";
            return Err(Error::option(format!("{place}.floor"), rule, floor));
        }
        Ok(self.read(unit, place)?.0)
    }

    fn of(margin: Margin, floor: Option<f64>) -> Self {
        let mut document = Self {
            floor: floor.map(Quantity::from),
            ..Self::NONE
        };
        match margin {
            Margin::Factor(factor) => document.factor = Some(factor.into()),
            Margin::Percent(percent) => document.percent = Some(percent.into()),
            Margin::Difference(difference) => document.difference = Some(difference.into()),
        }
        document
    }
}

impl From<Threshold> for ThresholdDocument {
    fn from(Threshold { statistic, bound }: Threshold) -> Self {
        let (absolute, margin) = match bound {
            Bound::Absolute { min, max } => ((min, max), MarginDocument::NONE),
            Bound::Relative(margin) => ((None, None), MarginDocument::of(margin, None)),
        };
        Self {
            statistic,
            min: absolute.0.map(Quantity::from),
            max: absolute.1.map(Quantity::from),
            factor: margin.factor,
            percent: margin.percent,
            difference: margin.difference,
        }
    }
}

impl From<TestCondition> for TestDocument {
    fn from(test: TestCondition) -> Self {
        let is_of_quantile = test.method == TestMethod::Quantile;
        Self {
            margin: MarginDocument::of(test.margin, test.floor),
            method: Some(test.method),
            quantile: is_of_quantile.then_some(Statistic::Percentile(100.0 * test.quantile)),
            goal: (test.goal != TestGoal::default()).then_some(test.goal),
            fail_beyond: (test.fail_beyond < 1.0).then(|| test.fail_beyond.into()),
            confidence: Some(test.confidence.get().into()),
            looks: (test.looks != Looks::default()).then_some(test.looks),
        }
    }
}

impl From<DistributionCondition> for DistributionDocument {
    fn from(curve: DistributionCondition) -> Self {
        Self {
            margin: MarginDocument::of(curve.margin, None),
            share: Some(curve.share.into()),
            fail_beyond: (curve.fail_beyond < 1.0).then(|| curve.fail_beyond.into()),
            confidence: Some(curve.confidence.get().into()),
        }
    }
}

impl From<TrendCondition> for TrendDocument {
    fn from(trend: TrendCondition) -> Self {
        Self {
            margin: MarginDocument::of(trend.margin, None),
            over: trend.over.into(),
            confidence: Some(trend.confidence.get().into()),
        }
    }
}

impl From<AnomalyCondition> for AnomalyDocument {
    fn from(anomaly: AnomalyCondition) -> Self {
        Self {
            margin: anomaly.margin.into(),
            contamination: Some(anomaly.contamination.into()),
            confidence: Some(anomaly.confidence.get().into()),
        }
    }
}

impl From<FairnessCondition> for FairnessDocument {
    fn from(fairness: FairnessCondition) -> Self {
        Self {
            notion: fairness.notion,
            min: fairness.min.map(Quantity::from),
            max: fairness.max.map(Quantity::from),
            confidence: Some(fairness.confidence.get().into()),
        }
    }
}

impl From<SampleRatioCondition> for SampleRatioDocument {
    fn from(split: SampleRatioCondition) -> Self {
        Self {
            canary: split.canary.into(),
            alpha: Some(split.alpha),
        }
    }
}

impl From<MissingCondition> for MissingDocument {
    fn from(missing: MissingCondition) -> Self {
        Self {
            max: missing.max.into(),
        }
    }
}

impl From<StandardCondition> for StandardDocument {
    fn from(standard: StandardCondition) -> Self {
        Self {
            margin: standard
                .margin
                .map(|margin| MarginDocument::of(margin, standard.floor)),
        }
    }
}

//! Bayesian comparison of two arms.

mod compare;
mod family;
mod result;
mod table;

use std::borrow::Cow;

use compare::{Comparison, Event};
use family::{Arm, Family, LogMean, beta_table, gamma_table, t_table};
pub use result::{BayesDecision, BayesModel, BayesResult, MeanPrior, Posterior, Rope, Typical};

use super::result::{ArmLevel, Estimate, Interval};
use super::t_test::{power_of_two, ratio_of_means};
use crate::data::{Arms, Counts, Direction, Exposure, Summary, finite};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::number::parallel;
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder};

builder! {
    #[doc = include_str!("bayes.md")]
    ///
    /// # Defaults
    /// Flat prior Beta(1, 1) for proportions, Jeffreys' Gamma(1/2, 0) for rates, the reference prior
    /// 1/σ² for means; difference for proportions and means, ratio for rates and log-normal values
    /// (of medians); more is worse; credible level 0.95; no region of practical equivalence; at least
    /// 100 trials, 10 expected events or 30 values an arm.
    ///
    /// # Example: errors
    /// ```
    /// use canary_core::{Arms, Counts, stats::{BayesDecision, BayesianTest}};
    ///
    /// let errors = Arms::new(Counts::new(95, 19_000)?, Counts::new(6, 1_000)?);
    /// let result = BayesianTest::new().rope(Some((-0.01, 0.01))).counts(&errors)?;
    /// assert!((result.p_canary_worse - 0.750_609).abs() < 1e-6);
    /// assert!((result.expected_loss - 0.002_222).abs() < 1e-6);
    /// assert_eq!(result.decision, BayesDecision::Equivalent);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    BayesianTest {
        /// Shapes of the beta prior of a proportion, both positive.
        proportion_prior: (f64, f64) = (1.0, 1.0),
        /// Shape (positive) and rate (at least 0) of the gamma prior of a rate.
        rate_prior: (f64, f64) = (0.5, 0.0),
        /// Prior of a mean and a variance; without one, the reference prior 1/σ². For log-normal
        /// values, of the logarithms'.
        mean_prior: Option<MeanPrior> = None,
        /// What is compared of log-normal values.
        of: Typical = Typical::Median,
        /// Whether the estimate is a difference or a ratio; without it, the model's default.
        measure: Option<Measure> = None,
        /// Which way is worse.
        direction: Direction = Direction::Increase,
        /// The credible level of the interval, in (0, 1).
        confidence: f64 = 0.95,
        /// The region of practical equivalence: values of the measure that are as good as no
        /// change, which lies in it. Either end may be infinite.
        rope: Option<(f64, f64)> = None,
        /// The smallest sample size of an arm: trials, expected events or values. Without it, the
        /// model's default.
        min_n: Option<u64> = None,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

const MIN_TRIALS: u64 = 100;
const MIN_EVENTS: u64 = 10;
const MIN_VALUES: u64 = 30;

/// The options once checked, and what they mean for a model.
struct Checked {
    model: BayesModel,
    measure: Measure,
    confidence: Confidence,
    what: &'static str,
    min_n: u64,
}

/// What a model makes of the data.
struct Found {
    comparison: Comparison,
    posteriors: Arms<Posterior>,
    arms: Arms<ArmLevel>,
    /// Each arm's sample size as `min_n` counts it.
    sizes: Arms<f64>,
    /// What the differences were divided by.
    unit: f64,
    /// Arms whose mean is finite as a number but infinite under its posterior.
    endless: Arms<bool>,
    /// The difference and the ratio where neither arm has any variance.
    certain: Option<(f64, f64)>,
}

impl BayesianTest {
    /// Compares proportions.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a prior that is not positive and finite, a confidence outside
    /// (0, 1), an odds ratio, and a region of practical equivalence without "no change" in it.
    pub fn counts(&self, arms: &Arms<Counts>) -> Result<BayesResult> {
        let checked = self.check(BayesModel::BetaBinomial)?;
        let (a, b) = self.proportion_prior;
        if !(is_positive(a) && is_positive(b)) {
            let rule = "must hold two positive finite numbers";
            let given = format_args!("({a}, {b})");
            return Err(Error::option("proportion_prior", rule, given));
        }
        let shapes = arms.map(|arm| {
            let failures = arm.trials() - arm.events();
            (a + arm.events() as f64, b + failures as f64)
        });
        let comparison = Comparison::new(shapes.map(|(a, b)| Arm {
            family: Family::Beta { a, b },
            table: beta_table(a, b),
            is_log: false,
        }));
        let level = |((a, b), arm): ((f64, f64), Counts)| ArmLevel::new(arm.trials(), a / (a + b));
        let found = Found {
            comparison,
            posteriors: shapes.map(|(a, b)| Posterior::Beta { a, b }),
            arms: shapes.zip(*arms).map(level),
            sizes: arms.map(|arm| arm.trials() as f64),
            unit: 1.0,
            endless: Arms::new(false, false),
            certain: None,
        };
        self.result(&checked, found)
    }

    /// Compares rates.
    ///
    /// # Errors
    /// As [`BayesianTest::counts`]; [`Error::InvalidInput`] for a time so short that the rate is no
    /// finite number.
    pub fn exposures(&self, arms: &Arms<Exposure>) -> Result<BayesResult> {
        let checked = self.check(BayesModel::GammaPoisson)?;
        let (shape, rate) = self.rate_prior;
        if !(is_positive(shape) && rate >= 0.0 && rate.is_finite()) {
            let rule = "must hold a positive shape and a rate of at least 0, both finite";
            let given = format_args!("({shape}, {rate})");
            return Err(Error::option("rate_prior", rule, given));
        }
        let gammas = arms.try_map(|name, arm| {
            let (shape, rate) = (shape + arm.events() as f64, rate + arm.time());
            if is_positive(shape / rate) {
                return Ok((shape, rate));
            }
            let rule = "must have a rate that is a finite number above 0";
            Err(Error::input(name, rule, shape / rate))
        })?;
        let comparison = Comparison::new(gammas.map(|(shape, rate)| Arm {
            family: Family::Gamma { shape, rate },
            table: gamma_table(shape),
            is_log: false,
        }));
        let level = |((shape, rate), arm): ((f64, f64), Exposure)| {
            ArmLevel::new(arm.events(), shape / rate)
        };
        let events = arms.baseline.events() as f64 + arms.canary.events() as f64;
        let (b, c) = (arms.baseline.time(), arms.canary.time());
        let found = Found {
            comparison,
            posteriors: gammas.map(|(shape, rate)| Posterior::Gamma { shape, rate }),
            arms: gammas.zip(*arms).map(level),
            sizes: Arms::new(events / (1.0 + c / b), events / (1.0 + b / c)),
            unit: 1.0,
            endless: Arms::new(false, false),
            certain: None,
        };
        self.result(&checked, found)
    }

    /// Compares means of normal values.
    ///
    /// # Errors
    /// As [`BayesianTest::counts`], of the options; [`Error::InvalidInput`] for values that are not
    /// finite (by the NaN policy) and for a ratio to a mean that is not positive;
    /// [`Error::NotEnoughData`] for fewer than 2 values.
    pub fn values<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<BayesResult> {
        let checked = self.check(BayesModel::Normal)?;
        let prior = self.checked_mean_prior()?;
        let kept = self.finite_values(arms)?;
        let values = kept.as_ref().map(|(values, _)| &**values);
        let omitted = kept.as_ref().map(|&(_, omitted)| omitted);
        // About one pivot, so that the difference of the means has the digits of the values.
        let about = |values: Arms<&[f64]>| {
            let pivot = Moments::pivot(values.baseline);
            (values.map(|values| Moments::about(pivot, values)), pivot)
        };
        let (moments, pivot) = about(values);
        let m2 = moments.baseline.m2 + moments.canary.m2;
        let is_good = |m: Moments| m.m2 < 1e280 && (pivot + m.mean).abs() < 1e140;
        if is_good(moments.baseline) && is_good(moments.canary) && m2 >= 1e-280 {
            return self.means(&checked, prior, moments, pivot, 1.0, omitted);
        }
        // Squares overflow, or may have lost digits by underflow.
        let unit = power_of_two(values);
        let scaled = values.map(|values| values.iter().map(|x| x / unit).collect::<Vec<_>>());
        let (moments, pivot) = about(scaled.as_ref().map(Vec::as_slice));
        let prior = prior.map(|prior| MeanPrior {
            mean: prior.mean / unit,
            scale: prior.scale / unit / unit,
            ..prior
        });
        self.means(&checked, prior, moments, pivot, unit, omitted)
    }

    /// Compares means where the values themselves were not kept.
    ///
    /// # Errors
    /// As [`BayesianTest::values`].
    pub fn summaries(&self, arms: &Arms<Summary>) -> Result<BayesResult> {
        let checked = self.check(BayesModel::Normal)?;
        let prior = self.checked_mean_prior()?;
        let moments = arms.map(|summary| summary.moments());
        let pivot = moments.baseline.mean;
        let about = moments.map(|m| Moments {
            mean: m.mean - pivot,
            ..m
        });
        self.means(&checked, prior, about, pivot, 1.0, Arms::new(0, 0))
    }

    /// Compares medians, or means, of positive values whose logarithms are normal.
    ///
    /// # Errors
    /// As [`BayesianTest::values`], and for a value that is not positive.
    pub fn log_values<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<BayesResult> {
        let checked = self.check(BayesModel::LogNormal)?;
        let prior = self.checked_mean_prior()?;
        let kept = self.finite_values(arms)?;
        let kept = kept.try_map(|arm, (values, omitted)| {
            match values.iter().find(|value| **value <= 0.0) {
                None => Ok((values, omitted)),
                Some(value) => {
                    let rule = "must hold positive values for a log-normal model";
                    Err(Error::input(arm, rule, value))
                }
            }
        })?;
        // Logarithms of the quotients by a value in their midst: ln(1 + x) keeps the digits of
        // values that differ little.
        let pivot = match Moments::pivot(&kept.baseline.0) {
            pivot if is_positive(pivot) => pivot,
            _ => 1.0,
        };
        let moments = kept.as_ref().map(|(values, _)| {
            let logs = values.iter().map(|x| {
                let apart = (x - pivot) / pivot;
                if apart.abs() < 0.5 {
                    apart.ln_1p()
                } else {
                    x.ln() - pivot.ln()
                }
            });
            Moments::of(&logs.collect::<Vec<_>>())
        });
        let omitted = kept.as_ref().map(|&(_, omitted)| omitted);
        self.means(&checked, prior, moments, pivot.ln(), 1.0, omitted)
    }

    /// Of moments about a pivot, of values that were divided by `unit`.
    fn means(
        &self,
        checked: &Checked,
        prior: Option<MeanPrior>,
        moments: Arms<Moments>,
        pivot: f64,
        unit: f64,
        omitted: Arms<u64>,
    ) -> Result<BayesResult> {
        let moments = moments.try_map(|arm, m| match m.count {
            0 | 1 => Err(Error::not_enough(arm, "2 values", m.count as usize)),
            _ => Ok(m),
        })?;
        let is_log = checked.model == BayesModel::LogNormal;
        let ts = moments.map(|m| Mean::new(m, pivot, prior));
        let location = ts.map(|t| pivot + t.offset);
        let ratio = if is_log {
            (ts.canary.offset - ts.baseline.offset).exp()
        } else if checked.measure == Measure::Ratio {
            ratio_of_means(location, unit)?
        } else {
            1.0
        };
        let difference = if is_log {
            location.canary.exp() - location.baseline.exp()
        } else {
            (ts.canary.offset - ts.baseline.offset) * unit
        };
        // An arm without any variance is next to a point, far below everything else.
        let sizes = [
            location.baseline.abs(),
            location.canary.abs(),
            ts.baseline.scale,
            ts.canary.scale,
        ];
        let nothing = (1e-200 * sizes.into_iter().fold(0.0, f64::max)).max(1e-300);
        let is_point = ts.map(|t| t.scale == 0.0);
        let is_mean = is_log && self.of == Typical::Mean;
        let fitted = ts.zip(location).map(|(t, location)| {
            let real = |middle: f64, scale: f64| Family::Real {
                location: location + middle,
                offset: t.offset + middle,
                scale,
            };
            let (family, table) = if t.scale == 0.0 {
                (real(0.0, nothing), t_table(t.df))
            } else if is_mean {
                let log_mean = LogMean::new(t.df, t.scale, t.weight);
                (real(log_mean.middle, log_mean.width), log_mean.table())
            } else {
                (real(0.0, t.scale), t_table(t.df))
            };
            Arm {
                family,
                table,
                is_log,
            }
        });
        // Tails as x^-(df) of t, and on the right as x^(-df/2) of the log-normal mean.
        let heavy = ts.map(|t| t.df <= if is_mean { 2.0 } else { 1.0 } && t.scale > 0.0);
        let endless = if is_mean {
            heavy
        } else {
            let either = heavy.baseline || heavy.canary;
            Arms::new(either, either)
        };
        let level =
            fitted
                .as_ref()
                .zip(moments.zip(omitted))
                .try_map(|arm, (fitted, (m, omitted))| {
                    let median = fitted.family.value(fitted.table.quantile(0.5, true));
                    let level = if is_log { median.exp() } else { median * unit };
                    if !level.is_finite() {
                        let rule = "must have a level that is a finite number";
                        return Err(Error::input(arm, rule, level));
                    }
                    Ok(ArmLevel {
                        n: m.count,
                        omitted,
                        level,
                    })
                })?;
        let found = Found {
            posteriors: ts.zip(location).map(|(t, location)| Posterior::StudentT {
                location: location * unit,
                scale: t.scale * unit,
                df: t.df,
                weight: t.weight,
            }),
            arms: level,
            sizes: moments.map(|m| m.count as f64),
            unit,
            endless,
            certain: (is_point.baseline && is_point.canary).then_some((difference, ratio)),
            comparison: Comparison::new(fitted),
        };
        self.result(checked, found)
    }

    fn result(&self, checked: &Checked, found: Found) -> Result<BayesResult> {
        let Found {
            comparison,
            posteriors,
            arms,
            sizes,
            unit,
            endless,
            certain,
        } = found;
        let &Checked {
            model,
            measure,
            confidence,
            min_n,
            ..
        } = checked;
        let measured = Measured {
            comparison: &comparison,
            measure,
            is_signed: model == BayesModel::Normal,
            unit,
        };
        let (greater, less) = (comparison.greater(), comparison.less());
        let (value, low, high) = match (certain, measure) {
            (Some((difference, _)), Measure::Difference) => (difference, difference, difference),
            (Some((_, ratio)), _) => (ratio, ratio, ratio),
            (None, _) => {
                let tail = confidence.tail(Alternative::TwoSided);
                let tails = [(0.5, true), (tail, false), (tail, true)];
                let quantiles = parallel::map(tails.len(), 1, |i| {
                    tails.get(i).map_or(f64::NAN, |&(tail, upper)| {
                        let quantile = measured.quantile(tail, upper);
                        if model == BayesModel::BetaBinomial && measure == Measure::Difference {
                            quantile.clamp(-1.0, 1.0)
                        } else {
                            quantile
                        }
                    })
                });
                match quantiles.as_slice() {
                    &[value, low, high] => (value, low, high),
                    _ => (f64::NAN, f64::NAN, f64::NAN),
                }
            }
        };
        if value.is_nan() || low.is_nan() || high.is_nan() {
            let rule = "must have a level that is comparable with the baseline's";
            return Err(Error::input("canary", rule, arms.canary.level));
        }
        let (of_greater, of_less) = match certain {
            Some((difference, ratio)) => {
                let apart = if model == BayesModel::LogNormal {
                    ratio.ln()
                } else {
                    difference
                };
                (apart.max(0.0), (-apart).max(0.0))
            }
            None => {
                let losses = comparison.losses();
                let or = |is_endless: bool, loss: f64| {
                    if is_endless {
                        f64::INFINITY
                    } else {
                        loss * unit
                    }
                };
                (or(endless.canary, losses.0), or(endless.baseline, losses.1))
            }
        };
        let rope = self.rope.map(|(low, high)| measured.rope(low, high));
        let (p_canary_worse, expected_loss, expected_loss_staying) = match self.direction {
            Direction::Increase => (greater, of_greater, of_less),
            Direction::Decrease => (less, of_less, of_greater),
            Direction::Either => {
                let outside = rope.map_or(1.0, |rope| (rope.below + rope.above).min(1.0));
                (outside, of_greater + of_less, 0.0)
            }
        };
        let needed = min_n as f64;
        let decision = if sizes.baseline < needed || sizes.canary < needed {
            BayesDecision::NotYet
        } else {
            self.decide(measure, low, high)
        };
        Ok(BayesResult {
            model,
            direction: self.direction,
            p_canary_greater: greater,
            p_canary_worse,
            expected_loss,
            expected_loss_staying,
            estimate: Estimate {
                measure,
                of: format!("{} of {}", measure.title(), checked.what),
                value,
                interval: Interval {
                    low,
                    high,
                    confidence,
                },
            },
            rope,
            posteriors,
            arms,
            min_n,
            decision,
        })
    }

    /// By the credible interval against the region of practical equivalence.
    fn decide(&self, measure: Measure, low: f64, high: f64) -> BayesDecision {
        let (from, to) = self.rope.unwrap_or((measure.null(), measure.null()));
        if low >= from && high <= to {
            return BayesDecision::Equivalent;
        }
        let (is_above, is_below) = (low > to, high < from);
        match self.direction {
            _ if !is_above && !is_below => BayesDecision::Undecided,
            Direction::Either => BayesDecision::CanaryWorse,
            Direction::Increase if is_above => BayesDecision::CanaryWorse,
            Direction::Decrease if is_below => BayesDecision::CanaryWorse,
            Direction::Increase | Direction::Decrease => BayesDecision::CanaryBetter,
        }
    }

    fn check(&self, model: BayesModel) -> Result<Checked> {
        let (measure, what, min_n) = match model {
            BayesModel::BetaBinomial => (Measure::Difference, "proportions", MIN_TRIALS),
            BayesModel::GammaPoisson => (Measure::Ratio, "rates", MIN_EVENTS),
            BayesModel::Normal => (Measure::Difference, "means", MIN_VALUES),
            BayesModel::LogNormal => {
                let what = match self.of {
                    Typical::Median => "medians",
                    Typical::Mean => "means",
                };
                (Measure::Ratio, what, MIN_VALUES)
            }
        };
        let measure = self.measure.unwrap_or(measure).without_odds()?;
        let confidence = Confidence::try_from(self.confidence)?;
        if let Some((low, high)) = self.rope {
            let given = format_args!("({low}, {high})");
            let null = measure.null();
            if !(low <= null && null <= high) {
                let rule = format!("must hold two numbers, {null} between them");
                return Err(Error::option("rope", rule, given));
            }
            if measure == Measure::Ratio && low < 0.0 {
                let rule = "must not be negative for a ratio";
                return Err(Error::option("rope", rule, given));
            }
        }
        Ok(Checked {
            model,
            measure,
            confidence,
            what,
            min_n: self.min_n.unwrap_or(min_n),
        })
    }

    fn checked_mean_prior(&self) -> Result<Option<MeanPrior>> {
        let Some(prior) = self.mean_prior else {
            return Ok(None);
        };
        let MeanPrior {
            mean,
            weight,
            shape,
            scale,
        } = prior;
        if mean.is_finite() && [weight, shape, scale].into_iter().all(is_positive) {
            return Ok(Some(prior));
        }
        let rule = "must hold a finite mean and a weight, a shape and a scale that are positive and finite";
        let given = format_args!("({mean}, {weight}, {shape}, {scale})");
        Err(Error::option("mean_prior", rule, given))
    }

    fn finite_values<'a, A: AsRef<[f64]>>(&self, arms: &'a Arms<A>) -> Result<Arms<Kept<'a>>> {
        let values = arms.as_ref().map(A::as_ref);
        values.try_map(|arm, values| finite(arm, values, self.nan_policy))
    }
}

/// Finite values, and how many NaNs were left out.
type Kept<'a> = (Cow<'a, [f64]>, u64);

fn is_positive(x: f64) -> bool {
    x > 0.0 && x.is_finite()
}

/// The posterior of a mean: Student's t about pivot + offset.
#[derive(Clone, Copy)]
struct Mean {
    offset: f64,
    scale: f64,
    df: f64,
    weight: f64,
}

impl Mean {
    fn new(moments: Moments, pivot: f64, prior: Option<MeanPrior>) -> Self {
        let n = moments.count as f64;
        let Some(prior) = prior else {
            return Self {
                offset: moments.mean,
                scale: (moments.m2 / (n - 1.0) / n).sqrt(),
                df: n - 1.0,
                weight: n,
            };
        };
        let weight = prior.weight + n;
        let apart = moments.mean - (prior.mean - pivot);
        let between = prior.weight / weight * n * apart * apart;
        let df = 2.0 * prior.shape + n;
        let squares = 2.0 * prior.scale + moments.m2 + between;
        Self {
            offset: moments.mean - prior.weight / weight * apart,
            scale: (squares / df / weight).sqrt(),
            df,
            weight,
        }
    }
}

/// Probabilities and quantiles of the measure that was asked for.
struct Measured<'a> {
    comparison: &'a Comparison,
    measure: Measure,
    /// Whether a ratio may be negative.
    is_signed: bool,
    unit: f64,
}

impl Measured<'_> {
    fn quantile(&self, tail: f64, upper: bool) -> f64 {
        match self.measure {
            Measure::Difference => self.comparison.difference_quantile(tail, upper) * self.unit,
            _ if self.is_signed => self.comparison.signed_ratio_quantile(tail, upper),
            _ => self.comparison.log_ratio_quantile(tail, upper).exp(),
        }
    }

    fn probability(&self, event: Event) -> f64 {
        match self.measure {
            Measure::Difference => self.comparison.difference(event.map(|x| x / self.unit)),
            _ if self.is_signed => self.comparison.signed_ratio(event),
            _ => self.comparison.log_ratio(event.map(f64::ln)),
        }
    }

    fn rope(&self, low: f64, high: f64) -> Rope {
        let is_everything = |end: f64, other: f64| {
            end.is_infinite() || (end == 0.0 && other > 0.0 && self.is_positive_ratio())
        };
        let no_below = is_everything(low, high);
        let no_above = high.is_infinite();
        let within = match (no_below, no_above) {
            (true, true) => 1.0,
            (true, false) => self.probability(Event::Below(high)),
            (false, true) => self.probability(Event::Above(low)),
            (false, false) => self.probability(Event::Within(low, high)),
        };
        let unless = |never: bool, event: Event| if never { 0.0 } else { self.probability(event) };
        Rope {
            low,
            high,
            below: unless(no_below, Event::Below(low)),
            within,
            above: unless(no_above, Event::Above(high)),
        }
    }

    fn is_positive_ratio(&self) -> bool {
        self.measure == Measure::Ratio && !self.is_signed
    }
}

use super::mann_whitney::Continuity;
use super::proportions::{odds_score, root_of_fixed_point, stratum_score};
use super::result::{ArmLevel, Estimate, Homogeneity, Interval, Method, TestName, TestResult};
use crate::data::{Arms, Counts};
use crate::error::{Error, Result};
use crate::number::root::crossing;
use crate::number::{gamma, normal};
use crate::options::{Alternative, Confidence, Measure, builder};

builder! {
    #[doc = include_str!("cochran_mantel_haenszel.md")]
    ///
    /// # Defaults
    /// Two-sided, not corrected for continuity, confidence 0.95, difference of proportions.
    ///
    /// # Example: worse in both regions, better when they are pooled
    /// ```
    /// use canary_core::{Arms, Counts, stats::CochranMantelHaenszel};
    ///
    /// let near = Arms::new(Counts::new(10, 1000)?, Counts::new(200, 9000)?);
    /// let far = Arms::new(Counts::new(900, 9000)?, Counts::new(130, 1000)?);
    /// let errors = CochranMantelHaenszel::new().run(&[near, far])?;
    /// assert!(errors.estimate.unwrap().interval.low > 0.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    CochranMantelHaenszel {
        /// What is held against "no difference".
        alternative: Alternative = Alternative::TwoSided,
        /// Whether the normal approximation is corrected for continuity.
        continuity: Continuity = Continuity::Uncorrected,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference, a ratio or an odds ratio.
        measure: Measure = Measure::Difference,
    }
}

impl CochranMantelHaenszel {
    /// Runs the test on strata.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] where no stratum has trials on both arms; [`Error::InvalidOption`]
    /// for a confidence outside (0, 1).
    pub fn run(&self, strata: &[Arms<Counts>]) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let strata = whole(strata)?;
        let tables: Vec<Table> = strata.iter().map(|&stratum| Table::of(stratum)).collect();
        let above: f64 = tables.iter().map(Table::above).sum();
        let variance: f64 = tables.iter().map(Table::variance).sum();
        let correction = match self.continuity {
            Continuity::Corrected => above.abs().min(0.5).copysign(above),
            Continuity::Uncorrected => 0.0,
        };
        let statistic = if variance == 0.0 {
            0.0
        } else {
            (above - correction) / variance.sqrt()
        };
        let value = common(self.measure, &tables);
        let signed = normal::quantile(confidence.tail(self.alternative));
        let (low, high) = self.interval(&strata, value, signed.abs());
        let ends = if signed < 0.0 {
            (high, low)
        } else {
            (low, high)
        };
        let range = match self.measure {
            Measure::Difference => (-1.0, 1.0),
            Measure::Ratio | Measure::OddsRatio => (0.0, f64::INFINITY),
        };
        let total = |f: fn(&Table) -> (f64, f64)| {
            let (events, trials) = tables
                .iter()
                .map(f)
                .fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
            ArmLevel::new(trials as u64, events / trials)
        };
        Ok(TestResult {
            test: TestName::CochranMantelHaenszel,
            method: Method::Asymptotic,
            alternative: self.alternative,
            null: Some(self.measure.null()),
            statistic,
            df: None,
            p_value: normal::p_value(statistic, self.alternative),
            estimate: Some(Estimate {
                measure: self.measure,
                of: format!("stratified {} of proportions", self.measure.title()),
                value,
                interval: Interval::new(
                    (ends.0.min(value), ends.1.max(value)),
                    range,
                    self.alternative,
                    confidence,
                ),
            }),
            effect_sizes: vec![],
            arms: Arms {
                baseline: total(|t| (t.xb, t.nb)),
                canary: total(|t| (t.xc, t.nc)),
            },
        })
    }

    fn interval(&self, strata: &[Arms<Counts>], value: f64, critical: f64) -> (f64, f64) {
        let swapped: Vec<_> = strata.iter().map(|stratum| stratum.swap()).collect();
        match self.measure {
            Measure::Difference => {
                let high = upper_difference(strata, value, critical);
                (-upper_difference(&swapped, -value, critical), high)
            }
            measure => {
                let high = upper_ratio(strata, measure, critical);
                (1.0 / upper_ratio(&swapped, measure, critical), high)
            }
        }
    }
}

/// Mantel and Haenszel's (1959) common difference, ratio or odds ratio.
fn common(measure: Measure, tables: &[Table]) -> f64 {
    let sum = |f: fn(&Table) -> f64| tables.iter().map(f).sum::<f64>();
    let over = |above: f64, below: f64| if above == below { 1.0 } else { above / below };
    match measure {
        Measure::Difference => {
            sum(|t| (t.xc * t.nb - t.xb * t.nc) / t.all()) / sum(|t| t.nb * t.nc / t.all())
        }
        Measure::Ratio => over(
            sum(|t| t.xc * t.nb / t.all()),
            sum(|t| t.xb * t.nc / t.all()),
        ),
        Measure::OddsRatio => over(
            sum(|t| t.xc * (t.nb - t.xb) / t.all()),
            sum(|t| t.xb * (t.nc - t.xc) / t.all()),
        ),
    }
}

/// Strata in which both arms have trials.
fn whole(strata: &[Arms<Counts>]) -> Result<Vec<Arms<Counts>>> {
    let is_whole = |arms: &&Arms<Counts>| arms.baseline.trials() > 0 && arms.canary.trials() > 0;
    let strata: Vec<_> = strata.iter().filter(is_whole).copied().collect();
    if strata.is_empty() {
        return Err(Error::not_enough(
            "strata",
            "1 stratum with trials on both arms",
            0,
        ));
    }
    Ok(strata)
}

/// How far the weighted sum of a stratified comparison is above the null hypothesis, and the
/// variance of that.
fn stratified(strata: &[Arms<Counts>], measure: Measure, null: f64) -> (f64, f64) {
    strata.iter().fold((0.0, 0.0), |sum, &stratum| {
        let table = Table::of(stratum);
        let weight = match measure {
            Measure::OddsRatio => 1.0,
            Measure::Difference | Measure::Ratio => table.nb * table.nc / table.all(),
        };
        let (above, variance) = stratum_score(stratum, measure, null);
        let unbiased = table.all() / (table.all() - 1.0);
        (
            sum.0 + weight * above,
            sum.1 + weight * weight * unbiased * variance,
        )
    })
}

/// The largest δ whose distance from the estimate is at most critical · s(δ).
fn upper_difference(strata: &[Arms<Counts>], value: f64, critical: f64) -> f64 {
    let most = 1.0 - value;
    if most <= 0.0 {
        return 1.0;
    }
    let weight: f64 = strata
        .iter()
        .map(|&stratum| Table::of(stratum))
        .map(|table| table.nb * table.nc / table.all())
        .sum();
    let reach = |distance: f64| {
        let delta = (value + distance).min(1.0);
        let (_, variance) = stratified(strata, Measure::Difference, delta);
        critical * variance.max(0.0).sqrt() / weight
    };
    let guess = reach(0.0).min(most);
    (value + root_of_fixed_point(reach, guess, most)).min(1.0)
}

/// The largest ratio, or odds ratio, that the score test does not reject: infinite where no stratum
/// speaks against that.
fn upper_ratio(strata: &[Arms<Counts>], measure: Measure, critical: f64) -> f64 {
    let bounds = |table: Table| match measure {
        Measure::OddsRatio => table.xb > 0.0 && table.xc < table.nc,
        Measure::Difference | Measure::Ratio => table.xb > 0.0,
    };
    if !strata.iter().any(|&stratum| bounds(Table::of(stratum))) {
        return f64::INFINITY;
    }
    let excess = |ln: f64| {
        let (above, variance) = stratified(strata, measure, ln.exp());
        -above - critical * variance.max(0.0).sqrt()
    };
    // From a place where a stratum of nothing but events, without variance at 1, is not zero.
    let from = 0.375_319;
    (from + crossing(|u| excess(from + u), 0.5, 600.0)).exp()
}

/// One stratum's cells as numbers.
#[derive(Clone, Copy)]
struct Table {
    xb: f64,
    nb: f64,
    xc: f64,
    nc: f64,
}

impl Table {
    fn of(arms: Arms<Counts>) -> Self {
        Self {
            xb: arms.baseline.events() as f64,
            nb: arms.baseline.trials() as f64,
            xc: arms.canary.events() as f64,
            nc: arms.canary.trials() as f64,
        }
    }

    fn all(&self) -> f64 {
        self.nb + self.nc
    }

    /// The canary's events less those expected.
    fn above(&self) -> f64 {
        (self.xc * self.nb - self.xb * self.nc) / self.all()
    }

    fn variance(&self) -> f64 {
        let (all, events) = (self.all(), self.xb + self.xc);
        (self.nb / all) * (self.nc / all) * events * ((all - events) / (all - 1.0))
    }
}

/// Breslow and Day's (1980) test, with Tarone's (1985) correction, of whether strata share one odds
/// ratio: Σ (xc - E)²/V - (Σ (xc - E))²/Σ V, with E and V the canary's events fitted under the
/// Mantel-Haenszel odds ratio. Strata without trials on an arm, or without both events and others, say
/// nothing and are left out.
///
/// # Errors
/// [`Error::NotEnoughData`] for fewer than two strata that say something, or where the common odds
/// ratio is 0 or infinite.
///
/// ```
/// use canary_core::{Arms, Counts, stats::breslow_day};
///
/// let near = Arms::new(Counts::new(10, 1000)?, Counts::new(20, 1000)?);
/// let far = Arms::new(Counts::new(90, 1000)?, Counts::new(50, 1000)?);
/// assert!(breslow_day(&[near, far])?.p_value < 0.01); // worse here, better there
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn breslow_day(strata: &[Arms<Counts>]) -> Result<Homogeneity> {
    let says = |stratum: &&Arms<Counts>| Table::of(**stratum).variance() > 0.0;
    let strata: Vec<_> = whole(strata)?.iter().filter(says).copied().collect();
    if strata.len() < 2 {
        let needed = "2 strata with events and others";
        return Err(Error::not_enough("strata", needed, strata.len()));
    }
    let tables: Vec<Table> = strata.iter().map(|&stratum| Table::of(stratum)).collect();
    let psi = common(Measure::OddsRatio, &tables);
    if !(psi > 0.0 && psi.is_finite()) {
        return Err(Error::not_enough(
            "strata",
            "1 event and 1 other on each arm",
            0,
        ));
    }
    let parts = strata.iter().map(|&stratum| odds_score(stratum, psi));
    let (mut statistic, mut above, mut variance) = (0.0, 0.0, 0.0);
    for (distance, spread) in parts {
        statistic += distance * distance / spread;
        above += distance;
        variance += spread;
    }
    let statistic = (statistic - above * above / variance).max(0.0);
    let df = strata.len() as f64 - 1.0;
    Ok(Homogeneity {
        statistic,
        df,
        p_value: gamma::chi_square_sf(statistic, df),
    })
}

#[cfg(test)]
mod tests {
    use super::super::proportions::TwoProportionZ;
    use super::*;

    fn arms(b: (u64, u64), c: (u64, u64)) -> Arms<Counts> {
        Arms::new(b, c).map(|(events, trials)| Counts::new(events, trials).unwrap())
    }

    #[test]
    fn one_stratum_has_miettinen_and_nurminen_s_intervals() {
        let stratum = arms((30, 200), (25, 90));
        for &measure in Measure::ALL {
            let one = CochranMantelHaenszel::new()
                .measure(measure)
                .run(&[stratum])
                .unwrap();
            let plain = TwoProportionZ::new()
                .measure(measure)
                .run(&stratum)
                .unwrap();
            let (a, b) = (one.estimate.unwrap(), plain.estimate.unwrap());
            assert!((a.value / b.value - 1.0).abs() < 1e-12);
            assert!(
                (a.interval.low / b.interval.low - 1.0).abs() < 1e-10,
                "{measure}"
            );
            assert!(
                (a.interval.high / b.interval.high - 1.0).abs() < 1e-10,
                "{measure}"
            );
        }
    }

    #[test]
    fn nothing_but_events_has_an_interval() {
        // mpmath: the score test's inversion
        let ratio = CochranMantelHaenszel::new().measure(Measure::Ratio);
        for (strata, low, high) in [
            (
                vec![arms((12, 12), (12, 12))],
                0.749_602_768_185_7,
                1.334_039_897_452,
            ),
            (
                vec![arms((5, 5), (3, 3)), arms((7, 7), (6, 6))],
                0.677_934_972_982,
                1.356_452_606_798,
            ),
        ] {
            let interval = ratio.run(&strata).unwrap().estimate.unwrap().interval;
            assert!((interval.low / low - 1.0).abs() < 1e-11, "{interval:?}");
            assert!((interval.high / high - 1.0).abs() < 1e-11, "{interval:?}");
        }
    }

    #[test]
    fn nothing_happened_anywhere() {
        let strata = [
            arms((0, 20), (0, 10)),
            arms((0, 5), (0, 9)),
            arms((0, 0), (1, 5)),
        ];
        for &measure in Measure::ALL {
            let result = CochranMantelHaenszel::new()
                .measure(measure)
                .run(&strata)
                .unwrap();
            assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
            let interval = result.estimate.unwrap().interval;
            assert!(interval.low < measure.null() && interval.high > measure.null());
        }
        assert!(
            CochranMantelHaenszel::new()
                .run(&[arms((0, 0), (1, 5))])
                .is_err()
        );
    }
}

use serde::{Deserialize, Serialize};

use super::dependence::{Batches, Contrast};
use super::evidence::{Answers, Evidence, Question};
use super::normal_mixture::{NormalMixture, tuned_at};
use super::state::{
    Assume, Decision, Dependence, Design, Monitor, MonitorName, State, Update, Version,
    check_positive, checked, moderate, same_design,
};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::options::{Alternative, Measure, builder};
use crate::stats::ArmLevel;

builder! {
    #[doc = include_str!("series_comparison.md")]
    ///
    /// # Defaults
    /// Difference, two-sided, alpha 0.05, no tolerance, nothing taken for granted; a promise of
    /// independence is tuned to 60 intervals.
    ///
    /// # Example: memory by the minute, the canary 3 MB above the same wave
    /// ```
    /// use canary_core::sequential::{Decision, Monitor, SeriesComparison, Update};
    /// use canary_core::Arms;
    ///
    /// let mut memory = SeriesComparison::new().monitor()?;
    /// for minute in 0..60 {
    ///     let t = f64::from(minute);
    ///     let (wave, noise) = (50.0 * (t / 20.0).sin(), (7.3 * t * t).sin());
    ///     memory.update(Arms::new(512.0 + wave, 515.0 + wave + noise))?;
    /// }
    /// let state = memory.state();
    /// assert_eq!(state.decision, Decision::AcceptAlternative);
    /// let change = state.estimate.unwrap();
    /// assert!(change.interval.low > 2.0 && change.interval.high < 4.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    SeriesComparison {
        /// Whether by difference or by ratio.
        measure: Measure = Measure::Difference,
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// The estimate under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
        /// How much worse is tolerated: a positive difference, or a factor above 1.
        tolerance: Option<f64> = None,
        /// How many intervals there will be when the interval is to be shortest, if they are
        /// promised to be independent.
        tuned_at: f64 = 60.0,
        /// Whether intervals may be taken not to remember each other.
        assume: Assume = Assume::Nothing,
    }
}

impl Design for SeriesComparison {
    fn check(&self) -> Result<()> {
        let null = self.measure.without_odds()?.null_or(self.null)?;
        moderate("null", null)
            .map_err(|_| Error::option("null", "must lie between -1e50 and 1e50", null))?;
        self.question().check()?;
        check_positive("tuned_at", self.tuned_at)
    }
}

impl SeriesComparison {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha outside (0, 1), an odds ratio, a null hypothesis or a
    /// `tuned_at` that cannot be, and a tolerance that leaves no room for the null hypothesis.
    pub fn monitor(self) -> Result<SeriesMonitor> {
        self.check()?;
        Ok(SeriesMonitor {
            version: Version,
            design: self,
            arms: Arms::default(),
            batches: Batches::default(),
            answers: Answers::default(),
        })
    }

    fn question(&self) -> Question {
        Question {
            alpha: self.alpha,
            alternative: self.alternative,
            measure: self.measure,
            null: self.null.unwrap_or_else(|| self.measure.null()),
            tolerance: self.tolerance,
        }
    }
}

/// Watches two series: see [`SeriesComparison`]. Merges with what came later; batches do not span the
/// seam, so that one of each length is lost at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: SeriesComparison,
    arms: Arms<Moments>,
    batches: Batches,
    answers: Answers,
}

struct Look<'a> {
    design: &'a SeriesComparison,
    batches: &'a Batches,
    assume: Assume,
}

impl Evidence for Look<'_> {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let effect = null - self.design.measure.null();
        match self.assume {
            Assume::Nothing => {
                let found = self.batches.log_e(effect, alternative, times);
                found.unwrap_or(0.0)
            }
            Assume::Independence => {
                let n = times * self.batches.updates();
                let SeriesComparison {
                    tuned_at: at,
                    alpha,
                    ..
                } = *self.design;
                let mixture = NormalMixture {
                    spread: n * tuned_at(at, alpha, alternative),
                };
                let t = times.sqrt() * self.batches.t_if_independent(effect);
                mixture.log_e(t, n - 1.0, alternative)
            }
        }
    }

    fn estimate(&self) -> f64 {
        self.design.measure.null() + self.batches.effect()
    }

    fn scale(&self) -> f64 {
        match self.design.measure {
            Measure::Difference => self.batches.standard_error(),
            _ => 0.1,
        }
    }
}

impl SeriesMonitor {
    fn evidence(&self, assume: Assume) -> Look<'_> {
        Look {
            design: &self.design,
            batches: &self.batches,
            assume,
        }
    }

    fn is_ready(&self) -> bool {
        match self.design.assume {
            Assume::Nothing => !self.batches.is_refused(),
            Assume::Independence => self.batches.updates() >= 3.0,
        }
    }

    fn look(&mut self) -> Decision {
        if self.is_ready() {
            let mut answers = self.answers;
            answers.look(&self.design.question(), &self.evidence(self.design.assume));
            self.answers = answers;
        }
        self.answers.decision()
    }

    fn take(&mut self, values: Arms<f64>) -> Decision {
        self.arms = self
            .arms
            .zip(values)
            .map(|(arm, value)| arm.merge(Moments::one(value)));
        self.batches
            .push(Contrast::of_pair(self.design.measure, values));
        self.look()
    }
}

/// One interval: a value of each arm.
impl Update<Arms<f64>> for SeriesMonitor {
    fn update(&mut self, values: Arms<f64>) -> Result<Decision> {
        values.try_map(moderate)?;
        Ok(self.take(values))
    }
}

/// As many intervals as there are values of each arm, in the order of time; each is a look.
impl Update<Arms<&[f64]>> for SeriesMonitor {
    fn update(&mut self, values: Arms<&[f64]>) -> Result<Decision> {
        values.try_map(|arm, values| values.iter().try_for_each(|&value| moderate(arm, value)))?;
        let Arms { baseline, canary } = values;
        if baseline.len() != canary.len() {
            let rule = format!(
                "must have as many values as the baseline, {}",
                baseline.len()
            );
            return Err(Error::input("canary", rule, canary.len()));
        }
        for (&baseline, &canary) in baseline.iter().zip(canary) {
            self.take(Arms { baseline, canary });
        }
        Ok(self.answers.decision())
    }
}

impl Monitor for SeriesMonitor {
    fn state(&self) -> State {
        let design = self.design;
        let question = design.question();
        let evidence = self.evidence(design.assume);
        let is_ready = self.is_ready();
        let range = match design.measure {
            Measure::Difference => (f64::NEG_INFINITY, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        };
        let levels = self.arms.map(ArmLevel::of_moments);
        let observations = levels.baseline.n.saturating_add(levels.canary.n);
        // While there is no answer, the least that it takes.
        let soonest = self.evidence(if is_ready {
            design.assume
        } else {
            Assume::Independence
        });
        State {
            monitor: MonitorName::Series,
            decision: self.answers.decision(),
            alpha: design.alpha,
            p_value: self.answers.p_value(),
            log_e_value: if is_ready {
                evidence.log_e(question.null, question.alternative, 1.0)
            } else {
                0.0
            },
            estimate: (observations > 0)
                .then(|| question.estimate("means", &evidence, range, is_ready)),
            arms: vec![levels.baseline, levels.canary],
            observations,
            remaining: question
                .remaining(&soonest, observations, self.answers.decision())
                .map(|more| match design.assume {
                    Assume::Nothing => more.max(self.batches.wait(observations)),
                    Assume::Independence => more,
                }),
            dependence: self.dependence(),
        }
    }

    fn decision(&self) -> Decision {
        self.answers.decision()
    }

    fn p_value(&self) -> f64 {
        self.answers.p_value()
    }

    fn dependence(&self) -> Option<Dependence> {
        let observations = self
            .arms
            .baseline
            .count
            .saturating_add(self.arms.canary.count);
        let measured = self.design.assume.measured(&self.batches);
        Some(Dependence::of(measured, observations))
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.arms = self.arms.zip(later.arms).map(|(a, b)| a.merge(b));
        self.batches.merge(&later.batches);
        self.look();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::normal;
    use crate::number::random::Stream;

    fn noise(stream: &mut Stream) -> f64 {
        normal::quantile((stream.below(1 << 53) as f64 + 0.5) / (1_u64 << 53) as f64)
    }

    fn fed(design: SeriesComparison, shift: f64, n: usize) -> SeriesMonitor {
        let mut stream = Stream::new(5, 0);
        let mut monitor = design.monitor().unwrap();
        for i in 0..n {
            let wave = 1e9 + 40.0 * (i as f64 / 9.0).sin();
            let (b, c) = (noise(&mut stream), noise(&mut stream));
            monitor
                .update(Arms::new(wave + b, wave + shift + c))
                .unwrap();
        }
        monitor
    }

    /// The one-sample t-mixture of the differences, as the document writes it.
    #[test]
    fn independent_differences_give_the_formula_itself() {
        let design = SeriesComparison::new().assume(Assume::Independence);
        let (baseline, canary) = ([1.0, 4.0, 2.0, 8.0, 5.0], [2.0, 4.5, 4.0, 8.5, 7.0]);
        let mut monitor = design.monitor().unwrap();
        monitor
            .update(Arms::new(&baseline[..], &canary[..]))
            .unwrap();
        let d = [1.0, 0.5, 2.0, 0.5, 2.0];
        let mean = d.iter().sum::<f64>() / 5.0;
        let s2 = d.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0;
        let t2 = mean * mean * 5.0 / s2;
        let r = 1.0 / (1.0 + 5.0 * tuned_at(60.0, 0.05, Alternative::TwoSided));
        let expected = 0.5 * r.ln() + 2.5 * ((1.0 + t2 / 4.0).ln() - (1.0 + r * t2 / 4.0).ln());
        let got = monitor.state().log_e_value;
        assert!((got - expected).abs() < 1e-12, "{got} {expected}");
    }

    #[test]
    fn a_shift_shows_through_a_wave_on_a_huge_level() {
        let state = fed(SeriesComparison::new(), 1.0, 200).state();
        assert_eq!(state.decision, Decision::AcceptAlternative);
        let estimate = state.estimate.unwrap();
        assert!((estimate.value - 1.0).abs() < 0.3, "{}", estimate.value);
        assert!(estimate.interval.low < 1.0 && 1.0 < estimate.interval.high);
    }

    #[test]
    fn no_worse_than_tolerated_is_an_answer() {
        let design = SeriesComparison::new()
            .alternative(Alternative::Greater)
            .tolerance(Some(1.5));
        assert_eq!(fed(design, 0.0, 300).state().decision, Decision::AcceptNull);
        let ratio = SeriesComparison::new()
            .measure(Measure::Ratio)
            .tolerance(Some(1.1));
        let state = fed(ratio, 0.0, 300).state();
        assert_eq!(state.decision, Decision::AcceptNull);
        assert!((state.estimate.unwrap().value - 1.0).abs() < 1e-6);
    }

    #[test]
    fn written_and_read_goes_on_the_same() {
        let mut whole = fed(SeriesComparison::new(), 0.2, 77);
        let mut read: SeriesMonitor =
            serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        assert_eq!(read, whole);
        for monitor in [&mut whole, &mut read] {
            monitor.update(Arms::new(1e9, 1e9 + 3.0)).unwrap();
        }
        assert_eq!(read.state(), whole.state());
    }

    #[test]
    fn bad_values_are_refused_and_change_nothing() {
        let mut monitor = fed(SeriesComparison::new(), 0.0, 20);
        let before = monitor.clone();
        assert!(monitor.update(Arms::new(1.0, f64::NAN)).is_err());
        let error = monitor.update(Arms::new(&[1.0][..], &[1.0, 2.0][..]));
        assert_eq!(
            error.unwrap_err().to_string(),
            "canary: must have as many values as the baseline, 1, got 2"
        );
        assert_eq!(monitor, before);
        let design = SeriesComparison::new().tolerance(Some(-1.0));
        assert!(design.monitor().is_err());
    }

    /// A ratio of two arms of exponential values, each of the arms the canary once.
    #[test]
    fn a_promised_ratio_holds_its_level_and_mirrors() {
        let design = SeriesComparison::new()
            .measure(Measure::Ratio)
            .assume(Assume::Independence);
        let (mut alarms, runs) = (0, 400);
        for run in 0..runs {
            let mut stream = Stream::new(11, run);
            let mut exponential =
                || -((stream.below(1 << 53) as f64 + 0.5) / (1_u64 << 53) as f64).ln();
            let mut own = design.alternative(Alternative::Less).monitor().unwrap();
            let mut exchanged = design.alternative(Alternative::Greater).monitor().unwrap();
            for _ in 0..200 {
                let values = Arms::new(exponential(), exponential());
                own.update(values).unwrap();
                exchanged.update(values.swap()).unwrap();
            }
            let p = own.state().p_value;
            assert!((exchanged.state().p_value / p - 1.0).abs() < 1e-6, "{run}");
            alarms += u32::from(own.answers.decision() == Decision::AcceptAlternative);
        }
        assert!(alarms <= 20 + 13, "{alarms} of {runs}"); // 5 %, and three standard errors
    }
}

//! Levels that remember the last interval as a first-order autoregression does, beside a fault that may
//! have begun at any time or may grow: what a rollout is watched by.

use serde::{Deserialize, Serialize};

use super::dependence::{Products, Term};
use super::evidence::{Evidence, Question};
use super::normal_mixture::{NormalMixture, tuned_at};
use super::state::{Decision, MonitorName, Peak, State, moderate};
use crate::data::Arms;
use crate::error::Result;
use crate::number::moments::Moments;
use crate::options::{Alternative, Measure};
use crate::stats::ArmLevel;

/// As few intervals as say anything beside a line.
const FEWEST: f64 = 3.0;
/// How soon an effect of the size that is to be caught shows: after so many intervals.
const SOON: f64 = 3.0;
/// Before anything was seen, intervals are taken to vary as much as the null hypothesis lies away from no
/// change, and counts no less than counts do, as firmly as if that had been seen in so many of them,
const PRIOR_DF: f64 = 4.0;
/// and to remember half of the last one, as firmly as if that had been seen in so many of them.
const PRIOR: f64 = 0.5;
const PRIOR_WEIGHT: f64 = 1.0;
/// A sum of fewer counts than this is not nearly normal, and says nothing yet.
const LEAST_COUNT: f64 = 20.0;
/// As much as can be told from an hour.
const MOST: f64 = 0.95;
/// After so many intervals the memory is known well enough to be kept: a fault that begins later looks
/// like more of it.
const SETTLED: f64 = 16.0;

/// Watches the arms' difference or ratio in pairs of values of the same time.
///
/// Of d = canary - baseline (less the effect times the baseline, for a ratio), a line is taken off; the
/// residuals' variance is σ² and their correlation with the last ones φ, freed of its bias (that of a
/// series about a line is about -(2 + 4φ) / n, Shaman and Stine 1988) and drawn to a prior
/// one. Sums of such a series vary (1 + φ) / (1 - φ) times as much as those of independent values: by that
/// dispersion the logarithm of the t mixture's e-value is divided. From some intervals on the least
/// dispersion that was seen counts, because a fault that begins later bends the line, which looks like
/// memory. A leak, which is a line, does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoregressiveLevels {
    measure: Measure,
    alternative: Alternative,
    null: f64,
    alpha: f64,
    arms: Arms<Moments>,
    /// Whether all values were whole numbers, and whether one of them was 0: counts of something rare.
    are_whole: bool,
    any_zero: bool,
    sums: Sums,
    /// The least dispersion that was seen, once it is known, here or by one that began earlier.
    least: Option<f64>,
    peak: Peak,
}

impl AutoregressiveLevels {
    pub(crate) fn new(measure: Measure, alternative: Alternative, null: f64, alpha: f64) -> Self {
        Self {
            measure,
            alternative,
            null,
            alpha,
            arms: Arms::default(),
            are_whole: true,
            any_zero: false,
            sums: Sums::default(),
            least: None,
            peak: Peak::default(),
        }
    }

    /// The same, told what one that began earlier knows.
    pub(crate) const fn knowing(mut self, dispersion: Option<f64>) -> Self {
        self.least = dispersion;
        self
    }

    /// The least dispersion that was seen, once it is known.
    pub(crate) const fn known(&self) -> Option<f64> {
        self.least
    }

    pub(crate) fn p_value(&self) -> f64 {
        self.peak.p_value()
    }

    /// Takes a value of each arm.
    pub(crate) fn update(&mut self, values: Arms<f64>) -> Result<()> {
        values.try_map(moderate)?;
        self.arms = self
            .arms
            .zip(values)
            .map(|(arm, value)| arm.merge(Moments::one(value)));
        let is_whole = |value: f64| value >= 0.0 && value.fract() == 0.0;
        self.are_whole &= is_whole(values.baseline) && is_whole(values.canary);
        self.any_zero |= values.baseline == 0.0 || values.canary == 0.0;
        self.sums.push(Term {
            of: values.canary - values.baseline,
            unit: match self.measure {
                Measure::Difference => 1.0,
                Measure::Ratio | Measure::OddsRatio => values.baseline,
            },
        });
        if self.sums.n >= SETTLED {
            let seen = dispersion(self.about_line().correlation());
            self.least = Some(self.least.map_or(seen, |least| least.min(seen)));
        }
        self.peak.note(self.log_e(self.null, self.alternative, 1.0));
        Ok(())
    }

    fn dispersion(&self, line: &AboutLine) -> f64 {
        self.least.unwrap_or_else(|| dispersion(line.correlation()))
    }

    /// The part of the difference that is the effect, or of the ratio less 1.
    fn effect(&self) -> f64 {
        let Term { of, unit } = self.sums.sum;
        match unit > 0.0 {
            true => of / unit,
            // Of nothing at all: infinitely more of it, or nothing again.
            false if of > 0.0 => f64::INFINITY,
            false if of == 0.0 => 0.0,
            false => f64::NAN,
        }
    }

    fn about_line(&self) -> AboutLine {
        match self.sums.sum.unit > 0.0 {
            true => self.sums.about_line(self.effect()),
            // Of a baseline that was never anything but 0 no effect is a part.
            false => {
                let differences = self.sums.of_differences();
                differences.about_line(differences.sum.of / differences.n)
            }
        }
    }

    /// σ² with its prior, and the degrees of freedom that the prior adds.
    fn variance(&self, line: &AboutLine) -> (f64, f64) {
        let distance = self.null - self.measure.null();
        let usual = (distance * (self.sums.sum.unit / self.sums.n)).powi(2);
        // Whole numbers that hardly vary, as replicas, are no counts.
        let of_counts = self.arms.baseline.mean + self.arms.canary.mean;
        let seen = line.squares / (line.n - 2.0);
        let are_counts = self.are_whole && (self.any_zero || seen > 0.25 * of_counts);
        let usual = if are_counts {
            usual.max(of_counts)
        } else {
            usual
        };
        // Of what is no count, less than was seen was a guess, which makes nothing surer.
        let is_known = usual > 0.0 && (are_counts || usual >= seen);
        let more = if is_known { PRIOR_DF } else { 0.0 };
        let variance = (line.squares + more * usual) / (line.n - 2.0 + more);
        (variance, more)
    }

    fn question(&self) -> Question {
        Question {
            alpha: self.alpha,
            alternative: self.alternative,
            measure: self.measure,
            null: self.null,
            tolerance: None,
        }
    }

    pub(crate) fn state(&self) -> State {
        let question = self.question();
        let is_ready = self.sums.n >= FEWEST;
        let range = match self.measure {
            Measure::Difference => (f64::NEG_INFINITY, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        };
        let levels = self.arms.map(ArmLevel::of_moments);
        let observations = levels.baseline.n.saturating_add(levels.canary.n);
        let decision = match self.p_value() <= self.alpha {
            true => Decision::AcceptAlternative,
            false => Decision::Continue,
        };
        State {
            monitor: MonitorName::Series,
            decision,
            alpha: self.alpha,
            p_value: self.p_value(),
            log_e_value: self.log_e(self.null, self.alternative, 1.0),
            estimate: (observations > 0).then(|| question.estimate("means", self, range, is_ready)),
            arms: vec![levels.baseline, levels.canary],
            observations,
            remaining: question.remaining(self, observations, decision),
            dependence: None,
        }
    }
}

impl Evidence for AutoregressiveLevels {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let n = times * self.sums.n;
        let arms = self.arms.map(|arm| arm.count as f64 * arm.mean);
        let is_few =
            self.are_whole && self.any_zero && times * (arms.baseline + arms.canary) < LEAST_COUNT;
        if n < FEWEST || is_few {
            return 0.0;
        }
        let line = self.about_line();
        let sum = self.sums.sum.about(null - self.measure.null());
        let (variance, more) = self.variance(&line);
        let t = times * sum / (n * variance).sqrt();
        let mixture = NormalMixture {
            spread: n * tuned_at(SOON, self.alpha, alternative),
        };
        mixture.log_e(t, n - 2.0 + more, alternative) / self.dispersion(&line)
    }

    fn estimate(&self) -> f64 {
        self.measure.null() + self.effect()
    }

    fn scale(&self) -> f64 {
        match self.measure {
            Measure::Difference => (self.variance(&self.about_line()).0 / self.sums.n).sqrt(),
            _ => 0.1,
        }
    }
}

/// By how much the variance of long sums exceeds that of independent values.
fn dispersion(correlation: f64) -> f64 {
    (1.0 + correlation) / (1.0 - correlation)
}

/// Running sums of terms at the times 1, 2, ..., n, from which those about every effect and every line
/// follow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sums {
    n: f64,
    sum: Term,
    /// Of time and term.
    timed: Term,
    first: Term,
    last: Term,
    squares: Products,
    /// Of neighbours.
    lagged: Products,
}

impl Sums {
    fn push(&mut self, term: Term) {
        self.n += 1.0;
        self.sum = self.sum.plus(1.0, term);
        self.timed = self.timed.plus(self.n, term);
        self.squares.add(term, term);
        if self.n > 1.0 {
            self.lagged.add(self.last, term);
        } else {
            self.first = term;
        }
        self.last = term;
    }

    /// The same with units of 1.
    fn of_differences(&self) -> Self {
        let (n, all) = (self.n, self.sum.of);
        let pairs = all - 0.5 * (self.first.of + self.last.of);
        let with = |term: Term, unit: f64| Term { unit, ..term };
        Self {
            n,
            sum: with(self.sum, n),
            timed: with(self.timed, 0.5 * n * (n + 1.0)),
            first: with(self.first, 1.0),
            last: with(self.last, 1.0),
            squares: self.squares.with_units_of_one(all, n),
            lagged: self.lagged.with_units_of_one(pairs, n - 1.0),
        }
    }

    /// Of e = of - effect unit, whose sum is to be 0, with the line e = b (t - t̄) taken off:
    ///
    /// Σ r² = Σ e² - b² Sxx and
    /// Σ r r₋₁ = Σ e e₋₁ - b [2 Σ t e + t̄ (e₁ - eₙ)] + b² [Sxx - t̄ (t̄ - 1)].
    fn about_line(&self, effect: f64) -> AboutLine {
        let n = self.n;
        let middle = 0.5 * (n + 1.0);
        let sxx = n * (n * n - 1.0) / 12.0;
        let timed = self.timed.about(effect);
        let b = if sxx > 0.0 { timed / sxx } else { 0.0 };
        let squares = self.squares.about(effect) - b * timed;
        let ends = self.first.about(effect) - self.last.about(effect);
        AboutLine {
            n,
            squares: squares.max(0.0),
            lagged: self.lagged.about(effect) - b * (2.0 * timed + middle * ends)
                + b * b * (sxx - middle * (middle - 1.0)),
        }
    }
}

/// Residuals about a line.
struct AboutLine {
    n: f64,
    squares: f64,
    lagged: f64,
}

impl AboutLine {
    /// The correlation of neighbours, freed of its bias and drawn to the prior one.
    fn correlation(&self) -> f64 {
        let n = self.n;
        let seen = if self.squares > 0.0 && n > 5.0 {
            (n * (self.lagged / self.squares) + 2.0) / (n - 4.0)
        } else {
            0.0
        };
        let drawn = (n * seen + PRIOR_WEIGHT * PRIOR) / (n + PRIOR_WEIGHT);
        drawn.clamp(0.0, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::random::Stream;

    /// The pairs of a canary whose ratio to the baseline is `change` of the minute, with noise that
    /// remembers `phi` of the last minute on each arm.
    fn pairs(
        seed: u64,
        phi: f64,
        stddev: f64,
        change: impl Fn(f64) -> f64,
    ) -> impl Iterator<Item = Arms<f64>> {
        let mut random = Stream::new(seed, 0);
        let mut noise = Arms::new(random.normal(), random.normal());
        (1..=60).map(move |minute| {
            let wave = 1.0 + 0.3 * (0.1 * f64::from(minute)).sin();
            noise = noise.map(|last| phi * last + (1.0 - phi * phi).sqrt() * random.normal());
            let level = noise.map(|noise| 500.0 * wave * (stddev * noise).exp());
            Arms::new(level.baseline, level.canary * change(f64::from(minute)))
        })
    }

    fn monitor() -> AutoregressiveLevels {
        AutoregressiveLevels::new(Measure::Ratio, Alternative::Greater, 1.1, 0.05)
    }

    /// The minute of the alarm, if there is one.
    fn alarm(pairs: impl Iterator<Item = Arms<f64>>) -> Option<usize> {
        let mut monitor = monitor();
        let found = pairs.enumerate().find(|(_, pair)| {
            monitor.update(*pair).unwrap();
            monitor.p_value() <= 0.05
        });
        found.map(|(index, _)| index + 1)
    }

    #[test]
    fn the_sums_are_those_of_the_residuals() {
        let mut monitor = monitor();
        let pairs: Vec<_> = pairs(3, 0.5, 0.1, |t| 1.0 + 0.02 * t).collect();
        for &pair in &pairs {
            monitor.update(pair).unwrap();
        }
        let ratio = 1.0 + monitor.effect();
        let d: Vec<f64> = pairs
            .iter()
            .map(|pair| pair.canary - ratio * pair.baseline)
            .collect();
        let n = d.len() as f64;
        let times: Vec<f64> = (1..=d.len()).map(|t| t as f64 - 0.5 * (n + 1.0)).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let slope = dot(&d, &times) / dot(&times, &times);
        let rest: Vec<f64> = d.iter().zip(&times).map(|(d, t)| d - slope * t).collect();
        let line = monitor.about_line();
        let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
        close(line.squares, dot(&rest, &rest));
        close(line.lagged, dot(&rest[1..], &rest[..rest.len() - 1]));
    }

    #[test]
    fn leaks_and_late_faults_are_found_through_memory_and_waves() {
        for (phi, seed) in [(0.0, 1), (0.3, 2), (0.6, 3)] {
            let leak = alarm(pairs(seed, phi, 0.04, |t| 1.0 + 0.02 * t));
            assert!(leak.is_some_and(|minute| minute < 25), "{phi}: {leak:?}");
            let late = alarm(pairs(seed, phi, 0.04, |t| if t < 20.0 { 1.0 } else { 1.4 }));
            assert!(late.is_some_and(|minute| minute < 45), "{phi}: {late:?}");
        }
    }

    /// Noise of a tenth beside a margin of a tenth, and as often as another program of the same rule alarms in
    /// 2,000 runs each.
    #[test]
    fn what_remembers_hardly_alarms() {
        let runs = 200;
        for (phi, most) in [(0.0, 0.0), (0.6, 0.012), (0.8, 0.054), (0.9, 0.101)] {
            let alarms = (0..runs).filter(|&seed| alarm(pairs(seed, phi, 0.1, |_| 1.0)).is_some());
            let share = alarms.count() as f64 / runs as f64;
            let error = (most / runs as f64).sqrt();
            assert!(share <= most + 3.0 * error, "{phi}: {share}");
        }
    }

    #[test]
    fn what_never_varies_is_decided() {
        let constant = |canary: f64| (0..20).map(move |_| Arms::new(3.0, canary));
        assert!(alarm(constant(4.0)).is_some_and(|minute| minute < 12));
        assert_eq!(alarm(constant(3.0)), None);
        let mut within = AutoregressiveLevels::new(Measure::Ratio, Alternative::Less, 1.2, 0.05);
        for pair in constant(3.0) {
            within.update(pair).unwrap();
        }
        assert!(within.p_value() < 0.05);
    }

    #[test]
    fn more_is_said_to_be_needed_as_long_as_there_is_no_answer() {
        let mut monitor = monitor();
        for pair in pairs(5, 0.3, 0.1, |_| 1.25).take(4) {
            monitor.update(pair).unwrap();
        }
        let state = monitor.state();
        let remaining = state.remaining.unwrap();
        assert!(remaining > 1.0 && remaining < 1000.0, "{remaining}");
        let interval = state.estimate.unwrap().interval;
        assert!(interval.low < 1.1 && interval.high == f64::INFINITY);
    }

    /// Gauges that count something rare, alike on both arms, or more of it on the canary.
    #[test]
    fn counts_vary_as_counts_do() {
        let poisson = |random: &mut Stream, mean: f64| {
            let (mut count, mut time) = (0.0, -random.unit().ln());
            while time < mean {
                count += 1.0;
                time -= random.unit().ln();
            }
            count
        };
        let alarms = |mean: f64, change: f64, runs: u64| {
            let run = |seed: &u64| {
                let mut random = Stream::new(*seed, 1);
                let pairs: Vec<_> = (0..60)
                    .map(|_| {
                        let baseline = poisson(&mut random, mean);
                        Arms::new(baseline, poisson(&mut random, change * mean))
                    })
                    .collect();
                alarm(pairs.into_iter()).is_some()
            };
            (0..runs).filter(run).count()
        };
        for mean in [0.05, 0.3, 1.0, 5.0] {
            let found = alarms(mean, 1.0, 200);
            assert!(found <= 14, "{found} of 200 at {mean}");
        }
        assert!(alarms(0.0, 1.0, 20) == 0 && alarms(1.0, 10.0, 20) == 20);
    }

    /// A baseline that is always 0 makes any canary that is not infinitely more of it.
    #[test]
    fn more_than_nothing_is_found() {
        let mut random = Stream::new(3, 3);
        let pairs = (0..60).map(|_| Arms::new(0.0, 5.0 + random.normal()));
        assert!(alarm(pairs).is_some_and(|look| look <= 10));
        let difference =
            AutoregressiveLevels::new(Measure::Difference, Alternative::Greater, 0.1, 0.05);
        let (mut ratio, mut difference) = (monitor(), difference);
        for value in [5.0, 7.0, 4.0, 6.5, 7.5] {
            ratio.update(Arms::new(0.0, value)).unwrap();
            difference.update(Arms::new(0.0, value)).unwrap();
        }
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(ratio.about_line().squares, difference.about_line().squares);
        close(ratio.about_line().lagged, difference.about_line().lagged);
        let mut nothing = monitor();
        for _ in 0..60 {
            nothing.update(Arms::new(0.0, 0.0)).unwrap();
        }
        assert_eq!((nothing.p_value(), nothing.effect()), (1.0, 0.0));
    }
}

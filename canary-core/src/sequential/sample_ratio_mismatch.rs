use serde::{Deserialize, Serialize};

use super::beta_mixture::BetaMixture;
use super::dependence::{Batches, Caution, Contrast};
use super::event_split::Evidence;
use super::state::{
    Assume, Basis, Decision, Dependence, Design, Monitor, MonitorName, Peak, State, Update,
    Version, check_positive, check_rate, checked, confidence, same_design,
};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::number::log_space::log_mean_exp;
use crate::options::{Alternative, Measure};
use crate::stats::{ArmLevel, Estimate, Interval};

#[doc = include_str!("sample_ratio_mismatch.md")]
///
/// # Defaults
/// Alpha 0.05, a concentration of 1,000 requests, nothing taken for granted.
///
/// # Example: a canary that should have 5% of the users
/// ```
/// use canary_core::sequential::{Assume, Decision, Monitor, SampleRatioMismatch, Update};
///
/// let design = SampleRatioMismatch::new([0.95, 0.05]).assume(Assume::Independence);
/// let mut users = design.monitor()?;
/// assert_eq!(users.update(&[9_510, 490])?, Decision::Continue);
/// assert_eq!(users.update(&[9_440, 560])?, Decision::Continue);
/// assert_eq!(users.update(&[9_350, 650])?, Decision::AcceptAlternative); // do not judge: find out why
/// assert!(users.state().estimate.unwrap().interval.low > 1.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRatioMismatch {
    expected: Vec<f64>,
    alpha: f64,
    concentration: f64,
    assume: Assume,
}

impl SampleRatioMismatch {
    /// With the shares that the groups should have, in any unit, baseline first.
    #[must_use]
    pub fn new(expected: impl Into<Vec<f64>>) -> Self {
        Self {
            expected: expected.into(),
            alpha: 0.05,
            concentration: 1_000.0,
            assume: Assume::Nothing,
        }
    }

    /// The false-alarm rate over all looks, in (0, 1).
    #[must_use]
    pub const fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// How many requests the prior is worth; positive.
    #[must_use]
    pub const fn concentration(mut self, concentration: f64) -> Self {
        self.concentration = concentration;
        self
    }

    /// Whether requests (users, sessions) may be taken to come independently of each other.
    #[must_use]
    pub const fn assume(mut self, assume: Assume) -> Self {
        self.assume = assume;
        self
    }

    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for fewer than two groups, a share that is not positive and
    /// finite, an alpha outside (0, 1), and a concentration that is not positive and finite.
    pub fn monitor(self) -> Result<SampleRatioMonitor> {
        self.check()?;
        Ok(SampleRatioMonitor {
            version: Version,
            counts: vec![0; self.expected.len()],
            batches: vec![Batches::default(); self.splits()],
            design: self,
            peak: Peak::default(),
            decision: Decision::Continue,
        })
    }

    /// How many groups are held against the rest; of two, one says all.
    fn splits(&self) -> usize {
        match self.expected.len() {
            2 => 1,
            groups => groups,
        }
    }

    /// The shares, with a sum of 1.
    fn shares(&self) -> impl Iterator<Item = f64> {
        // In parts of the largest, so that no sum overflows.
        let largest = self.expected.iter().copied().fold(0.0, f64::max);
        let sum: f64 = self.expected.iter().map(|share| share / largest).sum();
        self.expected.iter().map(move |share| share / largest / sum)
    }

    /// By splitting one group after the other off the rest, the Dirichlet mixture is a product of
    /// beta mixtures, whose logarithms keep their digits. `times` is as many times what was seen.
    fn log_e(&self, counts: &[u64], times: f64) -> f64 {
        let (mut share, mut count) = (1.0, counts.iter().map(|&n| n as f64).sum::<f64>());
        let mut log_e = 0.0;
        let last = counts.len().saturating_sub(1);
        for (own, &n) in self.shares().zip(counts).take(last) {
            let rest = (share - own).max(f64::MIN_POSITIVE);
            let null = Point {
                x: own / share,
                y: rest / share,
            };
            let others = (count - n as f64).max(0.0);
            let mixture = BetaMixture::centred(null, self.concentration * share);
            log_e += mixture.log_e(
                times * n as f64,
                times * others,
                null,
                Alternative::TwoSided,
            );
            (share, count) = (rest, others);
        }
        if log_e.is_nan() {
            return f64::NEG_INFINITY; // of numbers beyond all measure nothing is known
        }
        log_e
    }
}

impl Design for SampleRatioMismatch {
    fn check(&self) -> Result<()> {
        if self.expected.len() < 2 {
            let rule = "must hold the shares of at least 2 groups";
            return Err(Error::option("expected", rule, self.expected.len()));
        }
        let mut shares = self.expected.iter();
        if let Some(share) = shares.find(|share| !(share.is_finite() && **share > 0.0)) {
            let rule = "must hold positive finite shares";
            return Err(Error::option("expected", rule, share));
        }
        check_rate("alpha", self.alpha)?;
        check_positive("concentration", self.concentration)
    }
}

/// Watches how traffic splits: see [`SampleRatioMismatch`]. Merges exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRatioMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: SampleRatioMismatch,
    counts: Vec<u64>,
    /// Of each group against the rest, from the last one on.
    batches: Vec<Batches>,
    peak: Peak,
    decision: Decision,
}

impl SampleRatioMonitor {
    fn look(&mut self) -> Decision {
        let own = self.design.log_e(&self.counts, 1.0);
        if self.peak.is_below(own) {
            let log_e = self.log_e(1.0);
            self.peak.note(log_e);
        }
        if self.decision == Decision::Continue && self.peak.rejects(self.design.alpha) {
            self.decision = Decision::AcceptAlternative;
        }
        self.decision
    }

    fn add(&mut self, counts: &[u64]) {
        for (own, more) in self.counts.iter_mut().zip(counts) {
            *own = own.saturating_add(*more);
        }
    }

    /// Notes what an update says of its dependence on others.
    fn push(&mut self, counts: &[u64]) {
        let all: f64 = counts.iter().map(|&n| n as f64).sum();
        if self.design.assume == Assume::Independence || all == 0.0 {
            return;
        }
        let shares: Vec<f64> = self.design.shares().collect();
        let groups = counts.iter().zip(&shares).rev();
        for (batches, (&n, &share)) in self.batches.iter_mut().zip(groups) {
            let events = Arms::new((all - n as f64).max(0.0), n as f64);
            let traffic = Arms::new((1.0 - share).max(f64::MIN_POSITIVE), share);
            batches.push(Contrast::of_events(Measure::Ratio, events, traffic));
        }
    }

    /// What holds of every group; none while there is no answer.
    fn caution(&self) -> Option<Caution> {
        let mut groups = self.batches.iter().map(Batches::caution);
        groups.try_fold(Caution::NONE, |all, own| Some(all.and(own?)))
    }

    /// Logarithm of the e-value, had all that was seen been seen that many `times`.
    fn log_e(&self, times: f64) -> f64 {
        let own = |times| self.design.log_e(&self.counts, times);
        if self.design.assume == Assume::Independence {
            return own(times);
        }
        let Some(caution) = self.caution() else {
            return 0.0;
        };
        let log_e = own(times / caution.dispersion);
        if !caution.remembers {
            return log_e;
        }
        // The mean of the groups' e-values is one.
        let groups = self.batches.iter();
        let all: Vec<f64> = groups
            .map(|batches| batches.log_e(0.0, Alternative::TwoSided, times))
            .map(|log_e| log_e.unwrap_or(0.0))
            .collect();
        log_e.min(log_mean_exp(all.iter().copied()))
    }

    /// Of the groups, what is said of the one with the largest dispersion, or with no answer.
    fn dependence(&self, observations: u64) -> Dependence {
        if self.design.assume == Assume::Independence {
            return Dependence::promised(observations);
        }
        let groups = self
            .batches
            .iter()
            .map(|batches| batches.dependence(observations));
        let worst = groups.reduce(|a, b| {
            let is_worse = if a.basis == b.basis {
                b.dispersion > a.dispersion
            } else {
                b.basis != Basis::Batches
            };
            if is_worse { b } else { a }
        });
        worst.unwrap_or_else(|| Batches::default().dependence(observations))
    }

    /// Two groups are two arms whose "events" are requests.
    fn estimate(&self) -> Option<Estimate> {
        let (&[baseline, canary], &[first, second]) =
            (self.counts.as_slice(), self.design.expected.as_slice())
        else {
            return None;
        };
        if baseline == 0 && canary == 0 {
            return None;
        }
        let evidence = Evidence {
            share: Point::from_odds(second / first),
            strength: self.design.concentration,
            own: Arms::new(baseline as f64, canary as f64),
            others: None,
            times: 1.0,
            batches: self.design.assume.measured(self.batches.first()).flatten(),
        };
        let bound = -self.design.alpha.ln();
        let (low, high) = evidence.interval(Alternative::TwoSided, bound);
        Some(Estimate {
            measure: Measure::Ratio,
            of: "ratio of traffic over that configured".to_owned(),
            value: evidence.estimate().exp(),
            interval: Interval {
                low: low.exp(),
                high: high.exp(),
                confidence: confidence(self.design.alpha),
            },
        })
    }

    /// About how many more requests.
    fn remaining(&self, all: f64) -> Option<f64> {
        if self.decision != Decision::Continue || all == 0.0 {
            return None;
        }
        let log_e = |times: f64| match self.caution() {
            None => self.design.log_e(&self.counts, times), // the least that it takes
            Some(_) => self.log_e(times),
        };
        let times = super::event_split::times_until(-self.design.alpha.ln(), log_e)?;
        Some(((times - 1.0) * all).ceil().max(1.0))
    }
}

/// Requests (users, sessions) of every group since the last update, in the order of the shares.
impl Update<&[u64]> for SampleRatioMonitor {
    fn update(&mut self, counts: &[u64]) -> Result<Decision> {
        let groups = self.design.expected.len();
        if counts.len() != groups {
            let rule = format!("must be as many as the {groups} groups");
            return Err(Error::input("counts", rule, counts.len()));
        }
        self.add(counts);
        self.push(counts);
        Ok(self.look())
    }
}

/// The same, of so many groups.
impl<const N: usize> Update<&[u64; N]> for SampleRatioMonitor {
    fn update(&mut self, counts: &[u64; N]) -> Result<Decision> {
        self.update(counts.as_slice())
    }
}

/// The same, of two groups.
impl Update<Arms<u64>> for SampleRatioMonitor {
    fn update(&mut self, Arms { baseline, canary }: Arms<u64>) -> Result<Decision> {
        self.update([baseline, canary].as_slice())
    }
}

impl Monitor for SampleRatioMonitor {
    fn state(&self) -> State {
        let all: f64 = self.counts.iter().map(|&n| n as f64).sum();
        let counts = self.counts.iter();
        let observations = self.counts.iter().fold(0_u64, |a, &n| n.saturating_add(a));
        State {
            monitor: MonitorName::SampleRatioMismatch,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: self.log_e(1.0),
            estimate: self.estimate(),
            arms: counts.map(|&n| ArmLevel::new(n, n as f64 / all)).collect(),
            observations,
            remaining: self.remaining(all),
            dependence: Some(self.dependence(observations)),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.add(&later.counts);
        for (own, later) in self.batches.iter_mut().zip(&later.batches) {
            own.merge(later);
        }
        self.look();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_e(concentration: f64, counts: [u64; 2]) -> f64 {
        let design = SampleRatioMismatch::new([1.0, 1.0])
            .assume(Assume::Independence)
            .concentration(concentration);
        let mut monitor = design.monitor().unwrap();
        monitor.update(&counts).unwrap();
        monitor.state().log_e_value
    }

    /// The closed form, computed with mpmath.
    #[test]
    fn agrees_with_independent_digits() {
        assert!((log_e(2.0, [5_200, 4_800]) - 3.621_880).abs() < 1e-6);
        assert!((log_e(100.0, [5_200, 4_800]) - 5.613_613).abs() < 1e-6);
        assert!((log_e(2.0, [5_100, 4_900]) + 2.379_521).abs() < 1e-6);
        assert!((log_e(100.0, [5_100, 4_900]) + 0.329_512).abs() < 1e-6);
    }

    #[test]
    fn the_order_of_the_groups_does_not_matter() {
        let log_e = |expected: [f64; 3], counts: [u64; 3]| {
            let mut monitor = SampleRatioMismatch::new(expected)
                .assume(Assume::Independence)
                .monitor()
                .unwrap();
            monitor.update(&counts).unwrap();
            monitor.state().log_e_value
        };
        let one = log_e([90.0, 5.0, 5.0], [9_050, 400, 550]);
        let other = log_e([0.05, 0.9, 0.05], [550, 9_050, 400]);
        assert!((one - other).abs() < 1e-10, "{one} {other}");
        assert!(one > 3.0);
    }

    #[test]
    fn a_wrong_number_of_groups_is_refused() {
        let mut monitor = SampleRatioMismatch::new([1.0, 1.0])
            .assume(Assume::Independence)
            .monitor()
            .unwrap();
        let error = monitor.update(&[1, 2, 3]).unwrap_err().to_string();
        assert_eq!(error, "counts: must be as many as the 2 groups, got 3");
        let nonsense = r#"{"version":1,"design":{"expected":[1,1],"alpha":0.05,"concentration":1,"assume":"nothing"},
            "counts":[3],"batches":[],"peak":0,"decision":"continue"}"#;
        let mut monitor: SampleRatioMonitor = serde_json::from_str(nonsense).unwrap();
        monitor.update(&[1, 2]).unwrap();
        assert!(monitor.state().log_e_value.is_finite());
    }
}

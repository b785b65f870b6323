use super::super::result::{Estimate, Interval, Method, TestName, TestResult};
use super::two_proportion_z::{TwoProportionZ, check_trials, exact_difference, pooled_z};
use crate::data::{Arms, Counts};
use crate::error::{Error, Result};
use crate::number::density::binomial;
use crate::number::quadrature;
use crate::number::root::brent;
use crate::options::{Alternative, Confidence, Measure, builder, choice};

choice! {
    /// Which exact test of two proportions.
    ProportionMethod("method") {
        /// Boschloo's: the one to use.
        Boschloo = "boschloo",
        /// Barnard's, by the pooled z.
        Barnard = "barnard",
        /// Fisher's: for any number of trials, and too careful with few.
        Fisher = "fisher",
    }
}

/// From this standard deviation on, sums of probabilities are integrals.
const SMOOTH: f64 = 3000.0;
/// Up to this one, the conditional odds ratio is found.
const MOST_SPREAD: f64 = 1e6;

/// Boschloo's and Barnard's tests look at every table of so many trials.
const MOST_TRIALS: u64 = 20_000;
/// Fisher's p-values of tables as extreme as the one seen differ by rounding alone.
const SLACK: f64 = 1e-7;

builder! {
    #[doc = include_str!("exact.md")]
    ///
    /// # Defaults
    /// Boschloo, two-sided, confidence 0.95, difference of proportions.
    ///
    /// # Example: four errors of fifty against none of fifty
    /// ```
    /// use canary_core::{Alternative, Arms, Counts, stats::ExactProportions, stats::ProportionMethod};
    ///
    /// let errors = Arms::new(Counts::new(0, 50)?, Counts::new(4, 50)?);
    /// let test = ExactProportions::new().alternative(Alternative::Greater);
    /// let boschloo = test.run(&errors)?;
    /// let fisher = test.method(ProportionMethod::Fisher).run(&errors)?;
    /// assert!(boschloo.p_value < 0.05 && fisher.p_value > 0.05);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    ExactProportions {
        /// Which test.
        method: ProportionMethod = ProportionMethod::Boschloo,
        /// What is held against "no difference".
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference, a ratio or an odds ratio.
        measure: Measure = Measure::Difference,
    }
}

impl ExactProportions {
    /// Runs the test on events out of trials.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for an arm without trials; [`Error::InvalidInput`] for more trials
    /// than Boschloo's and Barnard's tests take; [`Error::InvalidOption`] for a confidence outside
    /// (0, 1).
    pub fn run(&self, arms: &Arms<Counts>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        check_trials(*arms)?;
        let fisher = Fisher::of(*arms);
        let (statistic, p_value) = match self.method {
            ProportionMethod::Fisher => (fisher.seen as f64, fisher.p_value(self.alternative)),
            ProportionMethod::Boschloo => {
                check_size(*arms)?;
                match self.alternative {
                    Alternative::TwoSided => {
                        let greater = boschloo(*arms);
                        let less = boschloo(arms.swap());
                        let nearer = if greater.1 < less.1 { greater } else { less };
                        (nearer.0, (2.0 * nearer.1).min(1.0))
                    }
                    Alternative::Greater => boschloo(*arms),
                    Alternative::Less => boschloo(arms.swap()),
                }
            }
            ProportionMethod::Barnard => {
                check_size(*arms)?;
                barnard(*arms, self.alternative)
            }
        };
        let like_z = TwoProportionZ::new()
            .alternative(self.alternative)
            .confidence(self.confidence)
            .measure(self.measure)
            .run(arms)?;
        let is_conditional =
            self.method == ProportionMethod::Fisher && self.measure == Measure::OddsRatio;
        if is_conditional && fisher.standard_deviation() > MOST_SPREAD {
            let rule = "must not be \"odds_ratio\" for so many events (two_proportion_z has one)";
            return Err(Error::option("measure", rule, self.measure));
        }
        Ok(TestResult {
            test: TestName::ExactProportions,
            method: self.method_used(),
            statistic,
            p_value,
            estimate: if is_conditional {
                Some(fisher.odds_ratio(self.alternative, confidence))
            } else {
                like_z.estimate
            },
            ..like_z
        })
    }

    const fn method_used(&self) -> Method {
        match self.method {
            ProportionMethod::Boschloo => Method::Boschloo,
            ProportionMethod::Barnard => Method::Barnard,
            ProportionMethod::Fisher => Method::Fisher,
        }
    }
}

fn check_size(arms: Arms<Counts>) -> Result<()> {
    let trials = arms.baseline.trials().saturating_add(arms.canary.trials());
    if trials > MOST_TRIALS {
        let rule = format!(
            "must be \"fisher\" (or the test two_proportion_z) for more than {MOST_TRIALS} trials"
        );
        return Err(Error::option(
            "method",
            rule,
            format_args!("{trials} trials"),
        ));
    }
    Ok(())
}

/// The canary's events given all events: hypergeometric under the null hypothesis.
#[derive(Clone, Copy)]
struct Fisher {
    /// The canary's events.
    seen: u64,
    /// Both arms' events.
    events: u64,
    trials: Arms<u64>,
}

impl Fisher {
    fn of(arms: Arms<Counts>) -> Self {
        Self {
            seen: arms.canary.events(),
            events: arms.baseline.events().saturating_add(arms.canary.events()),
            trials: arms.map(Counts::trials),
        }
    }

    fn lowest(self) -> u64 {
        self.events.saturating_sub(self.trials.baseline)
    }

    fn highest(self) -> u64 {
        self.events.min(self.trials.canary)
    }

    fn probability(self, x: u64) -> f64 {
        self.density(x as f64)
    }

    /// The probability, at whole x and between.
    fn density(self, x: f64) -> f64 {
        let n = self.trials.map(|n| n as f64);
        let events = self.events as f64;
        let x = x.clamp(self.lowest() as f64, self.highest() as f64);
        let all = n.baseline + n.canary;
        let (p, q) = (events / all, (all - events) / all);
        binomial(x, n.canary - x, p, q) * binomial(events - x, n.baseline - (events - x), p, q)
            / binomial(events, all - events, p, q)
    }

    /// P(x + 1) / P(x) for an odds ratio of 1.
    fn ratio_up(self, x: u64) -> f64 {
        let n = self.trials.map(|n| n as f64);
        let (x, events) = (x as f64, self.events as f64);
        (n.canary - x) * (events - x) / ((x + 1.0) * (n.baseline - events + x + 1.0))
    }

    fn standard_deviation(self) -> f64 {
        let n = self.trials.map(|n| n as f64);
        let all = n.baseline + n.canary;
        let share = self.events as f64 / all;
        (share * (1.0 - share) * n.canary * (n.baseline / (all - 1.0))).sqrt()
    }

    /// Σ P from x on, in steps of 1 or -1, for an x on that side of the mode, where a sum would have
    /// too many terms: the integral from half a step before, with Euler and Maclaurin's first
    /// correction. What is left is of the order of (z/σ)^4 of it.
    fn smooth_sum(self, from: u64, step: f64) -> f64 {
        let (from, spread) = (from as f64, self.standard_deviation());
        let end = if step > 0.0 {
            self.highest() as f64 + 0.5 - from
        } else {
            self.lowest() as f64 - 0.5 - from
        };
        // By the distance from x, in which half a step is not lost.
        let at = |away: f64| self.density(from + away);
        let integral = quadrature::tail(at, -0.5 * step, step * spread, end);
        integral - (at(-step) - at(0.0)) / 24.0
    }

    /// Σ P over x.. upwards, for an x not below the mode.
    fn sum_up(self, from: u64) -> f64 {
        if self.standard_deviation() > SMOOTH {
            return self.smooth_sum(from, 1.0);
        }
        let mut term = self.probability(from);
        let mut sum = term;
        for x in from..self.highest() {
            term *= self.ratio_up(x);
            sum += term;
            if term <= 1e-18 * sum {
                break; // also where both have vanished
            }
        }
        sum
    }

    /// The same downwards, for an x not above the mode.
    fn sum_down(self, from: u64) -> f64 {
        if self.standard_deviation() > SMOOTH {
            return self.smooth_sum(from, -1.0);
        }
        let mut term = self.probability(from);
        let mut sum = term;
        for x in (self.lowest()..from).rev() {
            term /= self.ratio_up(x);
            sum += term;
            if term <= 1e-18 * sum {
                break; // also where both have vanished
            }
        }
        sum
    }

    fn mode(self) -> u64 {
        let n = self.trials.map(|n| n as f64);
        let at = (self.events as f64 + 1.0) * (n.canary + 1.0) / (n.baseline + n.canary + 2.0);
        (at as u64).clamp(self.lowest(), self.highest())
    }

    fn greater(self) -> f64 {
        if self.seen >= self.mode() {
            self.sum_up(self.seen)
        } else if self.seen > self.lowest() {
            1.0 - self.sum_down(self.seen - 1)
        } else {
            1.0
        }
        .min(1.0)
    }

    fn less(self) -> f64 {
        if self.seen <= self.mode() {
            self.sum_down(self.seen)
        } else if self.seen < self.highest() {
            1.0 - self.sum_up(self.seen + 1)
        } else {
            1.0
        }
        .min(1.0)
    }

    fn p_value(self, alternative: Alternative) -> f64 {
        match alternative {
            Alternative::Greater => self.greater(),
            Alternative::Less => self.less(),
            Alternative::TwoSided => self.two_sided(),
        }
    }

    fn two_sided(self) -> f64 {
        let most = self.probability(self.seen) * (1.0 + SLACK);
        let mode = self.mode();
        if self.probability(mode) <= most {
            return 1.0;
        }
        let (own, other) = if self.seen > mode {
            // The largest x below the mode that is no more probable.
            let x = last_with(self.lowest(), mode, |x| self.probability(x) <= most);
            (self.sum_up(self.seen), x.map(|x| self.sum_down(x)))
        } else {
            let highest = self.highest();
            let x = last_with(0, highest - mode, |step| {
                self.probability(highest - step) <= most
            });
            (
                self.sum_down(self.seen),
                x.map(|step| self.sum_up(highest - step)),
            )
        };
        (own + other.unwrap_or(0.0)).min(1.0)
    }

    /// The likeliest odds ratio given all events, with the exact interval.
    fn odds_ratio(self, alternative: Alternative, confidence: Confidence) -> Estimate {
        let tail = confidence.tail(alternative);
        let (lowest, highest) = (self.lowest(), self.highest());
        let at_low = self.seen == lowest;
        let at_high = self.seen == highest;
        let solve = |excess: &dyn Fn(f64) -> f64| {
            let (mut low, mut high) = (-1.0, 1.0);
            while excess(low) > 0.0 && low > -700.0 {
                (low, high) = (2.0 * low, low);
            }
            while excess(high) < 0.0 && high < 700.0 {
                (low, high) = (high, 2.0 * high);
            }
            brent(excess, low, high).exp()
        };
        let value = match (at_low, at_high) {
            (true, true) => 1.0,
            (true, false) => 0.0,
            (false, true) => f64::INFINITY,
            (false, false) => solve(&|ln_psi| self.tilted(ln_psi).mean - self.seen as f64),
        };
        let low = if at_low {
            0.0
        } else {
            solve(&|ln_psi| self.tilted(ln_psi).at_least_seen.ln() - tail.ln())
        };
        let high = if at_high {
            f64::INFINITY
        } else {
            solve(&|ln_psi| tail.ln() - self.tilted(ln_psi).at_most_seen.ln())
        };
        Estimate {
            measure: Measure::OddsRatio,
            of: "conditional odds ratio of proportions".to_owned(),
            value,
            interval: Interval::new((low, high), (0.0, f64::INFINITY), alternative, confidence),
        }
    }

    /// The distribution of the canary's events under another odds ratio (Fisher's noncentral
    /// hypergeometric), by sums outwards from its mode.
    fn tilted(self, ln_psi: f64) -> Tilted {
        let psi = ln_psi.exp();
        let up = |x: u64| self.ratio_up(x) * psi;
        // The mode is the last x whose step up does not fall.
        let mode = last_with(self.lowest(), self.highest(), |x| {
            x == self.lowest() || up(x - 1) >= 1.0
        })
        .unwrap_or_else(|| self.lowest());
        let (mut total, mut moment) = (0.0, 0.0);
        let (mut at_least, mut at_most) = (0.0, 0.0);
        let mut add = |x: u64, term: f64| {
            total += term;
            moment += term * (x as f64 - mode as f64);
            if x >= self.seen {
                at_least += term;
            }
            if x <= self.seen {
                at_most += term;
            }
        };
        add(mode, 1.0);
        let is_over = |term: f64, has_passed: bool| term < 1e-300 || (term < 1e-20 && has_passed);
        let mut term = 1.0;
        for x in mode..self.highest() {
            term *= up(x);
            add(x + 1, term);
            if is_over(term, x > self.seen) {
                break;
            }
        }
        term = 1.0;
        for x in (self.lowest()..mode).rev() {
            term /= up(x);
            add(x, term);
            if is_over(term, x < self.seen) {
                break;
            }
        }
        Tilted {
            mean: mode as f64 + moment / total,
            at_least_seen: at_least / total,
            at_most_seen: at_most / total,
        }
    }
}

struct Tilted {
    mean: f64,
    at_least_seen: f64,
    at_most_seen: f64,
}

/// The last of low..=high with a property that holds up to some point.
fn last_with(low: u64, high: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if !holds(low) {
        return None;
    }
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if holds(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Some(low)
}

/// Tables at least as extreme as the one seen: for each number of the canary's events, up to how
/// many of the baseline's (one side), and from how many on (the other).
struct Region {
    trials: Arms<u64>,
    up_to: Vec<Option<u64>>,
    from: Vec<Option<u64>>,
}

impl Region {
    /// `is_extreme(x, y)` for x events on the canary, y on the baseline, must stay true as x grows
    /// and as y falls (Barnard's convexity), so that one walk along the border sees all of it.
    fn greater(trials: Arms<u64>, is_extreme: impl Fn(u64, u64) -> bool) -> Self {
        let mut next = 0; // the first y that is not extreme
        let up_to = (0..=trials.canary).map(|x| {
            while next <= trials.baseline && is_extreme(x, next) {
                next += 1;
            }
            next.checked_sub(1)
        });
        Self {
            trials,
            up_to: up_to.collect(),
            from: vec![None; trials.canary as usize + 1],
        }
    }

    /// The other side added: true as x falls and as y grows.
    fn and_less(mut self, is_extreme: impl Fn(u64, u64) -> bool) -> Self {
        let mut first = 0; // the first y that is extreme
        for (x, from) in self.from.iter_mut().enumerate() {
            while first <= self.trials.baseline && !is_extreme(x as u64, first) {
                first += 1;
            }
            *from = (first <= self.trials.baseline).then_some(first);
        }
        self
    }

    /// The probability of the region when both arms have proportion p.
    fn probability(&self, p: f64) -> f64 {
        let running = |masses: &mut dyn Iterator<Item = f64>| {
            let mut sum = 0.0;
            masses
                .map(|mass| {
                    sum += mass;
                    sum
                })
                .collect::<Vec<f64>>()
        };
        let baseline = binomial_masses(self.trials.baseline, p);
        let below = running(&mut baseline.iter().copied());
        let above = running(&mut baseline.iter().rev().copied()); // above[i]: the last i + 1
        let canary = binomial_masses(self.trials.canary, p);
        let rows = canary.into_iter().zip(self.up_to.iter().zip(&self.from));
        rows.map(|(mass, (up_to, from))| {
            let low = up_to.and_then(|y| below.get(y as usize)).unwrap_or(&0.0);
            let high = from
                .and_then(|y| above.get((self.trials.baseline - y) as usize))
                .unwrap_or(&0.0);
            mass * (low + high)
        })
        .sum::<f64>()
    }

    /// The largest probability over all p: the best points of a grid, refined.
    fn largest_probability(&self) -> f64 {
        // So many that none of the sum's steps, 1/√N apart in the angle, is missed.
        let trials = (self.trials.baseline + self.trials.canary) as f64;
        let points = (8.0 * trials.sqrt()).clamp(96.0, 400.0).ceil();
        // Even in the angle asin √p, in which a binomial proportion is equally spread everywhere.
        let p = |i: f64| (0.5 * std::f64::consts::PI * i / points).sin().powi(2);
        let values: Vec<f64> = (0..=points as u32)
            .map(|i| self.probability(p(f64::from(i))))
            .collect();
        let highest = values.iter().copied().fold(0.0, f64::max);
        let mut peaks: Vec<(f64, usize)> = (0..values.len())
            .filter_map(|i| {
                let at = |i: usize| values.get(i).copied().unwrap_or(0.0);
                let value = at(i);
                let is_peak = (i == 0 || at(i - 1) <= value) && at(i + 1) <= value;
                (is_peak && value > 0.8 * highest).then_some((value, i))
            })
            .collect();
        peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
        let refined = peaks.iter().take(8).map(|&(value, i)| {
            let (low, high) = (i as f64 - 1.0, i as f64 + 1.0);
            value.max(golden(|i| self.probability(p(i)), low.max(0.0), high))
        });
        refined.fold(highest, f64::max).min(1.0)
    }
}

/// The binomial probabilities of 0, 1, ..., n, each from its neighbour nearer to the mode.
fn binomial_masses(n: u64, p: f64) -> Vec<f64> {
    let (size, odds) = (n as f64, p / (1.0 - p));
    if !(odds > 0.0 && odds < f64::INFINITY) {
        let certain = if p > 0.5 { n } else { 0 };
        return (0..=n)
            .map(|x| if x == certain { 1.0 } else { 0.0 })
            .collect();
    }
    let mode = (((size + 1.0) * p) as usize).min(n as usize);
    let mut masses = vec![0.0; n as usize + 1];
    let (below, from_mode) = masses.split_at_mut(mode);
    let at_mode = binomial(mode as f64, size - mode as f64, p, 1.0 - p);
    let mut mass = at_mode;
    for (step, place) in from_mode.iter_mut().enumerate() {
        *place = mass;
        let x = (mode + step) as f64;
        mass *= (size - x) / (x + 1.0) * odds;
    }
    mass = at_mode;
    for (step, place) in below.iter_mut().rev().enumerate() {
        let x = (mode - step) as f64;
        mass *= x / ((size - x + 1.0) * odds);
        *place = mass;
    }
    masses
}

/// The maximum of a function with one peak in [low, high], by golden section.
fn golden(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let share = 0.5 * (3.0 - 5.0_f64.sqrt());
    let (mut a, mut b) = (low, high);
    let (mut x, mut y) = (a + share * (b - a), b - share * (b - a));
    let (mut fx, mut fy) = (f(x), f(y));
    for _ in 0..28 {
        if fx > fy {
            (b, y, fy) = (y, x, fx);
            x = a + share * (b - a);
            fx = f(x);
        } else {
            (a, x, fx) = (x, y, fy);
            y = b - share * (b - a);
            fy = f(y);
        }
    }
    fx.max(fy)
}

/// Fisher's one-sided p-value, and Boschloo's, that the canary is greater.
fn boschloo(arms: Arms<Counts>) -> (f64, f64) {
    let seen = Fisher::of(arms).greater();
    let trials = arms.map(Counts::trials);
    let region = Region::greater(trials, |x, y| {
        let table = Fisher {
            seen: x,
            events: x + y,
            trials,
        };
        table.greater() <= seen * (1.0 + SLACK)
    });
    (seen, region.largest_probability())
}

/// The pooled z, and Barnard's p-value.
fn barnard(arms: Arms<Counts>, alternative: Alternative) -> (f64, f64) {
    let z = |arms| pooled_z(arms, exact_difference(arms));
    let seen = z(arms);
    let trials = arms.map(Counts::trials);
    let table = |x: u64, y: u64| {
        let counts = |events, trials| Counts::new(events, trials).unwrap_or(arms.baseline);
        z(Arms::new(
            counts(y, trials.baseline),
            counts(x, trials.canary),
        ))
    };
    let slack = 1e-12 * (1.0 + seen.abs());
    let least = seen.abs() - slack;
    let region = match alternative {
        Alternative::Greater => Region::greater(trials, |x, y| table(x, y) >= seen - slack),
        Alternative::Less => {
            let all = Region {
                trials,
                up_to: vec![None; trials.canary as usize + 1],
                from: vec![None; trials.canary as usize + 1],
            };
            all.and_less(|x, y| table(x, y) <= seen + slack)
        }
        Alternative::TwoSided if least <= 0.0 => return (seen, 1.0),
        Alternative::TwoSided => Region::greater(trials, |x, y| table(x, y) >= least)
            .and_less(|x, y| table(x, y) <= -least),
    };
    (seen, region.largest_probability())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(b: (u64, u64), c: (u64, u64)) -> Arms<Counts> {
        Arms::new(b, c).map(|(events, trials)| Counts::new(events, trials).unwrap())
    }

    fn p(method: ProportionMethod, b: (u64, u64), c: (u64, u64)) -> f64 {
        let test = ExactProportions::new().method(method);
        test.run(&counts(b, c)).unwrap().p_value
    }

    /// Fisher's tea tasting (1935): 3 of 4 cups rightly named.
    #[test]
    fn the_lady_tasting_tea() {
        let tea = counts((1, 4), (3, 4));
        let test = ExactProportions::new()
            .method(ProportionMethod::Fisher)
            .measure(Measure::OddsRatio);
        let result = test.alternative(Alternative::Greater).run(&tea).unwrap();
        assert!((result.p_value - 17.0 / 70.0).abs() < 1e-15);
        // R: fisher.test(matrix(c(3, 1, 1, 3), 2))
        assert!((result.estimate.unwrap().interval.low - 0.313_569_3).abs() < 1e-4);
        let result = test.alternative(Alternative::TwoSided).run(&tea).unwrap();
        assert!((result.p_value - 34.0 / 70.0).abs() < 1e-14);
        // Under ψ the cups are 1, 16 ψ, 36 ψ², 16 ψ³, ψ⁴. R's ends, 0.21173 and 621.93, are roots to
        // four and two digits.
        let estimate = result.estimate.unwrap();
        let share = |psi: f64, from: usize, to: usize| {
            let weights = [1.0, 16.0, 36.0, 16.0, 1.0];
            let terms: Vec<f64> = (0..5).map(|k| weights[k] * psi.powi(k as i32)).collect();
            terms[from..=to].iter().sum::<f64>() / terms.iter().sum::<f64>()
        };
        assert!((estimate.value - 6.408_309).abs() < 1e-3);
        assert!((share(estimate.interval.low, 3, 4) / 0.025 - 1.0).abs() < 1e-12);
        assert!((share(estimate.interval.high, 0, 3) / 0.025 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn masses_are_those_one_by_one() {
        for n in [0, 1, 2, 17, 300] {
            for p in [0.0, 1e-9, 0.03, 0.5, 0.77, 1.0] {
                for (x, mass) in (0..=n).zip(binomial_masses(n, p)) {
                    let expected = binomial(x as f64, (n - x) as f64, p, 1.0 - p);
                    let error = (mass - expected).abs();
                    assert!(
                        error <= 1e-12 * expected + 1e-300,
                        "{n} {p} {x}: {mass} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn integrals_are_the_sums() {
        // A standard deviation of 3,060, and sums term by term all the same.
        let arms = counts((50_000_000, 100_000_000), (37_000_000, 60_000_000));
        let fisher = Fisher::of(arms);
        assert!(fisher.standard_deviation() > SMOOTH);
        let by_terms = |from: u64, to: u64| -> f64 {
            let (mut term, mut sum) = (fisher.probability(from), 0.0);
            for x in from..to {
                sum += term;
                term *= fisher.ratio_up(x);
            }
            sum
        };
        let mode = fisher.mode();
        for away in [0, 5_000, 20_000] {
            let from = mode + away;
            let (short, long) = (fisher.sum_up(from), by_terms(from, from + 60_000));
            assert!((short / long - 1.0).abs() < 1e-11, "{away}: {short} {long}");
            let to = mode - away;
            let (short, long) = (fisher.sum_down(to), by_terms(to - 60_000, to + 1));
            assert!((short / long - 1.0).abs() < 1e-11, "{away}: {short} {long}");
        }
        let huge = counts((9_007_200_147_195_497, 29_987_870_668_123_580), (338, 420));
        let p = Fisher::of(huge).p_value(Alternative::TwoSided);
        assert!(p > 0.0 && p < 1e-40, "{p}");
    }

    #[test]
    fn nothing_happened_on_either_arm() {
        use ProportionMethod::{Barnard, Boschloo, Fisher};
        for method in [Boschloo, Barnard, Fisher] {
            assert_eq!(p(method, (0, 20), (0, 30)), 1.0);
            assert_eq!(p(method, (20, 20), (30, 30)), 1.0);
        }
    }

    #[test]
    fn the_level_is_kept_for_every_proportion() {
        // All tables of 12 and 5 trials with p ≤ 0.05 together must not be more probable than that.
        let trials = Arms::new(12, 5);
        for method in [ProportionMethod::Boschloo, ProportionMethod::Barnard] {
            let mut rejected = Vec::new();
            for y in 0..=trials.baseline {
                for x in 0..=trials.canary {
                    if p(method, (y, trials.baseline), (x, trials.canary)) <= 0.05 {
                        rejected.push((y, x));
                    }
                }
            }
            assert!(!rejected.is_empty());
            for i in 1..100 {
                let pi = f64::from(i) / 100.0;
                let mass = |x: u64, n: u64| binomial(x as f64, (n - x) as f64, pi, 1.0 - pi);
                let size: f64 = rejected
                    .iter()
                    .map(|&(y, x)| mass(y, trials.baseline) * mass(x, trials.canary))
                    .sum();
                assert!(size <= 0.05 + 1e-9, "{method} {pi}: {size}");
            }
        }
    }

    #[test]
    fn many_trials_are_fisher_s_alone() {
        let many = 1_u64 << 53;
        let error = ExactProportions::new()
            .run(&counts((9, many), (9, many)))
            .unwrap_err();
        assert!(
            error.to_string().starts_with("method: must be \"fisher\""),
            "{error}"
        );
        let q = p(ProportionMethod::Fisher, (1000, many), (1200, many));
        assert!((q / 2.2e-5 - 1.0).abs() < 0.1, "{q}");
    }
}

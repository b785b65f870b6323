//! A test whose interval is held against a margin.

use super::{Evidence, both, histogram};
use crate::data::{
    Arms, Counts, Design, Direction, Exposure, Histogram, Observations, Sample, Series, Summary,
};
use crate::error::{Error, Result};
use crate::judge::condition::{TestCondition, TestGoal, TestMethod};
use crate::judge::finding::{Acceptable, Change};
use crate::judge::verdict::Status;
use crate::number::moments::Moments;
use crate::number::sort;
use crate::options::{Alternative, Confidence, Margin, Measure, NanPolicy};
use crate::stats::{
    ExactProportions, MannWhitney, PairedSeries, ProportionMethod, QuantileTest, RateMethod,
    ShiftInterval, TTest, TestName, TestResult, TwoProportionZ, TwoRates,
};

/// Of a constant any spread is infinitely more: so much of the median is always acceptable.
const SPREAD_FLOOR: f64 = 0.05;
/// The spread of fewer values than these is not known: two are equally far from their median.
const FEWEST_OF_SPREAD: usize = 8;

/// A search for more data tries so many amounts, up to so many observations.
const MOST_TRIES: usize = 8;
const MOST_GROWN: f64 = 1e15;
/// From so many events on one more or less makes no difference.
const MANY_EVENTS: f64 = 100.0;

/// Why a gauge cannot be tested.
pub(super) const ONE_NUMBER: &str =
    "one number of each arm says nothing of chance: give values, counts, or a threshold";

/// The median's size, of samples and series.
fn typical(observations: &Observations) -> f64 {
    match observations {
        Observations::Sample(sample) => sample.quantile(0.5).abs(),
        Observations::Series(series) => series.sample().quantile(0.5).abs(),
        _ => 0.0,
    }
}

/// A test whose interval is held against the margin.
pub(super) fn test(
    condition: &TestCondition,
    direction: Direction,
    design: Design,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let arms = match both(arms) {
        Ok(arms) => arms,
        Err(absent) => return Ok(without_data(condition, direction).blocked(absent)),
    };
    let method = match condition.method {
        TestMethod::Auto => suited(arms.canary),
        method => method,
    };
    // More spread is worse, whichever way the metric gets worse.
    let direction = match method {
        TestMethod::Spread => Direction::Increase,
        _ => direction,
    };
    let condition = &match (method, condition.floor) {
        (TestMethod::Spread, None) => TestCondition {
            floor: Some(SPREAD_FLOOR * typical(arms.baseline)),
            ..*condition
        },
        _ => *condition,
    };
    let mut evidence = Evidence::of(compared(condition, method));
    let data = match Data::of(method, condition.quantile, design, arms)? {
        Ok(data) => data,
        Err(obstacle) => return Ok(evidence.blocked(obstacle)),
    };
    if let (TestMethod::PairedSeries, Data::Apart(_)) = (method, &data) {
        let test = TestName::SeriesApart;
        evidence.compared = format!("{} ({})", test.level(), test.title());
    }
    let margin = held(condition, direction, &data);
    let acceptable = acceptable(margin, condition.goal, direction);
    evidence.acceptable = Some(acceptable);
    let harmless = (condition.fail_beyond < 1.0 && condition.goal == TestGoal::NonInferiority)
        .then(|| {
            self::acceptable(
                margin.part(condition.fail_beyond),
                condition.goal,
                direction,
            )
        });
    evidence.harmless = harmless;
    let ask = Ask {
        measure: margin.measure(),
        alternative: Alternative::TwoSided,
        confidence: condition.confidence.get(),
        null: None,
    };
    let found = match data.run(ask) {
        Ok(found) => found,
        Err(error) => return Ok(evidence.blocked(error.to_string())),
    };
    evidence.levels = found.levels.map(Some);
    evidence.change = found.change;
    evidence.test = found.test;
    evidence.confidence = Some(condition.confidence);
    let failing = harmless.unwrap_or(acceptable);
    let mut is_sure = data.is_exactly_worse(direction, condition.confidence);
    if let (Data::Histogram(arms, quantile), Some(change)) = (&data, &mut evidence.change) {
        let edges = histogram::edges(*arms, *quantile);
        let place = histogram::in_any_place(edges, change.measure);
        let is_beyond = |limits: Acceptable, (low, high)| limits.decide(low, high) == Status::Fail;
        is_sure = is_beyond(failing, place);
        // More data would bring the interval nearer to the guess, and that does not count.
        if !is_sure && is_beyond(acceptable, (change.value, change.value)) {
            evidence.buckets = Some(edges);
            if let Some(interval) = &mut change.interval {
                interval.low = interval.low.min(place.0);
                interval.high = interval.high.max(place.1);
            }
        }
    }
    if evidence.is_beyond() && !is_sure {
        evidence.outcome = Some(Status::Inconclusive);
    }
    if evidence.is_beyond() {
        evidence.p_margin = data.p_value_beyond(failing, ask);
    }
    if evidence.status() == Status::Inconclusive {
        let exactly = |data: &Data<'_>| data.is_exactly_worse(direction, condition.confidence);
        evidence.amount = data.amount_needed(ask, &evidence, exactly);
    }
    Ok(evidence)
}

/// What is known of a test without data.
pub(super) fn without_data(condition: &TestCondition, direction: Direction) -> Evidence {
    let mut evidence = Evidence::of(compared(condition, condition.method));
    evidence.acceptable = Some(acceptable(condition.margin, condition.goal, direction));
    evidence
}

fn compared(condition: &TestCondition, method: TestMethod) -> String {
    match method {
        TestMethod::Auto => "no data".to_owned(),
        TestMethod::Quantile => format!("{} (order statistics)", condition.level()),
        TestMethod::Spread => "mean distance from the median (Welch's t-test)".to_owned(),
        method => {
            let test = match method {
                TestMethod::MannWhitney => TestName::MannWhitney,
                TestMethod::TwoProportionZ => TestName::TwoProportionZ,
                TestMethod::TwoRates => TestName::TwoRates,
                TestMethod::PairedSeries => TestName::PairedSeries,
                _ => TestName::TTest,
            };
            format!("{} ({})", test.level(), test.title())
        }
    }
}

/// The test that suits such observations.
pub(super) const fn suited(observations: &Observations) -> TestMethod {
    match observations {
        Observations::Counts(_) => TestMethod::TwoProportionZ,
        Observations::Exposure(_) => TestMethod::TwoRates,
        Observations::Series(_) => TestMethod::PairedSeries,
        Observations::Histogram(_) => TestMethod::Quantile,
        Observations::Sample(_) | Observations::Summary(_) | Observations::Gauge(_) => {
            TestMethod::TTest
        }
    }
}

/// The changes that the goal accepts.
pub(in crate::judge) fn acceptable(
    margin: Margin,
    goal: TestGoal,
    direction: Direction,
) -> Acceptable {
    let (low, high) = (margin.lower(), margin.upper());
    match (goal, direction) {
        (TestGoal::Equivalence, _) | (TestGoal::NonInferiority, Direction::Either) => {
            Acceptable { low, high }
        }
        (TestGoal::NonInferiority, Direction::Increase) => Acceptable::at_most(high),
        (TestGoal::NonInferiority, Direction::Decrease) => Acceptable::at_least(low),
        // Better is less of what gets worse by more; of what has no worse way, more.
        (TestGoal::Superiority, Direction::Increase) => Acceptable::at_most(low),
        (TestGoal::Superiority, _) => Acceptable::at_least(high),
    }
}

/// The margin as it is held against the change. A part of the baseline where that is more than the
/// floor, else the floor as a difference; and a difference, too, where there is no ratio to what the
/// baseline has shown: of nothing at all, any part is nothing.
fn held(condition: &TestCondition, direction: Direction, data: &Data<'_>) -> Margin {
    let margin = condition.margin;
    if margin.measure() == Measure::Difference {
        return margin;
    }
    let level = data.baseline_level();
    // Of no traffic nothing is known that it would be a part of.
    if level.is_nan() {
        return margin;
    }
    let by = level.abs() * part(margin, direction);
    match condition.floor {
        Some(floor) if floor >= by => Margin::Difference(floor),
        _ if level > 0.0 && data.has_ratio() => margin,
        _ => Margin::Difference(by),
    }
}

/// Which part of the baseline's level a relative margin is.
pub(super) fn part(margin: Margin, direction: Direction) -> f64 {
    match direction {
        Direction::Decrease => 1.0 - margin.lower(),
        Direction::Increase | Direction::Either => margin.upper() - 1.0,
    }
}

/// What is asked of a test.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    pub(super) measure: Measure,
    pub(super) alternative: Alternative,
    pub(super) confidence: f64,
    pub(super) null: Option<f64>,
}

/// What a test found.
pub(super) struct Found {
    pub(super) levels: Arms<f64>,
    pub(super) change: Option<Change>,
    pub(super) test: Option<TestResult>,
}

/// The arms in the form in which a test takes them.
enum Data<'a> {
    Counts(Arms<Counts>),
    Exposure(Arms<Exposure>),
    Histogram(Arms<&'a Histogram>, f64),
    Summary(Arms<Summary>),
    Means(Arms<Values<'a>>),
    Shift(Arms<&'a Sample>),
    Quantile(Arms<&'a Sample>, f64),
    Paired(Arms<Vec<f64>>),
    /// Series of different times.
    Apart(Arms<Values<'a>>),
}

/// Values as they came, or made of them.
enum Values<'a> {
    Given(&'a [f64]),
    Made(Vec<f64>),
}

impl AsRef<[f64]> for Values<'_> {
    fn as_ref(&self) -> &[f64] {
        match self {
            Self::Given(values) => values,
            Self::Made(values) => values,
        }
    }
}

/// A test with what is asked of it: all have these options by the same names.
macro_rules! asked {
    ($test:expr, $ask:expr) => {
        $test
            .measure($ask.measure)
            .alternative($ask.alternative)
            .confidence($ask.confidence)
            .null($ask.null)
    };
}

impl<'a> Data<'a> {
    /// The arms for a test, or why they do not suffice.
    fn of(
        method: TestMethod,
        quantile: f64,
        design: Design,
        arms: Arms<&'a Observations>,
    ) -> Result<Result<Self, String>> {
        use Observations as O;
        let sample = |o: &'a Observations| match o {
            O::Sample(sample) => Some(sample),
            O::Series(series) => Some(series.sample()),
            _ => None,
        };
        let samples = match (sample(arms.baseline), sample(arms.canary)) {
            (Some(b), Some(c)) => Some(Arms::new(b, c)),
            _ => None,
        };
        Ok(Ok(match (method, arms.baseline, arms.canary) {
            (_, O::Gauge(_), _) => return Ok(Err(ONE_NUMBER.to_owned())),
            (TestMethod::TwoProportionZ, O::Counts(b), O::Counts(c)) => {
                Self::Counts(Arms::new(*b, *c))
            }
            (TestMethod::TwoRates, O::Exposure(b), O::Exposure(c)) => {
                Self::Exposure(Arms::new(*b, *c))
            }
            (TestMethod::TTest, O::Summary(b), O::Summary(c)) => Self::Summary(Arms::new(*b, *c)),
            (TestMethod::Quantile, O::Histogram(b), O::Histogram(c)) => {
                Self::Histogram(Arms::new(b, c), quantile)
            }
            (TestMethod::PairedSeries, O::Series(b), O::Series(c))
                if design == Design::BeforeAndAfter =>
            {
                Self::Apart(Arms::new(b, c).map(|series| Values::Given(series.values())))
            }
            (TestMethod::Spread, O::Series(b), O::Series(c))
                if design == Design::BeforeAndAfter =>
            {
                Self::Apart(Arms::new(b, c).map(|series| Values::Made(distances(series.values()))))
            }
            (TestMethod::PairedSeries, O::Series(b), O::Series(c)) => {
                Self::Paired(aligned(Arms::new(b, c))?)
            }
            (TestMethod::Spread, O::Series(b), O::Series(c)) => {
                Self::Paired(aligned(Arms::new(b, c))?.map(|values| distances(&values)))
            }
            (method, b, _) => match (method, samples) {
                (TestMethod::Spread, Some(Arms { baseline, canary }))
                    if baseline.values().len().min(canary.values().len()) < FEWEST_OF_SPREAD =>
                {
                    let few =
                        format!("the spread of fewer than {FEWEST_OF_SPREAD} values is not known");
                    return Ok(Err(few));
                }
                (TestMethod::TTest, Some(arms)) => {
                    Self::Means(arms.map(|sample| Values::Given(sample.values())))
                }
                (TestMethod::Spread, Some(arms)) => {
                    Self::Means(arms.map(|sample| Values::Made(distances(sample.values()))))
                }
                (TestMethod::MannWhitney, Some(arms)) => Self::Shift(arms),
                (TestMethod::Quantile, Some(arms)) => Self::Quantile(arms, quantile),
                _ => return Err(Error::input("", needs(method), b.kind())),
            },
        }))
    }

    /// The baseline's level, of which a margin may be a part.
    fn baseline_level(&self) -> f64 {
        match self {
            Self::Counts(arms) => arms.baseline.rate(),
            Self::Exposure(arms) => arms.baseline.rate(),
            Self::Histogram(arms, quantile) => arms.baseline.quantile(*quantile),
            Self::Summary(arms) => arms.baseline.mean(),
            Self::Means(arms) | Self::Apart(arms) => Moments::mean_of(arms.baseline.as_ref()),
            Self::Shift(arms) => arms.baseline.quantile(0.5),
            Self::Quantile(arms, quantile) => arms.baseline.quantile(*quantile),
            Self::Paired(arms) => Moments::mean_of(&arms.baseline),
        }
    }

    /// Whether a ratio of the arms can be tested.
    fn has_ratio(&self) -> bool {
        let positive = |values: &[f64]| values.iter().all(|&x| x > 0.0);
        match self {
            Self::Counts(_) | Self::Exposure(_) | Self::Histogram(..) => true,
            Self::Summary(_) | Self::Means(_) => true,
            Self::Shift(arms) | Self::Quantile(arms, _) => {
                let least = arms.map(|sample| sample.sorted().first().copied());
                least.baseline > Some(0.0) && least.canary > Some(0.0)
            }
            Self::Paired(arms) => positive(&arms.baseline) && positive(&arms.canary),
            Self::Apart(arms) => positive(arms.baseline.as_ref()) && positive(arms.canary.as_ref()),
        }
    }

    /// Of few events an interval promises too much: an exact test must see a difference, too.
    fn is_exactly_worse(&self, direction: Direction, confidence: Confidence) -> bool {
        let alternative = match direction {
            Direction::Increase => Alternative::Greater,
            Direction::Decrease => Alternative::Less,
            Direction::Either => Alternative::TwoSided,
        };
        let result = match self {
            Self::Counts(arms) => ExactProportions::new()
                .method(ProportionMethod::Fisher)
                .alternative(alternative)
                .run(arms),
            Self::Exposure(arms) => TwoRates::new()
                .method(RateMethod::Exact)
                .alternative(alternative)
                .run(arms),
            _ => return true,
        };
        result.is_ok_and(|result| result.p_value <= 0.5 * (1.0 - confidence.get()))
    }

    fn run(&self, ask: Ask) -> Result<Found> {
        let result = match self {
            Self::Histogram(arms, quantile) => return histogram::quantiles(*arms, *quantile, ask),
            Self::Counts(arms) => asked!(TwoProportionZ::new(), ask).run(arms),
            Self::Exposure(arms) => asked!(TwoRates::new(), ask).run(arms),
            Self::Summary(arms) => asked!(TTest::new(), ask).run_summaries(arms),
            Self::Means(arms) => asked!(TTest::new(), ask).run(arms),
            Self::Shift(arms) => {
                let interval = match ask.null {
                    Some(_) => ShiftInterval::None,
                    None => ShiftInterval::HodgesLehmann,
                };
                asked!(MannWhitney::new().interval(interval), ask).run_samples(arms)
            }
            Self::Quantile(arms, quantile) => {
                let test = asked!(QuantileTest::new().quantile(*quantile), ask);
                if ask.null.is_none() {
                    let estimate = test.estimate(arms.map(Sample::sorted))?;
                    return Ok(Found {
                        levels: arms.map(|sample| sample.quantile(*quantile)),
                        change: Some(Change::from(&estimate)),
                        test: None,
                    });
                }
                test.run(arms)
            }
            Self::Paired(arms) => asked!(PairedSeries::new(), ask).run(arms),
            Self::Apart(arms) => asked!(PairedSeries::new(), ask).run_apart(arms),
        }?;
        Ok(Found {
            levels: result.arms.map(|arm| arm.level),
            change: result.estimate.as_ref().map(Change::from),
            test: Some(result),
        })
    }

    /// So many times as many observations of the same kind, of what is told by a few numbers.
    fn grown(&self, amount: f64) -> Option<Data<'static>> {
        let times = |n: u64| {
            let more = (n as f64 * amount).round();
            (more < MOST_GROWN).then_some(more as u64)
        };
        let summary = |summary: Summary| {
            let count = times(summary.count())?;
            let stddev = same_again(summary.count(), count) * summary.stddev();
            Summary::from_moments(count, summary.mean(), stddev).ok()
        };
        Some(match self {
            Self::Counts(arms) => Data::Counts(
                both(arms.map(|counts| {
                    let trials = times(counts.trials())?;
                    Counts::new(times(counts.events())?.min(trials), trials).ok()
                }))
                .ok()?,
            ),
            Self::Exposure(arms) => Data::Exposure(
                both(arms.map(|exposure| {
                    Exposure::new(times(exposure.events())?, exposure.time() * amount).ok()
                }))
                .ok()?,
            ),
            Self::Summary(arms) => Data::Summary(both(arms.map(summary)).ok()?),
            _ => return None,
        })
    }

    /// The same with what a search for more data would compute again and again.
    fn in_short(&self) -> Option<Data<'static>> {
        Some(match self {
            Self::Counts(arms) => Data::Counts(*arms),
            Self::Exposure(arms) => Data::Exposure(*arms),
            Self::Summary(arms) => Data::Summary(*arms),
            Self::Means(arms) => {
                let of = |values: &Values<'_>| Summary::of(values.as_ref(), NanPolicy::Raise).ok();
                let arms = Arms::new(of(&arms.baseline), of(&arms.canary));
                Data::Summary(both(arms).ok()?)
            }
            _ => return None,
        })
    }

    /// How many times as many observations would decide: as an interval shrinks with the root of the size, and,
    /// where it can be tried cheaply, as it really does.
    fn amount_needed(
        &self,
        ask: Ask,
        evidence: &Evidence,
        is_exactly_worse: impl Fn(&Data<'_>) -> bool,
    ) -> Option<f64> {
        let (acceptable, harmless) = (evidence.acceptable?, evidence.harmless);
        let needed = |change: Change| super::amount_needed(change, acceptable, harmless);
        let mut amount = needed(evidence.change?)?;
        let Some(short) = self.in_short() else {
            return Some(amount);
        };
        let change_at = |amount: f64| short.grown(amount)?.run(ask).ok()?.change;
        for _ in 0..MOST_TRIES {
            let further = needed(change_at(amount)?)?;
            amount = (amount * further).max(1.0);
            if (further - 1.0).abs() < 0.01 {
                break;
            }
        }
        if short
            .events()
            .is_none_or(|events| events * amount > MANY_EVENTS)
        {
            return Some(amount);
        }
        // Few events come in steps, and an exact test must see them, too.
        let decides = |amount: f64| -> Option<bool> {
            let interval = change_at(amount)?.interval?;
            let failing = harmless.unwrap_or(acceptable);
            let is_beyond = failing.decide(interval.low, interval.high) == Status::Fail;
            let is_within = acceptable.decide(interval.low, interval.high) == Status::Pass;
            Some(is_within || is_beyond && is_exactly_worse(&short.grown(amount)?))
        };
        let is_enough = decides(amount)?;
        for _ in 0..MOST_TRIES {
            let next = if is_enough {
                amount / 1.1
            } else {
                1.1 * amount
            };
            let is_next_enough = next > 1.0 && decides(next)?;
            if !is_enough || is_next_enough {
                amount = next;
            }
            if is_enough != is_next_enough {
                break;
            }
        }
        Some(amount)
    }

    /// How many events both arms have, of what is told by events.
    fn events(&self) -> Option<f64> {
        match self {
            Self::Counts(arms) => Some((arms.baseline.events() + arms.canary.events()) as f64),
            Self::Exposure(arms) => Some((arms.baseline.events() + arms.canary.events()) as f64),
            _ => None,
        }
    }

    /// The probability of a change at least so far beyond what is acceptable, if the truth were just
    /// acceptable.
    fn p_value_beyond(&self, acceptable: Acceptable, ask: Ask) -> Option<f64> {
        if let Self::Histogram(arms, quantile) = self {
            return histogram::p_value_beyond(*arms, *quantile, acceptable, ask);
        }
        acceptable.p_value_beyond(|alternative, limit| {
            let found = self.run(Ask {
                alternative,
                null: Some(limit),
                ..ask
            });
            Some(found.ok()?.test?.p_value)
        })
    }
}

/// By what a standard deviation of so many values is multiplied where they come again: the sum of squares
/// grows with their number, and the number is one less.
pub(in crate::judge) fn same_again(count: u64, more: u64) -> f64 {
    match (count, more) {
        (2.., 2..) => {
            let (count, more) = (count as f64, more as f64);
            (more / count * (count - 1.0) / (more - 1.0)).sqrt()
        }
        _ => 1.0,
    }
}

/// The values at the times that both series have.
pub(in crate::judge) fn aligned(arms: Arms<&Series>) -> Result<Arms<Vec<f64>>> {
    let pairs = Series::align(arms);
    if pairs.baseline.is_empty() {
        let rule = "both arms must be measured at the same times";
        return Err(Error::input("", rule, "no time that both have"));
    }
    Ok(pairs)
}

/// What a test needs, for an error message.
const fn needs(method: TestMethod) -> &'static str {
    match method {
        TestMethod::Auto => "a test needs observations",
        TestMethod::TTest => "a t-test needs a sample, a series or a summary",
        TestMethod::MannWhitney => "a Mann-Whitney U test needs a sample or a series",
        TestMethod::Quantile => "a test of a quantile needs a sample, a series or a histogram",
        TestMethod::Spread => "a test of the spread needs a sample or a series",
        TestMethod::TwoProportionZ => "a two-proportion z-test needs counts",
        TestMethod::TwoRates => "a test of two rates needs exposures",
        TestMethod::PairedSeries => "a comparison of series needs series",
    }
}

/// Each value's distance from the median (Brown and Forsythe 1974): its mean is a spread.
fn distances(values: &[f64]) -> Vec<f64> {
    let median = sort::median(values);
    values.iter().map(|x| (x - median).abs()).collect()
}

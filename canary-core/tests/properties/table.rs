//! Every test as a row of a table, so that a property is written once for all of them.

use canary_core::stats::*;
use canary_core::{MannWhitney, QuantileTest, TTest, TwoProportionZ, TwoRates};

use super::*;

/// Every option that a test may have; each takes those that it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub(super) alternative: Alternative,
    pub(super) confidence: f64,
    pub(super) measure: Measure,
    pub(super) nan_policy: NanPolicy,
    pub(super) null: Option<f64>,
    pub(super) quantile: f64,
    pub(super) terms: Option<u64>,
    /// Which of the words of each option that has some.
    pub(super) words: [usize; 3],
}

impl Options {
    fn word<T: Copy>(&self, option: usize, all: &[T]) -> T {
        all[self.words[option] % all.len()]
    }

    pub(super) fn mirrored(self) -> Self {
        let back = |null: f64| match self.measure {
            Measure::Difference => -null,
            _ => 1.0 / null,
        };
        Self {
            alternative: mirrored(self.alternative),
            null: self.null.map(back),
            ..self
        }
    }

    /// Every word as it is by default.
    pub(super) fn plain(self) -> Self {
        Self {
            words: [0; 3],
            null: None,
            terms: None,
            ..self
        }
    }
}

pub(super) fn options() -> impl Strategy<Value = Options> {
    let words = [0..12_usize, 0..12, 0..12];
    let null = prop_oneof![3 => Just(None), 1 => select(vec![Some(0.5), Some(1.0), Some(2.0)])];
    let measure = prop_oneof![
        4 => Just(Measure::Difference),
        3 => Just(Measure::Ratio),
        1 => Just(Measure::OddsRatio),
    ];
    let quantile = prop_oneof![Just(0.5), 0.01..0.99_f64];
    let terms = prop_oneof![3 => Just(None), 1 => (0..12_u64).prop_map(Some)];
    let policy = select(NanPolicy::ALL);
    let numbers = (confidence(), null, quantile, terms);
    (words, alternative(), measure, policy, numbers).prop_map(
        |(words, alternative, measure, nan_policy, (confidence, null, quantile, terms))| Options {
            alternative,
            confidence,
            measure,
            nan_policy,
            null,
            quantile,
            terms,
            words,
        },
    )
}

/// Options of which no number need make sense.
pub(super) fn any_options() -> impl Strategy<Value = Options> {
    let one_of = |sense: f64, any: f64, which: bool| if which { sense } else { any };
    let numbers = [any_number(), any_number(), any_number()];
    (options(), numbers, any::<[bool; 3]>()).prop_map(move |(sense, any, is)| Options {
        confidence: one_of(sense.confidence, any[0], is[0]),
        null: if is[1] { sense.null } else { Some(any[1]) },
        quantile: one_of(sense.quantile, any[2], is[2]),
        ..sense
    })
}

/// What a test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// Values: another unit is another estimate, and the same p-value.
    Values,
    /// Their distances from each other: moving both arms changes nothing.
    Distances,
    /// Their order alone.
    Order,
}

pub(super) struct OfValues {
    pub(super) name: &'static str,
    pub(super) run: fn(Options, &Arms<Vec<f64>>) -> Result<TestResult, Error>,
    /// Whether it takes values that belong together by position.
    pub(super) is_paired: bool,
    pub(super) sees: Sees,
    /// Whether it rejects, with the words by default, just where its interval of a difference
    /// excludes the null hypothesis.
    pub(super) is_dual: bool,
}

macro_rules! run {
    ($o:ident, $test:expr, $($option:ident),*) => { $test$(.$option($o.$option))* };
}

pub(super) const OF_VALUES: &[OfValues] = &[
    OfValues {
        name: "t_test",
        run: |o, arms| {
            let test = TTest::new().variance(o.word(0, Variance::ALL));
            run!(o, test, alternative, confidence, measure, nan_policy, null).run(arms)
        },
        is_paired: false,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "paired_t",
        run: |o, arms| {
            run!(
                o,
                PairedT::new(),
                alternative,
                confidence,
                measure,
                nan_policy,
                null
            )
            .run(arms)
        },
        is_paired: true,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "mann_whitney",
        run: |o, arms| {
            let test = MannWhitney::new()
                .method(o.word(0, RankMethod::ALL))
                .continuity(o.word(1, Continuity::ALL))
                .interval(o.word(2, ShiftInterval::ALL));
            run!(o, test, alternative, confidence, measure, nan_policy, null).run(arms)
        },
        is_paired: false,
        sees: Sees::Order,
        is_dual: false,
    },
    OfValues {
        name: "signed_rank",
        run: |o, arms| {
            let test = SignedRank::new()
                .method(o.word(0, RankMethod::ALL))
                .continuity(o.word(1, Continuity::ALL))
                .zeros(o.word(2, ZeroPolicy::ALL));
            run!(o, test, alternative, confidence, measure, nan_policy, null).run(arms)
        },
        is_paired: true,
        sees: Sees::Distances,
        is_dual: false,
    },
    OfValues {
        name: "brunner_munzel",
        run: |o, arms| {
            let test = BrunnerMunzel::new().method(o.word(0, BrunnerMunzelMethod::ALL));
            run!(o, test, alternative, confidence, nan_policy).run(arms)
        },
        is_paired: false,
        sees: Sees::Order,
        is_dual: true,
    },
    OfValues {
        name: "kolmogorov_smirnov",
        run: |o, arms| {
            let test = KolmogorovSmirnov::new().method(o.word(0, RankMethod::ALL));
            run!(o, test, alternative, nan_policy).run(arms)
        },
        is_paired: false,
        sees: Sees::Order,
        is_dual: false,
    },
    OfValues {
        name: "anderson_darling",
        run: |o, arms| run!(o, AndersonDarling::new(), nan_policy).run(arms),
        is_paired: false,
        sees: Sees::Order,
        is_dual: false,
    },
    OfValues {
        name: "brown_forsythe",
        run: |o, arms| {
            let test = BrownForsythe::new().centre(o.word(0, Centre::ALL));
            run!(o, test, alternative, confidence, measure, nan_policy, null).run(arms)
        },
        is_paired: false,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "quantile_test",
        run: |o, arms| {
            let test = QuantileTest::new().interval(o.word(0, QuantileInterval::ALL));
            run!(
                o,
                test,
                quantile,
                alternative,
                confidence,
                measure,
                nan_policy,
                null
            )
            .run(arms)
        },
        is_paired: false,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "paired_series",
        run: |o, arms| {
            let test = PairedSeries::new().method(o.word(0, SeriesMethod::ALL));
            run!(
                o,
                test,
                terms,
                alternative,
                confidence,
                measure,
                nan_policy,
                null
            )
            .run(arms)
        },
        is_paired: true,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "trend",
        run: |o, arms| {
            let test = Trend::new()
                .null(o.null.unwrap_or(0.0))
                .correction(o.word(0, Autocorrelation::ALL))
                .pairing(o.word(1, &[Pairing::Paired, Pairing::Independent]));
            let policy = o.nan_policy;
            let arms = arms.as_ref().try_map(|_, values| series(values, policy))?;
            run!(o, test.lags(o.terms), alternative, confidence).compare(&arms)
        },
        is_paired: true,
        sees: Sees::Distances,
        is_dual: false,
    },
    OfValues {
        name: "van_elteren",
        run: |o, arms| run!(o, VanElteren::new(), alternative, nan_policy).run(&strata(arms)),
        is_paired: false,
        sees: Sees::Order,
        is_dual: false,
    },
    OfValues {
        name: "post_stratified",
        run: |o, arms| {
            run!(
                o,
                WeightedMeans::new(),
                alternative,
                confidence,
                measure,
                nan_policy,
                null
            )
            .post_stratified(&strata(arms), &[0.3, 0.7])
        },
        is_paired: false,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "inverse_propensity",
        run: |o, arms| {
            let weights = arms.as_ref().map(|values| sizes(values.len()));
            run!(
                o,
                WeightedMeans::new(),
                alternative,
                confidence,
                measure,
                nan_policy,
                null
            )
            .inverse_propensity(arms, &weights)
        },
        is_paired: false,
        sees: Sees::Distances,
        is_dual: true,
    },
    OfValues {
        name: "ratio_metric",
        run: |o, arms| {
            let clusters = arms
                .clone()
                .try_map(|_, values| Clusters::new(values.clone(), sizes(values.len())))?;
            run!(
                o,
                RatioMetric::new(),
                alternative,
                confidence,
                measure,
                null
            )
            .run(&clusters)
        },
        is_paired: false,
        sees: Sees::Values,
        is_dual: true,
    },
];

/// The first half of both arms, and the rest.
fn strata(arms: &Arms<Vec<f64>>) -> [Arms<&[f64]>; 2] {
    let halves = arms
        .as_ref()
        .map(|values| values.split_at(values.len() / 2));
    [halves.map(|(first, _)| first), halves.map(|(_, rest)| rest)]
}

/// 1, 2, 3, 1, 2, 3, ...
fn sizes(count: usize) -> Vec<f64> {
    (0..count).map(|i| (i % 3 + 1) as f64).collect()
}

pub(super) fn series(values: &[f64], policy: NanPolicy) -> Result<Series, Error> {
    let times = (0..values.len()).map(|i| i as f64).collect();
    Series::new(times, values.to_vec(), policy)
}

/// Cut to one length where the test is of pairs.
pub(super) fn fitted(test: &OfValues, mut arms: Arms<Vec<f64>>) -> Arms<Vec<f64>> {
    if test.is_paired {
        let len = arms.baseline.len().min(arms.canary.len());
        arms.baseline.truncate(len);
        arms.canary.truncate(len);
    }
    arms
}

pub(super) struct OfCounts {
    pub(super) name: &'static str,
    pub(super) run: fn(Options, &Arms<Counts>) -> Result<TestResult, Error>,
    /// More trials take it too long.
    most: u64,
    /// Whether it rejects, with the words by default, just where its interval excludes the null
    /// hypothesis.
    pub(super) is_dual: bool,
}

/// The tests that can be asked of so many trials.
pub(super) fn of_counts(arms: &Arms<Counts>) -> impl Iterator<Item = &'static OfCounts> {
    let trials = arms.baseline.trials().max(arms.canary.trials());
    OF_COUNTS.iter().filter(move |test| trials <= test.most)
}

const OF_COUNTS: &[OfCounts] = &[
    OfCounts {
        name: "two_proportion_z",
        run: |o, arms| {
            let test = TwoProportionZ::new().interval(o.word(0, ProportionInterval::ALL));
            run!(o, test, alternative, confidence, measure, null).run(arms)
        },
        most: u64::MAX,
        is_dual: false,
    },
    OfCounts {
        name: "exact_proportions",
        run: |o, arms| {
            // The others look at every table.
            let is_small = arms.baseline.trials().saturating_add(arms.canary.trials()) <= 60;
            let method = match is_small {
                true => o.word(0, ProportionMethod::ALL),
                false => ProportionMethod::Fisher,
            };
            let test = ExactProportions::new().method(method);
            run!(o, test, alternative, confidence, measure).run(arms)
        },
        most: 10_000,
        is_dual: false,
    },
    OfCounts {
        name: "chi_square",
        run: |o, arms| {
            let test = ChiSquare::new().continuity(o.word(0, ChiSquareContinuity::ALL));
            test.run(&arms.map(|arm| vec![arm.events(), arm.trials() - arm.events()]))
        },
        most: u64::MAX,
        is_dual: false,
    },
    OfCounts {
        name: "cochran_mantel_haenszel",
        run: |o, arms| {
            let order = [Continuity::Uncorrected, Continuity::Corrected];
            let test = CochranMantelHaenszel::new().continuity(o.word(0, &order));
            let other = Arms::new(Counts::new(3, 50)?, Counts::new(7, 20)?);
            let strata = match o.words[1] % 3 {
                0 => vec![*arms],
                1 => vec![*arms, other, other.swap()],
                _ => vec![*arms, arms.swap()],
            };
            run!(o, test, alternative, confidence, measure).run(&strata)
        },
        most: u64::MAX,
        is_dual: true,
    },
    OfCounts {
        name: "two_rates",
        run: |o, arms| {
            let test = TwoRates::new().method(o.word(0, RateMethod::ALL));
            let arms = arms.try_map(|_, arm| Exposure::new(arm.events(), arm.trials() as f64))?;
            run!(o, test, alternative, confidence, measure, null).run(&arms)
        },
        most: 1 << 53,
        is_dual: true,
    },
];

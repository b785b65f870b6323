//! The one result that every test returns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::Arms;
use crate::number::extended;
use crate::number::moments::Moments;
use crate::number::show::{Given, Show, ShowP};
use crate::options::{Alternative, Confidence, Measure, choice};

choice! {
    /// Which test was run.
    TestName("test") {
        /// Student's or Welch's t.
        TTest = "t_test",
        /// Student's t on the differences of pairs.
        PairedT = "paired_t",
        /// Mann-Whitney U (Wilcoxon's rank-sum).
        MannWhitney = "mann_whitney",
        /// Wilcoxon's signed-rank test on the differences of pairs.
        SignedRank = "signed_rank",
        /// Brunner and Munzel's generalised rank-sum test.
        BrunnerMunzel = "brunner_munzel",
        /// Kolmogorov and Smirnov's greatest gap between the distribution functions.
        KolmogorovSmirnov = "kolmogorov_smirnov",
        /// Anderson and Darling's weighted gap between the distribution functions.
        AndersonDarling = "anderson_darling",
        /// Brown and Forsythe's (Levene's) test of spread.
        BrownForsythe = "brown_forsythe",
        /// Difference or ratio of quantiles.
        QuantileTest = "quantile_test",
        /// Two-proportion z.
        TwoProportionZ = "two_proportion_z",
        /// Fisher's, Boschloo's or Barnard's exact test of two proportions.
        ExactProportions = "exact_proportions",
        /// Pearson's chi-square over categories.
        ChiSquare = "chi_square",
        /// Two Poisson rates.
        TwoRates = "two_rates",
        /// Ratio of sums over clusters, by the delta method.
        RatioMetric = "ratio_metric",
        /// Two series paired in time.
        PairedSeries = "paired_series",
        /// Two series of different times, each with its own memory.
        SeriesApart = "series_apart",
        /// Cochran, Mantel and Haenszel's test of stratified proportions.
        CochranMantelHaenszel = "cochran_mantel_haenszel",
        /// Van Elteren's stratified rank-sum.
        VanElteren = "van_elteren",
        /// Means of weighted values.
        WeightedMeans = "weighted_means",
        /// Mann-Kendall test of two arms' slopes.
        Trend = "trend",
    }
}

impl TestName {
    /// Its title, its statistic's symbol, and what an arm's level is under it.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TTest => ("t-test", "t", "mean"),
            Self::PairedT => ("paired t-test", "t", "mean"),
            Self::MannWhitney => ("Mann-Whitney U test", "U", "median"),
            Self::SignedRank => ("Wilcoxon signed-rank test", "W", "median"),
            Self::BrunnerMunzel => ("Brunner-Munzel test", "t", "median"),
            Self::KolmogorovSmirnov => ("Kolmogorov-Smirnov test", "D", "median"),
            Self::AndersonDarling => ("Anderson-Darling test", "T", "median"),
            Self::BrownForsythe => ("Brown-Forsythe test", "t", "mean absolute deviation"),
            Self::QuantileTest => ("quantile test", "z", "quantile"),
            Self::TwoProportionZ => ("two-proportion z-test", "z", "proportion"),
            Self::ExactProportions => ("exact test of two proportions", "statistic", "proportion"),
            Self::ChiSquare => ("chi-square test", "chi2", "share of the first category"),
            Self::TwoRates => ("test of two Poisson rates", "z", "rate"),
            Self::RatioMetric => ("test of a ratio metric", "t", "ratio"),
            Self::PairedSeries => ("test of paired series", "t", "mean"),
            Self::SeriesApart => ("test of series of different times", "t", "mean"),
            Self::CochranMantelHaenszel => ("Cochran-Mantel-Haenszel test", "z", "proportion"),
            Self::VanElteren => ("van Elteren test", "z", "median"),
            Self::WeightedMeans => ("test of weighted means", "t", "weighted mean"),
            Self::Trend => ("test of trends", "z", "slope"),
        }
    }

    /// The test as a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.words().0
    }

    /// What an arm's level is under this test.
    #[must_use]
    pub const fn level(self) -> &'static str {
        self.words().2
    }
}

choice! {
    /// How the p-value was computed.
    Method("method") {
        /// Separate variances (Welch).
        Welch = "welch",
        /// One variance pooled over both arms.
        Pooled = "pooled",
        /// From the statistic's exact distribution.
        Exact = "exact",
        /// From the normal approximation, or another limit that the statistic's distribution has.
        Asymptotic = "asymptotic",
        /// From Student's t distribution.
        StudentT = "t",
        /// From a score test.
        Score = "score",
        /// Fisher's: conditional on the number of events.
        Fisher = "fisher",
        /// Boschloo's: unconditional, by Fisher's p-value.
        Boschloo = "boschloo",
        /// Barnard's: unconditional, by the pooled z.
        Barnard = "barnard",
        /// From order statistics.
        OrderStatistics = "order_statistics",
        /// From the bootstrap distribution.
        Bootstrap = "bootstrap",
        /// From the variance between clusters.
        Clustered = "clustered",
        /// From the first cosines of a series.
        Cosine = "cosine",
        /// From a series' autocovariances (Newey and West).
        NeweyWest = "newey_west",
        /// From the means of batches.
        BatchMeans = "batch_means",
    }
}

choice! {
    /// Measures of how large an effect is, free of units. Positive when the canary is greater.
    Effect("effect") {
        /// Cohen's d: difference of means over the pooled standard deviation.
        CohensD = "cohens_d",
        /// Hedges' g: Cohen's d freed of its small-sample bias.
        HedgesG = "hedges_g",
        /// Rank-biserial correlation: share of pairs in which the canary is greater, minus the
        /// share in which it is less.
        RankBiserial = "rank_biserial",
        /// Common-language effect size: the probability that a random canary value exceeds a
        /// random baseline value, ties counted half.
        CommonLanguage = "common_language",
        /// Cohen's h: difference of the proportions' arcsine transforms.
        CohensH = "cohens_h",
        /// Cohen's dz: mean difference of the pairs over the standard deviation of the differences.
        CohensDz = "cohens_dz",
        /// Cramér's V: √(χ²/N) for two rows.
        CramersV = "cramers_v",
    }
}

impl Effect {
    /// The measure as a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::CohensD => "Cohen's d",
            Self::HedgesG => "Hedges' g",
            Self::RankBiserial => "rank-biserial correlation",
            Self::CommonLanguage => "P(canary > baseline)",
            Self::CohensH => "Cohen's h",
            Self::CohensDz => "Cohen's dz",
            Self::CramersV => "Cramér's V",
        }
    }
}

/// One effect size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EffectSize {
    /// Which measure.
    pub effect: Effect,
    /// Its value.
    #[serde(with = "extended")]
    pub value: f64,
}

impl EffectSize {
    pub(crate) const fn new(effect: Effect, value: f64) -> Self {
        Self { effect, value }
    }
}

/// A confidence interval. A one-sided alternative gives a one-sided interval, whose other end is
/// the end of the possible range (±∞, or ±1 for a difference of proportions).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    #[serde(with = "extended")]
    pub low: f64,
    /// Upper end.
    #[serde(with = "extended")]
    pub high: f64,
    /// The share of such intervals that cover the truth.
    pub confidence: Confidence,
}

impl Interval {
    /// Both ends for a two-sided alternative; for a one-sided one, the other end is that of the
    /// possible range.
    pub(crate) const fn new(
        ends: (f64, f64),
        range: (f64, f64),
        alternative: Alternative,
        confidence: Confidence,
    ) -> Self {
        let (low, high) = match alternative {
            Alternative::TwoSided => ends,
            Alternative::Greater => (ends.0, range.1),
            Alternative::Less => (range.0, ends.1),
        };
        Self {
            low,
            high,
            confidence,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", Show(self.low), Show(self.high))
    }
}

/// What the test says about the size of the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Whether it is canary minus baseline or canary divided by baseline.
    pub measure: Measure,
    /// What it is an estimate of, e.g. `difference of means`.
    pub of: String,
    /// The estimate.
    #[serde(with = "extended")]
    pub value: f64,
    /// Where the truth probably lies.
    pub interval: Interval,
}

/// What one arm contributed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ArmLevel {
    /// How many values or trials were used.
    pub n: u64,
    /// How many NaNs were left out.
    pub omitted: u64,
    /// The arm's own level, such as its mean: see [`TestName::level`].
    #[serde(with = "extended")]
    pub level: f64,
}

impl ArmLevel {
    /// Of `n` values or trials, none of which was left out.
    pub(crate) const fn new(n: u64, level: f64) -> Self {
        Self {
            n,
            omitted: 0,
            level,
        }
    }

    /// Of values by their mean, which nothing does not have.
    pub(crate) const fn of_moments(values: Moments) -> Self {
        let mean = if values.count == 0 {
            f64::NAN
        } else {
            values.mean
        };
        Self::new(values.count, mean)
    }
}

/// What a test found: plain data, the same shape for every test.
///
/// ```
/// use canary_core::{Arms, TTest};
///
/// let result = TTest::new().run(&Arms::new([1.0, 2.0, 3.0], [4.0, 5.0, 6.5]))?;
/// assert!(result.p_value < 0.05);
/// assert!(result.to_string().starts_with("Welch's t-test"));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// Which test this is the result of.
    pub test: TestName,
    /// How its p-value was computed; for `auto`, what was chosen.
    pub method: Method,
    /// What was held against "no difference".
    pub alternative: Alternative,
    /// What the estimate is under the null hypothesis; none for a test of whole distributions.
    pub null: Option<f64>,
    /// The test statistic: t, the canary's U, z, ...
    #[serde(with = "extended")]
    pub statistic: f64,
    /// Degrees of freedom, where the statistic has any.
    pub df: Option<f64>,
    /// The probability of a statistic at least as extreme if the arms did not differ. Computed as
    /// a tail, so that 1e-300 is 1e-300.
    pub p_value: f64,
    /// The size of the change with its interval, unless it was not asked for.
    pub estimate: Option<Estimate>,
    /// The size of the change free of units.
    pub effect_sizes: Vec<EffectSize>,
    /// What each arm contributed.
    pub arms: Arms<ArmLevel>,
}

impl TestResult {
    /// One effect size by its measure.
    ///
    /// ```
    /// use canary_core::{Arms, TTest, stats::Effect};
    ///
    /// let result = TTest::new().run(&Arms::new([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]))?;
    /// assert_eq!(result.effect_size(Effect::CohensD), Some(1.0));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn effect_size(&self, effect: Effect) -> Option<f64> {
        let mut sizes = self.effect_sizes.iter();
        sizes
            .find(|size| size.effect == effect)
            .map(|size| size.value)
    }

    /// The test as a person calls it, e.g. `Welch's t-test`.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.test, self.method) {
            (TestName::TTest, Method::Welch) => "Welch's t-test".to_owned(),
            (TestName::TTest, _) => "Student's t-test".to_owned(),
            (TestName::ExactProportions, method) => {
                format!("{}'s {}", capitalised(method.as_str()), self.test.title())
            }
            (TestName::TwoProportionZ | TestName::PairedT | TestName::BrownForsythe, _) => {
                self.test.title().to_owned()
            }
            (test, method) => format!("{} ({method})", test.title()),
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = match self.alternative {
            Alternative::TwoSided => "the arms differ",
            Alternative::Greater => "the canary is greater",
            Alternative::Less => "the canary is less",
        };
        write!(f, "{}: {against}", self.title())?;
        match (self.null, &self.estimate) {
            (Some(null), Some(estimate)) if null != estimate.measure.null() => {
                writeln!(f, " than a {} of {}?", estimate.measure.title(), Show(null))?;
            }
            _ => writeln!(f, "?")?,
        }
        write!(f, "  {} = {}", self.test.words().1, Show(self.statistic))?;
        if let Some(df) = self.df {
            write!(f, ", df = {}", Show(df))?;
        }
        writeln!(f, ", {}", ShowP(self.p_value))?;
        if let Some(Estimate {
            of,
            value,
            interval,
            ..
        }) = &self.estimate
        {
            let percent = Given(100.0 * interval.confidence.get());
            writeln!(
                f,
                "  {of}: {}, {percent}% interval {interval}",
                Show(*value)
            )?;
        }
        for EffectSize { effect, value } in &self.effect_sizes {
            writeln!(f, "  {}: {}", effect.title(), Show(*value))?;
        }
        let level = self.test.level();
        let arm = |name: &str, arm: &ArmLevel| {
            let omitted = match arm.omitted {
                0 => String::new(),
                n => format!(", {n} NaN left out"),
            };
            format!(
                "  {name}: {level} {}, n = {}{omitted}",
                Show(arm.level),
                arm.n
            )
        };
        writeln!(f, "{}", arm("baseline", &self.arms.baseline))?;
        write!(f, "{}", arm("canary", &self.arms.canary))
    }
}

/// What a test of whether several groups or strata are alike found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Homogeneity {
    /// Chi-square, or another test statistic.
    pub statistic: f64,
    /// Groups, or strata, less one.
    pub df: f64,
    /// The probability of groups at least as far apart if they were alike.
    pub p_value: f64,
}

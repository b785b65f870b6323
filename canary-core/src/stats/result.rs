//! The one result that every test returns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::Arms;
use crate::number::extended;
use crate::number::show::{Given, Show, ShowP};
use crate::options::{Alternative, Confidence, Measure, choice};

choice! {
    /// Which test was run.
    TestName("test") {
        /// Student's or Welch's t.
        TTest = "t_test",
        /// Mann-Whitney U (Wilcoxon's rank-sum).
        MannWhitney = "mann_whitney",
        /// Two-proportion z.
        TwoProportionZ = "two_proportion_z",
    }
}

impl TestName {
    /// The test as a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::TTest => "t-test",
            Self::MannWhitney => "Mann-Whitney U test",
            Self::TwoProportionZ => "two-proportion z-test",
        }
    }

    const fn statistic(self) -> &'static str {
        match self {
            Self::TTest => "t",
            Self::MannWhitney => "U",
            Self::TwoProportionZ => "z",
        }
    }

    /// What an arm's level is under this test.
    #[must_use]
    pub const fn level(self) -> &'static str {
        match self {
            Self::TTest => "mean",
            Self::MannWhitney => "median",
            Self::TwoProportionZ => "proportion",
        }
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
        /// From the normal approximation.
        Asymptotic = "asymptotic",
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
    /// The arm's own level: its mean (t), median (Mann-Whitney) or proportion (z).
    pub level: f64,
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
    /// The test statistic: t, the canary's U, or z.
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
            (TestName::TwoProportionZ, _) => self.test.title().to_owned(),
            (test, method) => format!("{} ({method})", test.title()),
        }
    }
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = match self.alternative {
            Alternative::TwoSided => "the arms differ",
            Alternative::Greater => "the canary is greater",
            Alternative::Less => "the canary is less",
        };
        writeln!(f, "{}: {against}?", self.title())?;
        write!(f, "  {} = {}", self.test.statistic(), Show(self.statistic))?;
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

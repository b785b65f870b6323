//! The one number of an arm that a threshold compares.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::{Observations, Sample};
use crate::error::{Error, Result};
use crate::number::moments::Moments;

/// A number read off an arm's observations.
///
/// ```
/// use canary_core::judge::Statistic;
///
/// assert_eq!("p99.9".parse::<Statistic>()?, Statistic::Percentile(99.9));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Statistic {
    /// Events per trial (counts) or per unit of time (exposure).
    Rate,
    /// What a gauge reads.
    Value,
    /// Arithmetic mean.
    Mean,
    /// Percentile, `p99` or `p99.9`: linear between order statistics for values, Prometheus' rule
    /// for buckets. `median` is `p50`.
    Percentile(f64),
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Standard deviation with n - 1.
    Stddev,
    /// How many observations.
    Count,
    /// First value of a series.
    First,
    /// Last value of a series: where a leak has got to.
    Last,
}

const NAMED: &[(&str, Statistic)] = &[
    ("rate", Statistic::Rate),
    ("value", Statistic::Value),
    ("mean", Statistic::Mean),
    ("median", Statistic::Percentile(50.0)),
    ("min", Statistic::Min),
    ("max", Statistic::Max),
    ("stddev", Statistic::Stddev),
    ("count", Statistic::Count),
    ("first", Statistic::First),
    ("last", Statistic::Last),
];

impl Statistic {
    /// What is compared when a policy names no statistic: the only sensible one, where there is
    /// only one.
    pub(super) const fn default_of(observations: &Observations) -> Option<Self> {
        match observations {
            Observations::Counts(_) | Observations::Exposure(_) => Some(Self::Rate),
            Observations::Gauge(_) => Some(Self::Value),
            _ => None,
        }
    }

    /// The statistic of the observations; `None` when they do not have such a statistic.
    pub(super) fn of(self, observations: &Observations) -> Option<f64> {
        if self == Self::Count {
            return Some(observations.size() as f64);
        }
        match observations {
            Observations::Counts(counts) => (self == Self::Rate).then(|| counts.rate()),
            Observations::Exposure(exposure) => (self == Self::Rate).then(|| exposure.rate()),
            Observations::Gauge(gauge) => (self == Self::Value).then(|| gauge.value()),
            Observations::Histogram(histogram) => match self {
                Self::Percentile(p) => Some(histogram.quantile(p / 100.0)),
                Self::Mean => histogram.mean(),
                _ => None,
            },
            Observations::Sample(sample) => self.of_sample(sample),
            Observations::Series(series) => match self {
                Self::First => series.values().first().copied(),
                Self::Last => series.values().last().copied(),
                _ => self.of_sample(series.sample()),
            },
            Observations::Summary(summary) => match self {
                Self::Mean => Some(summary.mean()),
                Self::Stddev => Some(summary.stddev()),
                Self::Min => summary.min(),
                Self::Max => summary.max(),
                _ => None,
            },
        }
    }

    fn of_sample(self, sample: &Sample) -> Option<f64> {
        match self {
            Self::Mean => Some(Moments::of(sample.values()).mean),
            Self::Stddev => Some(Moments::of(sample.values()).variance().sqrt()),
            Self::Percentile(p) => Some(sample.quantile(p / 100.0)),
            Self::Min => sample.sorted().first().copied(),
            Self::Max => sample.sorted().last().copied(),
            _ => None,
        }
    }

    /// What the observations offer, for an error message.
    pub(super) const fn choices(observations: &Observations) -> &'static str {
        match observations {
            Observations::Counts(_) | Observations::Exposure(_) => "rate, count",
            Observations::Gauge(_) => "value",
            Observations::Histogram(_) => "p99 (any percentile), median, mean, count",
            Observations::Sample(_) => {
                "p99 (any percentile), median, mean, min, max, stddev, count"
            }
            Observations::Series(_) => {
                "p99 (any percentile), median, mean, min, max, stddev, first, last, count"
            }
            Observations::Summary(_) => "mean, stddev, min, max, count",
        }
    }
}

impl FromStr for Statistic {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        if let Some(&(_, statistic)) = NAMED.iter().find(|(name, _)| *name == word) {
            return Ok(statistic);
        }
        let percentile = word.strip_prefix(['p', 'P']).and_then(|p| p.parse().ok());
        match percentile {
            Some(p) if (0.0..=100.0).contains(&p) => Ok(Self::Percentile(p)),
            _ => {
                let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
                let rule = format!("must be p0 to p100 or one of {}", names.join(", "));
                Err(Error::option("statistic", rule, format_args!("{word:?}")))
            }
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (NAMED.iter().find(|(_, named)| named == self), self) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Self::Percentile(p)) => write!(f, "p{p}"),
            (None, _) => Ok(()),
        }
    }
}

impl TryFrom<String> for Statistic {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Statistic> for String {
    fn from(statistic: Statistic) -> Self {
        statistic.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Statistic {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Statistic".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
        schemars::json_schema!({
            "description": "The number of an arm that is compared: p99 (any percentile) or a named one.",
            "anyOf": [
                {"enum": names},
                {"type": "string", "pattern": "^[pP](100|[0-9]{1,2}(\\.[0-9]+)?)$"}
            ]
        })
    }
}

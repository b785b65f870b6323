//! What both arms showed at one time, by metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use super::by_units::ByUnits;
use super::{Arms, Counts, Design, Exposure, Gauge, Histogram, Sample, Series, Summary};
use crate::error::{Error, Result};
use crate::number::unique;

/// What was measured of one metric on one arm. In JSON its kind is told by its shape:
///
/// | kind | JSON |
/// |---|---|
/// | counts | `{"events": 3, "trials": 1000}` |
/// | exposure | `{"events": 3, "time": 3600}` |
/// | gauge | `0.7` |
/// | histogram | `{"buckets": [{"upper": 0.1, "count": 80}, {"upper": "+Inf", "count": 100}]}` |
/// | sample | `[12.1, 13.9, 11.2]` |
/// | sample of unit means | `{"values": [12.1, 13.9, 11.2], "units": ["vm1", "vm1", "vm2"]}` |
/// | series | `{"times": [0, 15], "values": [210, 214]}` |
/// | summary | `{"count": 50, "mean": 103.2, "m2": 6480.25}` |
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Observations {
    /// Events out of trials.
    Counts(Counts),
    /// Events over time.
    Exposure(Exposure),
    /// One value.
    Gauge(Gauge),
    /// Cumulative buckets.
    Histogram(Histogram),
    /// Raw values.
    Sample(Sample),
    /// Values over time.
    Series(Series),
    /// Size, mean and spread.
    Summary(Summary),
}

impl Observations {
    /// What kind of observations these are, as a person calls them.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Counts(_) => "counts",
            Self::Exposure(_) => "an exposure",
            Self::Gauge(_) => "a gauge",
            Self::Histogram(_) => "a histogram",
            Self::Sample(_) => "a sample",
            Self::Series(_) => "a series",
            Self::Summary(_) => "a summary",
        }
    }

    /// How many observations they hold: trials, events, values, or one for a gauge.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Counts(counts) => counts.trials(),
            Self::Exposure(exposure) => exposure.events(),
            Self::Gauge(_) => 1,
            Self::Histogram(histogram) => histogram.count().round() as u64,
            Self::Sample(sample) => sample.values().len() as u64,
            Self::Series(series) => series.values().len() as u64,
            Self::Summary(summary) => summary.count(),
        }
    }
}

impl<'de> Deserialize<'de> for Observations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let shape = unique::value(deserializer)?;
        let has = |key: &str| shape.get(key).is_some();
        let read = if shape.is_number() {
            Gauge::deserialize(shape).map(Self::Gauge)
        } else if has("units") {
            ByUnits::deserialize(shape).and_then(|read| {
                let sample = Sample::try_from(read);
                sample.map(Self::Sample).map_err(serde_json::Error::custom)
            })
        } else if shape.is_array() || (has("values") && !has("times")) {
            Sample::deserialize(shape).map(Self::Sample)
        } else if has("trials") {
            Counts::deserialize(shape).map(Self::Counts)
        } else if has("time") {
            Exposure::deserialize(shape).map(Self::Exposure)
        } else if has("buckets") {
            Histogram::deserialize(shape).map(Self::Histogram)
        } else if has("times") {
            Series::deserialize(shape).map(Self::Series)
        } else if has("m2") {
            Summary::deserialize(shape).map(Self::Summary)
        } else {
            return Err(D::Error::custom(format!(
                "observations must be a number, a list, or an object with events and trials, \
                 events and time, buckets, times and values, values and units, or count, mean and m2; got {shape}"
            )));
        };
        read.map_err(D::Error::custom)
    }
}

macro_rules! into_observations {
    ($($kind:ident),+) => {$(
        impl From<$kind> for Observations {
            fn from(observations: $kind) -> Self {
                Self::$kind(observations)
            }
        }
    )+};
}
into_observations!(Counts, Exposure, Gauge, Histogram, Sample, Series, Summary);

/// Metric name → both arms' observations. A metric may be missing on an arm; what judges it says so.
///
/// In JSON it is an object of the metrics; or, of a comparison with a time before the canary, such an object
/// as the `metrics` beside a `"design": "before_and_after"`.
///
/// ```
/// use canary_core::{Arms, Counts, Snapshot};
///
/// let snapshot = Snapshot::new()
///     .with("error_rate", Arms::new(Counts::new(95, 19_000)?, Counts::new(9, 1_000)?))?;
/// assert!(snapshot.get("error_rate").is_some());
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    metrics: Metrics,
    design: Design,
}

type Metrics = BTreeMap<String, Arms<Option<Observations>>>;

/// The written form of what was not measured side by side.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Designed<M> {
    design: Design,
    metrics: M,
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (design, metrics) = (self.design, &self.metrics);
        match design {
            Design::Concurrent => metrics.serialize(serializer),
            Design::BeforeAndAfter => Designed { design, metrics }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let shape = unique::value(deserializer)?;
        // A metric of that name is an object.
        let read = if shape.get("design").is_some_and(Value::is_string) {
            Designed::deserialize(shape)
                .map(|Designed { design, metrics }| Self { metrics, design })
        } else {
            Metrics::deserialize(shape).map(|metrics| Self {
                metrics,
                design: Design::default(),
            })
        };
        read.map_err(D::Error::custom)
    }
}

impl Snapshot {
    /// An empty snapshot.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The snapshot as one whose baseline was measured before the canary, not beside it. What is found in it
    /// says so; its series are not paired in time; and it has no split of traffic that could be checked.
    ///
    /// ```
    /// use canary_core::{Arms, Counts, Design, Policy, Snapshot, judge};
    ///
    /// let last_week_and_now = Arms::new(Counts::new(190, 19_000)?, Counts::new(190, 20_000)?);
    /// let snapshot = Snapshot::new().with("errors", last_week_and_now)?.before_and_after();
    /// let verdict = judge(&Policy::standard(["errors"])?, &snapshot)?;
    /// assert_eq!(verdict.design, Design::BeforeAndAfter);
    /// assert!(verdict.reason.ends_with("is weaker than side by side."));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub const fn before_and_after(self) -> Self {
        self.designed(Design::BeforeAndAfter)
    }

    /// The snapshot with its arms measured so.
    ///
    /// ```
    /// use canary_core::{Design, Snapshot};
    ///
    /// assert_eq!(Snapshot::new().designed(Design::BeforeAndAfter), Snapshot::new().before_and_after());
    /// ```
    #[must_use]
    pub const fn designed(mut self, design: Design) -> Self {
        self.design = design;
        self
    }

    /// When its arms were measured, as far as somebody said so.
    ///
    /// ```
    /// assert_eq!(canary_core::Snapshot::new().design().as_str(), "concurrent");
    /// ```
    #[must_use]
    pub const fn design(&self) -> Design {
        self.design
    }

    /// When both arms of a metric were measured: as was said, or as its series show. Series of two values or
    /// more, of which the baseline's ends before the canary's begins, are before and after.
    ///
    /// ```
    /// use canary_core::{Arms, Design, NanPolicy, Series, Snapshot};
    ///
    /// let series = |from: f64| Series::new(vec![from, from + 60.0], vec![210.0, 214.0], NanPolicy::Raise);
    /// let memory = Arms::new(series(0.0)?, series(3600.0)?);
    /// let snapshot = Snapshot::new().with("memory", memory)?;
    /// assert_eq!(snapshot.design_of("memory"), Design::BeforeAndAfter);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn design_of(&self, metric: &str) -> Design {
        let arms = self.arms(metric);
        let (Some(Observations::Series(before)), Some(Observations::Series(after))) =
            (arms.baseline, arms.canary)
        else {
            return self.design;
        };
        match (before.times(), after.times()) {
            ([_, .., last], [first, _, ..]) if last < first => Design::BeforeAndAfter,
            _ => self.design,
        }
    }

    /// The snapshot with one more metric, measured on both arms.
    ///
    /// # Errors
    /// As [`Snapshot::insert`].
    pub fn with<T: Into<Observations>>(mut self, metric: &str, arms: Arms<T>) -> Result<Self> {
        self.insert(metric, arms.map(|observations| Some(observations.into())))?;
        Ok(self)
    }

    /// Two arms that were measured apart, each metric name → observations. A metric that was measured in
    /// different ways is kept as it is: what judges it says so, and judges the others.
    #[must_use]
    pub fn from_arms(arms: Arms<BTreeMap<String, Observations>>) -> Self {
        let mut metrics = BTreeMap::new();
        let Arms {
            baseline,
            mut canary,
        } = arms;
        for (metric, observations) in baseline {
            let other = canary.remove(&metric);
            metrics.insert(metric, Arms::new(Some(observations), other));
        }
        for (metric, observations) in canary {
            metrics.insert(metric, Arms::new(None, Some(observations)));
        }
        Self {
            metrics,
            design: Design::default(),
        }
    }

    /// Puts one metric in, in the place of any of the same name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the arms were measured in different ways.
    pub fn insert(&mut self, metric: &str, arms: Arms<Option<Observations>>) -> Result<()> {
        if let (Some(baseline), Some(canary)) = (&arms.baseline, &arms.canary)
            && baseline.kind() != canary.kind()
        {
            let rule = format!("must be {} like the baseline's", baseline.kind());
            return Err(Error::input(
                format!("canary.{metric}"),
                rule,
                canary.kind(),
            ));
        }
        self.metrics.insert(metric.to_owned(), arms);
        Ok(())
    }

    /// What was measured of a metric.
    #[must_use]
    pub fn get(&self, metric: &str) -> Option<&Arms<Option<Observations>>> {
        self.metrics.get(metric)
    }

    /// What either arm has of a metric, as far as it was measured.
    pub(crate) fn arms(&self, metric: &str) -> Arms<Option<&Observations>> {
        match self.get(metric) {
            Some(arms) => arms.as_ref().map(Option::as_ref),
            None => Arms::new(None, None),
        }
    }

    /// The observations of a metric that tell their kind: the canary's, or else the baseline's.
    pub(crate) fn either(&self, metric: &str) -> Option<&Observations> {
        let arms = self.arms(metric);
        arms.canary.or(arms.baseline)
    }

    /// The names of all metrics, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }
}

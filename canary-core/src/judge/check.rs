//! One rule on one metric, or on several together, and how much it counts.

use super::condition::Condition;
use super::engines::Limits;
use super::expression::{BoundExpression, Expression, Scope};
use super::importance::{NoData, Role, Severity};
use crate::error::{Error, Result};

/// One rule on one metric, or on several together.
///
/// ```
/// use canary_core::Margin;
/// use canary_core::judge::{Bound, Check, Severity, Statistic, Threshold};
///
/// let check = Check::new("latency", Threshold {
///     statistic: Some(Statistic::Percentile(99.0)),
///     bound: Bound::Relative(Margin::Factor(2.0)),
/// });
/// assert_eq!(check.name(), "latency p99");
/// assert_eq!(check.severity, Severity::High);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The metrics it looks at: one, unless windows or groups are held against each other by several.
    pub metrics: Vec<String>,
    /// What it demands.
    pub condition: Condition,
    /// What people call it, where they gave it a name.
    pub given_name: Option<String>,
    /// How bad a failure is.
    pub severity: Severity,
    /// What the check is for.
    pub role: Role,
    /// The group that it counts in, where the policy has a score.
    pub group: Option<String>,
    /// How much it counts in its group, relative to the others; at least 0.
    pub weight: f64,
    /// Whether it is only reported and decides nothing: a dry run. Nobody is told of its failures, and no data
    /// are no error.
    pub muted: bool,
    /// What no data mean.
    pub no_data: NoData,
    /// How many observations either arm needs before anything is decided. In a [`Watch`](super::Watch) those of
    /// all looks count, but of a point comparison (threshold, condition, missing data) those of each look alone.
    pub min_sample: u64,
    /// Where a rollout is watched and the check is a point comparison: how many failures it takes, and
    /// for how long. Without any, one failing look is a failure.
    pub limits: Limits,
    /// Whom a failure is told to, by the names that the policy's users know.
    pub notify: Vec<String>,
}

impl Check {
    /// A check of `metric`.
    pub fn new(metric: impl Into<String>, condition: impl Into<Condition>) -> Self {
        Self::together([metric], condition)
    }

    /// A check of several metrics together.
    ///
    /// ```
    /// use canary_core::judge::{AnomalyCondition, Check};
    ///
    /// let check = Check::together(["memory", "p99"], AnomalyCondition::new(0.1));
    /// assert_eq!(check.name(), "memory, p99 anomalies");
    /// ```
    pub fn together<M: Into<String>>(
        metrics: impl IntoIterator<Item = M>,
        condition: impl Into<Condition>,
    ) -> Self {
        Self {
            metrics: metrics.into_iter().map(Into::into).collect(),
            condition: condition.into(),
            given_name: None,
            severity: Severity::default(),
            role: Role::default(),
            group: None,
            weight: 1.0,
            muted: false,
            no_data: NoData::default(),
            min_sample: 0,
            limits: Limits::default(),
            notify: Vec::new(),
        }
    }

    /// The check under a name of its own.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.given_name = Some(name.into());
        self
    }

    /// The check with this severity.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The check in this role.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The check as one of a group, with its weight in it.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>, weight: f64) -> Self {
        self.group = Some(group.into());
        self.weight = weight;
        self
    }

    /// The check as a dry run: reported, but deciding nothing.
    #[must_use]
    pub const fn muted(mut self) -> Self {
        self.muted = true;
        self
    }

    /// The check with another meaning of no data.
    #[must_use]
    pub const fn no_data(mut self, no_data: NoData) -> Self {
        self.no_data = no_data;
        self
    }

    /// The check with limits: so many failures, or for so long.
    ///
    /// ```
    /// use canary_core::judge::engines::Limits;
    /// use canary_core::judge::{Check, Expression, ExpressionCondition};
    ///
    /// let too_many = ExpressionCondition::fail_if(Expression::parse("error_rate > 3%")?);
    /// let for_5_minutes = Limits { violation_seconds: Some(300.0), ..Limits::default() };
    /// let check = Check::new("error_rate", too_many).limits(for_5_minutes);
    /// assert_eq!(check.limits.violation_seconds, Some(300.0));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// A condition with its names resolved; what it is about is the check's metric, if it has one.
    pub(super) fn bind(
        &self,
        condition: &Expression,
        scope: &Scope<'_>,
    ) -> Result<BoundExpression> {
        match self.metrics.as_slice() {
            [metric] => condition.bind(&scope.clone().about(metric)),
            _ => condition.bind(scope),
        }
    }

    /// The check with the same standing as another: everything but what it looks at and demands.
    pub(super) fn standing_of(self, other: &Self) -> Self {
        Self {
            metrics: self.metrics,
            condition: self.condition,
            given_name: self.given_name,
            ..other.clone()
        }
    }

    /// Its given name, or else its metric and what is compared: `latency p99`.
    #[must_use]
    pub fn name(&self) -> String {
        if let Some(name) = &self.given_name {
            return name.clone();
        }
        if let Condition::Expression(_) = self.condition {
            return self.condition.level();
        }
        let metric = self.metric();
        match self.condition.level() {
            level if level.is_empty() => metric,
            level if metric.is_empty() => level,
            level => format!("{metric} {level}"),
        }
    }

    /// The metric that it is about, or the first of several.
    pub(super) fn first_metric(&self) -> &str {
        self.metrics.first().map_or("", String::as_str)
    }

    /// Its metrics, as they are named: `memory, p99`.
    #[must_use]
    pub fn metric(&self) -> String {
        self.metrics.join(", ")
    }

    /// What is wrong with it, if anything is.
    pub(super) fn check(&self) -> Result<()> {
        if !(self.weight >= 0.0 && self.weight.is_finite()) {
            let rule = "must be at least 0 and finite";
            return Err(Error::option("weight", rule, self.weight));
        }
        self.limits
            .check()
            .map_err(|error| error.in_argument("limits"))?;
        self.condition.check(self.metrics.len())
    }
}

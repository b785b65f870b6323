mod limit;

use std::f64::consts::PI;

use super::input::Sorted;
use super::result::{Homogeneity, Method, TestName, TestResult};
use crate::data::{Arms, finite};
use crate::error::{Error, Result};
use crate::number::sort;
use crate::options::{Alternative, NanPolicy, builder};

builder! {
    #[doc = include_str!("../anderson_darling.md")]
    ///
    /// # Defaults
    /// NaN refused. The test has no sides.
    ///
    /// # Example: one request in twenty is far slower
    /// ```
    /// use canary_core::{Arms, stats::AndersonDarling};
    ///
    /// let baseline: Vec<f64> = (0..400).map(|i| 100.0 + f64::from(i % 20)).collect();
    /// let canary: Vec<f64> = (0..100)
    ///     .map(|i| if i % 10 == 0 { 300.0 } else { 100.0 + f64::from(i % 20) })
    ///     .collect();
    /// let result = AndersonDarling::new().run(&Arms { baseline, canary })?;
    /// assert!(result.p_value < 0.05);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    AndersonDarling {
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

impl AndersonDarling {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error) for values that are not finite (by the NaN policy);
    /// [`Error::NotEnoughData`](crate::Error) for fewer than two values on an arm.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let sorted = Sorted::of(arms, self.nan_policy)?.at_least(2)?;
        let values = sorted.as_slices();
        let (statistic, p_value) = compare(&[values.baseline, values.canary]);
        Ok(TestResult {
            test: TestName::AndersonDarling,
            method: Method::Asymptotic,
            alternative: Alternative::TwoSided,
            null: None,
            statistic,
            df: None,
            p_value,
            estimate: None,
            effect_sizes: vec![],
            arms: sorted.quantiles(0.5),
        })
    }

    /// Runs the test on any number of groups at once: do all pods, or all regions, answer alike?
    ///
    /// # Errors
    /// [`Error::NotEnoughData`](crate::Error) for fewer than two groups, or fewer than two values in
    /// one; [`Error::InvalidInput`](crate::Error) for values that are not finite (by the NaN policy).
    ///
    /// ```
    /// use canary_core::stats::AndersonDarling;
    ///
    /// let pod = |slow: f64| (0..50).map(|i| 100.0 + f64::from(i * 7 % 50) * slow).collect();
    /// let pods: [Vec<f64>; 3] = [pod(1.0), pod(1.0), pod(2.0)];
    /// assert!(AndersonDarling::new().run_groups(&pods)?.p_value < 1e-6);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn run_groups<A: AsRef<[f64]>>(&self, groups: &[A]) -> Result<Homogeneity> {
        if groups.len() < 2 {
            return Err(Error::not_enough("groups", "2 groups", groups.len()));
        }
        let numbered = groups.iter().enumerate();
        let sorted = numbered.map(|(index, values)| {
            let name = format!("groups[{index}]");
            let (values, _) = finite(&name, values.as_ref(), self.nan_policy)?;
            if values.len() < 2 {
                return Err(Error::not_enough(name, "2 values", values.len()));
            }
            Ok(sort::sorted(&values))
        });
        let sorted = sorted.collect::<Result<Vec<_>>>()?;
        let groups: Vec<&[f64]> = sorted.iter().map(Vec::as_slice).collect();
        let (statistic, p_value) = compare(&groups);
        Ok(Homogeneity {
            statistic,
            df: groups.len() as f64 - 1.0,
            p_value,
        })
    }
}

/// T and its p-value.
fn compare(groups: &[&[f64]]) -> (f64, f64) {
    let df = groups.len() as f64 - 1.0;
    let Some(a2) = distance(groups) else {
        return (0.0, 1.0); // all tied
    };
    let sizes: Vec<f64> = groups.iter().map(|values| values.len() as f64).collect();
    let statistic = (a2 - df) / variance(&sizes).sqrt();
    let limit = df + statistic * (df * LIMIT_VARIANCE).sqrt();
    (statistic, limit::sf(limit, df))
}

/// Scholz and Stephens' eq. 7; none where every value is tied.
fn distance(groups: &[&[f64]]) -> Option<f64> {
    let all: f64 = groups.iter().map(|values| values.len() as f64).sum();
    // What is left of each group, its size, and its sum.
    let mut left: Vec<(&[f64], f64, f64)> = groups
        .iter()
        .map(|&values| (values, values.len() as f64, 0.0))
        .collect();
    let mut taken = 0.0;
    let mut distinct = 0;
    while let Some(value) = left
        .iter()
        .filter_map(|group| group.0.first())
        .copied()
        .reduce(f64::min)
    {
        distinct += 1;
        let tied = |values: &[f64]| values.iter().take_while(|&&x| x == value).count();
        let l: f64 = left.iter().map(|group| tied(group.0) as f64).sum();
        let below = taken + 0.5 * l;
        let weight = l / all / (below * (all - below) - 0.25 * all * l);
        for (values, size, sum) in &mut left {
            let own = tied(values);
            let before = *size - values.len() as f64;
            let apart = all * (before + 0.5 * own as f64) - *size * below;
            *sum += weight * apart * apart;
            *values = values.get(own..).unwrap_or_default();
        }
        taken += l;
    }
    let sums = left.iter().map(|&(_, size, sum)| sum / size);
    (distinct > 1).then(|| (all - 1.0) / all * sums.sum::<f64>())
}

/// `σ_N²`: Scholz and Stephens' eq. 4.
fn variance(sizes: &[f64]) -> f64 {
    let k = sizes.len() as f64;
    let all: f64 = sizes.iter().sum();
    let inverse: f64 = sizes.iter().map(|n| 1.0 / n).sum(); // their H
    let last = all as u64 - 1;
    let h: f64 = (1..=last).map(|j| 1.0 / j as f64).sum();
    // Their g: Σ over i < j < N of 1/((N - i) j), by what is left of h after each i.
    let mut rest = h;
    let terms = (1..last).map(|i| {
        rest -= 1.0 / i as f64;
        rest / (all - i as f64)
    });
    let g: f64 = terms.sum();
    let a = (4.0 * g - 6.0) * (k - 1.0) + (10.0 - 6.0 * g) * inverse;
    let b = (2.0 * g - 4.0) * k * k + 8.0 * h * k + (2.0 * g - 14.0 * h - 4.0) * inverse - 8.0 * h
        + 4.0 * g
        - 6.0;
    let c = (6.0 * h + 2.0 * g - 2.0) * k * k
        + (4.0 * h - 4.0 * g + 6.0) * k
        + (2.0 * h - 6.0) * inverse
        + 4.0 * h;
    let d = (2.0 * h + 6.0) * k * k - 4.0 * h * k;
    let polynomial = ((a * all + b) * all + c) * all + d;
    polynomial / ((all - 1.0) * (all - 2.0) * (all - 3.0))
}

/// The variance of A∞ with one degree of freedom: 2(π² - 9)/3.
const LIMIT_VARIANCE: f64 = 2.0 * (PI * PI - 9.0) / 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_has_its_published_points() {
        // Marsaglia and Marsaglia (2004), the limit's distribution function.
        for (x, cdf) in [
            (0.5, 0.253_495),
            (1.0, 0.642_733),
            (2.0, 0.908_159),
            (4.0, 0.991_335),
        ] {
            let got = 1.0 - limit::sf(x, 1.0);
            assert!((got - cdf).abs() < 5e-4, "{x}: {got}");
        }
    }

    #[test]
    fn three_groups_agree_with_scipy() {
        // scipy.stats.anderson_ksamp(groups, variant="midrank").statistic
        let group = |n: u32, shift: u32| -> Vec<f64> {
            (0..n).map(|i| f64::from((i * 37 + shift) % 41)).collect()
        };
        let groups = [group(12, 0), group(9, 5), group(20, 11)];
        let found = AndersonDarling::new().run_groups(&groups).unwrap();
        assert!((found.statistic - SCIPY).abs() < 1e-9, "{found:?}");
        assert_eq!(found.df, 2.0);
        let moved = [
            group(12, 0),
            group(9, 5).iter().map(|x| x + 60.0).collect(),
            group(20, 11),
        ];
        assert!(AndersonDarling::new().run_groups(&moved).unwrap().p_value < 1e-3);
    }

    const SCIPY: f64 = -1.701_398_112_929_720_4;

    #[test]
    fn two_groups_are_two_arms() {
        let (b, c) = ([1.0, 5.0, 2.0, 9.0, 7.5], [2.0, 3.0, 8.0, 8.0, 11.0, 12.0]);
        let arms = AndersonDarling::new()
            .run(&Arms::new(&b[..], &c[..]))
            .unwrap();
        let groups = AndersonDarling::new()
            .run_groups(&[&b[..], &c[..]])
            .unwrap();
        assert_eq!(
            (arms.statistic, arms.p_value),
            (groups.statistic, groups.p_value)
        );
    }

    #[test]
    fn everything_tied_is_no_difference() {
        let result = AndersonDarling::new()
            .run(&Arms::new([2.0; 4], [2.0; 4]))
            .unwrap();
        assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
        let groups = AndersonDarling::new().run_groups(&[[2.0; 4]; 3]).unwrap();
        assert_eq!(groups.p_value, 1.0);
    }
}

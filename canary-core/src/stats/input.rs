//! Both arms' values as the tests take them: checked, and sorted or paired.

use std::borrow::Cow;

use super::result::ArmLevel;
use super::t_test::power_of_two;
use crate::data::{Arms, finite, quantile_of_sorted};
use crate::error::{Error, Result};
use crate::number::parallel::both;
use crate::number::sort;
use crate::options::NanPolicy;

/// Finite values of both arms in ascending order, and how many NaNs were left out.
pub(super) struct Sorted {
    pub(super) values: Arms<Vec<f64>>,
    pub(super) omitted: Arms<u64>,
}

impl Sorted {
    pub(super) fn of<A: AsRef<[f64]>>(arms: &Arms<A>, nan_policy: NanPolicy) -> Result<Self> {
        let sort = |arm, values| {
            move || {
                let (values, omitted) = finite(arm, values, nan_policy)?;
                Ok((sort::sorted(&values), omitted))
            }
        };
        let values = arms.as_ref().map(A::as_ref);
        let size = values.baseline.len().min(values.canary.len());
        let sorted = both(
            size,
            sort("baseline", values.baseline),
            sort("canary", values.canary),
        );
        let (baseline, canary): ((Vec<f64>, u64), (Vec<f64>, u64)) = (sorted.0?, sorted.1?);
        Ok(Self {
            omitted: Arms::new(baseline.1, canary.1),
            values: Arms::new(baseline.0, canary.0),
        })
    }

    pub(super) fn as_slices(&self) -> Arms<&[f64]> {
        self.values.as_ref().map(Vec::as_slice)
    }

    /// Each arm's q-quantile.
    pub(super) fn quantiles(&self, q: f64) -> Arms<ArmLevel> {
        let arms = self.as_slices().zip(self.omitted);
        arms.map(|(values, omitted)| ArmLevel {
            n: values.len() as u64,
            omitted,
            level: quantile_of_sorted(values, q),
        })
    }

    /// An arm with fewer values than a formula needs is an error.
    pub(super) fn at_least(self, least: usize) -> Result<Self> {
        self.as_slices().try_map(|arm, values| {
            if values.len() < least {
                return Err(Error::not_enough(
                    arm,
                    format!("{least} values"),
                    values.len(),
                ));
            }
            Ok(())
        })?;
        Ok(self)
    }
}

/// Finite values of both arms that belong together, pair by pair.
pub(super) struct Pairs<'a> {
    pub(super) values: Arms<Cow<'a, [f64]>>,
    /// Pairs of which one value or both were NaN.
    pub(super) omitted: u64,
}

impl<'a> Pairs<'a> {
    pub(super) fn of<A: AsRef<[f64]>>(
        arms: &'a Arms<A>,
        nan_policy: NanPolicy,
        least: usize,
    ) -> Result<Self> {
        let values = arms.as_ref().map(A::as_ref);
        let (len, other) = (values.baseline.len(), values.canary.len());
        if len != other {
            let rule = format!("must have as many values as baseline ({len}), one for each");
            return Err(Error::input("canary", rule, other));
        }
        if len == 0 {
            return Err(Error::not_enough("baseline", pairs(least), 0));
        }
        let is_whole = |pair: (&f64, &f64)| !pair.0.is_nan() && !pair.1.is_nan();
        let whole = values.baseline.iter().zip(values.canary);
        let kept = whole.clone().filter(|&pair| is_whole(pair)).count();
        let kept_values = if nan_policy == NanPolicy::Omit && kept < len {
            let whole = whole.filter(|&pair| is_whole(pair)).map(|(&b, &c)| (b, c));
            let (baseline, canary): (Vec<f64>, Vec<f64>) = whole.unzip();
            if kept > 0 {
                finite("baseline", &baseline, nan_policy)?;
                finite("canary", &canary, nan_policy)?;
            }
            Arms::new(Cow::Owned(baseline), Cow::Owned(canary))
        } else {
            values
                .try_map(|arm, values| finite(arm, values, nan_policy).map(|(values, _)| values))?
        };
        if kept < least {
            return Err(Error::not_enough("baseline", pairs(least), kept));
        }
        Ok(Self {
            values: kept_values,
            omitted: (len - kept) as u64,
        })
    }

    /// Each arm's level, by a function of its values.
    pub(super) fn levels(&self, level: impl Fn(&[f64]) -> f64) -> Arms<ArmLevel> {
        self.values.as_ref().map(|values| ArmLevel {
            n: values.len() as u64,
            omitted: self.omitted,
            level: level(values),
        })
    }
}

fn pairs(least: usize) -> String {
    let plural = if least == 1 { "" } else { "s" };
    format!("{least} pair{plural}")
}

/// Values divided by a power of two, which is returned too, where a product of three of them might
/// overflow or vanish.
pub(super) fn in_a_unit(values: Arms<&[f64]>) -> (f64, Arms<Cow<'_, [f64]>>) {
    let unit = power_of_two(values);
    if (1e-90..1e90).contains(&unit) {
        return (1.0, values.map(Cow::Borrowed));
    }
    let scaled = |values: &[f64]| values.iter().map(|x| x / unit).collect::<Vec<_>>();
    (unit, values.map(|values| Cow::Owned(scaled(values))))
}

/// Values of both arms must be positive where logarithms or ratios are taken of them.
pub(super) fn positive(arm: &str, values: &[f64]) -> Result<()> {
    match values.iter().copied().find(|&value| value <= 0.0) {
        Some(value) => {
            let rule = "must hold positive values for a ratio";
            Err(Error::input(arm, rule, value))
        }
        None => Ok(()),
    }
}

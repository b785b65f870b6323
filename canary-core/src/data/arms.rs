//! The two arms of a comparison, always in the same order and always by name.

use serde::{Deserialize, Serialize};

use crate::options::choice;

choice! {
    /// One of the two arms, for an observation that comes alone.
    Arm("arm") {
        /// The version in service.
        Baseline = "baseline",
        /// The new version.
        Canary = "canary",
    }
}

/// Something that exists once per arm: the baseline's and the canary's.
///
/// ```
/// use canary_core::Arms;
///
/// let requests = Arms { baseline: 9_500, canary: 500 };
/// assert_eq!(requests.map(|n| n * 2).canary, 1_000);
/// assert_eq!(requests.swap().baseline, 500);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arms<T> {
    /// The version in service.
    pub baseline: T,
    /// The new version.
    pub canary: T,
}

impl<T> Arms<T> {
    /// Both arms, baseline first.
    pub const fn new(baseline: T, canary: T) -> Self {
        Self { baseline, canary }
    }

    /// One arm's, and nothing of the other.
    pub(crate) fn alone(arm: Arm, own: T) -> Self
    where
        T: Default,
    {
        let mut arms = Self::new(T::default(), T::default());
        *arms.get_mut(arm) = own;
        arms
    }

    /// That of one arm.
    pub(crate) const fn get_mut(&mut self, arm: Arm) -> &mut T {
        match arm {
            Arm::Baseline => &mut self.baseline,
            Arm::Canary => &mut self.canary,
        }
    }

    /// The same arms, borrowed.
    pub const fn as_ref(&self) -> Arms<&T> {
        Arms {
            baseline: &self.baseline,
            canary: &self.canary,
        }
    }

    /// The same function of each arm.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Arms<U> {
        Arms {
            baseline: f(self.baseline),
            canary: f(self.canary),
        }
    }

    /// The same fallible function of each arm, which is told the arm's name.
    ///
    /// # Errors
    /// The first error, baseline first.
    pub fn try_map<U, E>(
        self,
        mut f: impl FnMut(&'static str, T) -> Result<U, E>,
    ) -> Result<Arms<U>, E> {
        Ok(Arms {
            baseline: f("baseline", self.baseline)?,
            canary: f("canary", self.canary)?,
        })
    }

    /// Both arms of two things as pairs.
    pub fn zip<U>(self, other: Arms<U>) -> Arms<(T, U)> {
        Arms {
            baseline: (self.baseline, other.baseline),
            canary: (self.canary, other.canary),
        }
    }

    /// Baseline and canary exchanged.
    #[must_use]
    pub fn swap(self) -> Self {
        Self {
            baseline: self.canary,
            canary: self.baseline,
        }
    }
}

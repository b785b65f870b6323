//! One test on many pairs of arms.

use super::result::TestResult;
use crate::data::Arms;
use crate::error::Result;
use crate::number::parallel;

/// The same test on every pair, in order; on all cores with the feature `parallel`. One pair's error is
/// its own: the others are tested all the same.
///
/// Ten thousand metrics at once are ten thousand looks at chance: see
/// [`adjust`](super::adjust()).
///
/// ```
/// use canary_core::{Arms, MannWhitney, stats};
///
/// let metrics = vec![
///     Arms::new(vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 6.0, 7.0, 8.0]),
///     Arms::new(vec![1.0, 2.0, 3.0, 4.0], vec![1.5, 2.5, 3.5]),
///     Arms::new(vec![1.0], vec![]),
/// ];
/// let results = stats::many(&metrics, |arms| MannWhitney::new().run(arms));
/// assert!(results[0].as_ref().unwrap().p_value < 0.05);
/// assert!(results[2].is_err());
/// ```
pub fn many<T: Sync>(
    pairs: &[Arms<T>],
    test: impl Fn(&Arms<T>) -> Result<TestResult> + Sync + Send,
) -> Vec<Result<TestResult>> {
    // A few pairs a task: some tests take a microsecond.
    const PAIRS: usize = 64;
    let results = parallel::map(pairs.len(), PAIRS, |i| pairs.get(i).map(&test));
    results.into_iter().flatten().collect()
}

//! Exact distributions on 0, 1, ..., most that are symmetric about the middle.

/// Such a distribution, by the probabilities P(0), ..., P(last) of its lower half.
pub(super) struct Symmetric<F> {
    pub(super) most: u64,
    pub(super) lower_half: F,
}

impl<F: Fn(u64) -> Vec<f64>> Symmetric<F> {
    /// P(W ≤ w) and P(W ≥ w), each summed as a tail.
    pub(super) fn tails(&self, w: u64) -> (f64, f64) {
        let mirrored = self.most - w.min(self.most);
        let probability = (self.lower_half)(w.min(mirrored));
        let near: f64 = probability.iter().sum();
        let here = probability.last().copied().unwrap_or(0.0);
        let far = (1.0 - near + here).min(1.0);
        if w <= mirrored {
            (near, far)
        } else {
            (far, near)
        }
    }

    /// The largest k with P(W ≤ k - 1) < tail, or 0 if there is none: the k-th smallest of the
    /// `most` values that W counts is an end of the interval. A probability that equals the tail
    /// but for the last digits of 1 - confidence is taken to equal it, as in R.
    pub(super) fn order_statistic(&self, tail: f64) -> u64 {
        let mut sum = 0.0;
        let mut is_beyond = |probability: &f64| {
            sum += probability;
            sum < tail - 10.0 * f64::EPSILON
        };
        let half = (self.lower_half)(self.most / 2);
        half.iter().take_while(|p| is_beyond(p)).count() as u64
    }
}

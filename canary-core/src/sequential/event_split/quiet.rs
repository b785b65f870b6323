//! Looks that cannot matter, skipped without looking.

use crate::data::Arms;

/// Up to these events of both arms, no look can give a larger e-value than there was.
///
/// A mixture of likelihood ratios is the integral of exp(Nc x + Nb y): its logarithm is convex in
/// the two counts, so that over a rectangle of counts it is largest at a corner. It is only a
/// shortcut: what it skips would change nothing, so that it is no part of a monitor's state.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quiet {
    until: Arms<u64>,
    reach: f64,
}

/// Two monitors that differ in it say the same.
impl PartialEq for Quiet {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Quiet {
    pub(super) const fn holds(&self, events: Arms<u64>) -> bool {
        events.baseline <= self.until.baseline && events.canary <= self.until.canary
    }

    /// Looks for a rectangle from `events` on, over whose corners nothing is `loud`.
    pub(super) fn look(&mut self, events: Arms<u64>, share: f64, loud: impl Fn(Arms<u64>) -> bool) {
        self.until = Arms::default();
        let reach = self.reach.clamp(8.0, 1e12);
        let more = Arms::new(reach * (1.0 - share), reach * share).map(|n| n.ceil() as u64);
        let Arms { baseline, canary } = super::shares::plus(events, more);
        let corners = [
            Arms::new(baseline, canary),
            Arms::new(events.baseline, canary),
            Arms::new(baseline, events.canary),
        ];
        if corners.into_iter().any(loud) {
            self.reach = 0.5 * reach;
        } else {
            self.reach = 2.0 * reach;
            self.until = Arms { baseline, canary };
        }
    }
}

//! The recursion of Armitage, McPherson and Rowe (1969), as in Jennison and Turnbull (2000, ch. 19):
//! where the score is at each look, of those that have not stopped yet.

use crate::number::{normal, quadrature};

/// What a look adds to the score: a normal step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Step {
    /// The steps between looks at these variances of the score and with these means.
    pub(super) fn between(looks: impl Iterator<Item = (f64, f64)>) -> Vec<Self> {
        let mut before = (0.0, 0.0);
        looks
            .map(|(variance, mean)| {
                let step = Self {
                    mean: mean - before.1,
                    variance: variance - before.0,
                };
                before = (variance, mean);
                step
            })
            .collect()
    }
}

/// Beyond so many standard deviations there is nothing that a double would see.
const REACH: f64 = 8.5;
/// Panels of the 20-point rule are so many standard deviations of a step wide: the integrand, a
/// product of two bells, then has twelve digits.
const PANEL: f64 = 6.0;
/// However narrow a step: no more panels than this.
const MOST_PANELS: f64 = 400.0;

/// The density of the score over those that go on, as nodes of a quadrature: where, and how much.
#[derive(Debug, Clone)]
pub(super) struct Survivors {
    mean: f64,
    variance: f64,
    nodes: Vec<(f64, f64)>,
}

impl Survivors {
    /// All of them, before the first look.
    pub(super) fn all() -> Self {
        Self {
            mean: 0.0,
            variance: 0.0,
            nodes: vec![(0.0, 1.0)],
        }
    }

    /// P(not stopped before, score above `bound` after the step).
    pub(super) fn above(&self, step: Step, bound: f64) -> f64 {
        let sd = step.variance.sqrt();
        let from = |&(x, mass): &(f64, f64)| mass * normal::sf((bound - x - step.mean) / sd);
        if bound == f64::INFINITY {
            return 0.0;
        }
        self.nodes.iter().map(from).sum()
    }

    /// P(not stopped before, score below `bound` after the step).
    pub(super) fn below(&self, step: Step, bound: f64) -> f64 {
        let sd = step.variance.sqrt();
        let from = |&(x, mass): &(f64, f64)| mass * normal::sf((x + step.mean - bound) / sd);
        if bound == f64::NEG_INFINITY {
            return 0.0;
        }
        self.nodes.iter().map(from).sum()
    }

    /// The bound above which a share `target` of all is found after the step; ∞ for none.
    ///
    /// Newton's method on the logarithm of the tail, from where the tail of all would have it. The
    /// survivors' density is log-concave, and so is its tail: each step ends short of the root.
    pub(super) fn upper_bound(&self, step: Step, target: f64) -> f64 {
        if target.is_nan() || target < 1e-300 {
            return f64::INFINITY;
        }
        let left: f64 = self.nodes.iter().map(|&(_, mass)| mass).sum();
        if self.nodes.is_empty() {
            return f64::INFINITY;
        }
        if target >= left {
            return f64::NEG_INFINITY;
        }
        let sd = step.variance.sqrt();
        let spread = (self.variance + step.variance).sqrt();
        let mut bound = self.mean + step.mean + spread * normal::quantile(target);
        for _ in 0..100 {
            let (mut tail, mut density) = (0.0, 0.0);
            for &(x, mass) in &self.nodes {
                let z = (bound - x - step.mean) / sd;
                if z < 38.0 {
                    tail += mass * normal::sf(z);
                    density += mass * normal::density(z);
                }
            }
            if tail <= 0.0 {
                bound -= sd; // out of sight of what survived
                continue;
            }
            let newton = (tail / target).ln() * tail * sd / density;
            bound += newton;
            if newton.abs() <= 1e-13 * spread {
                break;
            }
        }
        bound
    }

    /// The bound below which a share `target` of all is found after the step; -∞ for none.
    pub(super) fn lower_bound(&self, step: Step, target: f64) -> f64 {
        let nodes = self.nodes.iter().map(|&(x, mass)| (-x, mass)).collect();
        let mirrored = Self {
            mean: -self.mean,
            variance: self.variance,
            nodes,
        };
        let step = Step {
            mean: -step.mean,
            ..step
        };
        -mirrored.upper_bound(step, target)
    }

    /// Those whose score lies in [low, high] after the step; `next` is the step after it, and
    /// `target` what is looked for beyond the bound there.
    pub(super) fn go_on(
        &self,
        step: Step,
        (low, high): (f64, f64),
        next: Option<(Step, f64)>,
    ) -> Self {
        let mean = self.mean + step.mean;
        let variance = self.variance + step.variance;
        let sd = step.variance.sqrt();
        let mut survivors = Self {
            mean,
            variance,
            nodes: Vec::new(),
        };
        let Some((next, target)) = next else {
            return survivors;
        };
        // A far bound is reached from far out: by the bridge to it.
        let ratio = variance / (variance + next.variance);
        let far = normal::quantile(target.max(1e-300));
        let reach = REACH.max(far * ratio.sqrt() + 6.0 * (1.0 - ratio).sqrt()) * variance.sqrt();
        let (low, high) = (low.max(mean - reach), high.min(mean + reach));
        let is_open = low < high;
        if !is_open {
            return survivors;
        }
        let width = PANEL * sd.min(next.variance.sqrt());
        let panels = ((high - low) / width).ceil().clamp(1.0, MOST_PANELS);
        let scale = 1.0 / sd;
        let first = self.nodes.first().map_or(0.0, |&(x, _)| x);
        let mut start = 0;
        for (x, weight) in quadrature::nodes(low, high, panels as u32) {
            // Only what is near enough reaches x; nodes come in ascending order.
            let near = 9.0 * sd;
            let centre = x - step.mean;
            if first < centre - near {
                let passed = self.nodes.get(start..).unwrap_or_default();
                start += passed.partition_point(|&(y, _)| y < centre - near);
            }
            let mut density = 0.0;
            for &(y, mass) in self.nodes.get(start..).unwrap_or_default() {
                if y > centre + near {
                    break;
                }
                density += mass * normal::density((centre - y) * scale);
            }
            survivors.nodes.push((x, weight * density * scale));
        }
        survivors
    }
}

/// Where a look stops, on the scale of the score: below the first, above the second.
pub(super) type Region = (f64, f64);

/// What a look is to spend, or where its bounds are already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    /// The variance of the score.
    pub(super) variance: f64,
    /// Its mean at the planned effect.
    pub(super) mean: f64,
    /// What is to be spent above, of those without an effect.
    pub(super) alpha: f64,
    /// What is to be spent below, of those with the planned effect.
    pub(super) beta: f64,
    /// Whether it ends here, for one or the other.
    pub(super) is_last: bool,
    /// The bounds, where the look has been taken.
    pub(super) taken: Option<Region>,
}

/// Which sides stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    /// Above alone.
    Upper,
    /// Above and below alike.
    Symmetric,
    /// Above for an effect, below for none; what is spent above counts on stopping below or not.
    Futility {
        /// Whether it does.
        binding: bool,
    },
}

/// The bounds of looks, one after the other.
pub(super) fn bounds(asks: &[Ask], sides: Sides) -> Vec<Region> {
    let null = Step::between(asks.iter().map(|ask| (ask.variance, 0.0)));
    let planned = Step::between(asks.iter().map(|ask| (ask.variance, ask.mean)));
    let mut unaffected = Survivors::all();
    let mut affected = Survivors::all();
    let mut found = Vec::with_capacity(asks.len());
    for (k, ask) in asks.iter().enumerate() {
        let (Some(&null_step), Some(&planned_step)) = (null.get(k), planned.get(k)) else {
            break;
        };
        let (low, high) = ask.taken.unwrap_or_else(|| {
            let high = unaffected.upper_bound(null_step, ask.alpha);
            let low = match sides {
                Sides::Upper => f64::NEG_INFINITY,
                Sides::Symmetric => -high,
                Sides::Futility { .. } if ask.is_last => high,
                Sides::Futility { .. } => affected.lower_bound(planned_step, ask.beta).min(high),
            };
            (low, high)
        });
        found.push((low, high));
        let after = asks.get(k + 1);
        let next = null.get(k + 1).zip(after);
        let next = next.map(|(&step, ask)| (step, ask.alpha.max(1e-300)));
        let ignored = matches!(sides, Sides::Futility { binding: false });
        let follows = if ignored { f64::NEG_INFINITY } else { low };
        unaffected = unaffected.go_on(null_step, (follows, high), next);
        if matches!(sides, Sides::Futility { .. }) {
            let next = planned.get(k + 1).zip(after);
            let next = next.map(|(&step, ask)| (step, ask.beta.max(1e-300)));
            affected = affected.go_on(planned_step, (low, high), next);
        }
    }
    found
}

/// The probabilities of stopping at each look: below and above.
pub(super) fn stopping(steps: &[Step], regions: &[Region]) -> Vec<(f64, f64)> {
    let mut survivors = Survivors::all();
    let mut found = Vec::with_capacity(steps.len());
    for (k, (&step, &(low, high))) in steps.iter().zip(regions).enumerate() {
        found.push((survivors.below(step, low), survivors.above(step, high)));
        let next = steps.get(k + 1).map(|&next| (next, 0.1));
        survivors = survivors.go_on(step, (low, high), next);
    }
    found
}

/// P(stopping above at any look).
pub(super) fn above(steps: &[Step], regions: impl Iterator<Item = Region>) -> f64 {
    let mut survivors = Survivors::all();
    let mut sum = 0.0;
    for (k, (&step, (low, high))) in steps.iter().zip(regions).enumerate() {
        sum += survivors.above(step, high);
        let next = steps.get(k + 1).map(|&next| (next, 0.1));
        survivors = survivors.go_on(step, (low, high), next);
    }
    sum
}

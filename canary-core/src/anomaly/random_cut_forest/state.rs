//! The monitor as it is written.

use serde::{Deserialize, Serialize};

use super::scales::Scales;
use super::tree::{self, Tree};
use super::window::Window;
use super::{RandomCutForest, RandomCutForestMonitor};
use crate::error::{Error, Result};
use crate::number::version::Version;

/// Everything that does not follow from the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    version: Version,
    design: RandomCutForest,
    scales: Vec<f64>,
    /// Of the scales that do not stand.
    ages: Vec<u64>,
    updates: u64,
    insertions: u64,
    /// By slot.
    points: Vec<Option<Vec<f64>>>,
    /// Slots.
    arrivals: Vec<usize>,
    scores: Vec<f64>,
    trees: Vec<tree::Written>,
}

impl From<RandomCutForestMonitor> for Written {
    fn from(monitor: RandomCutForestMonitor) -> Self {
        Self {
            version: Version,
            design: monitor.design,
            scales: monitor.scales.get().to_vec(),
            ages: monitor.scales.ages().to_vec(),
            updates: monitor.updates,
            insertions: monitor.insertions,
            points: monitor.window.points(),
            arrivals: monitor.window.arrivals().collect(),
            scores: monitor.scores.into(),
            trees: monitor.trees.iter().map(Tree::to_written).collect(),
        }
    }
}

impl TryFrom<Written> for RandomCutForestMonitor {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        let Written { design, .. } = written;
        let n_features = written.scales.len() as u64;
        let new = design.monitor(n_features)?;
        let scales = Scales::read(written.scales, written.ages, written.updates)?;
        let held = written.updates.min(design.window);
        if written.arrivals.len() as u64 != held {
            let rule = format!("must be the last {held}");
            return Err(Error::input("arrivals", rule, written.arrivals.len()));
        }
        let rule = "must be those of the last updates, in [0, 1]";
        let most = design.calibration.min(written.updates);
        if written.scores.len() as u64 > most {
            return Err(Error::input("scores", rule, written.scores.len()));
        }
        if let Some(score) = written.scores.iter().find(|s| !(0.0..=1.0).contains(*s)) {
            return Err(Error::input("scores", rule, score));
        }
        let rule = "must be a finite point a slot that arrivals name";
        if written.points.len() as u64 > design.window {
            return Err(Error::input("points", rule, written.points.len()));
        }
        let window = Window::read(new.window.dimensions(), &written.points, written.arrivals);
        let window = window.ok_or_else(|| Error::input("points", rule, "others"))?;
        let constant = |feature: &usize| scales.get().get(*feature) == Some(&0.0);
        for feature in (0..scales.get().len()).filter(constant) {
            let place = window.dimensions() - scales.get().len() + feature;
            let mut values = window.arrivals().map(|slot| window.point(slot).nth(place));
            let first = values.next();
            if values.any(|value| Some(value) != first) {
                let rule = "must be positive for a feature that has changed";
                return Err(Error::input("scales", rule, 0));
            }
        }
        if written.trees.len() != new.trees.len() {
            let rule = format!("must be {}", new.trees.len());
            return Err(Error::input("trees", rule, written.trees.len()));
        }
        let mut trees = Vec::with_capacity(written.trees.len());
        for (index, tree) in written.trees.iter().enumerate() {
            let tree = Tree::read(tree, &window).ok_or_else(|| {
                let rule = "must divide the points by its cuts";
                Error::input(format!("trees[{index}]"), rule, "another")
            })?;
            trees.push(tree);
        }
        Ok(Self {
            scales,
            window,
            trees,
            scores: written.scores.into(),
            updates: written.updates,
            insertions: written.insertions,
            ..new
        })
    }
}

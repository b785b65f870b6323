mod scales;
mod score;
mod state;
mod tree;
mod window;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number::random::Stream;
use crate::options::builder;
use scales::{Estimate, Scales};
pub use score::StreamScore;
use tree::Tree;
use window::Window;

builder! {
    #[doc = include_str!("random_cut_forest.md")]
    ///
    /// # Defaults
    /// 100 trees, a window of 256 points, one point a shingle, a warm-up as long as the window or of
    /// 1,024 points, p-values among 256 scores, random state 0.
    ///
    /// # Example: memory and latency, minute by minute
    /// ```
    /// use canary_core::anomaly::RandomCutForest;
    ///
    /// let mut service = RandomCutForest::new().window(128).monitor(2)?;
    /// for minute in 0..300 {
    ///     let noise = f64::from(minute * 7919 % 101) / 101.0;
    ///     let other = f64::from(minute * 104_729 % 103) / 103.0;
    ///     service.update(&[512.0 + 20.0 * noise, 0.2 + 0.01 * other])?;
    /// }
    /// let found = service.update(&[520.0, 0.35])?; // latency jumps, memory does not
    /// assert!(found.score > 0.5 && found.p_value < 0.01);
    /// assert_eq!(found.most(), Some(1));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    RandomCutForest {
        /// How many trees; 1 to 1,000.
        n_trees: u64 = 100,
        /// How many points a tree holds: the last ones; 2 to 65,536.
        window: u64 = 256,
        /// How many points in a row are looked at as one: 1 for the levels alone, more for the course
        /// of time; 1 to 256.
        shingle: u64 = 1,
        /// After how many points the features' scales stand, 2 to `window`; without it, `window` or
        /// 1,024 where that is less.
        warm_up: Option<u64> = None,
        /// Among how many of the last scores a p-value is a rank; 1 to 1,000,000.
        calibration: u64 = 256,
        /// Which random numbers.
        random_state: u64 = 0,
    }
}

/// The most that the trees of a forest may take.
const MOST_BYTES: u64 = 1 << 30;

/// The longest warm-up that is not asked for: at its end, one update builds all trees anew.
const WARM_UP: u64 = 1024;

/// Points that are too few for a score to be remembered: next to two points nearly any third one is far.
const TOO_FEW: usize = 16;

impl RandomCutForest {
    /// A monitor of points of so many features, which has seen none.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option outside its range, no feature, and trees that would take
    /// more than 1 GiB.
    pub fn monitor(self, n_features: u64) -> Result<RandomCutForestMonitor> {
        self.check(n_features)?;
        let dimensions = (n_features * self.shingle) as usize;
        Ok(RandomCutForestMonitor {
            design: self,
            scales: Scales::unknown(n_features as usize),
            window: Window::new(dimensions),
            trees: (0..self.n_trees).map(|_| Tree::new(dimensions)).collect(),
            scores: VecDeque::new(),
            updates: 0,
            insertions: 0,
        })
    }

    fn check(&self, n_features: u64) -> Result<()> {
        let warm_up = self.stands_after();
        for (option, value, least, most) in [
            ("n_features", n_features, 1, 65_536),
            ("n_trees", self.n_trees, 1, 1_000),
            ("window", self.window, 2, 65_536),
            ("shingle", self.shingle, 1, 256),
            ("warm_up", warm_up, 2, self.window),
            ("calibration", self.calibration, 1, 1_000_000),
        ] {
            if !(least..=most).contains(&value) {
                let rule = format!("must lie between {least} and {most}");
                return Err(Error::option(option, rule, value));
            }
        }
        let per_point = Tree::bytes_per_point(n_features * self.shingle);
        let bytes = self.n_trees * self.window * per_point;
        if bytes > MOST_BYTES {
            let rule =
                "must be fewer, or the window, shingle or features: the trees may take 1 GiB";
            let value = format_args!("{} trees of {bytes} bytes", self.n_trees);
            return Err(Error::option("n_trees", rule, value));
        }
        Ok(())
    }

    fn stands_after(&self) -> u64 {
        self.warm_up.unwrap_or(self.window.min(WARM_UP))
    }
}

/// Holds the last points of a stream against each next one: see [`RandomCutForest`].
///
/// As JSON it is to the last bit what it was: it goes on as if it had never been written. Of the trees
/// their cuts are written, so that 100 trees of 256 points are about 1 MB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "state::Written", into = "state::Written")]
pub struct RandomCutForestMonitor {
    design: RandomCutForest,
    scales: Scales,
    window: Window,
    trees: Vec<Tree>,
    /// The last ones, oldest first.
    scores: VecDeque<f64>,
    updates: u64,
    /// How many points were ever put into trees: what random numbers the next one gets.
    insertions: u64,
}

impl RandomCutForestMonitor {
    /// Of what design.
    #[must_use]
    pub const fn design(&self) -> RandomCutForest {
        self.design
    }

    /// How many numbers a point has.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.scales.get().len()
    }

    /// How many points were added.
    #[must_use]
    pub const fn updates(&self) -> u64 {
        self.updates
    }

    /// One unit of each feature; 0 for one that has never changed, or once only and long ago.
    #[must_use]
    pub fn scales(&self) -> &[f64] {
        self.scales.get()
    }

    /// The scores of the last points, oldest first, among which a p-value is a rank.
    #[must_use]
    pub fn scores(&self) -> Vec<f64> {
        self.scores.iter().copied().collect()
    }

    /// Scores a point and adds nothing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for another number of features than the monitor has, and for one that is
    /// not a finite number; it names the feature.
    pub fn score(&self, point: &[f64]) -> Result<StreamScore> {
        self.check("point", point)?;
        Ok(self.assess(&self.shingled(point), &self.scales_with(point)))
    }

    /// Scores a point, then adds it; the oldest one leaves a full window.
    ///
    /// # Errors
    /// As of [`Self::score`]; the monitor is then as it was.
    pub fn update(&mut self, point: &[f64]) -> Result<StreamScore> {
        self.check("point", point)?;
        Ok(self.add(point))
    }

    /// Scores and adds points, one after the other.
    ///
    /// # Errors
    /// As of [`Self::score`], for any of them; the monitor is then as it was.
    ///
    /// ```
    /// use canary_core::anomaly::RandomCutForest;
    ///
    /// let mut monitor = RandomCutForest::new().monitor(1)?;
    /// let found = monitor.update_many(&[[1.0], [2.0], [1.5]])?;
    /// assert_eq!(found.len(), 3);
    /// assert!(monitor.update_many(&[[1.0], [f64::NAN]]).is_err());
    /// assert_eq!(monitor.updates(), 3);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn update_many<Row: AsRef<[f64]>>(&mut self, rows: &[Row]) -> Result<Vec<StreamScore>> {
        self.check_all("rows", rows)?;
        Ok(rows.iter().map(|row| self.add(row.as_ref())).collect())
    }

    /// Learns from a baseline before the first point: the features' scales from all of its rows, which then
    /// stand (but for features with too few changes), and the window and the scores from the last of them.
    ///
    /// # Errors
    /// As of [`Self::score`], for any row; [`Error::NotEnoughData`] for fewer than 2 rows; and
    /// [`Error::InvalidInput`] for a monitor that has seen points. The monitor is then as it was.
    ///
    /// ```
    /// use canary_core::anomaly::RandomCutForest;
    ///
    /// let baseline: Vec<[f64; 1]> = (0..600).map(|i| [f64::from(i * 7919 % 101)]).collect();
    /// let mut monitor = RandomCutForest::new().monitor(1)?;
    /// monitor.prime(&baseline)?;
    /// assert!(monitor.update(&[400.0])?.p_value < 0.01);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn prime<Row: AsRef<[f64]>>(&mut self, baseline: &[Row]) -> Result<()> {
        self.check_all("baseline", baseline)?;
        if self.updates > 0 {
            let rule = "must come before the first point";
            let value = format_args!("{} points before it", self.updates);
            return Err(Error::input("baseline", rule, value));
        }
        if baseline.len() < 2 {
            return Err(Error::not_enough("baseline", "2 rows", baseline.len()));
        }
        let rows = || baseline.iter().map(AsRef::as_ref);
        let column =
            |feature| -> Vec<f64> { rows().filter_map(|row| row.get(feature).copied()).collect() };
        let features = 0..self.n_features();
        let found: Vec<Estimate> = features.map(|i| Estimate::of(&column(i))).collect();
        let learn = |scales: &mut Scales, age| {
            for (feature, &found) in found.iter().enumerate() {
                scales.learn(feature, found, age);
            }
        };
        learn(&mut self.scales, 0);
        let last = self.design.window + self.design.calibration + self.design.shingle;
        for row in rows().skip(baseline.len().saturating_sub(last as usize)) {
            self.add(row);
        }
        learn(&mut self.scales, self.updates);
        Ok(())
    }

    fn check_all<Row: AsRef<[f64]>>(&self, argument: &str, rows: &[Row]) -> Result<()> {
        let mut rows = rows.iter().enumerate();
        rows.try_for_each(|(index, row)| {
            let row = row.as_ref();
            if self.is_point(row) {
                return Ok(());
            }
            self.check(&format!("{argument}[{index}]"), row)
        })
    }

    fn is_point(&self, point: &[f64]) -> bool {
        point.len() == self.n_features() && point.iter().all(|x| x.is_finite())
    }

    fn check(&self, argument: &str, point: &[f64]) -> Result<()> {
        if point.len() != self.n_features() {
            let rule = format!("must have {} features", self.n_features());
            return Err(Error::input(argument, rule, point.len()));
        }
        let mut features = point.iter().enumerate();
        match features.find(|(_, x)| !x.is_finite()) {
            None => Ok(()),
            Some((feature, x)) => {
                let argument = format!("{argument}[{feature}]");
                Err(Error::input(argument, "must be a finite number", x))
            }
        }
    }

    /// The point and those before it as one, the newest last; before the first point, all was as it is.
    fn shingled(&self, point: &[f64]) -> Vec<f64> {
        let dimensions = self.window.dimensions();
        let mut row = Vec::with_capacity(dimensions);
        match self.window.newest() {
            Some(newest) => row.extend(newest.skip(point.len())),
            None => row.extend(point.iter().cycle().take(dimensions - point.len())),
        }
        row.extend(point);
        for x in &mut row {
            *x += 0.0; // no negative zero
        }
        row
    }

    fn scales_with(&self, point: &[f64]) -> Scales {
        match self.window.newest() {
            Some(newest) => {
                let newest = newest.skip(self.window.dimensions() - point.len());
                self.scales.begun(newest, point, self.window.len())
            }
            None => self.scales.clone(),
        }
    }

    fn weights(&self, scales: &Scales) -> Vec<f64> {
        scales.weights(self.design.shingle as usize)
    }

    fn assess(&self, row: &[f64], scales: &Scales) -> StreamScore {
        let weights = self.weights(scales);
        let points = self.window.len();
        let mut credit = vec![0.0; row.len()];
        let trees = self.trees.iter();
        let displaced: f64 = trees
            .map(|tree| tree.displacement(row, &self.window, &weights, &mut credit))
            .sum();
        let whole = self.trees.len() as f64 * points.max(1) as f64;
        let score = (displaced / whole).min(1.0);
        let mut contributions = vec![0.0; self.n_features()];
        for lag in credit.chunks(self.n_features().max(1)) {
            for (contribution, part) in contributions.iter_mut().zip(lag) {
                *contribution += part / whole;
            }
        }
        let as_large = self.scores.iter().filter(|&&other| other >= score).count();
        StreamScore {
            score,
            p_value: (1.0 + as_large as f64) / (1.0 + self.scores.len() as f64),
            contributions,
            compared: self.scores.len() as u64,
            points: points as u64,
        }
    }

    /// Scores and adds a point that was checked.
    fn add(&mut self, point: &[f64]) -> StreamScore {
        let row = self.shingled(point);
        self.scales = self.scales_with(point);
        let found = self.assess(&row, &self.scales);
        if self.window.len() >= TOO_FEW.min(self.design.window as usize) {
            if self.scores.len() as u64 >= self.design.calibration {
                self.scores.pop_front();
            }
            self.scores.push_back(found.score);
        }
        if self.window.len() as u64 >= self.design.window {
            self.forget();
        }
        let slot = self.window.push(&row);
        if self.window.copies(slot) > 1 {
            for tree in &mut self.trees {
                tree.increment(slot as u32);
            }
        } else {
            let weights = self.weights(&self.scales);
            self.insert(slot, &row, &weights);
        }
        self.updates = self.updates.saturating_add(1);
        self.scales.grow_older();
        self.rescale();
        found
    }

    /// Puts the point of a slot into every tree.
    fn insert(&mut self, slot: usize, row: &[f64], weights: &[f64]) {
        let first = self.insertions.wrapping_mul(self.design.n_trees);
        self.insertions = self.insertions.wrapping_add(1);
        for (number, tree) in (0..).zip(&mut self.trees) {
            let mut stream = Stream::new(self.design.random_state, first.wrapping_add(number));
            tree.insert(slot as u32, row, &self.window, weights, &mut stream);
        }
    }

    /// Lets the oldest point go.
    fn forget(&mut self) {
        let Some(slot) = self.window.pop() else {
            return;
        };
        if self.window.copies(slot) > 0 {
            for tree in &mut self.trees {
                tree.decrement(slot as u32);
            }
            return;
        }
        for tree in &mut self.trees {
            tree.remove(slot as u32, &self.window);
        }
        self.window.clear(slot);
    }

    /// Whether a scale is taken anew at an age.
    fn is_due(&self, age: u64) -> bool {
        let window = self.design.window;
        let doubled = (4..window).contains(&age) && age.is_power_of_two();
        age > 0 && (doubled || age == self.design.stands_after() || age.is_multiple_of(window))
    }

    /// Takes anew the scales that do not stand and are due, and builds the trees anew if one changes.
    /// It stands when the window holds nothing from before the feature's first change.
    fn rescale(&mut self) {
        let held = self.window.len() as u64;
        let least = self.design.stands_after().max(held);
        let ages = self.scales.ages().iter().enumerate();
        let due: Vec<(usize, u64)> = ages
            .filter(|(_, age)| self.is_due(**age))
            .map(|(feature, &age)| (feature, age))
            .collect();
        let mut is_new = false;
        for (feature, age) in due {
            let found = Estimate::of(&self.remembered(feature));
            is_new |= self.scales.renew(feature, found, age >= least);
        }
        if is_new {
            self.rebuild();
        }
    }

    /// A feature's values in the window; with those before it in the oldest shingle, where the others
    /// are all equal.
    fn remembered(&self, feature: usize) -> Vec<f64> {
        let features = self.n_features();
        let newest = self.window.dimensions() - features;
        let value = |slot| self.window.point(slot).nth(newest + feature);
        let mut values: Vec<f64> = self.window.arrivals().filter_map(value).collect();
        let is_constant = values.iter().all(|x| Some(x) == values.first());
        if let Some(oldest) = self.window.arrivals().next().filter(|_| is_constant) {
            values.extend(self.window.point(oldest).skip(feature).step_by(features));
        }
        values
    }

    /// Builds the trees of the window's points, by the scales as they are.
    fn rebuild(&mut self) {
        let weights = self.weights(&self.scales);
        self.trees.fill(Tree::new(self.window.dimensions()));
        let mut is_in = vec![false; self.window.slots()];
        let slots: Vec<usize> = self.window.arrivals().collect();
        for slot in slots {
            let Some(is_in) = is_in.get_mut(slot) else {
                continue;
            };
            if !std::mem::replace(is_in, true) {
                let row: Vec<f64> = self.window.point(slot).collect();
                self.insert(slot, &row, &weights);
            }
        }
    }
}

#[cfg(test)]
mod tests;

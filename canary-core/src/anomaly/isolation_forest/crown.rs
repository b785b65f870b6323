//! Many rows at once. Walking down a tree is a chain of loads that wait for each other: some
//! thirty cycles a step and more. So the upper part of each tree, its crown of at most 64 exits, is
//! turned into tables (after Lucchese et al. 2015): for a value of a feature, which
//! exits are still possible. The exits that all features leave possible begin with the right one,
//! which takes a load a feature and no step that waits for another. What is below the crown, where
//! few rows go, is walked.
//!
//! A table has an entry for each interval between the thresholds of all trees of a grove, so a
//! value's interval is looked up once for all of them.

use std::collections::BinaryHeap;

use super::tree::{Node, Tree};
use crate::number::sort;

/// So many rows go through a tree together.
pub(super) const TILE: usize = 1024;

/// Exits of a crown: the bits of a word.
const EXITS: usize = 64;

/// So many trees share their tables' intervals: their tables take some megabytes.
pub(super) const GROVE: usize = 128;

/// So many features, with the thresholds of a grove, have places that 16 bits hold.
pub(super) const MOST_FEATURES: usize = 1 << 14;

/// Below this many rows a tree's tables cost more than they save.
pub(super) const ENOUGH_ROWS: usize = 512;

/// The upper part of a tree.
struct Crown<'a> {
    tree: &'a Tree,
    /// By interval of each feature: which exits are possible, and some after the right one.
    possible: Vec<u64>,
    /// The features that it asks for.
    features: Vec<usize>,
    /// The path length of an exit that is a leaf, else 0.
    lengths: [f64; EXITS],
    /// The node of an exit that is no leaf, else 0.
    nodes: [u32; EXITS],
    /// Whether every exit is a leaf.
    is_all: bool,
}

/// Crowns over the same intervals.
pub(super) struct Grove<'a> {
    intervals: Vec<Intervals>,
    crowns: Vec<Crown<'a>>,
}

impl<'a> Grove<'a> {
    /// The crowns of trees whose splits are of one feature each, for rows of so many columns.
    pub(super) fn new(trees: &'a [Tree], columns: usize) -> Self {
        let inner: Vec<Vec<bool>> = trees.iter().map(|tree| upper(tree.nodes())).collect();
        let mut thresholds = vec![Vec::new(); columns];
        for (tree, inner) in trees.iter().zip(&inner) {
            for (node, _) in tree.nodes().iter().zip(inner).filter(|(_, inner)| **inner) {
                if let Some(thresholds) = thresholds.get_mut(node.feature as usize) {
                    thresholds.push(node.threshold);
                }
            }
        }
        let mut start = 0;
        let intervals: Vec<Intervals> = thresholds
            .iter()
            .map(|thresholds| {
                let intervals = Intervals::new(thresholds, start);
                start += intervals.intervals();
                intervals
            })
            .collect();
        let crowns = trees.iter().zip(&inner);
        Self {
            crowns: crowns
                .map(|(tree, inner)| Crown::new(tree, inner, &intervals))
                .collect(),
            intervals,
        }
    }

    /// Adds the path lengths of a tile of rows to their sums, tree by tree.
    pub(super) fn add_path_lengths(&self, rows: &[f64], sums: &mut [f64]) {
        let columns = self.intervals.len();
        let mut places = vec![[0_u16; TILE]; columns];
        for (feature, (intervals, places)) in self.intervals.iter().zip(&mut places).enumerate() {
            if intervals.intervals() > 1 {
                let values = rows.iter().skip(feature).step_by(columns);
                for (place, &x) in places.iter_mut().zip(values) {
                    *place = intervals.place(x);
                }
            }
        }
        let mut possible = [u64::MAX; TILE];
        for crown in &self.crowns {
            crown.narrow_all(&places, &mut possible);
            for (sum, word) in sums.iter_mut().zip(&possible) {
                *sum += at(&crown.lengths, word.trailing_zeros());
            }
            if crown.is_all {
                continue;
            }
            let rows = rows.chunks_exact(columns);
            for ((sum, word), row) in sums.iter_mut().zip(&possible).zip(rows) {
                let node = at(&crown.nodes, word.trailing_zeros());
                if node > 0 {
                    *sum += crown.tree.path_length(node, row);
                }
            }
        }
    }
}

fn at<T: Copy + Default>(exits: &[T; EXITS], exit: u32) -> T {
    let exit = exit as usize % EXITS;
    exits.get(exit).copied().unwrap_or_default()
}

/// Which nodes have their children in the crown: those that most training rows came to.
fn upper(nodes: &[Node]) -> Vec<bool> {
    let mut inner = vec![false; nodes.len()];
    let mut candidates = BinaryHeap::new();
    let divided = |index: u32| {
        let node = nodes.get(index as usize).filter(|node| !node.is_leaf())?;
        // Sizes are positive, and such numbers are ordered like their bits.
        Some((node.size.to_bits(), std::cmp::Reverse(index), node.child))
    };
    candidates.extend(divided(0));
    let mut exits = 1;
    while exits < EXITS
        && let Some((_, std::cmp::Reverse(index), child)) = candidates.pop()
    {
        if let Some(slot) = inner.get_mut(index as usize) {
            *slot = true;
        }
        exits += 1;
        candidates.extend([child, child + 1].into_iter().filter_map(divided));
    }
    inner
}

impl<'a> Crown<'a> {
    fn new(tree: &'a Tree, inner: &[bool], intervals: &[Intervals]) -> Self {
        let count = intervals.iter().map(Intervals::intervals).sum();
        let mut crown = Self {
            tree,
            possible: vec![u64::MAX; count],
            features: Vec::new(),
            lengths: [0.0; EXITS],
            nodes: [0; EXITS],
            is_all: true,
        };
        crown.number(0, inner, intervals, &mut 0);
        crown.features.sort_unstable();
        crown.features.dedup();
        // An exit is impossible beyond a threshold as soon as it is beyond one before it.
        for intervals in intervals {
            let mut possible = u64::MAX;
            let own = crown.possible.iter_mut();
            for word in own.skip(intervals.start).take(intervals.intervals()) {
                possible &= *word;
                *word = possible;
            }
        }
        crown
    }

    /// Numbers the exits below a node from left to right and gives their bits. What is left of a
    /// split is impossible beyond its threshold.
    fn number(
        &mut self,
        index: u32,
        inner: &[bool],
        intervals: &[Intervals],
        next: &mut usize,
    ) -> u64 {
        let Some(&node) = self.tree.nodes().get(index as usize) else {
            return 0;
        };
        if !inner.get(index as usize).copied().unwrap_or(false) {
            let exit = *next;
            *next += 1;
            if node.is_leaf() {
                if let Some(length) = self.lengths.get_mut(exit) {
                    *length = node.expected;
                }
            } else if let Some(slot) = self.nodes.get_mut(exit) {
                *slot = index;
                self.is_all = false;
            }
            return 1 << exit;
        }
        let left = self.number(node.child, inner, intervals, next);
        let feature = node.feature as usize;
        self.features.push(feature);
        let beyond = intervals.get(feature).map(|own| own.after(node.threshold));
        if let Some(word) = beyond.and_then(|place| self.possible.get_mut(place)) {
            *word &= !left;
        }
        left | self.number(node.child + 1, inner, intervals, next)
    }

    /// The exits that all features leave possible for each row of the tile, given the places of its
    /// values.
    fn narrow_all(&self, places: &[[u16; TILE]], possible: &mut [u64; TILE]) {
        let columns: Vec<&[u16; TILE]> = self
            .features
            .iter()
            .filter_map(|&feature| places.get(feature))
            .collect();
        possible.fill(u64::MAX);
        let (eights, rest) = columns.as_chunks::<8>();
        for eight in eights {
            self.narrow(eight, possible);
        }
        match *rest {
            [a] => self.narrow(&[a], possible),
            [a, b] => self.narrow(&[a, b], possible),
            [a, b, c] => self.narrow(&[a, b, c], possible),
            [a, b, c, d] => self.narrow(&[a, b, c, d], possible),
            [a, b, c, d, e] => self.narrow(&[a, b, c, d, e], possible),
            [a, b, c, d, e, f] => self.narrow(&[a, b, c, d, e, f], possible),
            [a, b, c, d, e, f, g] => self.narrow(&[a, b, c, d, e, f, g], possible),
            _ => {}
        }
    }

    /// Leaves of the possible exits those that these features leave possible.
    #[expect(clippy::indexing_slicing, reason = "no place lies outside the table")]
    fn narrow<const K: usize>(&self, columns: &[&[u16; TILE]; K], possible: &mut [u64; TILE]) {
        let table = self.possible.as_slice();
        for (row, slot) in possible.iter_mut().enumerate() {
            let mut word = *slot;
            for column in columns {
                word &= table[usize::from(column[row])];
            }
            *slot = word;
        }
    }
}

/// The intervals that the thresholds of a feature leave, and a quick way to find one's place: cells
/// of equal width say where among the thresholds to begin.
struct Intervals {
    /// The place of the first one among the intervals of all features.
    start: usize,
    /// How many thresholds there are.
    count: usize,
    /// The thresholds in their order, and as many infinite ones as a search may reach.
    thresholds: Vec<f64>,
    origin: f64,
    scale: f64,
    /// How many thresholds there are in the cells before each.
    before: Vec<u16>,
    /// The first step of a search that reaches as far as the fullest cell; a power of two, or 0.
    step: usize,
}

impl Intervals {
    fn new(thresholds: &[f64], start: usize) -> Self {
        let mut thresholds = sort::sorted(thresholds);
        thresholds.dedup();
        let count = thresholds.len();
        let origin = thresholds.first().copied().unwrap_or_default();
        let width = thresholds.last().copied().unwrap_or_default() - origin;
        let cells = 2 * count.next_power_of_two();
        let scale = cells as f64 / width;
        let mut intervals = Self {
            start,
            count,
            // Thresholds too near or too far for a grid are searched as one cell.
            scale: if scale.is_finite() { scale } else { 0.0 },
            origin,
            before: vec![0; cells + 2],
            step: 0,
            thresholds,
        };
        for &threshold in &intervals.thresholds {
            let cell = intervals.cell(threshold);
            if let Some(count) = intervals.before.get_mut(cell + 1) {
                *count += 1;
            }
        }
        let fullest = intervals.before.iter().max().copied().unwrap_or_default();
        intervals.step = (usize::from(fullest) + 1).next_power_of_two() / 2;
        let reach = count + 2 * intervals.step;
        intervals.thresholds.resize(reach, f64::INFINITY);
        let mut sum = 0;
        for count in &mut intervals.before {
            sum += *count;
            *count = sum;
        }
        intervals
    }

    fn intervals(&self) -> usize {
        self.count + 1
    }

    /// Never falls when x grows, so that the thresholds below x are in its cell or before it.
    fn cell(&self, x: f64) -> usize {
        let cell = (x - self.origin) * self.scale;
        (cell as usize).min(self.before.len() - 2)
    }

    /// The place of the interval of x: after all thresholds less than x.
    #[expect(
        clippy::indexing_slicing,
        reason = "steps add up to less than the thresholds' infinite rest"
    )]
    fn place(&self, x: f64) -> u16 {
        let mut low = usize::from(self.before[self.cell(x)]);
        let mut step = self.step;
        while step > 0 {
            // Which half it is is anyone's guess: no branch hangs on it.
            low += step * usize::from(self.thresholds[low + step - 1] < x);
            step /= 2;
        }
        (self.start + low) as u16
    }

    /// The place of the interval after a threshold.
    fn after(&self, threshold: f64) -> usize {
        self.start + self.thresholds.partition_point(|&t| t < threshold) + 1
    }
}

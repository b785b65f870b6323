//! Many rows at once. Walking down a tree is a chain of loads that wait for each other: some
//! thirty cycles a step and more. So the upper part of each tree, its crown of some exits, is turned
//! into tables (after Lucchese et al. 2015): for a value of a feature, which exits are still
//! possible, a bit each. The exits that all features leave possible begin with the right one, which
//! takes a load a feature and no step that waits for another. A tree of 256 rows is all crown; what
//! is below the crown of a larger one, where few rows go, is walked.
//!
//! A table has an entry for each interval between the thresholds of all trees of a grove, so a
//! value's interval is looked up once for all of them.

use std::collections::BinaryHeap;

use super::tree::{Node, Tree};
use crate::number::{parallel, sort};

/// So many rows go through a tree together.
pub(super) const TILE: usize = 1024;

/// So many features, with the thresholds of a grove, have places that 16 bits hold.
pub(super) const MOST_FEATURES: usize = 1 << 14;

/// Below this many rows a tree's tables cost more than they save.
pub(super) const ENOUGH_ROWS: usize = 512;

/// So many trees share their tables' intervals at most, and so many splits: the tables take some
/// megabytes.
const MOST_TREES: usize = 128;
const ENOUGH_SPLITS: usize = 6000;

/// Crowns over the same intervals.
pub(super) struct Grove<'a> {
    intervals: Vec<Intervals>,
    crowns: Vec<AnyCrown<'a>>,
}

impl<'a> Grove<'a> {
    /// All trees of a forest, whose splits are of one feature each, for so many rows and columns.
    ///
    /// Tables grow with the square of a grove's trees, and each grove looks every value up anew: a
    /// grove is as large as makes both cost about the same.
    pub(super) fn all(trees: &'a [Tree], rows: usize, columns: usize) -> Vec<Self> {
        let splits: usize = trees.iter().map(|tree| tree.nodes().len() / 2).sum();
        let splits = splits.div_ceil(trees.len().max(1)).max(1);
        let even = (2 * rows * columns / splits).isqrt();
        let most = (ENOUGH_SPLITS / splits).clamp(8, MOST_TREES);
        let groves = trees.chunks(even.clamp(8, most));
        groves.map(|trees| Self::new(trees, columns)).collect()
    }

    fn new(trees: &'a [Tree], columns: usize) -> Self {
        let inner: Vec<Vec<bool>> = trees.iter().map(upper).collect();
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
        let crowns = parallel::map(trees.len(), 8, |index| {
            let (tree, inner) = (trees.get(index)?, inner.get(index)?);
            Some(AnyCrown::new(tree, inner, &intervals))
        });
        Self {
            crowns: crowns.into_iter().flatten().collect(),
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
        for crown in &self.crowns {
            match crown {
                AnyCrown::One(crown) => crown.add_path_lengths(&places, rows, sums),
                AnyCrown::Two(crown) => crown.add_path_lengths(&places, rows, sums),
                AnyCrown::Four(crown) => crown.add_path_lengths(&places, rows, sums),
            }
        }
    }
}

/// A crown of as many words of exits as its tree needs, and at most four.
enum AnyCrown<'a> {
    One(Crown<'a, 1>),
    Two(Crown<'a, 2>),
    Four(Crown<'a, 4>),
}

/// How many words hold a bit for each leaf, if four do.
const fn words(nodes: &[Node]) -> usize {
    match nodes.len().div_ceil(2) {
        ..=64 => 1,
        65..=128 => 2,
        _ => 4,
    }
}

impl<'a> AnyCrown<'a> {
    fn new(tree: &'a Tree, inner: &[bool], intervals: &[Intervals]) -> Self {
        match words(tree.nodes()) {
            1 => Self::One(Crown::new(tree, inner, intervals)),
            2 => Self::Two(Crown::new(tree, inner, intervals)),
            _ => Self::Four(Crown::new(tree, inner, intervals)),
        }
    }
}

/// Which nodes have their children in the crown: those that most training rows came to.
fn upper(tree: &Tree) -> Vec<bool> {
    let nodes = tree.nodes();
    let mut inner = vec![false; nodes.len()];
    let mut candidates = BinaryHeap::new();
    let divided = |index: u32| {
        let node = nodes.get(index as usize).filter(|node| !node.is_leaf())?;
        // Sizes are positive, and such numbers are ordered like their bits.
        Some((node.size.to_bits(), std::cmp::Reverse(index), node.child))
    };
    candidates.extend(divided(0));
    let most = 64 * words(nodes);
    let mut exits = 1;
    while exits < most
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

/// The upper part of a tree, with `W` words of exits.
struct Crown<'a, const W: usize> {
    tree: &'a Tree,
    /// By interval of each feature: which exits are possible, and some after the right one.
    possible: Vec<[u64; W]>,
    /// The features that it asks for.
    features: Vec<usize>,
    /// The path length of an exit that is a leaf, else 0.
    lengths: Vec<f64>,
    /// The node of an exit that is no leaf, else 0.
    nodes: Vec<u32>,
    /// Whether every exit is a leaf.
    is_all: bool,
}

impl<'a, const W: usize> Crown<'a, W> {
    fn new(tree: &'a Tree, inner: &[bool], intervals: &[Intervals]) -> Self {
        let count = intervals.iter().map(Intervals::intervals).sum();
        let mut crown = Self {
            tree,
            possible: vec![[u64::MAX; W]; count],
            features: Vec::new(),
            lengths: Vec::with_capacity(64 * W),
            nodes: Vec::with_capacity(64 * W),
            is_all: true,
        };
        crown.number(0, inner, intervals);
        crown.features.sort_unstable();
        crown.features.dedup();
        // An exit is impossible beyond a threshold as soon as it is beyond one before it.
        for intervals in intervals {
            let mut possible = [u64::MAX; W];
            let own = crown.possible.iter_mut();
            for words in own.skip(intervals.start).take(intervals.intervals()) {
                possible = and(possible, *words);
                *words = possible;
            }
        }
        crown
    }

    /// Numbers the exits below a node from left to right and gives their bits. What is left of a
    /// split is impossible beyond its threshold.
    fn number(&mut self, index: u32, inner: &[bool], intervals: &[Intervals]) -> [u64; W] {
        let Some(&node) = self.tree.nodes().get(index as usize) else {
            return [0; W];
        };
        if !inner.get(index as usize).copied().unwrap_or(false) {
            let exit = self.lengths.len();
            let is_leaf = node.is_leaf();
            self.lengths.push(if is_leaf { node.expected } else { 0.0 });
            self.nodes.push(if is_leaf { 0 } else { index });
            self.is_all &= is_leaf;
            return std::array::from_fn(|word| u64::from(word == exit / 64) << (exit % 64));
        }
        let left = self.number(node.child, inner, intervals);
        let feature = node.feature as usize;
        self.features.push(feature);
        let beyond = intervals.get(feature).map(|own| own.after(node.threshold));
        if let Some(words) = beyond.and_then(|place| self.possible.get_mut(place)) {
            *words = and(*words, left.map(|word| !word));
        }
        let right = self.number(node.child + 1, inner, intervals);
        let (mut left, right) = (left.into_iter(), right);
        right.map(|word| word | left.next().unwrap_or_default())
    }

    fn add_path_lengths(&self, places: &[[u16; TILE]], rows: &[f64], sums: &mut [f64]) {
        let mut possible = [[u64::MAX; W]; TILE];
        self.narrow_all(places, &mut possible);
        for (sum, words) in sums.iter_mut().zip(&possible) {
            *sum += self.lengths.get(first(words)).copied().unwrap_or_default();
        }
        if self.is_all {
            return;
        }
        let rows = rows.chunks_exact(places.len());
        for ((sum, words), row) in sums.iter_mut().zip(&possible).zip(rows) {
            let node = self.nodes.get(first(words)).copied().unwrap_or_default();
            if node > 0 {
                *sum += self.tree.path_length(node, row);
            }
        }
    }

    /// Leaves of the exits those that all features leave possible for each row of the tile, given the
    /// places of its values.
    fn narrow_all(&self, places: &[[u16; TILE]], possible: &mut [[u64; W]; TILE]) {
        let columns: Vec<&[u16; TILE]> = self
            .features
            .iter()
            .filter_map(|&feature| places.get(feature))
            .collect();
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

    /// The same of so many features.
    #[expect(clippy::indexing_slicing, reason = "no place lies outside the table")]
    fn narrow<const K: usize>(&self, columns: &[&[u16; TILE]; K], possible: &mut [[u64; W]; TILE]) {
        let table = self.possible.as_slice();
        for (row, slot) in possible.iter_mut().enumerate() {
            let mut words = *slot;
            for column in columns {
                words = and(words, table[usize::from(column[row])]);
            }
            *slot = words;
        }
    }
}

/// The bits that both have.
fn and<const W: usize>(mut a: [u64; W], b: [u64; W]) -> [u64; W] {
    for (a, b) in a.iter_mut().zip(b) {
        *a &= b;
    }
    a
}

/// The first bit that is set.
fn first<const W: usize>(words: &[u64; W]) -> usize {
    let mut first = 0;
    for (index, &word) in words.iter().enumerate().rev() {
        if word != 0 {
            first = 64 * index + word.trailing_zeros() as usize;
        }
    }
    first
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

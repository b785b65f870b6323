//! How one tree grows (Liu, Ting and Zhou 2008, algorithm 2; Hariri, Carrasco Kind and Brunner 2021
//! for hyperplanes).

use std::collections::HashSet;

use super::tree::{Node, Tree, project};
use crate::number::random::Stream;

/// The rows a tree grows on: so many of them, drawn with or without replacement.
pub(super) fn draw(stream: &mut Stream, rows: usize, size: usize, replace: bool) -> Vec<usize> {
    if replace {
        return (0..size).map(|_| stream.below(rows)).collect();
    }
    // Floyd's algorithm (Bentley and Floyd 1987).
    let mut drawn = HashSet::with_capacity(size);
    let last = rows - size..rows;
    last.map(|newest| {
        let any = stream.below(newest + 1);
        let row = if drawn.contains(&any) { newest } else { any };
        drawn.insert(row);
        row
    })
    .collect()
}

/// One of the rows a tree grows on, or the part of it that came to a node.
#[derive(Clone, Copy)]
struct Part {
    row: u32,
    weight: f64,
}

/// How many rows' worth they are.
fn weight(parts: &[Part]) -> f64 {
    parts.iter().map(|part| part.weight).sum()
}

/// What tells a node's rows apart.
struct Split {
    feature: u32,
    threshold: f64,
    normal: Option<Vec<f64>>,
}

/// A tree that grows.
pub(super) struct Growth<'a> {
    /// The rows it grows on, feature by feature.
    columns: &'a [Vec<f64>],
    /// The features it may use.
    features: &'a [usize],
    /// How many features a hyperplane has; 0 where splits are of one feature.
    dimensions: usize,
    /// The depth of its deepest leaves.
    limit: u32,
    stream: Stream,
    nodes: Vec<Node>,
    normals: Vec<f64>,
}

impl<'a> Growth<'a> {
    pub(super) fn new(
        columns: &'a [Vec<f64>],
        features: &'a [usize],
        dimensions: usize,
        stream: Stream,
    ) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        Self {
            columns,
            features,
            dimensions,
            // ceil(log2(rows)), the height of a balanced tree.
            limit: rows.max(2).next_power_of_two().trailing_zeros(),
            stream,
            nodes: Vec::new(),
            normals: Vec::new(),
        }
    }

    pub(super) fn grow(mut self) -> Tree {
        let rows = self.columns.first().map_or(0, Vec::len);
        let mut parts: Vec<Part> = (0..rows as u32)
            .map(|row| Part { row, weight: 1.0 })
            .collect();
        self.nodes.push(Node::leaf(rows as f64));
        self.divide(0, &mut parts, 0);
        Tree::new(self.nodes, self.normals)
    }

    fn divide(&mut self, index: usize, parts: &mut [Part], depth: u32) {
        // Where rows came in parts, what weighs less than two rows is one.
        if depth == self.limit || weight(parts) < 2.0 {
            return;
        }
        let Some(split) = self.split(parts) else {
            return;
        };
        let child = self.nodes.len();
        let mut coordinates = self.coordinates(split.feature, split.normal.as_deref(), parts);
        let (mut left, mut right);
        let (left, right) = if coordinates.iter().any(|x| x.is_nan()) {
            (left, right) = both_ways(parts, &coordinates, split.threshold);
            (left.as_mut_slice(), right.as_mut_slice())
        } else {
            let middle = partition(parts, &mut coordinates, split.threshold);
            parts.split_at_mut(middle)
        };
        self.nodes.push(Node::leaf(weight(left)));
        self.nodes.push(Node::leaf(weight(right)));
        if let Some(node) = self.nodes.get_mut(index) {
            node.threshold = split.threshold;
            node.feature = split.feature;
            node.child = child as u32;
        }
        self.normals.extend(split.normal.unwrap_or_default());
        self.divide(child, left, depth + 1);
        self.divide(child + 1, right, depth + 1);
    }

    /// Features are drawn until there are enough that tell the rows apart; the threshold is uniform
    /// between the least and the largest coordinate. Nothing where all rows are alike.
    fn split(&mut self, parts: &[Part]) -> Option<Split> {
        let mut left: Vec<usize> = self.features.to_vec();
        let mut chosen = Vec::with_capacity(self.dimensions.max(1));
        while chosen.len() < self.dimensions.max(1) && !left.is_empty() {
            let feature = left.swap_remove(self.stream.below(left.len()));
            let column = self.columns.get(feature)?;
            let (least, largest) = range(
                parts
                    .iter()
                    .filter_map(|part| column.get(part.row as usize).copied()),
            );
            if largest > least {
                chosen.push((feature, least, largest));
            }
        }
        let &(feature, mut least, mut largest) = chosen.first()?;
        let mut split = Split {
            feature: feature as u32,
            threshold: 0.0,
            normal: None,
        };
        if self.dimensions > 0 {
            let mut normal = vec![0.0; self.columns.len()];
            for &(feature, ..) in &chosen {
                if let Some(slot) = normal.get_mut(feature) {
                    *slot = self.stream.normal();
                }
            }
            split.feature = (self.normals.len() / self.columns.len()) as u32;
            (least, largest) = range(self.coordinates(0, Some(&normal), parts).into_iter());
            // Features that differ may still add up to the same.
            if largest <= least {
                return None;
            }
            split.normal = Some(normal);
        }
        split.threshold = between(least, largest, self.stream.unit());
        Some(split)
    }

    /// Where each part lies: its value of the feature, or its distance along a hyperplane's normal.
    fn coordinates(&self, feature: u32, normal: Option<&[f64]>, parts: &[Part]) -> Vec<f64> {
        let of = |column: &[f64], part: &Part| column.get(part.row as usize).copied();
        let Some(normal) = normal else {
            let column = self.columns.get(feature as usize);
            let column = column.map_or(&[][..], Vec::as_slice);
            let values = parts
                .iter()
                .map(|part| of(column, part).unwrap_or(f64::NAN));
            return values.collect();
        };
        let mut row = vec![0.0; self.columns.len()];
        let project = |part: &Part| {
            for (slot, column) in row.iter_mut().zip(self.columns) {
                *slot = of(column, part).unwrap_or(f64::NAN);
            }
            project(normal, &row)
        };
        parts.iter().map(project).collect()
    }
}

/// The least and the largest of them, whatever is missing.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, largest), x| {
        (least.min(x), largest.max(x))
    })
}

/// The point that divides [least, largest) as `share` divides [0, 1).
fn between(least: f64, largest: f64, share: f64) -> f64 {
    let width = largest - least;
    let point = if width.is_finite() {
        least + width * share
    } else {
        least * (1.0 - share) + largest * share
    };
    // Rounding must not leave the right side empty.
    if point < largest { point } else { least }
}

/// Puts first what goes left; how many parts there are of it.
fn partition(parts: &mut [Part], coordinates: &mut [f64], threshold: f64) -> usize {
    let mut middle = 0;
    for index in 0..parts.len() {
        if coordinates.get(index).is_some_and(|&x| x <= threshold) {
            parts.swap(index, middle);
            coordinates.swap(index, middle);
            middle += 1;
        }
    }
    middle
}

/// Both sides of a split that some rows have no coordinate for: these go both ways, in parts like
/// the weights of the others.
fn both_ways(parts: &[Part], coordinates: &[f64], threshold: f64) -> (Vec<Part>, Vec<Part>) {
    let (mut left, mut right, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (&part, &x) in parts.iter().zip(coordinates) {
        if x.is_nan() {
            missing.push(part);
        } else if x <= threshold {
            left.push(part);
        } else {
            right.push(part);
        }
    }
    let to_left = weight(&left) / (weight(&left) + weight(&right));
    let part = |share: f64| {
        missing.iter().map(move |&Part { row, weight }| Part {
            row,
            weight: weight * share,
        })
    };
    left.extend(part(to_left));
    right.extend(part(1.0 - to_left));
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_drawn_evenly_and_once() {
        let mut counts = [0_u32; 10];
        for number in 0..10_000 {
            let mut stream = Stream::new(1, number);
            let rows = draw(&mut stream, 10, 3, false);
            assert!(rows[0] != rows[1] && rows[1] != rows[2] && rows[0] != rows[2]);
            for row in rows {
                counts[row] += 1;
            }
        }
        let chi: f64 = counts
            .iter()
            .map(|&c| (f64::from(c) - 3e3).powi(2) / 3e3)
            .sum();
        assert!(chi < 27.9, "{chi}"); // P(χ²₉ > 27.9) = 0.001
        assert_eq!(draw(&mut Stream::new(0, 0), 4, 4, false).len(), 4);
        assert_eq!(draw(&mut Stream::new(0, 0), 1, 5, true), [0; 5]);
    }

    #[test]
    fn a_threshold_leaves_neither_side_empty() {
        let mut stream = Stream::new(2, 0);
        for (least, largest) in [
            (0.0, 1.0),
            (1e9, 1e9 + 1e-6),
            (-1.7e308, 1.7e308),
            (0.0, 5e-324),
            (1.0, 1.0_f64.next_up()),
        ] {
            for _ in 0..1000 {
                let point = between(least, largest, stream.unit());
                assert!(
                    least <= point && point < largest,
                    "{least} {point} {largest}"
                );
            }
        }
    }

    #[test]
    fn a_missing_row_goes_both_ways_in_parts() {
        let columns = [vec![1.0, 2.0, 3.0, f64::NAN]];
        let tree = Growth::new(&columns, &[0], 0, Stream::new(0, 0)).grow();
        let [root, left, right] = tree.nodes()[..3] else {
            panic!()
        };
        assert_eq!(root.size, 4.0);
        assert!((left.size + right.size - 4.0).abs() < 1e-15);
        let known = if root.threshold < 2.0 { 1.0 } else { 2.0 };
        assert!((left.size - known * 4.0 / 3.0).abs() < 1e-15);
    }
}

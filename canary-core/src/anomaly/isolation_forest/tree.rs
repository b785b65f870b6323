//! One tree: nodes in an array, the children of a node side by side and after it.

use serde::{Deserialize, Serialize};

use super::path_length;
use crate::error::{Error, Result};

/// A node; a leaf has no child.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// A row goes left whose coordinate is at most this.
    pub(super) threshold: f64,
    /// The feature, or the hyperplane, whose coordinate that is.
    pub(super) feature: u32,
    /// The left child; the right one is next to it. 0 in a leaf.
    pub(super) child: u32,
    /// How many training rows came here.
    pub(super) size: f64,
    /// The expected path length from the root of a training row that came here: of a leaf its depth
    /// + c(size), of any other node the mean of its children's, weighted by their sizes.
    pub(super) expected: f64,
}

impl Node {
    /// A node that nothing was decided about yet: a leaf.
    pub(super) const fn leaf(size: f64) -> Self {
        Self {
            threshold: 0.0,
            feature: 0,
            child: 0,
            size,
            expected: 0.0,
        }
    }

    pub(super) const fn is_leaf(&self) -> bool {
        self.child == 0
    }
}

/// A tree. Rows are given as the trees see them: measured, or standardised where there are
/// hyperplanes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The coefficients of every hyperplane, one after the other; empty where splits are of one
    /// feature.
    normals: Vec<f64>,
}

impl Tree {
    /// Finishes nodes that have their splits and sizes. Each child stands after its parent.
    pub(super) fn new(mut nodes: Vec<Node>, normals: Vec<f64>) -> Self {
        let mut depths = vec![0_u32; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            let below = depths.get(index).map_or(0, |depth| depth + 1);
            if !node.is_leaf() {
                let child = node.child as usize;
                for slot in depths.iter_mut().skip(child).take(2) {
                    *slot = below;
                }
            }
        }
        for (index, depth) in depths.into_iter().enumerate().rev() {
            let Some(&node) = nodes.get(index) else {
                continue;
            };
            let expected = match Self::children_of(&nodes, node) {
                None => f64::from(depth) + path_length::below(node.size),
                Some([left, right]) => {
                    let to_left = share(left, right);
                    to_left * left.expected + (1.0 - to_left) * right.expected
                }
            };
            if let Some(slot) = nodes.get_mut(index) {
                slot.expected = expected;
            }
        }
        Self { nodes, normals }
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) const fn has_hyperplanes(&self) -> bool {
        !self.normals.is_empty()
    }

    /// The expected path length of a training row.
    pub(super) fn expected(&self) -> f64 {
        self.nodes.first().map_or(0.0, |root| root.expected)
    }

    fn children_of(nodes: &[Node], node: Node) -> Option<[Node; 2]> {
        let child = node.child as usize;
        match nodes.get(child..child + 2) {
            Some(&[left, right]) if child > 0 => Some([left, right]),
            _ => None,
        }
    }

    /// The coefficients of the hyperplane that divides a node, where hyperplanes divide.
    fn normal(&self, node: &Node, columns: usize) -> &[f64] {
        let start = node.feature as usize * columns;
        self.normals.get(start..start + columns).unwrap_or_default()
    }

    /// What a node compares with its threshold; NaN where that is missing.
    fn coordinate(&self, node: &Node, row: &[f64]) -> f64 {
        if !self.has_hyperplanes() {
            return row.get(node.feature as usize).copied().unwrap_or(f64::NAN);
        }
        project(self.normal(node, row.len()), row)
    }

    /// h(x), the path length of a row that misses nothing, walked from a node (the root is 0).
    pub(super) fn path_length(&self, from: u32, row: &[f64]) -> f64 {
        let mut index = from;
        while let Some(node) = self.nodes.get(index as usize) {
            if node.is_leaf() {
                return node.expected;
            }
            index = node.child + u32::from(self.coordinate(node, row) > node.threshold);
        }
        0.0
    }

    /// h(x) of a row that may miss something: at a node that asks for it the row goes both ways, in
    /// parts as large as those of the training rows that did not miss it. `step` is told of each
    /// division: the node, which share of the row came there, and to which expected path length
    /// it led.
    pub(super) fn path_length_in_parts(
        &self,
        row: &[f64],
        mut step: impl FnMut(&Node, f64, f64),
    ) -> f64 {
        let mut length = 0.0;
        let mut parts = vec![(0_u32, 1.0)];
        while let Some((index, part)) = parts.pop() {
            let Some(node) = self.nodes.get(index as usize) else {
                continue;
            };
            let Some([left, right]) = Self::children_of(&self.nodes, *node) else {
                length += part * node.expected;
                continue;
            };
            let coordinate = self.coordinate(node, row);
            if coordinate.is_nan() {
                let to_left = share(left, right);
                parts.push((node.child, part * to_left));
                parts.push((node.child + 1, part * (1.0 - to_left)));
            } else {
                let is_right = coordinate > node.threshold;
                parts.push((node.child + u32::from(is_right), part));
                let child = if is_right { right } else { left };
                step(node, part, child.expected);
            }
        }
        length
    }

    /// Adds to each feature what its splits took from the expected path length of the row: all of them
    /// add up to the difference from its own path length. A hyperplane's step is
    /// divided among its features by their parts `|a z|` of the coordinate.
    pub(super) fn explain(&self, row: &[f64], shortened: &mut [f64]) {
        self.path_length_in_parts(row, |node, part, reached| {
            let step = part * (node.expected - reached);
            if !self.has_hyperplanes() {
                if let Some(slot) = shortened.get_mut(node.feature as usize) {
                    *slot += step;
                }
                return;
            }
            let normal = self.normal(node, row.len());
            let shares = |(a, z): (&f64, &f64)| if *a == 0.0 { 0.0 } else { (a * z).abs() };
            let total: f64 = normal.iter().zip(row).map(shares).sum();
            let used = normal.iter().filter(|a| **a != 0.0).count() as f64;
            for (slot, (a, z)) in shortened.iter_mut().zip(normal.iter().zip(row)) {
                *slot += step
                    * if total > 0.0 {
                        shares((a, z)) / total
                    } else if *a == 0.0 {
                        0.0
                    } else {
                        1.0 / used
                    };
            }
        });
    }

    /// Whether it is a tree of rows with so many columns; what is wrong otherwise.
    pub(super) fn check(&self, columns: usize) -> Result<()> {
        let hyperplanes = self.normals.len() / columns.max(1);
        if !self.normals.len().is_multiple_of(columns.max(1)) {
            let rule = format!("must be a multiple of the {columns} features in number");
            return Err(Error::input("normals", rule, self.normals.len()));
        }
        let most = if self.has_hyperplanes() {
            hyperplanes
        } else {
            columns
        };
        let divided = self.nodes.iter().filter(|node| !node.is_leaf());
        for node in divided {
            if node.feature as usize >= most {
                let rule = format!("must be less than {most}");
                return Err(Error::input("feature", rule, node.feature));
            }
        }
        Ok(())
    }
}

/// a·z over the features that the hyperplane uses; NaN where one of them is missing.
pub(super) fn project(normal: &[f64], row: &[f64]) -> f64 {
    let terms = normal.iter().zip(row);
    terms
        .map(|(&a, &z)| if a == 0.0 { 0.0 } else { a * z })
        .sum()
}

/// The part of a row that goes left where it misses what is asked for.
fn share(left: Node, right: Node) -> f64 {
    let both = left.size + right.size;
    if both > 0.0 { left.size / both } else { 0.5 }
}

/// A tree as it is written: a list for each property of its nodes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    feature: Vec<u32>,
    threshold: Vec<f64>,
    child: Vec<u32>,
    size: Vec<f64>,
    #[serde(default)]
    normals: Vec<f64>,
}

impl From<Tree> for Document {
    fn from(Tree { nodes, normals }: Tree) -> Self {
        Self {
            feature: nodes.iter().map(|node| node.feature).collect(),
            threshold: nodes.iter().map(|node| node.threshold).collect(),
            child: nodes.iter().map(|node| node.child).collect(),
            size: nodes.iter().map(|node| node.size).collect(),
            normals,
        }
    }
}

impl TryFrom<Document> for Tree {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let count = document.feature.len();
        for (name, length) in [
            ("threshold", document.threshold.len()),
            ("child", document.child.len()),
            ("size", document.size.len()),
        ] {
            if length != count {
                let rule = format!("must be as many as the {count} of feature");
                return Err(Error::input(name, rule, length));
            }
        }
        if count == 0 {
            return Err(Error::not_enough("feature", "1 node", 0));
        }
        // Every node but the root is the child of one node before it.
        let mut next = 1;
        let mut children: Vec<u32> = document.child.iter().copied().filter(|&c| c > 0).collect();
        children.sort_unstable();
        for &child in &children {
            if child != next {
                let rule = "must pair up all nodes but the root";
                return Err(Error::input("child", rule, child));
            }
            next += 2;
        }
        if next as usize != count {
            let rule = format!("must pair up all {count} nodes but the root");
            return Err(Error::input("child", rule, children.len()));
        }
        let mut nodes = Vec::with_capacity(count);
        let thresholds = document.threshold.iter().zip(&document.size);
        let splits = document.feature.iter().zip(&document.child);
        for (index, ((&threshold, &size), (&feature, &child))) in thresholds.zip(splits).enumerate()
        {
            if child > 0 && child as usize <= index {
                let rule = "must stand after its parent";
                return Err(Error::input("child", rule, child));
            }
            if !(0.0..=1e15).contains(&size) {
                let rule = "must be a number of rows";
                return Err(Error::input("size", rule, size));
            }
            if !threshold.is_finite() {
                return Err(Error::input("threshold", "must be finite", threshold));
            }
            nodes.push(Node {
                threshold,
                feature,
                child,
                size,
                expected: 0.0,
            });
        }
        // No sum of a·z overflows: z is at most 1e100, too.
        if let Some(normal) = document
            .normals
            .iter()
            .find(|a| !(-1e100..=1e100).contains(*a))
        {
            let rule = "must be a number from -1e100 to 1e100";
            return Err(Error::input("normals", rule, normal));
        }
        Ok(Self::new(nodes, document.normals))
    }
}

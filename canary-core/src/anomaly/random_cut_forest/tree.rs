//! One robust random cut tree over the points of a [`Window`].

use serde::{Deserialize, Serialize};

use super::scales::{capped, weighed};
use super::window::{Side, Window};
use crate::number::random::Stream;

/// Where a branch leads. Written as the slot, or as -1 less the place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
enum Link {
    /// To the point in this slot.
    Leaf(u32),
    /// To the node in this place.
    Inner(u32),
}

impl From<i64> for Link {
    fn from(written: i64) -> Self {
        let place = if written < 0 { !written } else { written };
        // What does not fit is nowhere.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        if written < 0 {
            Self::Inner(place)
        } else {
            Self::Leaf(place)
        }
    }
}

impl From<Link> for i64 {
    fn from(link: Link) -> Self {
        match link {
            Link::Leaf(slot) => slot.into(),
            Link::Inner(place) => !Self::from(place),
        }
    }
}

/// Points with `x[dimension] <= cut` are on the left.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    cut: Cut,
    left: Link,
    right: Link,
    parent: Option<u32>,
    /// How many points there are below, equal ones included.
    mass: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cut {
    dimension: u32,
    at: f64,
}

/// A tree. The node that came with a point lives in the place with the number of the point's slot,
/// so that places need no bookkeeping: of n points in n slots, n - 1 have a node in their place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    dimensions: usize,
    root: Option<Link>,
    nodes: Vec<Option<Node>>,
    /// The bounding box of each node, `dimensions` sides a place.
    sides: Vec<Side>,
    /// The node above each leaf.
    above: Vec<Option<u32>>,
}

/// A tree as it is written: everything else follows from the points.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    root: Option<Link>,
    /// Dimension, value, left, right.
    cuts: Vec<Option<(u32, f64, Link, Link)>>,
}

impl Tree {
    pub(super) const fn new(dimensions: usize) -> Self {
        Self {
            dimensions,
            root: None,
            nodes: Vec::new(),
            sides: Vec::new(),
            above: Vec::new(),
        }
    }

    /// What a node and its box take, in bytes.
    pub(super) const fn bytes_per_point(dimensions: u64) -> u64 {
        let fixed = size_of::<Option<Node>>() + size_of::<Option<u32>>();
        fixed as u64 + dimensions.saturating_mul(size_of::<Side>() as u64)
    }

    fn node(&self, place: u32) -> Option<Node> {
        self.nodes.get(place as usize).copied().flatten()
    }

    fn sides<'a>(&'a self, at: Link, window: &'a Window) -> &'a [Side] {
        match at {
            Link::Leaf(slot) => window.sides(slot as usize),
            Link::Inner(place) => {
                let from = place as usize * self.dimensions;
                let sides = self.sides.get(from..from + self.dimensions);
                sides.unwrap_or_default()
            }
        }
    }

    fn mass(&self, at: Link, window: &Window) -> u32 {
        match at {
            Link::Leaf(slot) => window.copies(slot as usize),
            Link::Inner(place) => self.node(place).map_or(0, |node| node.mass),
        }
    }

    fn parent(&self, of: Link) -> Option<u32> {
        match of {
            Link::Leaf(slot) => self.above.get(slot as usize).copied().flatten(),
            Link::Inner(place) => self.node(place)?.parent,
        }
    }

    fn set_parent(&mut self, of: Link, parent: Option<u32>) {
        match of {
            Link::Leaf(slot) => {
                if slot as usize >= self.above.len() {
                    self.above.resize(slot as usize + 1, None);
                }
                if let Some(above) = self.above.get_mut(slot as usize) {
                    *above = parent;
                }
            }
            Link::Inner(place) => {
                if let Some(Some(node)) = self.nodes.get_mut(place as usize) {
                    node.parent = parent;
                }
            }
        }
    }

    /// Lets the branch of `parent` (or the root) that led to `old` lead to `new`.
    fn relink(&mut self, parent: Option<u32>, old: Link, new: Link) {
        match parent {
            None => self.root = Some(new),
            Some(place) => {
                if let Some(Some(node)) = self.nodes.get_mut(place as usize) {
                    if node.left == old {
                        node.left = new;
                    } else {
                        node.right = new;
                    }
                }
            }
        }
        self.set_parent(new, parent);
    }

    /// Puts a node into a place, with the box around both of its branches.
    fn put(&mut self, place: u32, node: Node, window: &Window) {
        if place as usize >= self.nodes.len() {
            self.nodes.resize(place as usize + 1, None);
            let sides = self.nodes.len() * self.dimensions;
            self.sides.resize(sides, Side::of(0.0));
        }
        if let Some(slot) = self.nodes.get_mut(place as usize) {
            *slot = Some(node);
        }
        self.set_parent(node.left, Some(place));
        self.set_parent(node.right, Some(place));
        self.refit(place, window);
    }

    /// The box of a node from its branches' boxes. Whether it has changed.
    fn refit(&mut self, place: u32, window: &Window) -> bool {
        let Some(node) = self.node(place) else {
            return false;
        };
        let mut has_changed = false;
        for dimension in 0..self.dimensions {
            let side = |at| self.sides(at, window).get(dimension).copied();
            let (Some(left), Some(right)) = (side(node.left), side(node.right)) else {
                continue;
            };
            let both = left.union(right);
            if let Some(own) = self
                .sides
                .get_mut(place as usize * self.dimensions + dimension)
                && *own != both
            {
                *own = both;
                has_changed = true;
            }
        }
        has_changed
    }

    /// Adds the point of a slot, which is in no leaf yet (Guha et al. 2016, algorithm 2): at every
    /// node from the root down, a cut of the box with the point is drawn; if it separates the point
    /// from the box it becomes a node of its own, and otherwise the node's own cut stands.
    pub(super) fn insert(
        &mut self,
        slot: u32,
        point: &[f64],
        window: &Window,
        weights: &[f64],
        stream: &mut Stream,
    ) {
        let leaf = Link::Leaf(slot);
        let Some(mut at) = self.root else {
            self.root = Some(leaf);
            self.set_parent(leaf, None);
            return;
        };
        let added = window.copies(slot as usize);
        let cut = loop {
            let drawn = separating(point, self.sides(at, window), weights, stream);
            match (drawn, at) {
                (Some(cut), _) => break cut,
                (None, Link::Leaf(_)) => return, // an equal point, which the window does not allow
                (None, Link::Inner(place)) => {
                    let from = place as usize * self.dimensions;
                    for (side, &x) in self.sides.iter_mut().skip(from).zip(point) {
                        *side = side.union(Side::of(x));
                    }
                    let Some(Some(node)) = self.nodes.get_mut(place as usize) else {
                        return;
                    };
                    node.mass += added;
                    at = node.branches(point).0;
                }
            }
        };
        let is_left = point
            .get(cut.dimension as usize)
            .is_some_and(|&x| x <= cut.at);
        let (left, right) = if is_left { (leaf, at) } else { (at, leaf) };
        let parent = self.parent(at);
        let node = Node {
            cut,
            left,
            right,
            parent,
            mass: self.mass(at, window) + added,
        };
        self.put(slot, node, window);
        self.relink(parent, at, Link::Inner(slot));
    }

    /// Counts one more point that equals that of a slot.
    pub(super) fn increment(&mut self, slot: u32) {
        self.climb(self.parent(Link::Leaf(slot)), |node| node.mass += 1);
    }

    /// Counts one point less that equals that of a slot, which still stands for others.
    pub(super) fn decrement(&mut self, slot: u32) {
        let less = |node: &mut Node| node.mass = node.mass.saturating_sub(1);
        self.climb(self.parent(Link::Leaf(slot)), less);
    }

    fn climb(&mut self, mut from: Option<u32>, change: impl Fn(&mut Node)) {
        while let Some(Some(node)) = from.and_then(|place| self.nodes.get_mut(place as usize)) {
            change(node);
            from = node.parent;
        }
    }

    /// Takes out the leaf of a slot that stood for one point: what was beside it takes the place of
    /// the node above (algorithm 1).
    pub(super) fn remove(&mut self, slot: u32, window: &Window) {
        let leaf = Link::Leaf(slot);
        let Some(above) = self.parent(leaf) else {
            self.root = None;
            return;
        };
        let Some(node) = self.node(above) else {
            return;
        };
        self.set_parent(leaf, None);
        let beside = if node.left == leaf {
            node.right
        } else {
            node.left
        };
        self.relink(node.parent, Link::Inner(above), beside);
        self.clear(above);
        let mut next = node.parent;
        // The node in the slot's own place moves to the one that has become free.
        if let Some(moved) = self.node(slot) {
            self.relocate(moved, slot, above);
            if next == Some(slot) {
                next = Some(above);
            }
        }
        let mut has_changed = true;
        while let Some(place) = next {
            has_changed = has_changed && self.refit(place, window);
            let Some(Some(node)) = self.nodes.get_mut(place as usize) else {
                return;
            };
            node.mass = node.mass.saturating_sub(1);
            next = node.parent;
        }
    }

    fn relocate(&mut self, node: Node, from: u32, to: u32) {
        for dimension in 0..self.dimensions {
            let side = self
                .sides
                .get(from as usize * self.dimensions + dimension)
                .copied();
            let own = self
                .sides
                .get_mut(to as usize * self.dimensions + dimension);
            if let (Some(side), Some(own)) = (side, own) {
                *own = side;
            }
        }
        if let Some(free) = self.nodes.get_mut(to as usize) {
            *free = Some(node);
        }
        self.clear(from);
        self.relink(node.parent, Link::Inner(from), Link::Inner(to));
        self.set_parent(node.left, Some(to));
        self.set_parent(node.right, Some(to));
    }

    fn clear(&mut self, place: u32) {
        if let Some(node) = self.nodes.get_mut(place as usize) {
            *node = None;
        }
        let sides = self.sides.iter_mut().skip(place as usize * self.dimensions);
        for side in sides.take(self.dimensions) {
            *side = Side::of(0.0);
        }
    }

    /// The collusive displacement that the point would have if it were added now, averaged over the
    /// cuts that might be drawn for it. `credit` is given each dimension's part.
    pub(super) fn displacement(
        &self,
        point: &[f64],
        window: &Window,
        weights: &[f64],
        credit: &mut [f64],
    ) -> f64 {
        let mut give = |dimension: usize, part: f64| {
            if let Some(credit) = credit.get_mut(dimension) {
                *credit += part;
            }
        };
        let Some(mut at) = self.root else {
            return 0.0;
        };
        let mut total = 0.0;
        // The probability that nothing above has separated the point, and the largest ratio of what
        // is beside to what is below, with the point, of the nodes above.
        let mut reach = 1.0;
        let mut most = Ratio::default();
        loop {
            let sides = self.sides(at, window);
            let mass = f64::from(self.mass(at, window));
            let inner = match at {
                Link::Leaf(_) => None,
                Link::Inner(place) => self.node(place),
            };
            let (outside, whole) = lengths(point, sides, weights);
            let separates = match inner {
                _ if outside == 0.0 => 0.0,
                Some(_) => (outside / whole).min(1.0),
                None => 1.0,
            };
            if separates > 0.0 {
                let part = reach * separates;
                if mass >= most.value {
                    total += part * mass;
                    for (dimension, ((&x, side), &weight)) in
                        point.iter().zip(sides).zip(weights).enumerate()
                    {
                        let beyond = side.beyond(x);
                        if beyond > 0.0 {
                            let share = weighed(beyond, weight) / outside;
                            give(dimension, part * mass * share);
                        }
                    }
                } else {
                    total += part * most.value;
                    give(most.dimension, part * most.value);
                }
                reach -= part;
            }
            let Some(node) = inner else {
                break;
            };
            if reach <= 0.0 {
                return total;
            }
            let (next, beside) = node.branches(point);
            let below = f64::from(self.mass(next, window)) + 1.0;
            let value = f64::from(self.mass(beside, window)) / below;
            if value > most.value {
                let dimension = node.cut.dimension as usize;
                most = Ratio { value, dimension };
            }
            at = next;
        }
        // It equals a point, and would join its leaf.
        total += reach * most.value;
        give(most.dimension, reach * most.value);
        total
    }

    pub(super) fn to_written(&self) -> Written {
        let cut = |node: Node| (node.cut.dimension, node.cut.at, node.left, node.right);
        Written {
            root: self.root,
            cuts: self.nodes.iter().map(|node| node.map(cut)).collect(),
        }
    }

    /// The tree that was written, over the points of the window; nothing where the two do not go
    /// together.
    pub(super) fn read(written: &Written, window: &Window) -> Option<Self> {
        let mut tree = Self::new(window.dimensions());
        if written.cuts.len() > window.slots() {
            return None;
        }
        // From the root down, each once.
        let mut order = Vec::new();
        let mut ahead: Vec<(Link, Option<u32>)> = Vec::new();
        ahead.extend(written.root.map(|root| (root, None)));
        let mut is_seen = vec![false; window.slots()];
        tree.nodes = vec![None; written.cuts.len()];
        tree.sides = vec![Side::of(0.0); written.cuts.len() * tree.dimensions];
        while let Some((link, parent)) = ahead.pop() {
            match link {
                Link::Leaf(slot) => {
                    let seen = is_seen.get_mut(slot as usize)?;
                    if *seen || window.copies(slot as usize) == 0 {
                        return None;
                    }
                    *seen = true;
                }
                Link::Inner(place) => {
                    let &(dimension, at, left, right) =
                        written.cuts.get(place as usize)?.as_ref()?;
                    let node = tree.nodes.get_mut(place as usize)?;
                    if node.is_some() || dimension as usize >= tree.dimensions || !at.is_finite() {
                        return None;
                    }
                    let cut = Cut { dimension, at };
                    *node = Some(Node {
                        cut,
                        left,
                        right,
                        parent,
                        mass: 0,
                    });
                    order.push(place);
                    ahead.extend([(left, Some(place)), (right, Some(place))]);
                }
            }
        }
        let is_whole =
            (0..window.slots()).all(|slot| is_seen.get(slot) == Some(&(window.copies(slot) > 0)));
        if !is_whole || order.len() != written.cuts.iter().flatten().count() {
            return None;
        }
        tree.above = vec![None; window.slots()];
        for &place in order.iter().rev() {
            let mut node = tree.node(place)?;
            node.mass = tree.mass(node.left, window) + tree.mass(node.right, window);
            let side = |at| {
                tree.sides(at, window)
                    .get(node.cut.dimension as usize)
                    .copied()
            };
            if !(side(node.left)?.high <= node.cut.at && node.cut.at < side(node.right)?.low) {
                return None;
            }
            // Where a node is written, a point is in the slot of the same number.
            if window.copies(place as usize) == 0 {
                return None;
            }
            tree.put(place, node, window);
        }
        tree.root = written.root;
        Some(tree)
    }
}

/// The collusive displacement of a subtree, and by the cut of which dimension.
#[derive(Default)]
struct Ratio {
    value: f64,
    dimension: usize,
}

impl Node {
    /// The branch on the point's side, and the other.
    fn branches(&self, point: &[f64]) -> (Link, Link) {
        let is_left = point
            .get(self.cut.dimension as usize)
            .is_some_and(|&x| x <= self.cut.at);
        if is_left {
            (self.left, self.right)
        } else {
            (self.right, self.left)
        }
    }
}

/// How much longer the box of `sides` is with the point, and how long it then is: the sums over its
/// dimensions. Their ratio is the probability that a cut of the whole separates the point.
fn lengths(point: &[f64], sides: &[Side], weights: &[f64]) -> (f64, f64) {
    let (mut outside, mut whole) = (0.0, 0.0);
    for ((&x, side), &weight) in point.iter().zip(sides).zip(weights) {
        let beyond = side.beyond(x);
        whole += capped(side.high - side.low + beyond, weight);
        if beyond > 0.0 {
            outside += weighed(beyond, weight);
        }
    }
    (outside, whole.max(outside))
}

/// Draws a cut of the box around the point and `sides`: the dimension by its length, then a place
/// evenly along it. The cut, if it separates the point from `sides`; only then does it matter where
/// it is.
fn separating(point: &[f64], sides: &[Side], weights: &[f64], stream: &mut Stream) -> Option<Cut> {
    let (outside, whole) = lengths(point, sides, weights);
    if outside == 0.0 {
        return None;
    }
    let mut rest = stream.unit() * whole;
    let mut cut = None;
    for (dimension, ((&x, side), &weight)) in (0..).zip(point.iter().zip(sides).zip(weights)) {
        let beyond = side.beyond(x);
        if beyond == 0.0 {
            continue;
        }
        let length = weighed(beyond, weight);
        let gap = if x > side.high {
            (side.high, x)
        } else {
            (x, side.low)
        };
        let at = between(gap, rest / length);
        cut = Some(Cut { dimension, at });
        if rest < length {
            return cut;
        }
        rest -= length;
    }
    // Beyond all gaps only by a rounding, where the box has no length of its own.
    cut.filter(|_| outside >= whole)
}

/// At a share of a gap, at least its low end and below its high one.
fn between((low, high): (f64, f64), share: f64) -> f64 {
    let length = high - low;
    let at = if length.is_finite() {
        low + share * length
    } else {
        low * (1.0 - share) + high * share
    };
    // `max` passes over what is no number.
    at.max(low).min(high.next_down())
}

//! The points of the last while, which all trees share.

use std::collections::VecDeque;

/// The values of one dimension among some points: a side of their bounding box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Side {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Side {
    pub(super) const fn of(x: f64) -> Self {
        Self { low: x, high: x }
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// How far beyond this side `x` lies; 0 within.
    pub(super) const fn beyond(self, x: f64) -> f64 {
        (self.low - x).max(x - self.high).max(0.0)
    }
}

/// Distinct points by their slots, and the order in which they came.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    dimensions: usize,
    /// `dimensions` sides of no length a slot; zeros where no point is.
    sides: Vec<Side>,
    /// How many equal points each slot stands for.
    copies: Vec<u32>,
    arrivals: VecDeque<usize>,
}

impl Window {
    pub(super) fn new(dimensions: usize) -> Self {
        Self {
            dimensions,
            sides: Vec::new(),
            copies: Vec::new(),
            arrivals: VecDeque::new(),
        }
    }

    /// How many points there are, equal ones included.
    pub(super) fn len(&self) -> usize {
        self.arrivals.len()
    }

    /// How many slots were ever in use at once.
    pub(super) fn slots(&self) -> usize {
        self.copies.len()
    }

    pub(super) const fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub(super) fn copies(&self, slot: usize) -> u32 {
        self.copies.get(slot).copied().unwrap_or_default()
    }

    /// The point of a slot, as a box.
    pub(super) fn sides(&self, slot: usize) -> &[Side] {
        let from = slot * self.dimensions;
        let sides = self.sides.get(from..from + self.dimensions);
        sides.unwrap_or_default()
    }

    pub(super) fn point(&self, slot: usize) -> impl DoubleEndedIterator<Item = f64> + Clone {
        self.sides(slot).iter().map(|side| side.low)
    }

    /// The slots in the order in which their points came, with repeats.
    pub(super) fn arrivals(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.arrivals.iter().copied()
    }

    /// The newest point.
    pub(super) fn newest(&self) -> Option<impl DoubleEndedIterator<Item = f64> + Clone> {
        self.arrivals.back().map(|&slot| self.point(slot))
    }

    /// Adds a point. Its slot, which is new if it now stands for one.
    pub(super) fn push(&mut self, point: &[f64]) -> usize {
        let slots = 0..self.slots();
        let equal =
            |slot: usize| self.copies(slot) > 0 && self.point(slot).eq(point.iter().copied());
        let slot = match slots.clone().find(|&slot| equal(slot)) {
            Some(slot) => slot,
            None => slots
                .clone()
                .find(|&slot| self.copies(slot) == 0)
                .unwrap_or(slots.end),
        };
        self.put(slot, point);
        self.arrivals.push_back(slot);
        slot
    }

    fn put(&mut self, slot: usize, point: &[f64]) {
        if slot == self.copies.len() {
            self.copies.push(0);
            self.sides
                .resize(self.copies.len() * self.dimensions, Side::of(0.0));
        }
        let sides = self.sides.iter_mut().skip(slot * self.dimensions);
        for (side, &x) in sides.zip(point) {
            *side = Side::of(x);
        }
        if let Some(copies) = self.copies.get_mut(slot) {
            *copies += 1;
        }
    }

    /// Takes the oldest point out. Its slot, which is free if it now stands for none; the point
    /// itself stays readable until [`Self::clear`].
    pub(super) fn pop(&mut self) -> Option<usize> {
        let slot = self.arrivals.pop_front()?;
        if let Some(copies) = self.copies.get_mut(slot) {
            *copies = copies.saturating_sub(1);
        }
        Some(slot)
    }

    /// Forgets the point of a slot that stands for none.
    pub(super) fn clear(&mut self, slot: usize) {
        let sides = self.sides.iter_mut().skip(slot * self.dimensions);
        for side in sides.take(self.dimensions) {
            *side = Side::of(0.0);
        }
    }

    /// From points by slot, and the slots in the order of arrival; nothing where they do not go
    /// together.
    pub(super) fn read(
        dimensions: usize,
        points: &[Option<Vec<f64>>],
        arrivals: Vec<usize>,
    ) -> Option<Self> {
        let mut sides = Vec::with_capacity(points.len() * dimensions);
        let mut copies = vec![0_u32; points.len()];
        for &slot in &arrivals {
            *copies.get_mut(slot)? += 1;
        }
        for (point, &copies) in points.iter().zip(&copies) {
            match point {
                Some(point) if copies > 0 && point.len() == dimensions => {
                    if !point.iter().all(|x| x.is_finite()) {
                        return None;
                    }
                    sides.extend(point.iter().map(|x| Side::of(x + 0.0)));
                }
                None if copies == 0 => sides.extend((0..dimensions).map(|_| Side::of(0.0))),
                _ => return None,
            }
        }
        Some(Self {
            dimensions,
            sides,
            copies,
            arrivals: arrivals.into(),
        })
    }

    /// The points by slot, as [`Self::read`] takes them.
    pub(super) fn points(&self) -> Vec<Option<Vec<f64>>> {
        let point = |slot| (self.copies(slot) > 0).then(|| self.point(slot).collect());
        (0..self.slots()).map(point).collect()
    }
}

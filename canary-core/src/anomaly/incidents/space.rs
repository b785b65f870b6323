//! The space that windows lie in, and its clusters.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use linfa::Float;
use linfa::prelude::Transformer;
use linfa_clustering::Dbscan;
use linfa_nn::distance::Distance;
use linfa_nn::{BuildError, NearestNeighbour, NearestNeighbourIndex, NnError};
use ndarray::{Array2, ArrayBase, ArrayView, ArrayView1, ArrayView2, Data, Dimension, Ix2};

use super::Incidents;
use super::incident::Member;

/// What rounding may add to a distance of 1.
const SLACK: f64 = 1e-9;

/// Times and directions are rounded to an eighth of a window and of the angle's reach.
const STEPS: f64 = 8.0;

/// The members of each cluster, and each of the others by itself. Members come in order of time.
pub(super) fn clusters<'a>(
    members: &'a [Member],
    options: &Incidents,
    window: f64,
) -> Vec<Vec<&'a Member>> {
    let space = Space::of(options, window);
    let points = space.points(members);
    // More than all of them are as many as one more.
    let min_windows = options.min_windows.min(members.len() + 2);
    let places = Places::of(&points, min_windows);
    let labels = places.labels(&space, min_windows);
    let mut clusters: Vec<Vec<&Member>> = Vec::new();
    let mut cluster_of_label = BTreeMap::new();
    for (member, place) in members.iter().zip(&places.of_point) {
        let label = labels.get(*place).copied().flatten();
        let next = clusters.len();
        let own = label.map_or(next, |label| *cluster_of_label.entry(label).or_insert(next));
        match clusters.get_mut(own) {
            Some(cluster) => cluster.push(member),
            None => clusters.push(vec![member]),
        }
    }
    clusters
}

/// Which windows are neighbours: those within 1 of each other, in time and in direction.
struct Space {
    window: f64,
    /// The greatest time between neighbours, in windows.
    reach: f64,
    /// The greatest distance between neighbours' directions; `None` where they do not matter.
    chord: Option<f64>,
}

impl Space {
    fn of(options: &Incidents, window: f64) -> Self {
        let half_angle = 0.5 * options.angle.to_radians();
        Self {
            window,
            reach: options.gap as f64 + 1.5,
            chord: (options.angle < 90.0).then(|| 2.0 * libm::sin(half_angle)),
        }
    }

    /// Where each member lies, in steps of time and of direction.
    ///
    /// Where much time passes without an anomalous window, no more of it is counted than keeps windows
    /// from being neighbours.
    fn points(&self, members: &[Member]) -> Vec<Vec<i64>> {
        let mut now = 0.0;
        let mut before = members.first().map_or(0.0, |member| member.time);
        let point = |member: &Member| {
            let passed = (member.time - before) / self.window;
            now += passed.min(2.0 * self.reach);
            before = member.time;
            let mut point = vec![(STEPS * now).round() as i64];
            if let Some(chord) = self.chord {
                let direction = member.direction();
                point.extend(direction.iter().map(|u| (STEPS / chord * u).round() as i64));
            }
            point
        };
        members.iter().map(point).collect()
    }
}

/// Points that differ. As many copies of one as make a neighbourhood dense say as much as more.
struct Places {
    /// Coordinates of all places, copies included, one after the other.
    coordinates: Vec<i64>,
    dimensions: usize,
    /// The place of each point.
    of_point: Vec<usize>,
}

impl Places {
    fn of(points: &[Vec<i64>], most_copies: usize) -> Self {
        let mut seen: BTreeMap<&[i64], (usize, usize)> = BTreeMap::new();
        let (mut coordinates, mut of_point, mut count) = (Vec::new(), Vec::new(), 0);
        for point in points {
            let (first, copies) = seen.entry(point).or_insert((count, 0));
            if *copies < most_copies {
                *copies += 1;
                count += 1;
                coordinates.extend(point);
            }
            of_point.push(*first);
        }
        Self {
            coordinates,
            dimensions: points.first().map_or(1, Vec::len),
            of_point,
        }
    }

    /// The cluster of each place.
    fn labels(&self, space: &Space, min_windows: usize) -> Vec<Option<usize>> {
        let rows = self.coordinates.len() / self.dimensions;
        let coordinates = self.coordinates.iter().enumerate();
        let scaled = coordinates.map(|(index, &steps)| {
            let is_time = index.is_multiple_of(self.dimensions);
            steps as f64 / STEPS / if is_time { space.reach } else { 1.0 }
        });
        let Ok(points) = Array2::from_shape_vec((rows, self.dimensions), scaled.collect()) else {
            return Vec::new();
        };
        let params = Dbscan::params_with(min_windows, Farther, InOrder).tolerance(1.0 + SLACK);
        // Its conditions, at least 2 points and a positive tolerance, hold.
        params
            .transform(&points)
            .map_or_else(|_| Vec::new(), |labels| labels.to_vec())
    }
}

/// The distance in time or that in direction, whichever is greater.
#[derive(Debug, Clone, PartialEq)]
struct Farther;

impl Distance<f64> for Farther {
    fn distance<D: Dimension>(&self, a: ArrayView<'_, f64, D>, b: ArrayView<'_, f64, D>) -> f64 {
        match (a.as_slice(), b.as_slice()) {
            (Some([a_time, a @ ..]), Some([b_time, b @ ..])) => {
                (a_time - b_time).abs().max(squared_distance(a, b).sqrt())
            }
            _ => f64::INFINITY, // no rows of a table that lies row by row
        }
    }
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Finds neighbours among points that come in order of their first coordinate, the time: they lie
/// close together. (linfa's k-d tree would be a list of points that come in order, and its ball tree one
/// of points at one time.)
#[derive(Debug, Clone, PartialEq)]
struct InOrder;

impl NearestNeighbour for InOrder {
    fn from_batch_with_leaf_size<'a, F: Float, DT: Data<Elem = F>, D: 'a + Distance<F>>(
        &self,
        batch: &'a ArrayBase<DT, Ix2>,
        _leaf_size: usize,
        distance: D,
    ) -> Result<Box<dyn 'a + Send + Sync + NearestNeighbourIndex<F>>, BuildError> {
        let times = batch.rows().into_iter();
        Ok(Box::new(Timeline {
            times: times.filter_map(|row| row.first().copied()).collect(),
            points: batch.view(),
            distance,
        }))
    }
}

struct Timeline<'a, F, D> {
    times: Vec<F>,
    points: ArrayView2<'a, F>,
    distance: D,
}

/// A point and its number.
type Numbered<'a, F> = (ArrayView1<'a, F>, usize);

impl<F: Float, D: Distance<F>> Timeline<'_, F, D> {
    /// Some of the points, each after its distance from a point.
    fn apart(
        &self,
        numbers: std::ops::Range<usize>,
        point: &ArrayView1<'_, F>,
    ) -> impl Iterator<Item = (F, Numbered<'_, F>)> {
        numbers.map(move |number| {
            let other = self.points.row(number);
            let distance = self.distance.distance(point.view(), other.view());
            (distance, (other, number))
        })
    }
}

impl<F: Float, D: Distance<F>> NearestNeighbourIndex<F> for Timeline<'_, F, D> {
    fn k_nearest(
        &self,
        point: ArrayView1<'_, F>,
        k: usize,
    ) -> Result<Vec<Numbered<'_, F>>, NnError> {
        let mut all: Vec<_> = self.apart(0..self.times.len(), &point).collect();
        all.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
        all.truncate(k);
        Ok(all.into_iter().map(|(_, neighbour)| neighbour).collect())
    }

    fn within_range(
        &self,
        point: ArrayView1<'_, F>,
        range: F,
    ) -> Result<Vec<Numbered<'_, F>>, NnError> {
        let Some(&now) = point.first() else {
            return Err(NnError::WrongDimension);
        };
        let first = self.times.partition_point(|&time| time < now - range);
        let end = self.times.partition_point(|&time| time <= now + range);
        let all = self.apart(first..end, &point);
        let near = all.filter(|&(apart, _)| apart <= range);
        Ok(near.map(|(_, neighbour)| neighbour).collect())
    }
}

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tree::Tree;
use super::window::Window;
use super::*;
use crate::number::gamma;

fn put(tree: &mut Tree, window: &mut Window, point: &[f64], weights: &[f64], stream: &mut Stream) {
    let slot = window.push(point);
    if window.copies(slot) > 1 {
        tree.increment(slot as u32);
    } else {
        tree.insert(slot as u32, point, window, weights, stream);
    }
}

fn drop_oldest(tree: &mut Tree, window: &mut Window) {
    let slot = window.pop().unwrap();
    if window.copies(slot) > 0 {
        tree.decrement(slot as u32);
    } else {
        tree.remove(slot as u32, window);
        window.clear(slot);
    }
}

/// What is left when a tree's cuts and points alone are kept, and everything else is worked out
/// anew from the leaves up.
fn anew(tree: &Tree, window: &Window) -> Option<Tree> {
    Tree::read(&tree.to_written(), window)
}

const POINTS: [[f64; 2]; 5] = [[0.0, 1.0], [0.7, 0.0], [1.5, 1.8], [4.0, 0.3], [2.2, 1.1]];
const OTHERS: [[f64; 2]; 3] = [[9.0, -2.0], [0.1, 0.9], [2.0, 5.0]];
const WEIGHTS: [f64; 2] = [1.0, 2.5];

/// Every tree of some points with its probability, from the definition: the dimension by its length,
/// the cut evenly along it.
fn law(points: &[usize]) -> BTreeMap<String, f64> {
    if let [point] = points {
        return [(point.to_string(), 1.0)].into();
    }
    let mut law = BTreeMap::new();
    let sorted = |dimension: usize| {
        let mut sorted = points.to_vec();
        sorted.sort_by(|&a, &b| POINTS[a][dimension].total_cmp(&POINTS[b][dimension]));
        sorted
    };
    let length = |from: usize, to: usize, dimension: usize| {
        WEIGHTS[dimension] * (POINTS[to][dimension] - POINTS[from][dimension])
    };
    let whole = |dimension| {
        let sorted = sorted(dimension);
        length(sorted[0], sorted[sorted.len() - 1], dimension)
    };
    let total = whole(0) + whole(1);
    for dimension in 0..2 {
        let sorted = sorted(dimension);
        for cut in 1..sorted.len() {
            let gap = length(sorted[cut - 1], sorted[cut], dimension) / total;
            for (left, p) in law_of_sorted(&sorted[..cut]) {
                for (right, q) in law_of_sorted(&sorted[cut..]) {
                    *law.entry(joined(&left, &right)).or_default() += gap * p * q;
                }
            }
        }
    }
    law
}

fn law_of_sorted(points: &[usize]) -> BTreeMap<String, f64> {
    let mut points = points.to_vec();
    points.sort_unstable();
    law(&points)
}

fn joined(a: &str, b: &str) -> String {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    format!("({first} {second})")
}

/// The tree as `law` calls it.
fn name(tree: &Tree, window: &Window) -> String {
    fn of(link: i64, cuts: &[serde_json::Value], window: &Window) -> String {
        if link >= 0 {
            let point: Vec<f64> = window.point(link as usize).collect();
            return POINTS.iter().position(|p| point == p).unwrap().to_string();
        }
        let node = &cuts[!link as usize];
        let branch = |place: usize| of(node[place].as_i64().unwrap(), cuts, window);
        joined(&branch(2), &branch(3))
    }
    let written = serde_json::to_value(tree.to_written()).unwrap();
    let cuts = written["cuts"].as_array().unwrap();
    of(written["root"].as_i64().unwrap(), cuts, window)
}

fn chi_square_p(counts: &BTreeMap<String, u32>, law: &BTreeMap<String, f64>) -> f64 {
    let n: u32 = counts.values().sum();
    assert!(counts.keys().all(|name| law.contains_key(name)));
    assert!((law.values().sum::<f64>() - 1.0).abs() < 1e-12);
    // Rare ones as one.
    let (mut chi, mut df) = (0.0, -1.0);
    let mut rest = (0.0, 0.0);
    for (name, p) in law {
        let seen = f64::from(counts.get(name).copied().unwrap_or_default());
        let expected = p * f64::from(n);
        if expected < 8.0 {
            rest = (rest.0 + seen, rest.1 + expected);
            continue;
        }
        chi += (seen - expected).powi(2) / expected;
        df += 1.0;
    }
    if rest.1 > 0.0 {
        chi += (rest.0 - rest.1).powi(2) / rest.1;
        df += 1.0;
    }
    gamma::chi_square_sf(chi, df)
}

/// Points inserted one by one, in three orders, with and without others that came before and left:
/// the tree has the law of one that is built at once (Guha et al. 2016, theorems 2 to 4).
#[test]
fn a_tree_has_the_law_of_one_built_at_once() {
    let law = law(&[0, 1, 2, 3, 4]);
    assert!(law.len() > 50, "{}", law.len());
    type Story = (&'static [usize], &'static [usize]);
    // The order of the points, and after how many of them each other one leaves.
    let stories: [Story; 4] = [
        (&[0, 1, 2, 3, 4], &[]),
        (&[3, 1, 4, 0, 2], &[]),
        (&[0, 1, 2, 3, 4], &[5, 5, 5]),
        (&[4, 2, 3, 0, 1], &[1, 3, 3]),
    ];
    for (story, (order, leaves)) in (0..).zip(stories) {
        let mut counts = BTreeMap::<String, u32>::new();
        for number in 0..20_000 {
            let mut stream = Stream::new(story, number);
            let (mut tree, mut window) = (Tree::new(2), Window::new(2));
            for point in &OTHERS[..leaves.len()] {
                put(&mut tree, &mut window, point, &WEIGHTS, &mut stream);
            }
            for (count, &index) in (1..).zip(order) {
                put(
                    &mut tree,
                    &mut window,
                    &POINTS[index],
                    &WEIGHTS,
                    &mut stream,
                );
                for _ in leaves.iter().filter(|&&after| after == count) {
                    drop_oldest(&mut tree, &mut window);
                }
            }
            assert_eq!(window.len(), 5);
            *counts.entry(name(&tree, &window)).or_default() += 1;
        }
        let p = chi_square_p(&counts, &law);
        assert!(p > 1e-4, "story {story}: p = {p}");
    }
}

/// Where the root's cut falls: evenly along each dimension, and each dimension by its length.
#[test]
fn the_first_cut_is_even_along_the_box() {
    let mut counts = [[0_u32; 8]; 2];
    let n = 40_000;
    for number in 0..n {
        let mut stream = Stream::new(11, number);
        let (mut tree, mut window) = (Tree::new(2), Window::new(2));
        for point in OTHERS.iter().chain(&POINTS) {
            put(&mut tree, &mut window, point, &WEIGHTS, &mut stream);
        }
        for _ in OTHERS {
            drop_oldest(&mut tree, &mut window);
        }
        let written = serde_json::to_value(tree.to_written()).unwrap();
        let root = &written["cuts"][!written["root"].as_i64().unwrap() as usize];
        let dimension = root[0].as_u64().unwrap() as usize;
        let length = [4.0, 1.8][dimension];
        counts[dimension][(root[1].as_f64().unwrap() / length * 8.0) as usize] += 1;
    }
    let total = 4.0 * WEIGHTS[0] + 1.8 * WEIGHTS[1];
    let expected = [4.0 * WEIGHTS[0], 1.8 * WEIGHTS[1]].map(|l| n as f64 * l / total / 8.0);
    let cells = counts.iter().zip(expected);
    let chi: f64 = cells
        .flat_map(|(counts, e)| counts.map(|c| (f64::from(c) - e).powi(2) / e))
        .sum();
    assert!(
        gamma::chi_square_sf(chi, 15.0) > 1e-4,
        "{chi} of 15 degrees of freedom"
    );
}

/// The collusive displacement of a point that is in a tree, by its definition.
fn collusive(tree: &Tree, window: &Window, point: &[f64]) -> f64 {
    fn below(link: i64, cuts: &[serde_json::Value], window: &Window, point: &[f64]) -> (f64, f64) {
        // Mass, and the largest ratio on the way down to the point.
        if link >= 0 {
            return (f64::from(window.copies(link as usize)), 0.0);
        }
        let node = &cuts[!link as usize];
        let [left, right] = [2, 3].map(|i| below(node[i].as_i64().unwrap(), cuts, window, point));
        let dimension = node[0].as_u64().unwrap() as usize;
        let is_left = point[dimension] <= node[1].as_f64().unwrap();
        let (own, other) = if is_left {
            (left, right)
        } else {
            (right, left)
        };
        (own.0 + other.0, own.1.max(other.0 / own.0))
    }
    let written = serde_json::to_value(tree.to_written()).unwrap();
    let cuts = written["cuts"].as_array().unwrap();
    below(written["root"].as_i64().unwrap(), cuts, window, point).1
}

/// The displacement that is worked out is the mean of that of a point that is added.
#[test]
fn a_displacement_is_the_mean_over_the_cuts_that_might_be_drawn() {
    let mut stream = Stream::new(5, 0);
    let (mut tree, mut window) = (Tree::new(2), Window::new(2));
    for i in 0..40 {
        let row = [
            (stream.unit() * 9.0).floor(),
            stream.unit() * f64::from(1 + i % 3),
        ];
        put(&mut tree, &mut window, &row, &WEIGHTS, &mut stream);
        if i % 4 == 0 {
            put(&mut tree, &mut window, &[2.0, 0.5], &WEIGHTS, &mut stream);
        }
    }
    for probe in [
        [2.0, 0.5],
        [20.0, 0.5],
        [4.5, 2.5],
        [2.1, 0.5],
        [-1.0, -0.2],
        [8.0, 0.1],
    ] {
        let mut credit = [0.0; 2];
        let expected = tree.displacement(&probe, &window, &WEIGHTS, &mut credit);
        assert!((credit.iter().sum::<f64>() / expected - 1.0).abs() < 1e-12);
        let n = 4000;
        let drawn: Vec<f64> = (0..n)
            .map(|number| {
                let (mut tree, mut window) = (tree.clone(), window.clone());
                let mut stream = Stream::new(6, number);
                put(&mut tree, &mut window, &probe, &WEIGHTS, &mut stream);
                collusive(&tree, &window, &probe)
            })
            .collect();
        let mean = drawn.iter().sum::<f64>() / n as f64;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        let error = (variance / n as f64).sqrt();
        assert!(
            (mean - expected).abs() <= 4.0 * error + 1e-9,
            "{probe:?}: {mean} {expected} {error}"
        );
    }
}

/// Rows that tie, differ in the last bit, lie far apart or are as large as may be.
fn rows(features: usize, most: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    let value = prop_oneof![
        4 => (0..4_i32).prop_map(f64::from),
        2 => -1.0..1.0_f64,
        1 => prop_oneof![
            Just(-0.0), Just(1e9), Just(1e9 + 1e-6), Just(1.0 + f64::EPSILON), Just(f64::MAX),
            Just(f64::MIN), Just(5e-324), Just(1e-200), Just(1e200),
        ],
    ];
    prop::collection::vec(prop::collection::vec(value, features), 1..most)
}

proptest! {
    /// After every update each tree is what follows from its cuts and its points: every point in one
    /// leaf, every cut between its branches, every box and count as if made anew. What is written and
    /// read is the same, and goes on the same.
    #[test]
    fn a_forest_is_sound_after_any_updates(
        (features, rows) in (1..4_usize).prop_flat_map(|n| (Just(n), rows(n, 60))),
        window in 2..12_u64,
        shingle in 1..4_u64,
        warm_up in 2..12_u64,
        random_state in 0..1000_u64,
    ) {
        let design = RandomCutForest::new()
            .n_trees(3)
            .window(window)
            .shingle(shingle)
            .warm_up(Some(warm_up.min(window)))
            .calibration(9)
            .random_state(random_state);
        let mut monitor = design.monitor(features as u64).unwrap();
        let mut restarted = monitor.clone();
        for row in &rows {
            let alone = monitor.score(row).unwrap();
            let found = monitor.update(row).unwrap();
            prop_assert_eq!(&alone, &found);
            prop_assert!((0.0..=1.0).contains(&found.score), "{:?}", found);
            prop_assert!(found.p_value > 0.0 && found.p_value <= 1.0);
            let sum: f64 = found.contributions.iter().sum();
            prop_assert!((sum - found.score).abs() < 1e-12, "{:?}", found);
            for tree in &monitor.trees {
                let anew = anew(tree, &monitor.window);
                prop_assert_eq!(anew.as_ref(), Some(tree));
            }
            prop_assert!(monitor.window.slots() as u64 <= window);
            restarted = serde_json::from_str(&serde_json::to_string(&restarted).unwrap()).unwrap();
            prop_assert_eq!(restarted.update(row).unwrap(), found);
        }
        prop_assert_eq!(restarted, monitor);
    }
}

//! The Numenta Anomaly Benchmark's series of servers, where they are at hand: `CANARY_NAB` is the path
//! of a folder with its `data/` and `labels/`.

use std::collections::BTreeMap;
use std::path::Path;

use canary_core::anomaly::RandomCutForest;

type Labels = BTreeMap<String, Vec<[String; 2]>>;

/// The share of pairs in which the first is larger, ties half.
fn share_above(first: &[f64], second: &[f64]) -> f64 {
    let wins = |a: f64| -> f64 {
        let of = |b: &f64| f64::from(a > *b) + 0.5 * f64::from(a == *b);
        second.iter().map(of).sum()
    };
    first.iter().map(|&a| wins(a)).sum::<f64>() / (first.len() * second.len()) as f64
}

/// How a labelled window's largest score compares with those of stretches without a label that are as
/// long, after the benchmark's probation of 15%.
#[test]
fn labelled_windows_rank_above_others() {
    let Ok(root) = std::env::var("CANARY_NAB") else {
        println!("skipped: CANARY_NAB is not set");
        return;
    };
    let root = Path::new(&root);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let labels: Labels =
        serde_json::from_str(&read(&root.join("labels/combined_windows.json"))).unwrap();
    for (shingle, window) in [(1, 256), (4, 256), (8, 512), (8, 1024)] {
        let (mut points, mut blocks) = (Vec::new(), Vec::new());
        for (name, windows) in &labels {
            let path = root.join("data").join(name);
            if windows.is_empty() || !name.starts_with("realAWSCloudwatch") || !path.exists() {
                continue;
            }
            let text = read(&path);
            let rows: Vec<(&str, [f64; 1])> = text
                .lines()
                .skip(1)
                .map(|line| line.split_once(',').unwrap())
                .map(|(time, value)| (time, [value.parse().unwrap()]))
                .collect();
            let design = RandomCutForest::new().shingle(shingle).window(window);
            let mut monitor = design.monitor(1).unwrap();
            let probation = (rows.len() * 15 / 100).min(750);
            let (mut labelled, mut quiet) = (vec![Vec::new(); windows.len()], vec![Vec::new()]);
            for (index, (time, row)) in rows.iter().enumerate() {
                let score = monitor.update(row).unwrap().score;
                if index < probation {
                    continue;
                }
                // "2014-02-14 14:27:00" and the same with ".000000" order alike.
                let is_in = |[from, to]: &[String; 2]| *time >= &from[..19] && *time <= &to[..19];
                match windows.iter().position(is_in) {
                    Some(place) => {
                        labelled[place].push(score);
                        quiet.push(Vec::new());
                    }
                    None => quiet.last_mut().unwrap().push(score),
                }
            }
            labelled.retain(|scores| !scores.is_empty());
            if labelled.is_empty() {
                continue;
            }
            points.push(share_above(&labelled.concat(), &quiet.concat()));
            let length = labelled.iter().map(Vec::len).max().unwrap();
            let largest = |scores: &[f64]| scores.iter().copied().fold(0.0, f64::max);
            let labelled: Vec<f64> = labelled.iter().map(|scores| largest(scores)).collect();
            let whole = quiet.iter().flat_map(|scores| scores.chunks_exact(length));
            let quiet: Vec<f64> = whole.map(largest).collect();
            blocks.push(share_above(&labelled, &quiet));
        }
        let mean = |shares: &[f64]| shares.iter().sum::<f64>() / shares.len() as f64;
        println!(
            "shingle {shingle}, window {window}: {} series, points {:.3}, windows {:.3}",
            points.len(),
            mean(&points),
            mean(&blocks)
        );
        println!("  {blocks:.2?}");
        assert!(points.len() >= 10, "only {} series", points.len());
        assert!(mean(&points) > 0.5 && mean(&blocks) > 0.5);
    }
}

//! Anomalous windows: false alarms, faults found, and how often nothing can be told.

mod faults;
mod windows;

use canary_core::anomaly::{AnomalousWindows, IsolationForest, Matrix};
use canary_core::{Arms, Result};

use self::windows::{Metrics, Windows};
use crate::table::{ALPHA, Look, Row, Table};
use crate::worlds::Random;

pub(crate) use self::faults::faults;

const RUNS: u32 = 400;

/// What the arms' windows are like, and from how many on the test is to hold its level.
const METRICS: [Metrics; 9] = [
    Metrics::Remembering(0.0),
    Metrics::Remembering(0.3),
    Metrics::Remembering(0.6),
    Metrics::Remembering(0.9),
    Metrics::Wave,
    Metrics::WaveAndMemory,
    Metrics::Bursts,
    Metrics::Heavy,
    Metrics::Zeros,
];

/// How the baseline's windows lie to the canary's.
#[derive(Clone, Copy)]
enum Baseline {
    /// At the same times.
    Beside,
    /// Four times as long, the last of them at the same times.
    LongBeside,
    /// Four times as long, and before.
    LongBefore,
}

fn arms(
    metrics: Metrics,
    columns: usize,
    baseline: Baseline,
    n: usize,
    random: &mut Random,
) -> Windows {
    let (windows, start) = match baseline {
        Baseline::Beside => (n, 0),
        Baseline::LongBeside => (4 * n, 3 * n),
        Baseline::LongBefore => (4 * n, 4 * n),
    };
    Windows {
        columns,
        baseline: metrics.values(random, windows, columns, 0),
        canary: metrics.values(random, n, columns, start),
        start,
    }
}

fn row(name: String, metrics: Metrics, columns: usize, baseline: Baseline) -> Row {
    let row = Row::new(name, move |random, n| {
        let found = arms(metrics, columns, baseline, n, random).compared()?;
        Ok(Look::alarm(found.p_value <= ALPHA))
    });
    row.runs(RUNS).recommended_from(16)
}

pub(crate) fn tables() -> Vec<Table> {
    let sizes = vec![30, 60, 200];
    let mut rows: Vec<Row> = METRICS
        .into_iter()
        .map(|metrics| row(metrics.title(), metrics, 5, Baseline::Beside))
        .collect();
    let playbook = Row::new("the playbook's rule, independent windows", |random, n| {
        let windows = arms(Metrics::Remembering(0.0), 5, Baseline::Beside, n, random);
        Ok(Look::alarm(by_the_playbook(&windows.canary, 5)?))
    });
    rows.push(playbook.runs(RUNS));
    let mut others = Vec::new();
    for columns in [1, 10] {
        for metrics in [
            Metrics::Remembering(0.0),
            Metrics::Remembering(0.6),
            Metrics::Bursts,
        ] {
            let name = match columns {
                1 => format!("1 metric, {}", metrics.title()),
                _ => format!("{columns} metrics, {}", metrics.title()),
            };
            others.push(row(name, metrics, columns, Baseline::Beside));
        }
    }
    let mut long = Vec::new();
    for (name, baseline) in [
        ("the last of it beside the canary", Baseline::LongBeside),
        ("before the canary", Baseline::LongBefore),
    ] {
        for metrics in [
            Metrics::Remembering(0.0),
            Metrics::Remembering(0.6),
            Metrics::Wave,
        ] {
            long.push(row(
                format!("{name}, {}", metrics.title()),
                metrics,
                5,
                baseline,
            ));
        }
    }
    vec![
        Table {
            title: "Five metrics, as many windows an arm at the same times".to_owned(),
            size: "n",
            sizes: sizes.clone(),
            rows,
        },
        Table {
            title: "Other numbers of metrics".to_owned(),
            size: "n",
            sizes,
            rows: others,
        },
        Table {
            title: "A baseline four times as long as the canary".to_owned(),
            size: "the canary's n",
            sizes: vec![20, 30, 60],
            rows: long,
        },
    ]
}

/// Whether the playbook's rule raises an alarm.
fn by_the_playbook(windows: &[f64], columns: usize) -> Result<bool> {
    let windows = Matrix::by_rows(windows, columns)?;
    let forest = IsolationForest::new()
        .contamination(Some(0.1))
        .fit(&windows)?;
    let labels = forest.predict(&windows)?;
    let anomalies = labels.iter().filter(|label| **label == -1).count();
    Ok(anomalies as f64 / labels.len() as f64 > 0.05)
}

impl Windows {
    fn compared(&self) -> Result<canary_core::anomaly::AnomalyResult> {
        let times = |values: &[f64], start: usize| -> Vec<f64> {
            let windows = values.len() / self.columns;
            (start..start + windows).map(|time| time as f64).collect()
        };
        let (own, other) = (times(&self.baseline, 0), times(&self.canary, self.start));
        let windows = Arms::new(
            Matrix::by_rows(&self.baseline, self.columns)?,
            Matrix::by_rows(&self.canary, self.columns)?,
        );
        AnomalousWindows::new().run_at(&Arms::new(&own[..], &other[..]), &windows)
    }
}

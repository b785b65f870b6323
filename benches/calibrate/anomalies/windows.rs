//! Windows of metrics to be wrong on.

use std::f64::consts::TAU;

use crate::worlds::Random;

/// Both arms' windows, row by row.
pub(super) struct Windows {
    pub(super) columns: usize,
    pub(super) baseline: Vec<f64>,
    pub(super) canary: Vec<f64>,
    /// The time of the canary's first window.
    pub(super) start: usize,
}

/// What metrics are like over time; their spread is about 1.
#[derive(Clone, Copy)]
pub(super) enum Metrics {
    /// Each value remembers so much of the last.
    Remembering(f64),
    /// Both arms share a wave twice as high as the noise, 60 windows long.
    Wave,
    /// One of 200 windows, over noise that remembers 0.6.
    WaveAndMemory,
    /// Now and then five windows are six higher.
    Bursts,
    /// A normal number over another one.
    Heavy,
    /// Four fifths are 0, the others log-normal.
    Zeros,
}

impl Metrics {
    pub(super) fn title(self) -> String {
        match self {
            Self::Remembering(0.0) => "independent windows".to_owned(),
            Self::Remembering(phi) => format!("AR(1) with {phi}"),
            Self::Wave => "a shared wave".to_owned(),
            Self::WaveAndMemory => "a shared wave, AR(1) with 0.6".to_owned(),
            Self::Bursts => "bursts of five windows".to_owned(),
            Self::Heavy => "heavy tails".to_owned(),
            Self::Zeros => "zeros".to_owned(),
        }
    }

    /// Row by row.
    pub(super) fn values(
        self,
        random: &mut Random,
        windows: usize,
        columns: usize,
        start: usize,
    ) -> Vec<f64> {
        let series: Vec<Vec<f64>> = (0..columns)
            .map(|column| self.series(random, windows, start, column as f64))
            .collect();
        let row = |row: usize| {
            series
                .iter()
                .filter_map(move |values| values.get(row).copied())
        };
        (0..windows).flat_map(row).collect()
    }

    fn series(self, random: &mut Random, windows: usize, start: usize, phase: f64) -> Vec<f64> {
        let mut last = random.normal();
        let mut remember = |phi: f64, random: &mut Random| {
            last = phi * last + (1.0 - phi * phi).sqrt() * random.normal();
            last
        };
        let mut burst = 0;
        let value = |window: usize| {
            let wave = |period: f64| 2.0 * (window as f64 / period * TAU + phase).sin();
            match self {
                Self::Remembering(phi) => remember(phi, random),
                Self::Wave => random.normal() + wave(60.0),
                Self::WaveAndMemory => remember(0.6, random) + wave(200.0),
                Self::Bursts => {
                    if burst > 0 {
                        burst -= 1;
                    } else if random.uniform() < 0.02 {
                        burst = 5;
                    }
                    random.normal() + if burst > 0 { 6.0 } else { 0.0 }
                }
                Self::Heavy => random.normal() / (random.normal().abs() + 0.05),
                Self::Zeros => {
                    if random.uniform() < 0.8 {
                        0.0
                    } else {
                        random.normal().exp()
                    }
                }
            }
        };
        (start..start + windows).map(value).collect()
    }
}

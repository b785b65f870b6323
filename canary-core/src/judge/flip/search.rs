//! The nearest point of a path at which a verdict is another one.

/// How many re-runs one search may take.
pub(super) const MOST_RUNS: usize = 40;
/// Of these, how many to find a point beyond which it is another one.
const MOST_STEPS: usize = 24;
/// How close the two ends of what is left must be, as a part of the change.
const CLOSE: f64 = 0.002;
/// By which part of the change the answer may be moved to a number with fewer digits.
const ROUNDING: f64 = 0.01;

/// Points that a search goes through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Path {
    /// `from` plus a growing step, as far as `end`.
    Line {
        from: f64,
        step: f64,
        end: Option<f64>,
    },
    /// The same in whole numbers.
    Whole {
        from: f64,
        step: f64,
        up: bool,
        end: f64,
    },
    /// From 1 up or down by factors, as far as `end`.
    Factor { up: bool, end: Option<f64> },
}

/// Where a search ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// The last point tried on the near side.
    pub(super) until: f64,
    /// The nearest point found on the far side.
    pub(super) to: f64,
}

impl Path {
    pub(super) const fn from(self) -> f64 {
        match self {
            Self::Line { from, .. } | Self::Whole { from, .. } => from,
            Self::Factor { .. } => 1.0,
        }
    }

    /// The point after so many doublings of the step, no farther than the end.
    fn step(self, doublings: usize) -> f64 {
        let reach = 2_f64.powi(doublings as i32);
        match self {
            Self::Line { from, step, end } => {
                let point = from + step * reach;
                match end {
                    Some(end) if step < 0.0 => point.max(end),
                    Some(end) => point.min(end),
                    None => point,
                }
            }
            Self::Whole {
                from,
                step,
                up: true,
                end,
            } => (from + step * reach).min(end),
            Self::Whole {
                from, step, end, ..
            } => (from - step * reach).max(end),
            Self::Factor { up, end } => {
                let log = (0.01 * reach).min(46.0);
                let factor = (if up { log } else { -log }).exp();
                match end {
                    Some(end) if up => factor.min(end),
                    Some(end) => factor.max(end),
                    None => factor,
                }
            }
        }
    }

    fn middle(self, Found { until, to }: Found) -> f64 {
        match self {
            Self::Line { .. } => 0.5 * until + 0.5 * to,
            Self::Whole { .. } => (0.5 * until + 0.5 * to).round(),
            Self::Factor { .. } => (until * to).sqrt(),
        }
    }

    /// Searches the nearest point at which `flips` holds: steps that double until it does, then
    /// halving. At most [`MOST_RUNS`] runs; none where the path ends before.
    pub(super) fn search(self, mut flips: impl FnMut(f64) -> bool) -> Option<Found> {
        let from = self.from();
        let mut found = Found {
            until: from,
            to: from,
        };
        let mut runs = 0;
        loop {
            let point = self.step(runs);
            // The end is reached.
            if point == found.until || !point.is_finite() || runs >= MOST_STEPS {
                return None;
            }
            runs += 1;
            if flips(point) {
                found.to = point;
                break;
            }
            found.until = point;
        }
        // Some runs are left for shorter numbers.
        while runs < MOST_RUNS - 3
            && (found.to - found.until).abs() > CLOSE * (found.to - from).abs()
        {
            let middle = self.middle(found);
            if middle == found.until || middle == found.to {
                break;
            }
            runs += 1;
            if flips(middle) {
                found.to = middle;
            } else {
                found.until = middle;
            }
        }
        if !matches!(self, Self::Whole { .. }) {
            let shorter = self.shorter(found);
            if let Some(shorter) = shorter.into_iter().find(|&shorter| flips(shorter)) {
                found.to = shorter;
            }
        }
        Some(found)
    }

    /// Numbers with few digits at the one found: on its near side, and a little farther.
    fn shorter(self, Found { until, to }: Found) -> Vec<f64> {
        let from = self.from();
        let up = to > from;
        let room = ROUNDING * (to - from).abs();
        // A factor is read as a percentage.
        let (offset, size) = match self {
            Self::Factor { .. } => (1.0, to - 1.0),
            _ => (0.0, to),
        };
        let end = match self {
            Self::Line { end, .. } | Self::Factor { end, .. } => end,
            Self::Whole { .. } => None,
        };
        let is_within = |x: f64| {
            let (least, most) = if up {
                (until, to + room)
            } else {
                (to - room, until)
            };
            let passes_end = end.is_some_and(|end| if up { x > end } else { x < end });
            least < x && x < most && !passes_end
        };
        let nearby = (1..=8)
            .flat_map(|digits| [!up, up].map(|upwards| offset + rounded(size, digits, upwards)));
        let mut nearby: Vec<f64> = nearby.filter(|&x| is_within(x)).collect();
        nearby.dedup();
        nearby.truncate(3);
        nearby
    }
}

/// The number with so many significant digits, rounded up or down.
fn rounded(x: f64, digits: i32, up: bool) -> f64 {
    if x == 0.0 {
        return 0.0;
    }
    let places = digits - 1 - x.abs().log10().floor() as i32;
    // Powers of ten are exact one way only.
    let (scale, grow) = (10_f64.powi(places.abs()), places >= 0);
    let scaled = if grow { x * scale } else { x / scale };
    let whole = if up { scaled.ceil() } else { scaled.floor() };
    if grow { whole / scale } else { whole * scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(path: Path, limit: f64) -> (Option<Found>, usize) {
        let mut runs = 0;
        let sign = (path.step(3) - path.from()).signum();
        let found = path.search(|x| {
            runs += 1;
            sign * x >= sign * limit
        });
        (found, runs)
    }

    #[test]
    fn the_nearest_point_is_found_with_few_runs() {
        let line = |from, step, end| Path::Line { from, step, end };
        for (path, limit) in [
            (line(50.0, 2.5, None), 73.123),
            (line(50.0, -2.5, Some(0.0)), 49.9),
            (line(50.0, -2.5, Some(0.0)), 0.0),
            (line(0.0, 1e-3, None), 812.0),
            (
                Path::Factor {
                    up: true,
                    end: None,
                },
                37.0,
            ),
            (
                Path::Factor {
                    up: false,
                    end: None,
                },
                0.973,
            ),
        ] {
            let (found, runs) = search(path, limit);
            let Found { until, to } = found.unwrap();
            let change = (limit - path.from()).abs();
            assert!((to - limit).abs() <= 0.0125 * change, "{path:?}: {to}");
            assert!(
                (limit - until).abs() <= 0.0025 * change,
                "{path:?}: {until}"
            );
            assert!(runs <= MOST_RUNS, "{path:?}: {runs}");
        }
        let whole = Path::Whole {
            from: 30.0,
            step: 1.0,
            up: false,
            end: 0.0,
        };
        let (until, to) = (13.0, 12.0);
        assert_eq!(search(whole, 12.0).0, Some(Found { until, to }));
    }

    #[test]
    fn a_path_that_ends_before_has_no_such_point() {
        let path = Path::Line {
            from: 1.0,
            step: -0.3,
            end: Some(0.0),
        };
        assert_eq!(search(path, -0.1).0, None);
        let path = Path::Whole {
            from: 5.0,
            step: 1.0,
            up: true,
            end: 9.0,
        };
        assert_eq!(search(path, 10.0).0, None);
    }

    #[test]
    fn numbers_are_shortened_outwards() {
        assert_eq!(rounded(73.123, 3, true), 73.2);
        assert_eq!(rounded(-0.2134, 2, false), -0.22);
        assert_eq!(rounded(81_234.0, 2, true), 82_000.0);
    }
}

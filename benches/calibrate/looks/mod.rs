//! Monitors, and tests for one look used at every one: how often they raise a false alarm over all
//! looks, and how soon they find a fault.

mod delays;
mod streams;
mod watch;

use std::sync::Arc;

use canary_core::Alternative;
use canary_core::sequential::Assume::{Independence, Nothing};

use self::streams::{Fault, Latencies, Metrics, Minutes, Requests, Stream, Values};
use self::watch::Watcher;
use crate::table::{Look, Row, Table};
use crate::worlds::Random;

pub(crate) use self::delays::delays;

/// So many observations of events are looked at in all, and so many values, of which more is seen in each.
const EVENTS: usize = 100_000;
const VALUES: usize = 10_000;

/// How looks divide what is observed.
#[derive(Clone, Copy)]
enum Looks {
    /// A look after every so many observations, of which there are so many.
    Every(usize),
    /// So many looks, a minute apart, with so many observations each.
    Minutes(usize),
}

impl Looks {
    /// How many looks, and how many observations in each.
    const fn of(self, size: usize) -> (usize, usize) {
        match self {
            Self::Every(all) => (all / size, size),
            Self::Minutes(each) => (size, each),
        }
    }
}

/// The look at which an alarm is raised, the first being 1.
fn first_alarm(
    stream: &dyn Stream,
    watcher: Watcher,
    alternative: Alternative,
    share: f64,
    (looks, each): (usize, usize),
    random: &mut Random,
) -> canary_core::Result<Option<usize>> {
    let mut course = stream.course();
    let mut watch = watcher.watch(share, alternative, looks * each)?;
    for look in 0..looks {
        let interval = course(random, look as f64 / looks as f64, each);
        if watch(&interval)? {
            return Ok(Some(look + 1));
        }
    }
    Ok(None)
}

impl Watcher {
    /// As many as there is time for.
    const fn runs(self, looks: Looks) -> u32 {
        match (looks, self) {
            (Looks::Minutes(_), Self::Quantiles(_) | Self::Distribution(_)) => 500,
            (Looks::Minutes(_), Self::Holm | Self::Uncorrected) => 500,
            (Looks::Minutes(_), _) => 1000,
            (Looks::Every(_), Self::Quantiles(_) | Self::Distribution(_)) => 100,
            (Looks::Every(VALUES), _) => 500,
            (Looks::Every(_), _) => 200,
        }
    }
}

/// A world, in which some watch.
struct Scene {
    title: &'static str,
    stream: Arc<dyn Stream>,
    share: f64,
    looks: Looks,
    alternative: Alternative,
    watchers: Vec<Watcher>,
    /// Whether it is more than anybody promises to bear.
    is_beyond: bool,
}

impl Scene {
    fn table(self) -> Table {
        let (size, sizes) = match self.looks {
            Looks::Every(all) => ("a look after every", vec![1, 10, 100, all / 5]),
            Looks::Minutes(_) => ("minutes", vec![60, 300, 1000]),
        };
        let rows = self.watchers.iter().map(|&watcher| {
            let (stream, share, looks) = (Arc::clone(&self.stream), self.share, self.looks);
            let alternative = self.alternative;
            let row = Row::new(watcher.title(), move |random, size| {
                let size = looks.of(size);
                let alarm = first_alarm(&*stream, watcher, alternative, share, size, random)?;
                Ok(Look::alarm(alarm.is_some()))
            });
            let row = row.runs(watcher.runs(self.looks));
            if watcher.is_guaranteed() && !self.is_beyond {
                row.recommended_from(1)
            } else {
                row
            }
        });
        Table {
            title: self.title.to_owned(),
            size,
            sizes,
            rows: rows.collect(),
        }
    }
}

const COUNTS: [Watcher; 11] = [
    Watcher::EventSplit(Nothing),
    Watcher::EventSplit(Independence),
    Watcher::Proportions(Nothing),
    Watcher::Proportions(Independence),
    Watcher::ProportionRatio,
    Watcher::Sprt(Nothing),
    Watcher::Sprt(Independence),
    Watcher::Groups(Nothing),
    Watcher::Groups(Independence),
    Watcher::RepeatedZ,
    Watcher::Playbook,
];

pub(crate) fn tables() -> Vec<Table> {
    let requests = |title, requests: Requests, looks, alternative| Scene {
        title,
        share: requests.shares.first().copied().unwrap_or(0.5),
        stream: Arc::new(requests),
        looks,
        alternative,
        watchers: COUNTS.to_vec(),
        is_beyond: false,
    };
    let values = |title, share, values| Scene {
        title,
        share,
        stream: Arc::new(Latencies {
            share,
            values,
            fault: Fault::None,
        }),
        looks: Looks::Every(VALUES),
        alternative: Alternative::TwoSided,
        watchers: vec![
            Watcher::Means(Nothing),
            Watcher::Means(Independence),
            Watcher::Quantiles(Nothing),
            Watcher::Quantiles(Independence),
            Watcher::Distribution(Nothing),
            Watcher::Distribution(Independence),
            Watcher::RepeatedT,
        ],
        is_beyond: false,
    };
    let minutes = |title, memory, noise, wave| Scene {
        title,
        share: 0.5,
        stream: Arc::new(Minutes {
            memory,
            noise,
            wave,
            worse: 0.0,
        }),
        looks: Looks::Minutes(1),
        alternative: Alternative::Greater,
        watchers: vec![
            Watcher::Series(Nothing),
            Watcher::Series(Independence),
            Watcher::RepeatedT,
        ],
        is_beyond: false,
    };
    let two_sided = Alternative::TwoSided;
    let plain = |share| Requests::new(share, 0.01);
    let bursts = |share, burst| Requests {
        burst,
        ..plain(share)
    };
    let stages = vec![0.01, 0.05, 0.1, 0.25, 0.5];
    let minute = Looks::Minutes(1000);
    let scenes = vec![
        requests(
            "Errors of 1 % of requests, half of them the canary's",
            plain(0.5),
            Looks::Every(EVENTS),
            two_sided,
        ),
        requests(
            "Errors of 1 % of requests, a twentieth of them the canary's",
            plain(0.05),
            Looks::Every(EVENTS),
            two_sided,
        ),
        requests(
            "Errors of 0.01 % of requests, a twentieth of them the canary's",
            Requests::new(0.05, 1e-4),
            Looks::Every(EVENTS),
            two_sided,
        ),
        requests(
            "No errors at all",
            Requests::new(0.05, 0.0),
            Looks::Every(EVENTS),
            two_sided,
        ),
        requests(
            "A rate of errors that swings by half, a twentieth of the requests the canary's",
            Requests {
                wave: 0.5,
                ..plain(0.05)
            },
            Looks::Every(EVENTS),
            two_sided,
        ),
        values("Normal values, evenly split", 0.5, Values::Normal),
        values(
            "Log-normal values, a twentieth of them the canary's",
            0.05,
            Values::LogNormal,
        ),
        values(
            "Pareto's values with an exponent of 1.5 (no variance), evenly split",
            0.5,
            Values::Pareto,
        ),
        values("Nine zeros of ten, evenly split", 0.5, Values::Zeros),
        values(
            "Ten different values, a twentieth of them the canary's",
            0.05,
            Values::Ties,
        ),
        requests(
            "A look a minute, 1,000 requests each: errors one by one",
            plain(0.05),
            minute,
            two_sided,
        ),
        requests(
            "Errors in bursts of 2, a twentieth of the requests the canary's",
            bursts(0.05, 2.0),
            minute,
            two_sided,
        ),
        requests(
            "Errors in bursts of 5, a twentieth of the requests the canary's",
            bursts(0.05, 5.0),
            minute,
            two_sided,
        ),
        requests(
            "Errors in bursts of 10, a twentieth of the requests the canary's",
            bursts(0.05, 10.0),
            minute,
            two_sided,
        ),
        requests(
            "Errors in bursts of 5, evenly split",
            bursts(0.5, 5.0),
            minute,
            two_sided,
        ),
        requests(
            "Errors in bursts of 10, evenly split",
            bursts(0.5, 10.0),
            minute,
            two_sided,
        ),
        requests(
            "Shares of 1, 5, 10, 25 and 50 %, and a wave",
            Requests {
                shares: stages.clone(),
                wave: 0.5,
                ..plain(0.05)
            },
            minute,
            two_sided,
        ),
        requests(
            "Shares of 1, 5, 10, 25 and 50 %, a wave, and bursts of 5",
            Requests {
                shares: stages,
                wave: 0.5,
                burst: 5.0,
                ..plain(0.05)
            },
            minute,
            two_sided,
        ),
        minutes("A value a minute, independent", 0.0, 0.0, 0.0),
        minutes("A value a minute, both arms on one wave", 0.0, 0.0, 3.0),
        minutes("A value a minute, AR(1) with 0.3", 0.3, 0.0, 1.0),
        minutes("A value a minute, AR(1) with 0.6", 0.6, 0.0, 1.0),
        minutes("A value a minute, AR(1) with 0.9", 0.9, 0.0, 1.0),
        Scene {
            is_beyond: true,
            ..minutes(
                "A value a minute, AR(1) with 0.9 under noise of its size: not held",
                0.9,
                1.0,
                1.0,
            )
        },
    ];
    let metrics = |title, memory| Scene {
        title,
        share: 0.5,
        stream: Arc::new(Metrics {
            count: 20,
            correlation: 0.5,
            memory,
        }),
        looks: Looks::Minutes(1),
        alternative: Alternative::Greater,
        watchers: vec![Watcher::Holm, Watcher::Uncorrected],
        is_beyond: false,
    };
    let families = [
        metrics("20 metrics with a correlation of 0.5", 0.0),
        metrics("20 metrics with a correlation of 0.5, AR(1) with 0.6", 0.6),
    ];
    let scenes = scenes.into_iter().chain(families);
    scenes.map(Scene::table).collect()
}

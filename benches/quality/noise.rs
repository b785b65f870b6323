//! What is in the data of a canary that has nothing wrong.

use crate::random::Random;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Plain,
    BurstsOfTwo,
    BurstsOfFive,
    Remembering,
    Waves,
    Missing,
    Twenty,
    Stages,
    /// Each of these, or not, by chance.
    Mixed,
}

impl Class {
    pub(crate) const ALL: [Self; 9] = [
        Self::Plain,
        Self::BurstsOfTwo,
        Self::BurstsOfFive,
        Self::Remembering,
        Self::Waves,
        Self::Missing,
        Self::Twenty,
        Self::Stages,
        Self::Mixed,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::BurstsOfTwo => "bursts of 2",
            Self::BurstsOfFive => "bursts of 5",
            Self::Remembering => "AR(1) 0.6",
            Self::Waves => "shared waves",
            Self::Missing => "missing data",
            Self::Twenty => "20 metrics",
            Self::Stages => "five stages",
            Self::Mixed => "mixed",
        }
    }

    pub(crate) fn noise(self, random: &mut Random) -> Noise {
        let plain = Noise {
            burst: 1,
            phi: 0.0,
            wave: 0.0,
            missing: 0.0,
            is_twenty: false,
            is_staged: false,
        };
        match self {
            Self::Plain => plain,
            Self::BurstsOfTwo => Noise { burst: 2, ..plain },
            Self::BurstsOfFive => Noise { burst: 5, ..plain },
            Self::Remembering => Noise { phi: 0.6, ..plain },
            Self::Waves => Noise { wave: 0.3, ..plain },
            Self::Missing => Noise {
                missing: 0.05,
                ..plain
            },
            Self::Twenty => Noise {
                is_twenty: true,
                ..plain
            },
            Self::Stages => Noise {
                is_staged: true,
                ..plain
            },
            Self::Mixed => Noise {
                burst: random.one_of(&[1, 1, 2, 5]),
                phi: random.one_of(&[0.0, 0.3, 0.6]),
                wave: random.between(0.0, 0.3),
                missing: random.one_of(&[0.0, 0.05]),
                is_twenty: random.is(0.25),
                is_staged: random.is(0.5),
            },
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Noise {
    /// So many errors come at once.
    pub(crate) burst: u64,
    /// How much of a minute the next one remembers.
    pub(crate) phi: f64,
    /// How far traffic swings, for both arms.
    pub(crate) wave: f64,
    /// The share of minutes that an arm has no data for.
    pub(crate) missing: f64,
    /// Whether there are twenty more metrics, which go together.
    pub(crate) is_twenty: bool,
    /// Whether the canary's share grows in five stages.
    pub(crate) is_staged: bool,
}

//! Events in a span of time: restarts per hour, out-of-memory kills per day.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How many events happened in how much time (or any other exposure: machine-hours, megabytes).
///
/// ```
/// use canary_core::Exposure;
///
/// assert_eq!(Exposure::new(6, 2.0)?.rate(), 3.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Exposure {
    events: u64,
    time: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    events: u64,
    time: f64,
}

impl Exposure {
    /// `events` in `time`, whose unit is the caller's.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the time is not a positive finite number.
    pub fn new(events: u64, time: f64) -> Result<Self> {
        if time > 0.0 && time.is_finite() {
            Ok(Self { events, time })
        } else {
            Err(Error::input("time", "must be positive and finite", time))
        }
    }

    /// How many events there were.
    #[must_use]
    pub const fn events(self) -> u64 {
        self.events
    }

    /// How long was watched.
    #[must_use]
    pub const fn time(self) -> f64 {
        self.time
    }

    /// Events per unit of time.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.events as f64 / self.time
    }
}

impl TryFrom<Document> for Exposure {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        Self::new(document.events, document.time)
    }
}

impl From<Exposure> for Document {
    fn from(Exposure { events, time }: Exposure) -> Self {
        Self { events, time }
    }
}

//! Events out of trials: errors of requests, conversions of visits.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How many of a number of trials had the event. No trials at all is a valid observation (no
/// traffic); what needs trials says so.
///
/// ```
/// use canary_core::Counts;
///
/// let errors = Counts::new(3, 1_000)?;
/// assert_eq!(errors.rate(), 0.003);
/// assert_eq!(
///     Counts::new(7, 5).unwrap_err().to_string(),
///     "events: must not exceed the 5 trials, got 7"
/// );
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Counts {
    events: u64,
    trials: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    events: u64,
    trials: u64,
}

impl Counts {
    /// `events` out of `trials`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when there are more events than trials.
    pub fn new(events: u64, trials: u64) -> Result<Self> {
        if events > trials {
            let rule = format!("must not exceed the {trials} trials");
            return Err(Error::input("events", rule, events));
        }
        Ok(Self { events, trials })
    }

    /// How many trials had the event.
    #[must_use]
    pub const fn events(self) -> u64 {
        self.events
    }

    /// How many trials there were.
    #[must_use]
    pub const fn trials(self) -> u64 {
        self.trials
    }

    /// Events per trial; NaN without trials.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.events as f64 / self.trials as f64
    }
}

impl TryFrom<Document> for Counts {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        Self::new(document.events, document.trials)
    }
}

impl From<Counts> for Document {
    fn from(Counts { events, trials }: Counts) -> Self {
        Self { events, trials }
    }
}

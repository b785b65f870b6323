//! Floor 0, private: sums, moments, tails and roots that every formula above stands on.
//!
//! | file | what it is for |
//! |---|---|
//! | `extended` | infinities in JSON |
//! | `moments` | count, mean and sum of squared deviations; mergeable, right for 1e9 + noise |
//! | `normal` | tail and quantile of the standard normal distribution |
//! | `sort` | values in ascending order, fast |
//! | `student_t` | tail and quantile of Student's t, to the last digits for any df |
//! | `parallel` | both arms at the same time |
//! | `root` | Brent's root finder |
//! | `show` | numbers for people: four digits, no noise |

pub(crate) mod extended;
pub(crate) mod moments;
pub(crate) mod normal;
pub(crate) mod parallel;
pub(crate) mod root;
pub(crate) mod show;
pub(crate) mod sort;
pub(crate) mod student_t;

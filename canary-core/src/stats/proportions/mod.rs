//! Events out of trials: did the share of failures, or of conversions, change?

mod chi_square;
mod exact;
mod score;
mod two_proportion_z;

pub use chi_square::{ChiSquare, ChiSquareContinuity};
pub use exact::{ExactProportions, ProportionMethod};
pub(super) use score::{null_variance, odds_score, root_of_fixed_point, stratum_score};
pub use two_proportion_z::{ProportionInterval, TwoProportionZ};
pub(crate) use two_proportion_z::{Share, newcombe_reach};

//! When the two arms were measured.

use crate::options::choice;

choice! {
    /// When the two arms were measured: at the same time, or one after the other.
    ///
    /// Side by side, whatever else happens (a busy hour, a slow database, another release) happens to both
    /// arms and is not taken for the canary's doing. Before and after, it is: such a comparison is weaker,
    /// however many observations it has.
    #[derive(Default)]
    Design("design") {
        /// Side by side, at the same time.
        #[default]
        Concurrent = "concurrent",
        /// The baseline before the canary, without any beside it.
        BeforeAndAfter = "before_and_after",
    }
}

impl Design {
    /// The weaker of two.
    pub(crate) fn or(self, other: Self) -> Self {
        match self {
            Self::Concurrent => other,
            Self::BeforeAndAfter => self,
        }
    }
}

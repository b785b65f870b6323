//! Work on both arms, or on many things, at once, where there is enough of it and it was asked for (the feature
//! `parallel`). What is computed is the same either way, to the last bit.

/// From this many values an arm on.
#[cfg(feature = "parallel")]
const ENOUGH: usize = 1 << 15;

/// Both results; at the same time where the smaller arm has `size` values and that is enough.
pub(crate) fn both<T: Send>(
    #[cfg_attr(not(feature = "parallel"), expect(unused, reason = "one thread only"))] size: usize,
    first: impl FnOnce() -> T + Send,
    second: impl FnOnce() -> T + Send,
) -> (T, T) {
    #[cfg(feature = "parallel")]
    if size >= ENOUGH {
        return rayon::join(first, second);
    }
    (first(), second())
}

/// f of every index below `count`, in order; on all cores where that was asked for, a task for at least
/// `grain` of them.
pub(crate) fn map<T: Send>(
    count: usize,
    #[cfg_attr(not(feature = "parallel"), expect(unused, reason = "one thread only"))] grain: usize,
    f: impl Fn(usize) -> T + Sync + Send,
) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        let indices = (0..count).into_par_iter().with_min_len(grain);
        indices.map(f).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..count).map(f).collect()
}

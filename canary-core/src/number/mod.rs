//! Floor 0, private: sums, moments, tails and roots that every formula above stands on.
//!
//! | file | what it is for |
//! |---|---|
//! | `beta`, `gamma` | tails and quantiles: binomial, F, Poisson, chi-square |
//! | `density` | binomial and Poisson probabilities without a large logarithm |
//! | `extended` | infinities in JSON |
//! | `log_space` | means of numbers known by their logarithms |
//! | `moments` | count, mean and sum of squared deviations; mergeable, right for 1e9 + noise |
//! | `normal` | tail and quantile of the standard normal distribution |
//! | `sort` | values in ascending order, fast |
//! | `student_t` | tail and quantile of Student's t, to the last digits for any df |
//! | `parallel` | both arms, or many things, at the same time |
//! | `quadrature` | integrals of smooth functions |
//! | `random` | a seeded stream for every resample |
//! | `root` | Brent's root finder |
//! | `show` | numbers for people: four digits, no noise |
//! | `unique` | maps of which every key stands once |
//! | `version` | which version of a written form it is |

pub(crate) mod beta;
pub(crate) mod density;
pub(crate) mod extended;
pub(crate) mod gamma;
pub(crate) mod log_space;
pub(crate) mod moments;
pub(crate) mod normal;
pub(crate) mod parallel;
pub(crate) mod quadrature;
pub(crate) mod random;
pub(crate) mod root;
pub(crate) mod show;
pub(crate) mod sort;
pub(crate) mod student_t;
pub(crate) mod unique;
pub(crate) mod version;

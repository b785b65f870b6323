//! Two rows of values from the same world.

use canary_core::stats::{
    AndersonDarling, BayesianTest, Bootstrap, BootstrapInterval, BrownForsythe, BrunnerMunzel,
    Clusters, EquivalenceOutcome, KolmogorovSmirnov, PairedT, QuantileInterval, QuantileTest,
    RatioMetric, SignedRank, Statistic, VanElteren, Variance, WeightedMeans,
};
use canary_core::{Arms, Equivalence, MannWhitney, Margin, Measure, Result, TTest, TestResult};

use crate::table::{Look, Row, Table};
use crate::worlds::{Random, World};

const SIZES: [usize; 4] = [5, 20, 100, 1000];
/// Resamples and runs of the bootstrap: ten times its default would take hours.
const RESAMPLES: u64 = 999;
const FEW_RUNS: u32 = 2000;
const VERY_FEW_RUNS: u32 = 500;

pub(crate) fn tables() -> Vec<Table> {
    let worlds = [
        World::Normal,
        World::LogNormal,
        World::Heavy,
        World::ZeroInflated,
        World::Remembering(0.5),
    ];
    let mut tables: Vec<Table> = worlds.into_iter().map(two_rows).collect();
    tables.push(unequal());
    tables.push(pairs());
    tables.push(clusters());
    tables.push(strata());
    tables
}

type Values = Arms<Vec<f64>>;

/// A test on values that differ by nothing, drawn by `draw`.
fn row(
    name: &str,
    draw: impl Fn(&mut Random, usize) -> Values + Send + Sync + 'static,
    truth: f64,
    test: impl Fn(&Values) -> Result<TestResult> + Send + Sync + 'static,
) -> Row {
    Row::new(name, move |random, n| {
        Ok(Look::test(&test(&draw(random, n))?, truth))
    })
}

fn two_rows(world: World) -> Table {
    let draw = move |random: &mut Random, n: usize| {
        Arms::new(world.values(random, n), world.values(random, n))
    };
    let is_positive = !matches!(world, World::ZeroInflated);
    // From which size on the methods are recommended for such values, if at all.
    let independent = !matches!(world, World::Remembering(_));
    let from = |size: usize, row: Row| {
        if independent {
            row.recommended_from(size)
        } else {
            row
        }
    };
    let means_from = match world {
        World::Normal | World::Heavy => 5,
        _ => 20,
    };
    let mut rows = vec![
        from(
            means_from,
            row("`t_test`", draw, 0.0, |v| TTest::new().run(v)),
        ),
        row("`t_test`, pooled", draw, 0.0, |v| {
            TTest::new().variance(Variance::Pooled).run(v)
        }),
    ];
    if is_positive {
        rows.push(row("`t_test`, ratio", draw, 1.0, |v| {
            TTest::new().measure(Measure::Ratio).run(v)
        }));
    }
    rows.extend([
        from(
            5,
            row("`mann_whitney`", draw, 0.0, |v| MannWhitney::new().run(v)),
        ),
        from(
            20,
            row("`brunner_munzel`", draw, 0.5, |v| {
                BrunnerMunzel::new().run(v)
            }),
        ),
        from(
            5,
            row("`kolmogorov_smirnov`", draw, 0.0, |v| {
                KolmogorovSmirnov::new().run(v)
            }),
        ),
        // Its limit is that of values without ties.
        from(
            if world == World::ZeroInflated {
                usize::MAX
            } else {
                5
            },
            row("`anderson_darling`", draw, 0.0, |v| {
                AndersonDarling::new().run(v)
            }),
        ),
        from(
            20,
            row("`brown_forsythe`", draw, 0.0, |v| {
                BrownForsythe::new().run(v)
            }),
        ),
        from(
            20,
            row("`quantile_test`, median", draw, 0.0, |v| {
                QuantileTest::new().run(v)
            }),
        ),
        from(
            100,
            row("`quantile_test`, 0.9", draw, 0.0, |v| {
                QuantileTest::new().quantile(0.9).run(v)
            }),
        ),
        from(
            1000,
            row("`quantile_test`, 0.99", draw, 0.0, |v| {
                QuantileTest::new().quantile(0.99).run(v)
            }),
        ),
        row("`quantile_test`, median, bootstrap", draw, 0.0, |v| {
            QuantileTest::new()
                .interval(QuantileInterval::Bootstrap)
                .run(v)
        })
        .runs(VERY_FEW_RUNS),
        row("`quantile_test`, 0.99, bootstrap", draw, 0.0, |v| {
            let test = QuantileTest::new().quantile(0.99);
            test.interval(QuantileInterval::Bootstrap).run(v)
        })
        .runs(VERY_FEW_RUNS),
    ]);
    let test = Bootstrap::new().resamples(RESAMPLES);
    let bootstrap = |name: &str, test: Bootstrap| {
        let simulate = move |random: &mut Random, n: usize| {
            let found = test.run(&draw(random, n))?;
            Ok(Look::interval(found.estimate.interval, 0.0))
        };
        Row::new(name, simulate).runs(FEW_RUNS)
    };
    rows.extend([
        from(100, bootstrap("`bootstrap`, mean", test)),
        bootstrap(
            "`bootstrap`, mean, BCa",
            test.interval(BootstrapInterval::Bca),
        ),
        bootstrap(
            "`bootstrap`, mean, basic",
            test.interval(BootstrapInterval::Basic),
        ),
        bootstrap(
            "`bootstrap`, trimmed mean",
            test.statistic(Statistic::TrimmedMean),
        ),
        bootstrap("`bootstrap`, median", test.statistic(Statistic::Median)),
    ]);
    let credible = Row::new("`bayesian_test`, normal", move |random, n| {
        let found = BayesianTest::new().values(&draw(random, n))?;
        Ok(Look::interval(found.estimate.interval, 0.0))
    });
    rows.push(credible.runs(VERY_FEW_RUNS));
    if world == World::LogNormal {
        let credible = Row::new("`bayesian_test`, log-normal", move |random, n| {
            let found = BayesianTest::new().log_values(&draw(random, n))?;
            Ok(Look::interval(found.estimate.interval, 1.0))
        });
        rows.push(credible.runs(VERY_FEW_RUNS).recommended_from(5));
    }
    rows.push(from(
        means_from,
        Row::new(
            "`equivalence`, a canary worse by the margin",
            move |random, n| {
                let Arms { baseline, canary } = draw(random, n);
                let worse = canary.into_iter().map(|x| x + 0.5).collect();
                let test = Equivalence::new(Margin::Difference(0.5));
                let found = test.means(&Arms::new(baseline, worse))?;
                Ok(Look::alarm(found.outcome == EquivalenceOutcome::Within))
            },
        ),
    ));
    Table {
        title: world.title(),
        size: "n",
        sizes: SIZES.to_vec(),
        rows,
    }
}

/// A canary of n values against a baseline of 19 n.
fn unequal() -> Table {
    let worlds = [
        ("normal", World::Normal, 5),
        ("log-normal", World::LogNormal, usize::MAX),
        ("zeros", World::ZeroInflated, usize::MAX),
    ];
    let mut rows = Vec::new();
    for (name, world, means_from) in worlds {
        let draw = move |random: &mut Random, n: usize| {
            Arms::new(world.values(random, 19 * n), world.values(random, n))
        };
        let name = |test: &str| format!("{test}, {name}");
        rows.extend([
            row(&name("`t_test`"), draw, 0.0, |v| TTest::new().run(v)).recommended_from(means_from),
            row(&name("`mann_whitney`"), draw, 0.0, |v| {
                MannWhitney::new().run(v)
            })
            .recommended_from(5),
            row(&name("`brunner_munzel`"), draw, 0.5, |v| {
                BrunnerMunzel::new().run(v)
            })
            .recommended_from(20),
            row(&name("`kolmogorov_smirnov`"), draw, 0.0, |v| {
                KolmogorovSmirnov::new().run(v)
            })
            .recommended_from(5),
            row(&name("`brown_forsythe`"), draw, 0.0, |v| {
                BrownForsythe::new().run(v)
            }),
            row(&name("`quantile_test`, median"), draw, 0.0, |v| {
                QuantileTest::new().run(v)
            })
            .recommended_from(20),
        ]);
    }
    Table {
        title: "A canary of n values against a baseline of 19 n".to_owned(),
        size: "n",
        sizes: vec![5, 20, 100],
        rows,
    }
}

/// Values that belong together: half of each is shared.
fn pairs() -> Table {
    let mut rows = Vec::new();
    for (name, world) in [
        ("normal", World::Normal),
        ("log-normal", World::LogNormal),
        ("heavy tails", World::Heavy),
        ("zeros", World::ZeroInflated),
    ] {
        let draw = move |random: &mut Random, n: usize| {
            let shared = world.values(random, n);
            let with = |own: Vec<f64>| own.iter().zip(&shared).map(|(a, b)| a + b).collect();
            let own = Arms::new(world.values(random, n), world.values(random, n));
            own.map(with)
        };
        rows.push(
            row(&format!("`paired_t`, {name}"), draw, 0.0, |v| {
                PairedT::new().run(v)
            })
            .recommended_from(5),
        );
        rows.push(
            row(&format!("`signed_rank`, {name}"), draw, 0.0, |v| {
                SignedRank::new().run(v)
            })
            .recommended_from(5),
        );
    }
    Table {
        title: "Pairs".to_owned(),
        size: "n",
        sizes: SIZES.to_vec(),
        rows,
    }
}

/// Users with some requests each, whose latencies resemble each other.
fn users(random: &mut Random, count: usize) -> (Vec<f64>, Vec<u64>) {
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for user in 0..count {
        let own = random.normal();
        for _ in 0..=random.poisson(4.0) {
            values.push((0.7 * own + 0.7 * random.normal()).exp());
            labels.push(user as u64);
        }
    }
    (values, labels)
}

fn clusters() -> Table {
    let draw = |random: &mut Random, n: usize| Arms::new(users(random, n), users(random, n));
    let clustered = |measure: Measure, truth: f64| {
        move |random: &mut Random, n: usize| {
            let arms = draw(random, n)
                .try_map(|_, (values, labels)| Clusters::of_values(&values, &labels))?;
            Ok(Look::test(
                &RatioMetric::new().measure(measure).run(&arms)?,
                truth,
            ))
        }
    };
    Table {
        title: "Users with 1 + Poisson(4) requests that resemble each other".to_owned(),
        size: "users",
        sizes: SIZES.to_vec(),
        rows: vec![
            Row::new(
                "`ratio_metric`, difference",
                clustered(Measure::Difference, 0.0),
            )
            .recommended_from(100),
            Row::new("`ratio_metric`, ratio", clustered(Measure::Ratio, 1.0)),
            Row::new("`t_test` of requests", move |random, n| {
                let values = draw(random, n).map(|(values, _)| values);
                Ok(Look::test(&TTest::new().run(&values)?, 0.0))
            }),
        ],
    }
}

/// Three strata at different levels, which the arms have in different shares.
fn strata() -> Table {
    let draw = |random: &mut Random, n: usize| -> Vec<Values> {
        let stratum = |random: &mut Random, index: usize, size: usize| -> Vec<f64> {
            let values = World::LogNormal.values(random, size);
            values
                .into_iter()
                .map(|x| x * (1.0 + index as f64))
                .collect()
        };
        (0..3)
            .map(|index| {
                let sizes = (n * (index + 1), n * (3 - index));
                Arms::new(
                    stratum(random, index, sizes.0),
                    stratum(random, index, sizes.1),
                )
            })
            .collect()
    };
    let pooled = move |random: &mut Random, n: usize| {
        let strata = draw(random, n);
        let all = |arm: fn(&Values) -> &Vec<f64>| strata.iter().flat_map(arm).copied().collect();
        Arms::new(all(|v| &v.baseline), all(|v| &v.canary))
    };
    Table {
        title: "Three strata that the arms have in different shares".to_owned(),
        size: "n",
        sizes: SIZES.to_vec(),
        rows: vec![
            Row::new("`van_elteren`", move |random, n| {
                Ok(Look::test(&VanElteren::new().run(&draw(random, n))?, 0.0))
            })
            .recommended_from(5),
            Row::new("`post_stratified_means`", move |random, n| {
                let weights = [1.0, 1.0, 1.0];
                let found = WeightedMeans::new().post_stratified(&draw(random, n), &weights)?;
                Ok(Look::test(&found, 0.0))
            })
            .recommended_from(20),
            row("`mann_whitney` of all", pooled, 0.0, |v| {
                MannWhitney::new().run(v)
            }),
        ],
    }
}

use super::*;

fn bounds(design: &GroupSequential) -> Vec<f64> {
    let plan = design.plan().unwrap();
    plan.looks.iter().map(|look| look.bounds.efficacy).collect()
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{found} {expected}");
    }
}

#[test]
fn spent_bounds_are_the_published_ones() {
    // Lan and DeMets' spending, two-sided 0.05, equal looks.
    let obf: [&[f64]; 4] = [
        &[2.9626, 1.9686],
        &[3.7103, 2.5114, 1.9930],
        &[4.8769, 3.3570, 2.6803, 2.2898, 2.0310],
        &[
            6.9913, 4.8769, 3.9297, 3.3671, 2.9893, 2.7148, 2.5041, 2.3358, 2.1975, 2.0812,
        ],
    ];
    let pocock: [&[f64]; 4] = [
        &[2.1570, 2.2010],
        &[2.2794, 2.2949, 2.2959],
        &[2.4380, 2.4268, 2.4102, 2.3966, 2.3860],
        &[
            2.6551, 2.6232, 2.5896, 2.5621, 2.5397, 2.5214, 2.5061, 2.4931, 2.4819, 2.4722,
        ],
    ];
    for (spending, tables) in [(Spending::OBrienFleming, obf), (Spending::Pocock, pocock)] {
        for table in tables {
            let design = GroupSequential::new()
                .assume(Assume::Independence)
                .looks(table.len())
                .spending(spending);
            close(&bounds(&design), table, 1e-4);
        }
    }
}

#[test]
fn classical_bounds_are_the_published_ones() {
    // Jennison and Turnbull 2000, tables 2.1 and 2.3: two-sided 0.05.
    for (looks, pocock, obrien_fleming) in [
        (2, 2.178, 1.977),
        (3, 2.289, 2.004),
        (4, 2.361, 2.024),
        (5, 2.413, 2.040),
        (10, 2.555, 2.087),
    ] {
        let design = GroupSequential::new()
            .assume(Assume::Independence)
            .looks(looks);
        let found = bounds(&design.clone().spending(Spending::WangTsiatis(0.5)));
        close(&found, &vec![pocock; looks], 5.1e-4);
        let found = bounds(&design.spending(Spending::WangTsiatis(0.0)));
        let expected: Vec<f64> = (1..=looks)
            .map(|k| obrien_fleming * (looks as f64 / k as f64).sqrt())
            .collect();
        close(&found[looks - 1..], &expected[looks - 1..], 5.1e-4);
        close(&found, &expected, 5.1e-4 * (looks as f64).sqrt());
    }
}

#[test]
fn inflation_is_the_published_one() {
    // Jennison and Turnbull 2000, tables 2.2 and 2.4: two-sided 0.05, power 0.8 and 0.9.
    for (looks, delta, r80, r90) in [
        (2, 0.5, 1.110, 1.100),
        (5, 0.5, 1.229, 1.207),
        (10, 0.5, 1.301, 1.271),
        (2, 0.0, 1.008, 1.007),
        (5, 0.0, 1.028, 1.026),
        (10, 0.0, 1.040, 1.037),
    ] {
        let design = GroupSequential::new()
            .assume(Assume::Independence)
            .looks(looks)
            .spending(Spending::WangTsiatis(delta));
        let found = [0.2, 0.1].map(|beta| design.clone().beta(beta).plan().unwrap().inflation);
        close(&found, &[r80, r90], 5.1e-4);
    }
}

//! Roots of one function of one variable.

/// A root of a continuous `f` in `[low, high]` whose ends have different signs, to a tolerance of
/// two units in the last place (Brent 1973, *Algorithms for Minimization without Derivatives*,
/// chapter 4). Where the ends have the same sign, the end nearer to zero is returned.
pub(crate) fn brent(mut f: impl FnMut(f64) -> f64, low: f64, high: f64) -> f64 {
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (f(a), f(b));
    if same_sign(fa, fb) {
        return if fa.abs() < fb.abs() { a } else { b };
    }
    let (mut c, mut fc) = (a, fa);
    let mut step = b - a;
    let mut previous = step;
    for _ in 0..200 {
        if same_sign(fb, fc) {
            (c, fc) = (a, fa);
            step = b - a;
            previous = step;
        }
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let tolerance = 2.0 * f64::EPSILON * b.abs();
        let half = 0.5 * (c - b);
        if half.abs() <= tolerance || fb == 0.0 {
            break;
        }
        if previous.abs() < tolerance || fa.abs() <= fb.abs() {
            step = half;
            previous = half;
        } else {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * half * s, 1.0 - s) // secant
            } else {
                let (q, r) = (fa / fc, fb / fc); // inverse quadratic interpolation
                (
                    s * (2.0 * half * q * (q - r) - (b - a) * (r - 1.0)),
                    (q - 1.0) * (r - 1.0) * (s - 1.0),
                )
            };
            if p > 0.0 {
                q = -q;
            } else {
                p = -p;
            }
            if 2.0 * p < (3.0 * half * q - (tolerance * q).abs()).min((previous * q).abs()) {
                previous = step;
                step = p / q;
            } else {
                step = half;
                previous = half;
            }
        }
        (a, fa) = (b, fb);
        b += if step.abs() > tolerance {
            step
        } else {
            tolerance.copysign(half)
        };
        fb = f(b);
    }
    b
}

/// A root of an increasing `f` that is nearly a straight line, by the secant through two points and
/// on from there, to a step of `tolerance`; by Brent's method in [low, high] where that leads
/// nowhere.
pub(crate) fn secant(
    mut f: impl FnMut(f64) -> f64,
    (mut a, mut b): (f64, f64),
    (low, high): (f64, f64),
    tolerance: f64,
) -> f64 {
    let (mut fa, mut fb) = (f(a), f(b));
    for _ in 0..12 {
        let slope = (fb - fa) / (b - a);
        let next = b - fb / slope;
        if fb == 0.0 {
            return b;
        }
        if !(slope > 0.0 && next > low && next < high) {
            break;
        }
        (a, fa) = (b, fb);
        b = next;
        if (b - a).abs() <= tolerance {
            return b;
        }
        fb = f(b);
    }
    brent(f, low, high)
}

/// Where an increasing `f` crosses zero, looked for around 0 in steps that double, up to `limit`.
pub(crate) fn crossing(f: impl Fn(f64) -> f64, first_step: f64, limit: f64) -> f64 {
    let (mut low, mut high) = (0.0, 0.0);
    let mut step = first_step;
    while f(low) > 0.0 && low > -limit {
        (low, high, step) = (low - step, low, 2.0 * step);
    }
    while f(high) < 0.0 && high < limit {
        (low, high, step) = (high, high + step, 2.0 * step);
    }
    brent(f, low, high)
}

/// Not by their product, which may underflow.
fn same_sign(x: f64, y: f64) -> bool {
    (x > 0.0 && y > 0.0) || (x < 0.0 && y < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_roots_to_the_last_digit() {
        assert!((brent(|x| x * x - 2.0, 0.0, 2.0) - 2f64.sqrt()).abs() < 1e-15);
        assert!((brent(f64::cos, 0.0, 3.0) - std::f64::consts::FRAC_PI_2).abs() < 1e-15);
    }

    #[test]
    fn secants_find_the_root_of_what_is_nearly_straight() {
        let root = secant(|x| x + 0.01 * x.sin() - 1.0, (0.0, 2.0), (-9.0, 9.0), 1e-9);
        assert!((root + 0.01 * root.sin() - 1.0).abs() < 1e-15);
        // Where they lead astray, Brent's method finds it.
        let root = secant(|x| x.powi(9) - 1e-9, (0.9, 1.0), (0.0, 1.0), 1e-12);
        assert!((root - 0.1).abs() < 1e-9, "{root}");
    }

    #[test]
    fn tiny_values_have_signs_too() {
        let root = brent(|x| 1e-200 * (x - 0.25), 0.0, 1.0);
        assert!((root - 0.25).abs() < 1e-15);
        assert_eq!(brent(|x| 1e-200 * (x + 1.0), 0.0, 1.0), 0.0);
    }

    #[test]
    fn a_step_function_gives_its_jump() {
        let jump = brent(|x| if x < 0.3 { -1.0 } else { 1.0 }, 0.0, 1.0);
        assert!((jump - 0.3).abs() < 1e-15);
    }
}

//! Brent's (1973) root finder with the iteration of R's `zeroin`: where a function jumps, the answer depends
//! on the steps.

const ITERATIONS: usize = 1000;

pub(super) fn zeroin(low: f64, high: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (f(a), f(b));
    let (mut c, mut fc) = (a, fa);
    if fa == 0.0 {
        return a;
    }
    if fb == 0.0 {
        return b;
    }
    for _ in 0..ITERATIONS {
        let last_step = b - a;
        if fc.abs() < fb.abs() {
            // The best is b.
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let least = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let half = 0.5 * (c - b);
        if half.abs() <= least || fb == 0.0 {
            return b;
        }
        let mut step = half;
        if last_step.abs() >= least && fa.abs() > fb.abs() {
            let (p, q) = if a == c {
                let t = fb / fa;
                ((c - b) * t, 1.0 - t)
            } else {
                let (q, t1, t2) = (fa / fc, fb / fc, fb / fa);
                let p = t2 * ((c - b) * q * (q - t1) - (b - a) * (t1 - 1.0));
                (p, (q - 1.0) * (t1 - 1.0) * (t2 - 1.0))
            };
            let (p, q) = if p > 0.0 { (p, -q) } else { (-p, q) };
            if p < 0.75 * (c - b) * q - 0.5 * (least * q).abs() && p < (0.5 * last_step * q).abs() {
                step = p / q;
            }
        }
        if step.abs() < least {
            step = if step > 0.0 { least } else { -least };
        }
        (a, fa) = (b, fb);
        b += step;
        fb = f(b);
        if (fb > 0.0) == (fc > 0.0) && fb != 0.0 && fc != 0.0 {
            (c, fc) = (a, fa);
        }
    }
    b
}

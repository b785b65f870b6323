//! The posteriors' families, each in a coordinate w in which its density has one peak near w = 0
//! and tails that fall at least exponentially: log odds (beta), logarithm (gamma), asinh (Student's
//! t). Coordinates are distances from a centre, so that a million million trials cost no digits.

use super::table::Table;

/// A family with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Family {
    /// Shapes a and b; w = ln(p / (1 - p)) - ln(a / b).
    Beta { a: f64, b: f64 },
    /// Shape and rate; w = ln λ - ln(shape / rate).
    Gamma { shape: f64, rate: f64 },
    /// θ = location + scale sinh w; `offset` is the location less what both arms have in common.
    Real {
        location: f64,
        offset: f64,
        scale: f64,
    },
}

/// What separates two centres, the first less the second: of the values, of their logarithms and
/// of the coordinates, none of them by a subtraction that loses digits.
#[derive(Clone, Copy, Debug)]
struct Gap {
    value: f64,
    log: f64,
    coordinate: f64,
}

/// What is asked of the second arm's value, given the first's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shift {
    /// That it is this much more.
    By(f64),
    /// That it is this many times as much, as a logarithm.
    Times(f64),
}

impl Shift {
    fn back(self) -> Self {
        match self {
            Self::By(d) => Self::By(-d),
            Self::Times(log) => Self::Times(-log),
        }
    }
}

impl Family {
    /// How wide the density's peak is, in w.
    pub(super) fn spread(self) -> f64 {
        match self {
            Self::Beta { a, b } => (1.0 / a + 1.0 / b).sqrt(),
            Self::Gamma { shape, .. } => 1.0 / shape.sqrt(),
            Self::Real { .. } => 1.0,
        }
    }

    /// How wide it is in the value.
    pub(super) fn value_spread(self) -> f64 {
        match self {
            Self::Beta { a, b } => self.slope(0.0) * (1.0 / a + 1.0 / b).sqrt(),
            Self::Gamma { shape, rate } => shape.sqrt() / rate,
            Self::Real { scale, .. } => scale,
        }
    }

    /// The value at a coordinate.
    pub(super) fn value(self, w: f64) -> f64 {
        match self {
            Self::Beta { a, b } => 1.0 / (1.0 + b / a * (-w).exp()),
            Self::Gamma { shape, rate } => shape / rate * w.exp(),
            Self::Real {
                location, scale, ..
            } => location + scale * w.sinh(),
        }
    }

    /// The value's derivative by the coordinate.
    pub(super) fn slope(self, w: f64) -> f64 {
        match self {
            Self::Beta { a, b } => {
                let (x, y) = beta_point(a, b, w);
                x * y
            }
            Self::Gamma { .. } => self.value(w),
            Self::Real { scale, .. } => scale * w.cosh(),
        }
    }
}

/// p and 1 - p at a coordinate, neither of them a difference.
fn beta_point(a: f64, b: f64, w: f64) -> (f64, f64) {
    (
        1.0 / (1.0 + b / a * (-w).exp()),
        1.0 / (1.0 + a / b * w.exp()),
    )
}

/// The posterior of a proportion.
pub(super) fn beta_table(a: f64, b: f64) -> Table {
    let family = Family::Beta { a, b };
    Table::new(|w| beta_log_density(a, b, w), family.spread())
}

/// a w - (a + b) ln(1 + p̂ (e^w - 1)), which is 0 at w = 0.
fn beta_log_density(a: f64, b: f64, w: f64) -> f64 {
    if a > b {
        return beta_log_density(b, a, -w);
    }
    let n = a + b;
    let centre = a / n;
    if w.abs() < 0.5 {
        // What the two terms have in common, a w, is left out of both.
        n * less_ln_1p(centre * w.exp_m1()) - a * exp_less(w)
    } else if w < 100.0 {
        a * w - n * (centre * w.exp_m1()).ln_1p()
    } else {
        -b * w - n * centre.ln()
    }
}

/// The posterior of a rate.
pub(super) fn gamma_table(shape: f64) -> Table {
    Table::new(|w| -shape * exp_less(w), 1.0 / shape.sqrt())
}

/// Student's t at t = sinh w.
pub(super) fn t_table(df: f64) -> Table {
    Table::new(|w| t_log_density(df, w), 1.0)
}

fn t_log_density(df: f64, w: f64) -> f64 {
    let w = w.abs();
    let ln_cosh = w + (-2.0 * w).exp().ln_1p() - std::f64::consts::LN_2;
    let power = if w < 100.0 {
        (w.sinh().powi(2) / df).ln_1p()
    } else {
        2.0 * (w - std::f64::consts::LN_2) - df.ln()
    };
    ln_cosh - 0.5 * (df + 1.0) * power
}

/// The posterior of μ + σ²/2, the logarithm of a log-normal mean, at
/// `location + middle + width sinh w`, where μ is Student's t with `df`, `location` and `scale` and
/// counts as `weight` values.
pub(super) struct LogMean {
    shape: f64,
    weight: f64,
    /// σ² is about this.
    typical: f64,
    /// σ²/2 there.
    pub(super) middle: f64,
    pub(super) width: f64,
}

impl LogMean {
    pub(super) fn new(df: f64, scale: f64, weight: f64) -> Self {
        let shape = 0.5 * df;
        let variance = scale * scale * weight;
        let typical = variance * shape / (shape + 0.5);
        Self {
            shape,
            weight,
            typical,
            middle: 0.5 * typical,
            width: scale.hypot(variance / (2.0 * df).sqrt()),
        }
    }

    pub(super) fn table(&self) -> Table {
        Table::new(|w| self.log_density(w), 1.0)
    }

    /// ln ∫ N(ℓ; location + σ²/2, σ²/weight) dP(σ²), by the trapezoidal rule in u = ln σ², which
    /// converges geometrically as the integrand falls off at both ends. σ² has the inverse gamma
    /// distribution.
    fn log_density(&self, w: f64) -> f64 {
        let Self {
            shape,
            weight,
            typical,
            ..
        } = *self;
        let away = self.width * w.sinh();
        let order = shape + 0.5;
        // The exponent at σ² = typical · e^u; all three of its terms are squares or alike.
        let exponent = |u: f64| {
            let variance = typical * u.exp();
            let off = away - 0.5 * typical * u.exp_m1();
            let square = 0.5 * weight * off * (off / variance);
            -square - order * exp_less(-u)
        };
        // Its peak: a/σ² - c σ² = order.
        let y = self.middle + away;
        let a = 0.5 * weight * y * (y / typical) + order;
        let c = 0.125 * weight * typical;
        let peak = 2.0 * a / (order + order.hypot(2.0 * (a * c).sqrt()));
        let peak = peak.ln();
        let curvature = a * (-peak).exp() + c * peak.exp();
        let step = (0.5 / curvature.sqrt()).min(0.25);
        let top = exponent(peak);
        if !top.is_finite() {
            return f64::NEG_INFINITY;
        }
        let mut sum = 1.0;
        for side in [-step, step] {
            for k in 1..4000 {
                let term = (exponent(peak + side * f64::from(k)) - top).exp();
                sum += term;
                if term < 1e-18 {
                    break;
                }
            }
        }
        // Not only the density: the coordinate's own slope, too.
        let w = w.abs();
        let ln_cosh = w + (-2.0 * w).exp().ln_1p() - std::f64::consts::LN_2;
        top + (sum * step).ln() + ln_cosh
    }
}

/// One arm's posterior: its family and its density.
pub(super) struct Arm {
    pub(super) family: Family,
    pub(super) table: Table,
    /// Whether the value is exp of the family's.
    pub(super) is_log: bool,
}

/// From one arm's coordinate to the other's.
pub(super) struct Carry<'a> {
    from: &'a Arm,
    to: &'a Arm,
    gap: Gap,
}

impl<'a> Carry<'a> {
    pub(super) fn new(from: &'a Arm, to: &'a Arm) -> Self {
        Self {
            gap: Gap::between(from.family, to.family),
            from,
            to,
        }
    }

    /// The other way.
    pub(super) fn back(&self) -> Self {
        let Gap {
            value,
            log,
            coordinate,
        } = self.gap;
        Self {
            from: self.to,
            to: self.from,
            gap: Gap {
                value: -value,
                log: -log,
                coordinate: -coordinate,
            },
        }
    }

    /// The centres' difference, from less to.
    pub(super) const fn difference(&self) -> f64 {
        self.gap.value
    }

    /// The same of the values' logarithms.
    pub(super) const fn log_ratio(&self) -> f64 {
        if self.to.is_log {
            self.gap.value
        } else {
            self.gap.log
        }
    }

    /// The other arm's coordinate where its value is this one's at w, shifted; ±∞ where it has none.
    pub(super) fn at(&self, w: f64, shift: Shift) -> f64 {
        match (self.from.family, self.to.family) {
            (Family::Beta { a, b }, Family::Beta { a: to_a, b: to_b }) => {
                self.beta((a, b), (to_a, to_b), w, shift)
            }
            (
                Family::Gamma { shape, rate },
                Family::Gamma {
                    shape: to_shape,
                    rate: to_rate,
                },
            ) => self.gamma(shape / rate, to_shape / to_rate, w, shift),
            (
                Family::Real {
                    location, scale, ..
                },
                Family::Real {
                    scale: to_scale, ..
                },
            ) => self.real(location, scale, to_scale, w, shift),
            _ => f64::NAN, // both arms have the same family
        }
    }

    /// Where this arm's coordinate is carried to the other's at w, shifted: the inverse of `at`.
    pub(super) fn from(&self, w: f64, shift: Shift) -> f64 {
        self.back().at(w, shift.back())
    }

    fn beta(&self, from: (f64, f64), to: (f64, f64), w: f64, shift: Shift) -> f64 {
        let (a, b) = from;
        let (to_a, to_b) = to;
        match shift {
            Shift::By(0.0) => w + self.gap.coordinate,
            Shift::By(d) => {
                let (x, y) = beta_point(a, b, w);
                if w.abs() < 1.0 {
                    // By the distance from the centre.
                    let away = (self.gap.value + d) + a / (a + b) * y * w.exp_m1();
                    let n = to_a + to_b;
                    let coordinate = (away * n / to_a).ln_1p() - (-away * n / to_b).ln_1p();
                    if coordinate.abs() < 1.0 {
                        return coordinate;
                    }
                }
                let (x, y) = (x + d, y - d);
                if x <= 0.0 {
                    f64::NEG_INFINITY
                } else if y <= 0.0 {
                    f64::INFINITY
                } else {
                    (x / y).ln() - (to_a / to_b).ln()
                }
            }
            Shift::Times(log) => {
                // ln(p / p̂) here and there, then ln(p / (1 - p)).
                let centre = a / (a + b);
                let own = if w.abs() < 1.0 {
                    let (_, y) = beta_point(a, b, w);
                    (y * w.exp_m1()).ln_1p()
                } else if w < 0.0 && centre < 0.5 {
                    w - (centre * w.exp_m1()).ln_1p()
                } else {
                    (b / a).ln_1p() - (b / a * (-w).exp()).ln_1p()
                };
                let there = own + log + self.gap.log;
                let left = 1.0 - to_a / to_b * there.exp_m1();
                if left > 0.0 {
                    there - (-(to_a / to_b) * there.exp_m1()).ln_1p()
                } else {
                    f64::INFINITY
                }
            }
        }
    }

    fn gamma(&self, centre: f64, to_centre: f64, w: f64, shift: Shift) -> f64 {
        match shift {
            Shift::By(0.0) => w + self.gap.coordinate,
            Shift::By(d) => {
                if w.abs() < 1.0 {
                    let away = (self.gap.value + d) + centre * w.exp_m1();
                    let coordinate = (away / to_centre).ln_1p();
                    if coordinate.abs() < 1.0 {
                        return coordinate;
                    }
                }
                let rate = centre * w.exp() + d;
                if rate <= 0.0 {
                    f64::NEG_INFINITY
                } else {
                    (rate / to_centre).ln()
                }
            }
            Shift::Times(log) => w + self.gap.coordinate + log,
        }
    }

    fn real(&self, location: f64, scale: f64, to_scale: f64, w: f64, shift: Shift) -> f64 {
        let away = scale * w.sinh();
        let extra = match shift {
            Shift::By(d) if self.to.is_log && d != 0.0 => {
                // ln(e^θ + d) - θ
                let theta = location + away;
                let above = d.abs().ln() - theta;
                if d < 0.0 && above >= 0.0 {
                    return f64::NEG_INFINITY;
                }
                if d < 0.0 {
                    (-above.exp()).ln_1p()
                } else if above > 0.0 {
                    above + (-above).exp().ln_1p()
                } else {
                    above.exp().ln_1p()
                }
            }
            Shift::By(d) | Shift::Times(d) => d,
        };
        (((self.gap.value + extra) + away) / to_scale).asinh()
    }
}

impl Gap {
    fn between(from: Family, to: Family) -> Self {
        match (from, to) {
            (Family::Beta { a, b }, Family::Beta { a: to_a, b: to_b }) => {
                let (n, to_n) = (a + b, to_a + to_b);
                let cross = cross_difference(a, to_b, to_a, b);
                Self {
                    value: cross / n / to_n,
                    log: ln_1p_or(cross / (to_a * n), || (a / to_a).ln() + (to_n / n).ln()),
                    coordinate: ln_1p_or(cross / (to_a * b), || (a / to_a).ln() + (to_b / b).ln()),
                }
            }
            (
                Family::Gamma { shape, rate },
                Family::Gamma {
                    shape: to_shape,
                    rate: to_rate,
                },
            ) => {
                // shape/rate - to_shape/to_rate, with what the quotient of the rates rounds off.
                let quotient = rate / to_rate;
                let rest = (-quotient).mul_add(to_rate, rate) / to_rate;
                let product = to_shape * quotient;
                let rest = to_shape.mul_add(quotient, -product) + to_shape * rest;
                let precise = ((shape - product) - rest) / rate;
                let value = if precise.is_finite() {
                    precise
                } else {
                    shape / rate - to_shape / to_rate
                };
                let log = ln_1p_or(value / (to_shape / to_rate), || {
                    (shape / to_shape).ln() + (to_rate / rate).ln()
                });
                Self {
                    value,
                    log,
                    coordinate: log,
                }
            }
            (Family::Real { offset, .. }, Family::Real { offset: to, .. }) => Self {
                value: offset - to,
                log: f64::NAN, // means may be negative
                coordinate: f64::NAN,
            },
            _ => Self {
                value: f64::NAN,
                log: f64::NAN,
                coordinate: f64::NAN,
            },
        }
    }
}

/// ln(1 + `excess`) where that is near 0, otherwise the logarithm that was spelt out.
fn ln_1p_or(excess: f64, spelt_out: impl Fn() -> f64) -> f64 {
    if excess.abs() < 0.5 {
        excess.ln_1p()
    } else {
        spelt_out()
    }
}

/// a b - c d without cancellation (Kahan's algorithm; Jeannerod, Louvet and Muller 2013).
fn cross_difference(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let product = c * d;
    let rest = (-c).mul_add(d, product);
    a.mul_add(b, -product) + rest
}

/// e^w - 1 - w.
fn exp_less(w: f64) -> f64 {
    if w.abs() >= 0.5 {
        return w.exp_m1() - w;
    }
    let mut term = 0.5 * w * w;
    let mut sum = term;
    for k in 3..40 {
        term *= w / f64::from(k);
        sum += term;
        if term.abs() < 1e-18 * sum {
            break;
        }
    }
    sum
}

/// z - ln(1 + z).
fn less_ln_1p(z: f64) -> f64 {
    if z.abs() >= 0.3 {
        return z - z.ln_1p();
    }
    // ln(1 + z) = 2 atanh v, and z = 2 v / (1 - v).
    let v = z / (2.0 + z);
    let square = v * v;
    let mut sum = z * v;
    let mut power = 2.0 * v;
    for j in 1..40 {
        power *= square;
        let next = sum - power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

//! The simplex method of Nelder and Mead, in two dimensions.

type Point = [f64; 2];

/// A local minimum of a function of two variables, and its value; infinite values bound the region.
///
/// "A Simplex Method for Function Minimization", Nelder, Mead, 1965, <https://doi.org/10.1093/comjnl/7.4.308>.
pub(super) fn minimize(f: impl Fn(Point) -> f64, start: Point, step: f64, evaluations: usize) -> (Point, f64) {
    let at = |p: Point| (p, f(p));
    let mut simplex = [at(start), at([start[0] + step, start[1]]), at([start[0], start[1] + step])];
    let mut used = 3;
    while used < evaluations {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let [best, second, worst] = simplex;
        if (worst.1 - best.1).abs() < 1e-9 {
            break;
        }
        let middle = [0.5 * (best.0[0] + second.0[0]), 0.5 * (best.0[1] + second.0[1])];
        let along = |t: f64| [middle[0] + t * (worst.0[0] - middle[0]), middle[1] + t * (worst.0[1] - middle[1])];
        let reflected = at(along(-1.0));
        let chosen = if reflected.1 < best.1 {
            let expanded = at(along(-2.0));
            if expanded.1 < reflected.1 { expanded } else { reflected }
        } else if reflected.1 < second.1 {
            reflected
        } else {
            at(along(if reflected.1 < worst.1 { -0.5 } else { 0.5 }))
        };
        used += 2;
        if chosen.1 < worst.1 {
            simplex[2] = chosen;
        } else {
            let shrunk = |p: Point| at([0.5 * (p[0] + best.0[0]), 0.5 * (p[1] + best.0[1])]);
            simplex = [best, shrunk(second.0), shrunk(worst.0)];
            used += 2;
        }
    }
    simplex.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("a simplex has corners")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Rosenbrock's valley has its minimum, 0, at (1, 1).
    #[test]
    fn the_minimum_of_a_curved_valley_is_found() {
        let valley = |[x, y]: Point| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
        let (p, value) = minimize(valley, [-1.2, 1.0], 0.5, 2000);
        assert!(value < 1e-8 && (p[0] - 1.0).abs() < 1e-3 && (p[1] - 1.0).abs() < 1e-3, "{p:?} {value}");
    }

    #[test]
    fn infinite_values_bound_the_region() {
        let f = |[x, y]: Point| if x < 2.0 { f64::INFINITY } else { x * x + y * y };
        let (p, _) = minimize(f, [5.0, 3.0], 1.0, 2000);
        assert!((p[0] - 2.0).abs() < 1e-2 && p[1].abs() < 1e-1, "{p:?}");
    }
}

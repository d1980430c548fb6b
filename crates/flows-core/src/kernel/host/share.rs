//! Rows shared out over threads.

use std::ops::Range;

use crate::threads::on_a_part;

/// Nanoseconds of work that are worth handing to another thread: well above what waking one and waiting for it take.
const WORTHWHILE: f64 = 40_000.0;

/// Nanoseconds that a core takes for a product with so many multiplications, about: 100 operations in each.
pub(super) fn product_cost(multiplications: usize) -> f64 {
    2.0 * multiplications as f64 / 100.0
}

/// Memory with so many numbers a row, to be written.
pub(super) struct Buffer<'a, T = f32> {
    data: &'a mut [T],
    width: usize,
}

impl<'a, T> Buffer<'a, T> {
    pub(super) fn new(data: &'a mut [T], width: usize) -> Self {
        Self { data, width }
    }

    fn split(self, rows: usize) -> (Self, Self) {
        let (a, b) = self.data.split_at_mut(rows * self.width);
        (Self::new(a, self.width), Self::new(b, self.width))
    }
}

/// Runs `work` on all rows, in parts on several threads where a part takes long enough: a row takes about `cost`
/// nanoseconds. A part gets its rows of the buffers. What is computed for a row must not depend on the part it is in.
pub(super) fn share_rows<T: Send, const N: usize>(
    rows: Range<usize>,
    buffers: [Buffer<'_, T>; N],
    cost: f64,
    work: &(impl Fn(Range<usize>, [&mut [T]; N]) + Sync),
) {
    let threads = if on_a_part() { 1 } else { rayon::current_num_threads() };
    split(rows, buffers, cost, threads, work);
}

fn split<T: Send, const N: usize>(
    rows: Range<usize>,
    buffers: [Buffer<'_, T>; N],
    cost: f64,
    threads: usize,
    work: &(impl Fn(Range<usize>, [&mut [T]; N]) + Sync),
) {
    if threads < 2 || rows.len() < 2 || rows.len() as f64 * cost < 2.0 * WORTHWHILE {
        return work(rows, buffers.map(|buffer| buffer.data));
    }
    let left = threads / 2;
    let middle = rows.len() * left / threads;
    let (first, second) = (rows.start..rows.start + middle, rows.start + middle..rows.end);
    let mut others = Vec::with_capacity(N);
    let buffers = buffers.map(|buffer| {
        let (a, b) = buffer.split(middle);
        others.push(b);
        a
    });
    let mut others = others.into_iter();
    let others = std::array::from_fn(|_| others.next().expect("as many as there were"));
    rayon::join(|| split(first, buffers, cost, left, work), || split(second, others, cost, threads - left, work));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_worked_on_once_and_gets_its_own_memory() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads");
        for rows in [0, 1, 2, 7, 100] {
            let (mut a, mut b) = (vec![0.0; rows], vec![0.0; rows * 3]);
            pool.install(|| {
                share_rows(0..rows, [Buffer::new(&mut a, 1), Buffer::new(&mut b, 3)], 1e6, &|rows, [a, b]| {
                    a.iter_mut().zip(rows.clone()).for_each(|(a, row)| *a += row as f32);
                    b.chunks_mut(3).zip(rows).for_each(|(b, row)| b[2] += row as f32);
                });
            });
            assert!((0..rows).all(|row| a[row] == row as f32 && b[3 * row..][..3] == [0.0, 0.0, row as f32]));
        }
    }
}

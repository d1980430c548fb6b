//! One block repeated: vectors and arrays.

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::{Bijection, PullBack, event::zero_log_det};

fn forward<const D: usize, C, B: Bijection<D, C>>(blocks: &[B], x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
    chain(blocks.iter(), x, |block, x| block.forward(x, context))
}

fn inverse<const D: usize, C, B: Bijection<D, C>>(blocks: &[B], y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
    chain(blocks.iter().rev(), y, |block, y| block.inverse(y, context))
}

fn chain<'a, const D: usize, B: 'a>(
    blocks: impl Iterator<Item = &'a B>,
    x: Tensor<D>,
    apply: impl Fn(&B, Tensor<D>) -> (Tensor<D>, Tensor<1>),
) -> (Tensor<D>, Tensor<1>) {
    let mut total: Option<Tensor<1>> = None;
    let y = blocks.fold(x, |x, block| {
        let (y, log_det) = apply(block, x);
        total = Some(match total.take() {
            Some(sum) => sum + log_det,
            None => log_det,
        });
        y
    });
    let log_det = total.unwrap_or_else(|| zero_log_det(&y));
    (y, log_det)
}

fn pull_back<const D: usize, C, B: Bijection<D, C>>(
    blocks: &[B],
    end: (Tensor<D>, Tensor<D>),
    d_log_det: &Tensor<1>,
    context: &C,
    grads: &mut GradientsParams,
) -> (Tensor<D>, Tensor<D>) {
    blocks.iter().rev().fold(end, |(y, dy), block| block.pull_back(y, dy, d_log_det, context, grads))
}

fn forward_vjp<'a, const D: usize, C, B: Bijection<D, C>>(
    blocks: &'a [B],
    x: Tensor<D>,
    context: &'a C,
) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
    let mut ways = Vec::with_capacity(blocks.len());
    let mut total: Option<Tensor<1>> = None;
    let y = blocks.iter().fold(x, |x, block| {
        let (y, log_det, pull_back) = block.forward_vjp(x, context);
        ways.push(pull_back);
        total = Some(match total.take() {
            Some(sum) => sum + log_det,
            None => log_det,
        });
        y
    });
    let log_det = total.unwrap_or_else(|| zero_log_det(&y));
    let pull_back: PullBack<'a, D> =
        Box::new(move |dy, d_log_det, grads| ways.into_iter().rev().fold(dy, |dy, way| way(dy, d_log_det, grads)));
    (y, log_det, pull_back)
}

/// Passes data through the blocks, each replaced by what `step` makes of it.
fn replace<const D: usize, B>(
    blocks: impl IntoIterator<Item = B>,
    mut x: Tensor<D>,
    step: impl Fn(B, Tensor<D>) -> (B, Tensor<D>),
) -> (Vec<B>, Tensor<D>) {
    let blocks = blocks
        .into_iter()
        .map(|block| {
            let (block, y) = step(block, x.clone());
            x = y;
            block
        })
        .collect();
    (blocks, x)
}

/// The blocks one after the other; an empty vector is the identity.
impl<const D: usize, C, B: Bijection<D, C>> Bijection<D, C> for Vec<B> {
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        forward(self, x, context)
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        inverse(self, y, context)
    }

    fn init_from_data(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        replace(self, x, |block, x| block.init_from_data(x, context))
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        replace(self, x, |block, x| block.recompute_statistics(x, context))
    }

    fn pull_back(
        &self,
        y: Tensor<D>,
        dy: Tensor<D>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<D>, Tensor<D>) {
        pull_back(self, (y, dy), d_log_det, context, grads)
    }

    fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
        forward_vjp(self, x, context)
    }

    fn sees_context(&self) -> bool {
        self.iter().any(|block| block.sees_context())
    }
}

/// The blocks one after the other.
impl<const D: usize, const N: usize, C, B: Bijection<D, C>> Bijection<D, C> for [B; N] {
    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        forward(self, x, context)
    }

    fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
        inverse(self, y, context)
    }

    fn init_from_data(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let (blocks, y) = replace(self, x, |block, x| block.init_from_data(x, context));
        (as_array(blocks), y)
    }

    fn recompute_statistics(self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
        let (blocks, y) = replace(self, x, |block, x| block.recompute_statistics(x, context));
        (as_array(blocks), y)
    }

    fn pull_back(
        &self,
        y: Tensor<D>,
        dy: Tensor<D>,
        d_log_det: &Tensor<1>,
        context: &C,
        grads: &mut GradientsParams,
    ) -> (Tensor<D>, Tensor<D>) {
        pull_back(self, (y, dy), d_log_det, context, grads)
    }

    fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
        forward_vjp(self, x, context)
    }

    fn sees_context(&self) -> bool {
        self.iter().any(|block| block.sees_context())
    }
}

fn as_array<B, const N: usize>(blocks: Vec<B>) -> [B; N] {
    blocks.try_into().unwrap_or_else(|_| unreachable!("as many blocks come out as went in"))
}

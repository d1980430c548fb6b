//! Tuples are chains.

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::{Bijection, PullBack};

macro_rules! chain {
    ([$($B:ident)+] first: $first:tt, rest: [$($i:tt)+], last: $last:tt, reversed: [$($r:tt)*]) => {
        /// The members one after the other, in reading order.
        impl<const D: usize, C, $($B: Bijection<D, C>),+> Bijection<D, C> for ($($B,)+) {
            fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
                let (x, total) = self.$first.forward(x, context);
                $(let (x, log_det) = self.$i.forward(x, context); let total = total + log_det;)+
                (x, total)
            }

            fn inverse(&self, y: Tensor<D>, context: &C) -> (Tensor<D>, Tensor<1>) {
                let (y, total) = self.$last.inverse(y, context);
                $(let (y, log_det) = self.$r.inverse(y, context); let total = total + log_det;)*
                (y, total)
            }

            fn init_from_data(mut self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
                let x = { let (new, x) = self.$first.init_from_data(x, context); self.$first = new; x };
                $(let x = { let (new, x) = self.$i.init_from_data(x, context); self.$i = new; x };)+
                (self, x)
            }

            fn recompute_statistics(mut self, x: Tensor<D>, context: &C) -> (Self, Tensor<D>) {
                let x = { let (new, x) = self.$first.recompute_statistics(x, context); self.$first = new; x };
                $(let x = { let (new, x) = self.$i.recompute_statistics(x, context); self.$i = new; x };)+
                (self, x)
            }

            fn pull_back(
                &self,
                y: Tensor<D>,
                dy: Tensor<D>,
                d_log_det: &Tensor<1>,
                context: &C,
                grads: &mut GradientsParams,
            ) -> (Tensor<D>, Tensor<D>) {
                let (y, dy) = self.$last.pull_back(y, dy, d_log_det, context, grads);
                $(let (y, dy) = self.$r.pull_back(y, dy, d_log_det, context, grads);)*
                (y, dy)
            }

            fn sees_context(&self) -> bool {
                self.$first.sees_context() $(|| self.$i.sees_context())+
            }

            fn forward_vjp<'a>(&'a self, x: Tensor<D>, context: &'a C) -> (Tensor<D>, Tensor<1>, PullBack<'a, D>) {
                let (x, total, back) = self.$first.forward_vjp(x, context);
                $(let (x, log_det, last) = self.$i.forward_vjp(x, context);
                let total = total + log_det;
                let back: PullBack<'a, D> =
                    Box::new(move |dy, d_log_det, grads| back(last(dy, d_log_det, grads), d_log_det, grads));)+
                (x, total, back)
            }
        }
    };
}

chain!([B0 B1] first: 0, rest: [1], last: 1, reversed: [0]);
chain!([B0 B1 B2] first: 0, rest: [1 2], last: 2, reversed: [1 0]);
chain!([B0 B1 B2 B3] first: 0, rest: [1 2 3], last: 3, reversed: [2 1 0]);
chain!([B0 B1 B2 B3 B4] first: 0, rest: [1 2 3 4], last: 4, reversed: [3 2 1 0]);
chain!([B0 B1 B2 B3 B4 B5] first: 0, rest: [1 2 3 4 5], last: 5, reversed: [4 3 2 1 0]);
chain!([B0 B1 B2 B3 B4 B5 B6] first: 0, rest: [1 2 3 4 5 6], last: 6, reversed: [5 4 3 2 1 0]);
chain!([B0 B1 B2 B3 B4 B5 B6 B7] first: 0, rest: [1 2 3 4 5 6 7], last: 7, reversed: [6 5 4 3 2 1 0]);
chain!([B0 B1 B2 B3 B4 B5 B6 B7 B8] first: 0, rest: [1 2 3 4 5 6 7 8], last: 8, reversed: [7 6 5 4 3 2 1 0]);
chain!([B0 B1 B2 B3 B4 B5 B6 B7 B8 B9] first: 0, rest: [1 2 3 4 5 6 7 8 9], last: 9, reversed: [8 7 6 5 4 3 2 1 0]);

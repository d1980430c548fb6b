//! The laws of bijections.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor, TensorData};

use super::{log_abs_determinant, randomize};
use crate::event::{event_size, flatten_event};
use crate::{Bijection, Context, is_host, numerics, sum_event};

/// The laws that every bijection obeys. [`check`](Laws::check) panics at the first that is broken and says which.
///
/// 1. `inverse(forward(x)) = x` and `forward(inverse(y)) = y`; the log-determinants of the two cancel.
/// 2. Both log-determinants are those of the Jacobian that autodiff finds.
/// 3. A sample of a batch does not depend on the others.
/// 4. Every trained parameter gets a gradient, in both directions.
/// 5. A saved and loaded module maps as the original: on the host bit for bit.
/// 6. `valid()` maps as the module in training.
/// 7. `pull_back`, which has the output alone, finds the input, and the gradients of ordinary backpropagation.
/// 8. `forward_vjp` maps as `forward`, and its way back finds the gradients of ordinary backpropagation.
/// 9. An empty batch comes out empty, in both directions, and has no log-determinants.
///
/// The module should have been [shaken](randomize) first. In double precision the default tolerance is 1e-9, else 1e-3;
/// both are absolute below one and relative above.
#[derive(Debug, Clone)]
pub struct Laws {
    tolerance: f64,
    single_tolerance: f64,
    batch_statistics: bool,
}

impl Default for Laws {
    fn default() -> Self {
        Self::new()
    }
}

impl Laws {
    /// All laws, with the default tolerances.
    pub fn new() -> Self {
        Self { tolerance: 1e-9, single_tolerance: 1e-3, batch_statistics: false }
    }

    /// Another bound in double precision.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Another bound in single precision, for a map whose condition leaves fewer digits.
    pub fn single_tolerance(mut self, tolerance: f64) -> Self {
        self.single_tolerance = tolerance;
        self
    }

    /// For layers that use the statistics of the batch in training: laws 1 to 3 are checked on `valid()` alone, and
    /// laws 6 to 8 are left out.
    pub fn batch_statistics(mut self) -> Self {
        self.batch_statistics = true;
        self
    }

    /// Checks every law at the batch `x` and its image.
    ///
    /// # Panics
    /// If a law is broken.
    pub fn check<const D: usize, C: Context, B: Bijection<D, C>>(&self, bijection: &B, x: Tensor<D>, context: &C) {
        let x = x.without_autodiff();
        let plain = bijection.valid();
        let (y, _) = plain.forward(x.clone(), context);
        self.round_trip(&plain, &x, &y, context);
        self.jacobians(&plain, &x, &y, context);
        self.independence(&plain, &x, &y, context);
        self.emptiness(&plain, &x, &y, context);
        let trained = bijection.clone().train();
        self.gradients(&trained, &x, &y, context);
        self.saving(&plain, &x, context);
        if !self.batch_statistics {
            self.snapshot(&trained, &plain, &x, context);
            self.reversal(&trained, &x, context);
        }
    }

    fn tolerance_for(&self, dtype: DType) -> f64 {
        if dtype == DType::F64 { self.tolerance } else { self.single_tolerance }
    }

    fn close<const D: usize>(&self, law: &str, got: &Tensor<D>, expected: &Tensor<D>) {
        close(law, got, expected, self.tolerance_for(got.dtype()));
    }

    fn round_trip<const D: usize, C, B: Bijection<D, C>>(&self, b: &B, x: &Tensor<D>, y: &Tensor<D>, context: &C) {
        let (y_again, log_det) = b.forward(x.clone(), context);
        assert_eq!(log_det.dims(), [x.dims()[0]], "log_det: expected one number a sample");
        let (back, log_det_back) = b.inverse(y_again, context);
        self.close("inverse(forward(x)) = x", &back, x);
        self.close("log-determinants of forward and inverse cancel", &log_det_back.neg(), &log_det);
        let (x_again, _) = b.inverse(y.clone(), context);
        self.close("forward(inverse(y)) = y", &b.forward(x_again, context).0, y);
    }

    fn jacobians<const D: usize, C, B: Bijection<D, C>>(&self, b: &B, x: &Tensor<D>, y: &Tensor<D>, context: &C) {
        let (_, log_det) = b.forward(x.clone(), context);
        let expected = jacobian_log_det(x, |x| b.forward(x, context).0);
        self.close("log_det of forward is that of the Jacobian", &log_det, &like(&log_det, expected));
        let (_, log_det) = b.inverse(y.clone(), context);
        let expected = jacobian_log_det(y, |y| b.inverse(y, context).0);
        self.close("log_det of inverse is that of the Jacobian", &log_det, &like(&log_det, expected));
    }

    fn independence<const D: usize, C, B: Bijection<D, C>>(&self, b: &B, x: &Tensor<D>, y: &Tensor<D>, context: &C) {
        let batch = x.dims()[0];
        if batch < 2 {
            return;
        }
        // The first sample is replaced by the second: the others must not notice.
        let swap = |t: &Tensor<D>| Tensor::cat(vec![t.clone().narrow(0, 1, 1), t.clone().narrow(0, 1, batch - 1)], 0);
        let rest = |(t, log_det): (Tensor<D>, Tensor<1>)| (t.narrow(0, 1, batch - 1), log_det.narrow(0, 1, batch - 1));
        let (a, b_) = (rest(b.forward(x.clone(), context)), rest(b.forward(swap(x), context)));
        self.close("samples are independent (forward)", &b_.0, &a.0);
        self.close("samples are independent (log_det)", &b_.1, &a.1);
        let (a, b_) = (rest(b.inverse(y.clone(), context)), rest(b.inverse(swap(y), context)));
        self.close("samples are independent (inverse)", &b_.0, &a.0);
    }

    fn emptiness<const D: usize, C: Context, B: Bijection<D, C>>(
        &self,
        b: &B,
        x: &Tensor<D>,
        y: &Tensor<D>,
        context: &C,
    ) {
        if !crate::is_host(&x.device()) {
            // Kernels of burn 0.22.1 for no rows write into other tensors there; see `empty_batch`.
            return;
        }
        let (x, y, context) = (no_rows(x), no_rows(y), without_rows(context, &x.device()));
        let (image, log_det) = b.forward(x.clone(), &context);
        assert_eq!((image.dims(), log_det.dims()), (y.dims(), [0]), "an empty batch has an empty image");
        let (back, log_det) = b.inverse(y, &context);
        assert_eq!((back.dims(), log_det.dims()), (x.dims(), [0]), "an empty image has an empty batch");
    }

    fn gradients<const D: usize, C, B: Bijection<D, C>>(&self, b: &B, x: &Tensor<D>, y: &Tensor<D>, context: &C) {
        let directions: [(&str, Box<dyn Fn() -> (Tensor<D>, Tensor<1>)>); 2] = [
            ("forward", Box::new(|| b.forward(x.clone().autodiff(), context))),
            ("inverse", Box::new(|| b.inverse(y.clone().autodiff(), context))),
        ];
        for (direction, map) in directions {
            let (out, log_det) = map();
            // The loss of a normal base: a parameter that does not matter to it matters to no likelihood.
            let loss = (sum_event(out.clone() * out * 0.5) - log_det).sum();
            if !loss.is_tracked() {
                continue;
            }
            let grads = loss.backward();
            let mut visitor = Unreached { grads: &grads, path: vec![], unreached: vec![] };
            b.visit(&mut visitor);
            assert!(
                visitor.unreached.is_empty(),
                "every parameter has a finite gradient other than zero ({direction}): not {:?}",
                visitor.unreached
            );
        }
    }

    fn saving<const D: usize, C, B: Bijection<D, C>>(&self, b: &B, x: &Tensor<D>, context: &C) {
        let record = b.clone().into_record().into_bytes().expect("a module becomes a record");
        let record = burn::store::ModuleRecord::from_bytes(record).expect("a record is read back");
        let loaded = randomize(b.clone().train(), 0.1, 99).valid();
        let loaded = loaded.try_load_record(record).expect("a record fits its module");
        let (expected, got) = (b.forward(x.clone(), context), loaded.forward(x.clone(), context));
        // A GPU may fuse the same operations otherwise the second time, and round otherwise.
        let tolerance = if is_host(&x.device()) { 0.0 } else { 1e-6 };
        close("a loaded module maps as the saved one", &got.0, &expected.0, tolerance);
        close("a loaded module has the saved one's log_det", &got.1, &expected.1, tolerance);
    }

    fn snapshot<const D: usize, C, B: Bijection<D, C>>(&self, trained: &B, plain: &B, x: &Tensor<D>, context: &C) {
        let (y, log_det) = trained.forward(x.clone().autodiff(), context);
        let (expected, expected_log_det) = plain.forward(x.clone(), context);
        self.close("valid() maps as the module in training", &y.without_autodiff(), &expected);
        self.close("valid() has the log_det of training", &log_det.without_autodiff(), &expected_log_det);
    }

    fn reversal<const D: usize, C, B: Bijection<D, C>>(&self, trained: &B, x: &Tensor<D>, context: &C) {
        let leaf = x.clone().autodiff().require_grad();
        let (y, log_det) = trained.forward(leaf.clone(), context);
        let end = y.clone().without_autodiff();
        let (plain_end, plain_log_det) = (end.clone(), log_det.clone().without_autodiff());
        let (dy, d_log_det) = (end.clone() * 0.5 + 0.25, log_det.ones_like().without_autodiff() * -0.75);
        let dy_again = dy.clone();
        let mut found = ((y * dy.clone()).sum() + (log_det * d_log_det.clone()).sum()).backward();
        let expected_dx = leaf.grad_remove(&mut found).expect("the input matters to the output");
        let mut expected = GradientsParams::from_grads(found, trained);
        let mut got = GradientsParams::new();
        let (back, dx) = trained.pull_back(end, dy, &d_log_det, context, &mut got);
        self.close("pull_back finds the input", &back, x);
        self.close("pull_back finds the cotangent of the input", &dx, &expected_dx);
        let mut by_vjp = copied(trained, &expected);
        trained.visit(&mut Compared { laws: self, expected: &mut expected, got: &mut got });

        let (y, log_det, pull_back) = trained.forward_vjp(x.clone(), context);
        self.close("forward_vjp maps as forward", &y, &plain_end);
        self.close("forward_vjp has the log_det of forward", &log_det, &plain_log_det);
        let mut got = GradientsParams::new();
        let dx = pull_back(dy_again, &d_log_det, &mut got);
        self.close("the way back of forward_vjp finds the cotangent of the input", &dx, &expected_dx);
        trained.visit(&mut Compared { laws: self, expected: &mut by_vjp, got: &mut got });
    }
}

/// None of the samples of a batch.
pub(super) fn no_rows<const D: usize>(x: &Tensor<D>) -> Tensor<D> {
    let mut none = x.dims();
    none[0] = 0;
    Tensor::empty(none, (&x.device(), x.dtype()))
}

/// The context of an empty batch.
pub(super) fn without_rows<C: Context>(context: &C, device: &Device) -> C {
    context.select_rows(&Tensor::empty([0], device))
}

/// The same gradients twice.
fn copied<M: Module>(module: &M, grads: &GradientsParams) -> GradientsParams {
    struct Copy<'a>(&'a GradientsParams, GradientsParams);
    impl ModuleVisitor for Copy<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(grad) = self.0.get::<D>(param.id) {
                self.1.register(param.id, grad);
            }
        }
    }
    let mut copy = Copy(grads, GradientsParams::new());
    module.visit(&mut copy);
    copy.1
}

/// Compares the gradients of two backward passes.
struct Compared<'a, 'b> {
    laws: &'a Laws,
    expected: &'b mut GradientsParams,
    got: &'b mut GradientsParams,
}

impl ModuleVisitor for Compared<'_, '_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        match (self.expected.remove::<D>(param.id), self.got.remove::<D>(param.id)) {
            (Some(expected), Some(got)) => self.laws.close("the way back finds the gradients", &got, &expected),
            (None, None) => {}
            _ => panic!("the way back: the gradient of a parameter is missing, or there is one too many"),
        }
    }
}

/// Finds trained parameters without a finite gradient other than zero.
struct Unreached<'a> {
    grads: &'a burn::tensor::Gradients,
    path: Vec<String>,
    unreached: Vec<String>,
}

impl ModuleVisitor for Unreached<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        if !value.is_require_grad() {
            return;
        }
        let reached = value.grad(self.grads).is_some_and(|grad| {
            let grad = host(&grad);
            grad.iter().all(|g| g.is_finite()) && grad.iter().any(|g| *g != 0.0)
        });
        if !reached {
            self.unreached.push(self.path.join("."));
        }
    }
}

/// The Jacobian of a map of batches, by autodiff: for each sample a row-major matrix `∂outᵢ/∂inⱼ`.
pub fn jacobian<const D: usize>(x: &Tensor<D>, map: impl Fn(Tensor<D>) -> Tensor<D>) -> Vec<Vec<f64>> {
    let (batch, size) = (x.dims()[0], event_size(x));
    let mut jacobians = vec![vec![0.0; size * size]; batch];
    for i in 0..size {
        // A graph can be used once: each output gets its own.
        let leaf = x.clone().without_autodiff().autodiff().require_grad();
        let out = flatten_event(map(leaf.clone()));
        let grads = out.narrow(1, i, 1).sum().backward();
        let row = leaf.grad(&grads).map(|g| host(&g)).unwrap_or_else(|| vec![0.0; batch * size]);
        for (sample, jacobian) in jacobians.iter_mut().enumerate() {
            jacobian[i * size..(i + 1) * size].copy_from_slice(&row[sample * size..(sample + 1) * size]);
        }
    }
    jacobians
}

fn jacobian_log_det<const D: usize>(x: &Tensor<D>, map: impl Fn(Tensor<D>) -> Tensor<D>) -> Vec<f64> {
    jacobian(x, map).iter().map(|matrix| log_abs_determinant(matrix)).collect()
}

fn like(tensor: &Tensor<1>, values: Vec<f64>) -> Tensor<1> {
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), (&tensor.device(), tensor.dtype()))
}

/// # Panics
/// If a number is further from the expected one than `tolerance`, absolute below one and relative above.
fn close<const D: usize>(law: &str, got: &Tensor<D>, expected: &Tensor<D>, tolerance: f64) {
    assert_eq!(got.dims(), expected.dims(), "{law}: shapes differ");
    for (i, (g, e)) in host(got).into_iter().zip(host(expected)).enumerate() {
        assert!(
            (g - e).abs() <= tolerance * e.abs().max(1.0),
            "{law}: element {i} is {g}, expected {e} within {tolerance:e}"
        );
    }
}

/// The numbers of a tensor in double precision.
pub(super) fn host<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    numerics::host(tensor.clone().without_autodiff())
}

//! Chains with named members.

/// Makes a struct whose fields are bijections a bijection itself: its fields one after the other.
///
/// A tuple is the quicker way; a struct gives the members names, which the saved weights then carry.
///
/// The macro takes the generic parameters in brackets, then the rank, the context, the type, and the fields in the
/// order in which data passes through them.
///
/// # Example
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use flows_core::{Bijection, Exp, LeakyRelu, chain_fields};
///
/// #[derive(Module, Debug)]
/// struct Warp {
///     bend: LeakyRelu,
///     exp: Exp,
/// }
/// chain_fields!([C] 2, C, Warp, [bend, exp]);
///
/// let warp = Warp { bend: LeakyRelu::new(0.5), exp: Exp::new() };
/// let x = Tensor::<2>::from_data([[-2.0]], &Device::default());
/// let (y, log_det) = warp.forward(x, &());
/// assert!((y.into_scalar::<f32>() - (-1f32).exp()).abs() < 1e-6);
/// assert!((log_det.into_scalar::<f32>() - (0.5f32.ln() - 1.0)).abs() < 1e-6);
/// ```
#[macro_export]
macro_rules! chain_fields {
    ([$($generics:tt)*] $rank:expr, $context:ty, $name:ty, [$($field:ident),+ $(,)?]) => {
        impl<$($generics)*> $crate::Bijection<{ $rank }, $context> for $name {
            fn forward(
                &self,
                x: ::burn::tensor::Tensor<{ $rank }>,
                context: &$context,
            ) -> (::burn::tensor::Tensor<{ $rank }>, ::burn::tensor::Tensor<1>) {
                let mut total: Option<::burn::tensor::Tensor<1>> = None;
                $(let (x, log_det) = self.$field.forward(x, context);
                total = Some(match total { Some(sum) => sum + log_det, None => log_det });)+
                (x, total.expect("a chain has a member"))
            }

            fn inverse(
                &self,
                y: ::burn::tensor::Tensor<{ $rank }>,
                context: &$context,
            ) -> (::burn::tensor::Tensor<{ $rank }>, ::burn::tensor::Tensor<1>) {
                let mut total: Option<::burn::tensor::Tensor<1>> = None;
                $crate::chain_fields!(@inverse self, y, total, context, [$($field)+] []);
                (y, total.expect("a chain has a member"))
            }

            fn init_from_data(
                mut self,
                x: ::burn::tensor::Tensor<{ $rank }>,
                context: &$context,
            ) -> (Self, ::burn::tensor::Tensor<{ $rank }>) {
                $(let (field, x) = self.$field.init_from_data(x, context);
                self.$field = field;)+
                (self, x)
            }

            fn recompute_statistics(
                mut self,
                x: ::burn::tensor::Tensor<{ $rank }>,
                context: &$context,
            ) -> (Self, ::burn::tensor::Tensor<{ $rank }>) {
                $(let (field, x) = self.$field.recompute_statistics(x, context);
                self.$field = field;)+
                (self, x)
            }

            fn pull_back(
                &self,
                y: ::burn::tensor::Tensor<{ $rank }>,
                dy: ::burn::tensor::Tensor<{ $rank }>,
                d_log_det: &::burn::tensor::Tensor<1>,
                context: &$context,
                grads: &mut ::burn::optim::GradientsParams,
            ) -> (::burn::tensor::Tensor<{ $rank }>, ::burn::tensor::Tensor<{ $rank }>) {
                $crate::chain_fields!(@pull_back self, y, dy, d_log_det, context, grads, [$($field)+] [])
            }

            fn sees_context(&self) -> bool {
                false $(|| $crate::Bijection::<{ $rank }, $context>::sees_context(&self.$field))+
            }

            fn forward_vjp<'a>(
                &'a self,
                x: ::burn::tensor::Tensor<{ $rank }>,
                context: &'a $context,
            ) -> (::burn::tensor::Tensor<{ $rank }>, ::burn::tensor::Tensor<1>, $crate::PullBack<'a, { $rank }>) {
                let mut total: Option<::burn::tensor::Tensor<1>> = None;
                let mut ways: ::std::vec::Vec<$crate::PullBack<'a, { $rank }>> = ::std::vec::Vec::new();
                $(let (x, log_det, pull_back) = self.$field.forward_vjp(x, context);
                ways.push(pull_back);
                total = Some(match total { Some(sum) => sum + log_det, None => log_det });)+
                let pull_back: $crate::PullBack<'a, { $rank }> = Box::new(move |dy, d_log_det, grads| {
                    ways.into_iter().rev().fold(dy, |dy, way| way(dy, d_log_det, grads))
                });
                (x, total.expect("a chain has a member"), pull_back)
            }
        }
    };
    (@inverse $self:ident, $y:ident, $total:ident, $context:ident, [$first:ident $($rest:ident)*] [$($done:ident)*]) => {
        $crate::chain_fields!(@inverse $self, $y, $total, $context, [$($rest)*] [$first $($done)*])
    };
    (@inverse $self:ident, $y:ident, $total:ident, $context:ident, [] [$($field:ident)+]) => {
        $(let ($y, log_det) = $self.$field.inverse($y, $context);
        $total = Some(match $total { Some(sum) => sum + log_det, None => log_det });)+
    };
    (@pull_back $self:ident, $y:ident, $dy:ident, $d_log_det:ident, $context:ident, $grads:ident, [$first:ident $($rest:ident)*] [$($done:ident)*]) => {
        $crate::chain_fields!(@pull_back $self, $y, $dy, $d_log_det, $context, $grads, [$($rest)*] [$first $($done)*])
    };
    (@pull_back $self:ident, $y:ident, $dy:ident, $d_log_det:ident, $context:ident, $grads:ident, [] [$($field:ident)+]) => {{
        $(let ($y, $dy) = $self.$field.pull_back($y, $dy, $d_log_det, $context, $grads);)+
        ($y, $dy)
    }};
}

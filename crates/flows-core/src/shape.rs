//! One way to check shapes and arguments.

/// Panics unless the shape of a tensor is the expected one; the message names the argument, what was expected and what
/// came.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<2>::zeros([4, 3], &Device::default());
/// flows_core::assert_shape!(x, [4, 3]);
/// let caught = std::panic::catch_unwind(|| flows_core::assert_shape!(x, [4, 2]));
/// assert!(caught.is_err());
/// ```
#[macro_export]
macro_rules! assert_shape {
    ($tensor:expr, $expected:expr) => {{
        let (got, expected) = ($tensor.dims(), $expected);
        assert!(
            got == expected,
            "shape of `{}`: expected {:?}, got {:?}",
            stringify!($tensor),
            expected,
            got
        );
    }};
}

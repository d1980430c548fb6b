//! What the configurations of all image flows can do.

/// Implements for a configuration, which has a method `flow(&self, &wrap, device)`, what all have: the flow alone, given
/// a context, and by class.
macro_rules! image_model {
    ($config:ident makes $flow:ident, named $name:literal) => {
        impl $config {
            /// Makes the flow, as yet untrained.
            ///
            /// # Panics
            /// If height or width is no multiple of `2^scales`, or a number is zero.
            pub fn init(&self, device: &::burn::tensor::Device) -> $flow {
                self.flow(&$crate::network::Plain, device)
            }

            /// Conditions the flow on a context of the given width.
            pub fn given(self, width: usize) -> ::flows_core::Conditional<Self> {
                ::flows_core::Conditional::new(self, width)
            }

            /// Conditions the flow on a class of so many.
            pub fn by_class(self, classes: usize) -> ::flows_core::ByClass<Self> {
                ::flows_core::ByClass::new(self, classes)
            }
        }

        impl ::flows_core::FlowConfig for $config {
            const NAME: &'static str = $name;
            type Flow = $flow;

            fn init(&self, device: &::burn::tensor::Device) -> $flow {
                self.init(device)
            }
        }

        impl ::flows_core::ConditionalFlowConfig for $config {
            const NAME: &'static str = concat!($name, " given a context");
            type Flow = $flow<::flows_core::WithContext<$crate::ImageNetwork>>;

            fn init_given(&self, context: &::flows_core::ContextConfig, device: &::burn::tensor::Device) -> Self::Flow {
                self.flow(context, device).with_context_scale(context.scale(device))
            }
        }

        impl ::flows_core::ClassFlowConfig for $config {
            const NAME: &'static str = concat!($name, " by class");
            type Flow = $flow<::flows_core::WithClass<$crate::ImageNetwork>>;

            fn init_by_class(
                &self,
                classes: &::flows_core::ClassConfig,
                device: &::burn::tensor::Device,
            ) -> Self::Flow {
                self.flow(classes, device)
            }
        }

        impl $crate::ImageModel for $config {
            const IMAGE_FLOWS: [&'static str; 3] = [
                concat!($name, " of images"),
                concat!($name, " of images given a context"),
                concat!($name, " of images by class"),
            ];

            fn event(&self) -> [usize; 3] {
                [self.channels, self.height, self.width]
            }
        }
    };
}

pub(super) use image_model;

/// Rejects sizes that so many squeezes by two cannot halve.
pub(super) fn assert_divisible(scales: usize, height: usize, width: usize) {
    // More would be pictures beyond all memory, and sizes beyond all integers.
    assert!((1..32).contains(&scales), "`scales`: expected 1 to 31, got {scales}");
    let by = 1usize << scales;
    assert!(
        height.is_multiple_of(by) && width.is_multiple_of(by) && height > 0 && width > 0,
        "`height`, `width`: expected multiples of {by} for {scales} scales, got {height} x {width} pixels"
    );
}

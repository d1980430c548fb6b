//! Settings from flags, a file and defaults.

/// Declares what can be set, each with its type and default: a struct `Given` of what was set, by flags or in a JSON
/// file, and a struct `Settings` with a value for all.
///
/// `given.over(file)` makes settings: these, then those of the file, then the defaults. Misspelt names in a file are
/// errors. The caller needs the crates `clap` and `serde`, both with `derive`.
///
/// ```
/// example_support::settings! {
///     /// How often [default: 3]
///     times: usize = 3;
/// }
///
/// let file: Given = serde_json::from_str(r#"{"times": 7}"#).unwrap();
/// assert_eq!(Given::default().over(file).times, 7);
/// assert_eq!(Given { times: Some(5) }.over(Given::default()).times, 5);
/// assert!(serde_json::from_str::<Given>(r#"{"time": 7}"#).is_err());
/// ```
#[macro_export]
macro_rules! settings {
    ($($(#[$meta:meta])* $name:ident: $type:ty = $default:expr;)+) => {
        /// What was set, on the command line or in a file; what was not is `None`.
        #[derive(Debug, Clone, Default, ::serde::Deserialize, ::clap::Args)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Given {
            $($(#[$meta])* #[arg(long)] pub(crate) $name: Option<$type>,)+
        }

        /// Every setting, with its value.
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize)]
        pub(crate) struct Settings {
            $(pub(crate) $name: $type,)+
        }

        impl Given {
            /// These settings, then those of `file`, then the defaults.
            pub(crate) fn over(self, file: Given) -> Settings {
                Settings { $($name: self.$name.or(file.$name).unwrap_or($default),)+ }
            }
        }
    };
}

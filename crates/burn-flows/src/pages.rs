//! The Rust of the README and of `docs/`, compiled (and run, unless it says `no_run`) as documentation tests.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/coming-from.md")]
mod coming_from {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/conditionals.md")]
mod conditionals {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/inference.md")]
mod inference {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/models.md")]
mod models {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/tables.md")]
mod tables {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/training.md")]
mod training {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/troubleshooting.md")]
mod troubleshooting {}

#[cfg(test)]
mod tests {
    /// The first block of Rust, without the lines that documentation hides.
    fn first_example(text: &str) -> Vec<&str> {
        let lines = text.lines().skip_while(|line| !line.starts_with("```rust")).skip(1);
        lines.take_while(|line| !line.starts_with("```")).filter(|line| !line.trim_start().starts_with("# ")).collect()
    }

    #[test]
    fn the_readme_begins_with_the_example_that_this_crate_runs() {
        let source = include_str!("lib.rs").replace("//! ", "").replace("//!", "");
        let (_, table) = source.split_once("A table in any units").expect("the example of a table");
        let shown = first_example(include_str!("../../../README.md"));
        assert_eq!(shown, first_example(&table.replacen("```", "```rust", 1)));
        assert!(shown.len() > 10, "{shown:?}");
    }
}

//! Flags from a file.

use std::ffi::OsString;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::problem::Problem;
use crate::terminal;

/// The arguments of a command line and of the file that `--config` names; those of the command line win.
///
/// Where the command line makes no sense, or asks for help, clap says so and ends the program.
pub(crate) fn arguments(line: impl IntoIterator<Item = OsString>) -> Result<Arguments, Problem> {
    let line: Vec<OsString> = line.into_iter().collect();
    let command = with_negative_numbers(Arguments::command());
    // A flag that is needed may stand in the file.
    let lenient = command.clone().ignore_errors(true).try_get_matches_from(&line);
    let config = lenient.ok().and_then(|matches| Some((config_of(&matches)?, matches)));
    let line = match config {
        Some((path, matches)) => with_file(line, &command, &matches, &path)?,
        None => line,
    };
    let matches = command.try_get_matches_from(&line).unwrap_or_else(|error| told(&error));
    Arguments::from_arg_matches(&matches).map_err(|error| told(&error))
}

/// Takes -1 for the value of a flag, which then says what is wrong with it, and not for a flag of its own.
fn with_negative_numbers(command: Command) -> Command {
    let number = |argument: clap::Arg| {
        let takes = argument.get_action().takes_values() && !argument.is_allow_hyphen_values_set();
        if takes { argument.allow_negative_numbers(true) } else { argument }
    };
    command.mut_args(number).mut_subcommands(with_negative_numbers)
}

/// Tells what clap has to say, an error in a line and a hint in another one, and ends the program.
fn told(error: &clap::Error) -> ! {
    if !error.use_stderr() || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let (message, hint) = in_two_lines(&error.render().to_string());
    terminal::error(&Problem::usage(message).hint(hint));
    std::process::exit(error.exit_code())
}

/// What clap says in paragraphs, as an error and a hint.
fn in_two_lines(text: &str) -> (String, String) {
    let text = text.trim().strip_prefix("error: ").unwrap_or(text);
    let (mut message, mut values, mut tip, mut usage) = (vec![], None, None, None);
    let first_paragraph = text.split("\n\n").next().unwrap_or_default().lines().count();
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if let Some(line) = line.strip_prefix('[') {
            values = Some(line.trim_end_matches(']').to_owned());
        } else if let Some(line) = line.strip_prefix("tip: ") {
            tip = tip.or(Some(line.to_owned()));
        } else if let Some(line) = line.strip_prefix("Usage: ") {
            usage = Some(format!("`{line}`; `--help` tells of all flags"));
        } else if number < first_paragraph {
            message.push(line);
        }
    }
    let message = message.join(" ");
    match message.split_once("; hint: ") {
        Some((message, hint)) => (message.to_owned(), hint.to_owned()),
        None => {
            let hint = [values, tip].into_iter().flatten().collect::<Vec<_>>().join("; ");
            let help = || usage.unwrap_or_else(|| "`--help` tells of all flags and what they take".to_owned());
            (message, if hint.is_empty() { help() } else { hint })
        }
    }
}

fn config_of(matches: &ArgMatches) -> Option<std::path::PathBuf> {
    let (_, last) = innermost(matches);
    last.try_get_one::<std::path::PathBuf>("config").ok().flatten().cloned()
}

/// The names of the verbs, and the arguments of the last one.
fn innermost(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let (mut names, mut last) = (vec![], matches);
    while let Some((name, inner)) = last.subcommand() {
        names.push(name);
        last = inner;
    }
    (names, last)
}

/// The command line with the flags of a file behind the verb, where it does not say them itself.
fn with_file(
    line: Vec<OsString>,
    command: &Command,
    matches: &ArgMatches,
    path: &Path,
) -> Result<Vec<OsString>, Problem> {
    let (names, said) = innermost(matches);
    let mut verb = command.clone();
    verb.build();
    for name in &names {
        verb = verb.find_subcommand(name).cloned().unwrap_or(verb);
    }
    let mut added = vec![];
    for (key, value) in read(path)? {
        let long = key.replace('_', "-");
        let argument =
            verb.get_arguments().find(|argument| argument.get_long() == Some(long.as_str()) && long != "config");
        let Some(argument) = argument else {
            let flags: Vec<&str> = verb.get_arguments().filter_map(clap::Arg::get_long).collect();
            let message = format!("{}: `{}` takes no flag `{key}`", path.display(), names.join(" "));
            return Err(Problem::usage(message).hint(format!("its flags are {}", flags.join(", "))));
        };
        let id = argument.get_id().as_str();
        if said.try_contains_id(id).is_ok() && said.value_source(id) == Some(ValueSource::CommandLine) {
            continue;
        }
        let takes_value = !matches!(argument.get_action(), ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count);
        let wrong = |expected: &str| {
            let message = format!("{}: `{key}`: expected {expected}, got {value}", path.display());
            Problem::usage(message).hint("write it as in `seed = 7`, `target = \"mpg\"` or `columns = [\"a\", \"b\"]`")
        };
        let text = match &value {
            Value::Bool(on) if !takes_value => {
                if *on {
                    added.push(format!("--{long}").into());
                }
                continue;
            }
            _ if !takes_value => return Err(wrong("true or false")),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Array(items) => {
                let item = |item: &Value| match item {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                let items: Option<Vec<String>> = items.iter().map(item).collect();
                items.ok_or_else(|| wrong("a list of texts or numbers"))?.join(",")
            }
            _ => return Err(wrong("a text, a number or a list")),
        };
        added.push(format!("--{long}={text}").into());
    }
    Ok(behind_verb(line, &names, added))
}

/// Puts arguments behind the last verb.
fn behind_verb(line: Vec<OsString>, names: &[&str], added: Vec<OsString>) -> Vec<OsString> {
    let mut place = 1;
    for name in names {
        place += line[place..].iter().position(|word| word.to_str() == Some(*name)).map_or(0, |at| at + 1);
    }
    let mut line = line;
    line.splice(place..place, added);
    line
}

/// The keys and values of a file.
fn read(path: &Path) -> Result<Vec<(String, Value)>, Problem> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Problem::usage(format!("cannot read {name}: {error}")).hint("`--config` takes a TOML or JSON file")
    })?;
    let is_json = text.trim_start().starts_with('{');
    let value: Result<Value, String> = match is_json {
        true => serde_json::from_str(&text).map_err(|error| error.to_string()),
        false => toml::from_str(&text).map_err(|error| error.to_string()),
    };
    match value {
        Ok(Value::Object(map)) => Ok(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        Ok(_) => Err(Problem::usage(format!("{name}: expected flags and their values"))
            .hint("write one a line, as in `seed = 7`")),
        Err(error) => Err(Problem::usage(format!("{name}: {}", error.trim_end()))
            .hint("it is to be TOML, as in `seed = 7`, or a JSON object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clap_says_becomes_an_error_and_a_hint() {
        for (text, message, hint) in [
            (
                "error: needed:\n  <MODEL>\n  <TABLE>\n\nUsage: flows score <MODEL> <TABLE>\n\nFor more information, try '--help'.\n",
                "needed: <MODEL> <TABLE>",
                "`flows score <MODEL> <TABLE>`; `--help` tells of all flags",
            ),
            (
                "error: invalid value 'x' for '--a'\n  [possible values: b, c]\n\n  tip: a similar value exists: 'b'\n\nFor more",
                "invalid value 'x' for '--a'",
                "possible values: b, c; a similar value exists: 'b'",
            ),
            (
                "error: invalid value 'x': no time; hint: as in 3s\n\nFor more information, try '--help'.",
                "invalid value 'x': no time",
                "as in 3s",
            ),
            (
                "error: odd\n\nFor more information, try '--help'.",
                "odd",
                "`--help` tells of all flags and what they take",
            ),
        ] {
            assert_eq!(in_two_lines(text), (message.to_owned(), hint.to_owned()));
        }
    }

    fn merged(file: &str, line: &[&str]) -> Result<Vec<String>, Problem> {
        let config = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(config.path(), file).unwrap();
        let mut words: Vec<OsString> =
            std::iter::once("flows").chain(line.iter().copied()).map(OsString::from).collect();
        words.push(format!("--config={}", config.path().display()).into());
        let command = Arguments::command();
        let matches = command.clone().ignore_errors(true).try_get_matches_from(&words).unwrap();
        let path = config_of(&matches).expect("a file is named");
        let line = with_file(words, &command, &matches, &path)?;
        Ok(line.into_iter().map(|word| word.into_string().unwrap()).filter(|word| !word.contains("config")).collect())
    }

    #[test]
    fn flags_of_a_file_stand_behind_the_verb_and_those_of_the_line_win() {
        let line = merged("seed = 7\ntime = \"5s\"\nforce = true\n", &["fit", "t.csv", "--seed", "3"]).unwrap();
        assert_eq!(line, ["flows", "fit", "--force", "--time=5s", "t.csv", "--seed", "3"]);
        let line = merged(r#"{"columns": ["a", "b"], "force": false}"#, &["fit", "t.csv"]).unwrap();
        assert_eq!(line, ["flows", "fit", "--columns=a,b", "t.csv"]);
    }

    #[test]
    fn an_unknown_flag_is_an_error_that_lists_the_others() {
        let error = merged("sede = 7", &["fit", "t.csv"]).unwrap_err();
        assert!(error.to_string().contains("`sede`") && error.to_string().contains("seed"), "{error}");
        assert_eq!(error.code(), 2);
        assert!(
            merged("seed = {a = 1}", &["fit", "t.csv"]).is_err() && merged("force = 3", &["fit", "t.csv"]).is_err()
        );
    }
}

//! A command and what it did.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where the commands are.
pub(super) struct Programs {
    pub(super) flows: PathBuf,
}

/// A command of a case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    line: String,
    /// Kills the command when this file is there.
    kill_at: Option<String>,
    /// Closes its output after the first line, as `head -1` does.
    head: bool,
}

/// What a command did.
#[derive(Clone, Debug, Default)]
pub(super) struct Ran {
    /// The exit code; none for one that was killed.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) seconds: f64,
    /// The most memory it had, in MiB, where the system tells.
    pub(super) peak: Option<f64>,
}

/// What takes longer has gone wrong.
const LIMIT: Duration = Duration::from_secs(400);

impl Step {
    /// Reads `flows fit ..`, `write FILE TEXT`, `copy FROM TO`, `link FILE TARGET`, with `| head` after it, or
    /// `kill-at FILE` before it.
    pub(super) fn new(line: &str) -> Self {
        let (line, head) = line.strip_suffix("| head").map_or((line, false), |line| (line.trim(), true));
        let (line, kill_at) = match line.strip_prefix("kill-at ").and_then(|rest| rest.split_once(' ')) {
            Some((file, line)) => (line, Some(file.to_owned())),
            None => (line, None),
        };
        Self { line: line.to_owned(), kill_at, head }
    }

    /// Runs it; the error is one of the case's own, not of the command.
    pub(super) fn run(&self, inputs: &Path, out: &Path, number: usize, programs: &Programs) -> Result<Ran, String> {
        let filled = |text: &str| {
            text.replace("{in}", &inputs.display().to_string()).replace("{out}", &out.display().to_string())
        };
        let words: Vec<String> = self.line.split_whitespace().map(filled).collect();
        let (name, rest) = words.split_first().ok_or("an empty command")?;
        let failed = |error: std::io::Error| format!("`{}`: {error}", self.line);
        let program = match (name.as_str(), rest) {
            ("flows", _) => &programs.flows,
            ("write", [file, text]) => {
                fs::create_dir_all(Path::new(file).parent().unwrap_or(out)).map_err(failed)?;
                fs::write(file, text.replace("\\n", "\n")).map_err(failed)?;
                return Ok(Ran { code: Some(0), ..Ran::default() });
            }
            ("copy", [from, to]) => {
                fs::copy(from, to).map_err(failed)?;
                return Ok(Ran { code: Some(0), ..Ran::default() });
            }
            ("link", [file, target]) => {
                link(target, file).map_err(failed)?;
                return Ok(Ran { code: Some(0), ..Ran::default() });
            }
            _ => return Err(format!("`{}` is no command of a case", self.line)),
        };
        let mut command = Command::new(program);
        command.args(rest).current_dir(out).stdin(Stdio::null());
        self.watch(command, &out.join(format!(".{number}")), self.kill_at.as_deref().map(filled)).map_err(failed)
    }

    fn watch(&self, mut command: Command, log: &Path, kill_at: Option<String>) -> std::io::Result<Ran> {
        let (out, err) = (log.with_extension("out"), log.with_extension("err"));
        let stdout = if self.head { Stdio::piped() } else { Stdio::from(File::create(&out)?) };
        let start = Instant::now();
        let mut child = command.stdout(stdout).stderr(File::create(&err)?).spawn()?;
        let mut first = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut first)?;
        }
        let (status, peak) = wait(&mut child, kill_at.as_deref().map(Path::new))?;
        let text = |path: &Path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ran {
            code: status.code(),
            stdout: if self.head { first } else { text(&out)? },
            stderr: text(&err)?,
            seconds: start.elapsed().as_secs_f64(),
            peak,
        })
    }
}

#[cfg(unix)]
fn link(target: &str, file: &str) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, file)
}

#[cfg(not(unix))]
fn link(target: &str, file: &str) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target, file)
}

/// Waits for the end, and looks how much memory there was; kills what takes too long, or when a file is there.
fn wait(child: &mut Child, kill_at: Option<&Path>) -> std::io::Result<(ExitStatus, Option<f64>)> {
    let (start, mut peak) = (Instant::now(), None);
    loop {
        peak = memory(child.id()).or(peak);
        if let Some(status) = child.try_wait()? {
            return Ok((status, peak));
        }
        if start.elapsed() > LIMIT || kill_at.is_some_and(Path::exists) {
            child.kill()?;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The most resident memory that a process has had so far, in MiB; Linux keeps that mark.
fn memory(id: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    Some(kilobytes.trim().parse::<f64>().ok()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_to_run_and_when_to_stop_it() {
        let step = |line: &str, kill_at: Option<&str>, head| Step {
            line: line.to_owned(),
            kill_at: kill_at.map(str::to_owned),
            head,
        };
        assert_eq!(Step::new("flows show a.flow | head"), step("flows show a.flow", None, true));
        assert_eq!(Step::new("kill-at {out}/c flows fit"), step("flows fit", Some("{out}/c"), false));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_watched_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let programs = Programs { flows: "/bin/sh".into() };
        let run = |line: &str| Step::new(line).run(folder.path(), folder.path(), 0, &programs).expect("it runs");
        fs::write(folder.path().join("a.sh"), "echo one; echo two >&2; exit 3").expect("written");
        let ran = run("flows {in}/a.sh");
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(3), "one\n", "two\n"));
        fs::write(folder.path().join("b.sh"), "touch there; sleep 100").expect("written");
        assert_eq!(run("kill-at {out}/there flows {in}/b.sh").code, None);
    }
}

//! A client that runs, to be watched, interrupted and killed.

use std::io::Read as _;
use std::io::Seek as _;
use std::os::unix::process::CommandExt as _;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use super::workspace::Ran;

/// Is a client in a process group of its own, as a shell starts it. It is killed when the test
/// ends before it.
pub struct Running {
    child: Child,
    output: std::fs::File,
}

impl Running {
    /// Starts a command.
    pub fn start(mut command: Command) -> Self {
        let output = tempfile::tempfile().unwrap();
        let child = command
            .process_group(0)
            .stdout(Stdio::from(output.try_clone().unwrap()))
            .stderr(Stdio::from(output.try_clone().unwrap()))
            .spawn()
            .unwrap();
        Self { child, output }
    }

    /// Returns the provider's processes, by their ids.
    pub fn providers(&self) -> Vec<u32> {
        providers(self.child.id())
    }

    /// Sends a signal to the client alone.
    pub fn signal(&self, name: &str) {
        signal(name, &self.child.id().to_string());
    }

    /// Sends a signal to everything that the client started, as Ctrl-C at a terminal does.
    pub fn signal_group(&self, name: &str) {
        signal(name, &format!("-{}", self.child.id()));
    }

    /// Kills every process of the provider, and returns how many there were.
    pub fn kill_providers(&self) -> usize {
        let providers = self.providers();
        for id in &providers {
            signal("KILL", &id.to_string());
        }
        providers.len()
    }

    /// Says whether the client has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the client's end, which has to come within `limit`.
    #[track_caller]
    pub fn end(mut self, limit: Duration) -> Ran {
        let until = Instant::now() + limit;
        while !self.has_ended() {
            assert!(
                Instant::now() < until,
                "the client still runs after {limit:?}:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let status = self.child.wait().unwrap();
        Ran { status: status.code().unwrap_or(-1), text: self.text() }
    }

    /// Returns what the client printed so far.
    pub fn text(&mut self) -> String {
        let mut text = String::new();
        // The position is shared with the client, which appends.
        let mut copy = std::fs::File::open(format!("/proc/self/fd/{}", {
            use std::os::fd::AsRawFd as _;
            self.output.as_raw_fd()
        }))
        .unwrap();
        copy.rewind().unwrap();
        copy.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            signal("KILL", &self.child.id().to_string());
            drop(self.child.wait());
        }
    }
}

/// Returns the provider's processes that a client has started, by their ids.
pub fn providers(client: u32) -> Vec<u32> {
    children(client)
        .into_iter()
        .filter(|(_, program)| program.starts_with("terraform-provi"))
        .map(|(id, _)| id)
        .collect()
}

/// Returns the processes that a process has started, with their programs' names.
fn children(parent: u32) -> Vec<(u32, String)> {
    let entries = std::fs::read_dir("/proc").unwrap();
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The name stands in brackets, and may hold any character.
            let (head, tail) = stat.rsplit_once(')')?;
            let name = head.split_once('(')?.1.to_owned();
            let mut fields = tail.split_whitespace();
            let is_alive = fields.next()? != "Z";
            (is_alive && fields.next()?.parse() == Ok(parent)).then_some((id, name))
        })
        .collect()
}

fn signal(name: &str, target: &str) {
    // It may have ended a moment ago, which is no error here.
    let sent = Command::new("kill").args(["-s", name, "--", target]).stderr(Stdio::null()).status();
    sent.unwrap();
}

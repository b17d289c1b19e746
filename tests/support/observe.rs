//! What the operating system says about a provider while it works.

use std::collections::BTreeSet;

/// Returns how much memory a process had resident at most, in KiB; 0 once it has ended.
pub fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
    number.map_or(0, |number| number.trim().parse().unwrap())
}

/// Returns the addresses that a process listens on over TCP, as the kernel writes them.
pub fn listens(process: u32) -> Vec<String> {
    let sockets: BTreeSet<String> = std::fs::read_dir(format!("/proc/{process}/fd"))
        .unwrap()
        .filter_map(|entry| {
            let target = std::fs::read_link(entry.unwrap().path()).ok()?;
            let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
            Some(inode)
        })
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let path = format!("/proc/{process}/net/{table}");
        for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            // 0A is LISTEN.
            if fields[3] == "0A" && sockets.contains(fields[9]) {
                found.push(fields[1].to_owned());
            }
        }
    }
    found
}

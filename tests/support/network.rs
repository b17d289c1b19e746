//! A network of a test's own, with a line that the kernel itself makes slow, lossy or dead.
//!
//! A pair of devices leads from a network namespace to this machine. Rates are `tc`'s token
//! buckets, on both ends; packets are lost by iptables within the namespace. (`netem` would delay
//! them too, and is not in every kernel.) All of it ends with the process that holds the
//! namespace, and that ends with the test.

use std::net::Ipv4Addr;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use super::text;

/// Is such a network.
pub struct Network {
    holder: Child,
    device: String,
    host: Ipv4Addr,
}

impl Network {
    /// Makes one without faults.
    pub fn new() -> Self {
        let mut command = Command::new("unshare");
        // Ends with its input, which ends with this process.
        let holder = command.args(["--net", "cat"]).stdin(Stdio::piped()).stdout(Stdio::null());
        let holder = holder.spawn().unwrap();
        let id = std::process::id();
        // One of the many small networks beside the cluster's, and another for each process.
        let subnet = std::env::var("S3WWW_CLUSTER_SUBNET");
        let subnet = subnet.unwrap_or_else(|_| "10.99.0.0/24".to_owned());
        let subnet: Ipv4Addr = subnet.split('/').next().unwrap().parse().unwrap();
        let [first, second, ..] = subnet.octets();
        let third = 192 + u8::try_from(id >> 6 & 63).unwrap();
        let fourth = u8::try_from(id & 63).unwrap() * 4;
        let at = |last: u8| Ipv4Addr::new(first, second, third, fourth + last);
        let network = Self { holder, device: format!("s3w{id}"), host: at(1) };
        let holder = network.holder.id().to_string();
        // The namespace is there once it is not this process's own.
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        super::eventually("the namespace is there", || {
            std::fs::read_link(format!("/proc/{holder}/ns/net")).is_ok_and(|other| other != own)
        });
        let (host, guest) = (format!("{}/30", at(1)), format!("{}/30", at(2)));
        let device = network.device.as_str();
        run(&["ip", "link", "add", device, "type", "veth", "peer", "eth0", "netns", &holder]);
        run(&["ip", "address", "add", &host, "dev", device]);
        run(&["ip", "link", "set", device, "up"]);
        network.run_inside(&["ip", "address", "add", &guest, "dev", "eth0"]);
        network.run_inside(&["ip", "link", "set", "eth0", "up"]);
        network
    }

    /// Returns the address of this machine, as it is seen from the namespace.
    pub fn host(&self) -> Ipv4Addr {
        self.host
    }

    /// Returns the same command, run inside.
    pub fn inside(&self, command: &Command) -> Command {
        let mut inside = self.enter();
        inside.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            inside.current_dir(folder);
        }
        inside
    }

    /// Lets both directions carry so many bits in a second (`1mbit`).
    pub fn limit(&self, rate: &str) {
        let bucket = |device| {
            let head = ["tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate];
            [&head[..], &["burst", "16kb", "latency", "300ms"]].concat()
        };
        run(&bucket(&self.device));
        self.run_inside(&bucket("eth0"));
    }

    /// Loses so many of a hundred packets, in both directions; all of them make the line dead.
    pub fn lose(&self, percent: u32) {
        self.mend();
        let probability = f64::from(percent) / 100.0;
        let probability = probability.to_string();
        for direction in ["INPUT", "OUTPUT"] {
            let rule = ["iptables", "--wait", "--append", direction, "--jump", "DROP"];
            let some = ["--match", "statistic", "--mode", "random", "--probability", &probability];
            self.run_inside(&[&rule[..], if percent < 100 { &some } else { &[] }].concat());
        }
    }

    /// Loses nothing any more.
    pub fn mend(&self) {
        self.run_inside(&["iptables", "--wait", "--flush"]);
    }

    /// Returns how many bytes have come from inside.
    pub fn received(&self) -> u64 {
        let path = format!("/sys/class/net/{}/statistics/rx_bytes", self.device);
        std::fs::read_to_string(path).unwrap().trim().parse().unwrap()
    }

    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.holder.id()));
        command
    }

    #[track_caller]
    fn run_inside(&self, arguments: &[&str]) {
        let mut command = self.enter();
        succeed(command.args(arguments));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        self.holder.wait().unwrap();
    }
}

#[track_caller]
fn run(arguments: &[&str]) {
    succeed(Command::new(arguments[0]).args(&arguments[1..]));
}

#[track_caller]
fn succeed(command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|error| {
        panic!("{command:?}: {error}. It is in Debian's `iproute2`, `iptables` or `util-linux`.")
    });
    assert!(output.status.success(), "{command:?} (as root?): {}", text(&output));
}

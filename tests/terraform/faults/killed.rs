//! The provider, and the client itself, killed at any moment: the next plain `apply` or `destroy`
//! comes to the same end as if nothing had happened.
//!
//! The moments are spread over the whole operation: it is measured first, cut into as many slices
//! as there are to be kills, and each kill falls at random into its own slice.

use std::time::Duration;
use std::time::Instant;

use super::place::Place;
use crate::support::client::Client;
use crate::support::process::Running;

/// Names who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Provider,
    Client,
}

/// Names the chart that is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chart {
    /// One pod with a claim, quick to start.
    Small,
    /// s3www and MinIO, with a bucket and an object beside them.
    Bundled,
}

/// Names what is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    Update,
    Destroy,
}

/// Is a small generator of random numbers (SplitMix64), so that a seed makes a run again.
struct Random(u64);

impl Random {
    /// Takes the seed from `S3WWW_SEED`, or from the clock, and prints it.
    fn new() -> Self {
        let seed = std::env::var("S3WWW_SEED").map_or_else(
            |_| {
                let now = std::time::SystemTime::now();
                let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
                u64::try_from(since.as_nanos() & 0xffff_ffff).unwrap()
            },
            |seed| seed.parse().unwrap(),
        );
        println!("S3WWW_SEED={seed}");
        Self(seed)
    }

    /// Returns a number from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

impl Operation {
    const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Destroy];

    fn command(self) -> [&'static str; 3] {
        let command = if self == Self::Destroy { "destroy" } else { "apply" };
        [command, "-no-color", "-auto-approve"]
    }
}

/// Is what a kill came to.
struct Killed {
    /// Whether the command failed for it. A process that had done its work may be hit too.
    hit: bool,
    /// How long the command ran.
    after: Duration,
    /// The states of the revisions just after.
    found: String,
}

/// Starts the operation, and kills after `moment`.
fn kill(place: &Place, operation: Operation, victim: Victim, moment: Duration) -> Killed {
    let began = Instant::now();
    let mut running = place.site.start(&operation.command());
    std::thread::sleep(moment);
    match victim {
        Victim::Client => running.signal("KILL"),
        Victim::Provider => kill_provider(&mut running),
    }
    let hit = running.end(Duration::from_mins(3)).status != 0;
    Killed { hit, after: began.elapsed(), found: place.history_or_nothing().join(", ") }
}

/// Kills the provider, or the next one if none runs at this moment.
fn kill_provider(running: &mut Running) {
    while !running.has_ended() && running.kill_providers() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Is a stack whose values change with every operation.
struct Subject {
    place: Place,
    chart: Chart,
    number: u32,
}

impl Subject {
    fn new(client: Client, chart: Chart) -> Self {
        let place = match chart {
            Chart::Small => Place::new(client, "killed"),
            Chart::Bundled => Place::bundled(client, "killed"),
        };
        Self { place, chart, number: 0 }
    }

    /// Changes the values. Each revision has a hook or a Job, which makes it longer than its plan.
    fn change(&mut self) {
        self.number += 1;
        let note = self.note();
        let values = match self.chart {
            Chart::Small => format!("note = \"{note}\", hooks = {{ migrate = \"sleep 1\" }}"),
            Chart::Bundled => format!(
                "replicaCount = 1, index = {{ content = \"{note}\" }}, \
                 minio = {{ persistence = {{ size = \"64Mi\" }} }}"
            ),
        };
        self.place.set(&format!("values = {{ {values} }}"), "");
    }

    fn note(&self) -> String {
        format!("n{}", self.number)
    }

    fn exists(&self) -> bool {
        self.place.exists(match self.chart {
            Chart::Small => "deployment/web",
            Chart::Bundled => "deployment/site-s3www",
        })
    }

    /// Returns what was stored first, and the claim that it is on.
    fn data(&self) -> (String, String) {
        match self.chart {
            Chart::Small => self.place.data(),
            Chart::Bundled => {
                let claim = self.place.field("pvc/data-site-minio-0", ".metadata.uid");
                (self.place.served("note.txt"), claim)
            }
        }
    }

    /// Fails the test unless nothing but claims of a StatefulSet is left of the stack.
    #[track_caller]
    fn assert_gone(&self) {
        let left: &[&str] = match self.chart {
            Chart::Small => &[],
            Chart::Bundled => &["persistentvolumeclaim/data-site-minio-0"],
        };
        assert_eq!(self.place.namespace.leftovers(), left, "orphans");
        assert!(self.place.site.attributes("s3www_stack.site").is_null());
        assert!(self.place.site.attributes("minio_object.note").is_null());
    }

    #[track_caller]
    fn end(&self) {
        self.place.site.destroy().ok();
        self.assert_gone();
    }

    /// Fails the test unless everything is as if nothing had ever been killed.
    #[track_caller]
    fn assert_whole(&self, operation: Operation, before: Option<&(String, String)>) {
        if operation == Operation::Destroy {
            self.assert_gone();
            return;
        }
        self.place.site.assert_nothing_to_do();
        let history = self.place.history();
        assert!(history.last().unwrap().ends_with(" deployed"), "{history:?}");
        assert!(!history.iter().any(|row| row.contains("pending")), "{history:?}");
        let note = match self.chart {
            Chart::Small => self.place.field("configmap/early", ".data.note"),
            Chart::Bundled => self.place.served("index.html").trim_end().to_owned(),
        };
        assert_eq!(note, self.note());
        let data = self.data();
        assert!(before.is_none_or(|before| *before == data), "the data is not what it was");
    }
}

/// Kills `times` times in each operation, and fails the test unless a plain command comes to the
/// right end each time.
fn rounds(client: Client, victim: Victim, chart: Chart, operations: &[Operation], times: u32) {
    let mut random = Random::new();
    let mut subject = Subject::new(client, chart);
    // How long each takes when nothing happens.
    let mut took = Operation::ALL.map(|operation| {
        subject.change();
        let began = Instant::now();
        subject.place.site.run(&operation.command()).ok();
        began.elapsed()
    });
    for operation in operations {
        let took = &mut took[Operation::ALL.iter().position(|one| one == operation).unwrap()];
        let (mut hits, mut misses, mut manual) = (0, 0, 0);
        while hits < times && misses < 10 + 2 * times {
            let exists = subject.exists();
            if *operation == Operation::Create && exists {
                subject.end();
            } else if *operation != Operation::Create && !exists {
                subject.change();
                subject.place.site.apply().ok();
            }
            let before = (*operation == Operation::Update).then(|| subject.data());
            if *operation != Operation::Destroy {
                subject.change();
            }
            let moment = took.mul_f64((f64::from(hits) + random.next()) / f64::from(times));
            let killed = kill(&subject.place, *operation, victim, moment);
            let began = Instant::now();
            let again = subject.place.site.run(&operation.command());
            println!(
                "{client:?} {victim:?} {chart:?} {operation:?} {}/{times}: killed at {:.2} of {:.2} s ({}), found [{}], again in {:.1} s: {}",
                hits + 1,
                moment.as_secs_f64(),
                took.as_secs_f64(),
                if killed.hit { "hit" } else { "it was over" },
                killed.found,
                began.elapsed().as_secs_f64(),
                if again.status == 0 { "converged" } else { "FAILED" },
            );
            if killed.hit {
                hits += 1;
            } else {
                // It takes less time than it did: the same slice once more.
                misses += 1;
                *took = killed.after.min(*took);
            }
            if again.status != 0 {
                // Counted, and shown; the test goes on to the end and fails then.
                println!("{}", again.text);
                manual += 1;
                subject.place.site.run(&operation.command()).ok();
            }
            subject.assert_whole(*operation, before.as_ref());
        }
        println!(
            "{client:?} {victim:?} {chart:?} {operation:?}: {hits} kills, {misses} too late, manual steps {manual}"
        );
        assert!(hits * 4 >= times * 3, "too few of the kills came in time");
        assert_eq!(manual, 0, "not every round converged with one plain command");
    }
    subject.end();
}

#[test]
fn a_provider_that_is_killed_is_recovered_from() {
    rounds(Client::Terraform, Victim::Provider, Chart::Small, &Operation::ALL, 1);
}

#[test]
fn a_client_that_is_killed_is_recovered_from() {
    rounds(Client::OpenTofu, Victim::Client, Chart::Small, &Operation::ALL, 1);
}

/// How often the soak kills in each of its cases.
const SOAK: u32 = 20;

/// The same with the bundled chart, of which a round takes a minute.
const BUNDLED_SOAK: u32 = 8;

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_create_with_the_provider_killed() {
    rounds(Client::Terraform, Victim::Provider, Chart::Small, &[Operation::Create], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_update_with_the_provider_killed() {
    rounds(Client::OpenTofu, Victim::Provider, Chart::Small, &[Operation::Update], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_destroy_with_the_provider_killed() {
    rounds(Client::Terraform, Victim::Provider, Chart::Small, &[Operation::Destroy], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_create_with_the_client_killed() {
    rounds(Client::OpenTofu, Victim::Client, Chart::Small, &[Operation::Create], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_update_with_the_client_killed() {
    rounds(Client::Terraform, Victim::Client, Chart::Small, &[Operation::Update], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_destroy_with_the_client_killed() {
    rounds(Client::OpenTofu, Victim::Client, Chart::Small, &[Operation::Destroy], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_bundled_create_with_the_provider_killed() {
    rounds(Client::Terraform, Victim::Provider, Chart::Bundled, &[Operation::Create], BUNDLED_SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_bundled_update_with_the_provider_killed() {
    rounds(Client::OpenTofu, Victim::Provider, Chart::Bundled, &[Operation::Update], BUNDLED_SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_bundled_destroy_with_the_provider_killed() {
    rounds(
        Client::Terraform,
        Victim::Provider,
        Chart::Bundled,
        &[Operation::Destroy],
        BUNDLED_SOAK,
    );
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_bundled_create_with_the_client_killed() {
    rounds(Client::OpenTofu, Victim::Client, Chart::Bundled, &[Operation::Create], BUNDLED_SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_bundled_update_with_the_client_killed() {
    rounds(Client::Terraform, Victim::Client, Chart::Bundled, &[Operation::Update], BUNDLED_SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_bundled_destroy_with_the_client_killed() {
    rounds(Client::OpenTofu, Victim::Client, Chart::Bundled, &[Operation::Destroy], BUNDLED_SOAK);
}

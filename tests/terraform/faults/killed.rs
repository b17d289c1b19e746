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
    number: u32,
}

impl Subject {
    /// Changes the values. Each revision has a hook, which makes it longer than its plan.
    fn change(&mut self) {
        self.number += 1;
        let number = self.number;
        let values = format!("{{ note = \"n{number}\", hooks = {{ migrate = \"sleep 1\" }} }}");
        self.place.set(&format!("values = {values}"), "");
    }

    /// Fails the test unless everything is as if nothing had ever been killed.
    #[track_caller]
    fn assert_whole(&self, operation: Operation, before: Option<&(String, String)>) {
        if operation == Operation::Destroy {
            assert_eq!(self.place.namespace.leftovers(), [""; 0], "orphans");
            assert!(self.place.site.attributes("s3www_stack.site").is_null());
            return;
        }
        self.place.site.assert_nothing_to_do();
        let history = self.place.history();
        assert!(history.last().unwrap().ends_with(" deployed"), "{history:?}");
        assert!(!history.iter().any(|row| row.contains("pending")), "{history:?}");
        let note = self.place.field("configmap/early", ".data.note");
        assert_eq!(note, format!("n{}", self.number));
        let data = self.place.data();
        assert!(before.is_none_or(|before| *before == data), "the data is not what it was");
    }
}

/// Kills `times` times in each operation, and fails the test unless a plain command comes to the
/// right end each time.
fn rounds(client: Client, victim: Victim, operations: &[Operation], times: u32) {
    let mut random = Random::new();
    let mut subject = Subject { place: Place::new(client, "killed"), number: 0 };
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
            let exists = subject.place.exists("deployment/web");
            if *operation == Operation::Create && exists {
                subject.place.end();
            } else if *operation != Operation::Create && !exists {
                subject.change();
                subject.place.site.apply().ok();
            }
            let before = (*operation == Operation::Update).then(|| subject.place.data());
            if *operation != Operation::Destroy {
                subject.change();
            }
            let moment = took.mul_f64((f64::from(hits) + random.next()) / f64::from(times));
            let killed = kill(&subject.place, *operation, victim, moment);
            let began = Instant::now();
            let again = subject.place.site.run(&operation.command());
            println!(
                "{client:?} {victim:?} {operation:?} {}/{times}: killed at {:.2} of {:.2} s ({}), found [{}], again in {:.1} s: {}",
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
            "{client:?} {victim:?} {operation:?}: {hits} kills, {misses} too late, manual steps {manual}"
        );
        assert!(hits * 4 >= times * 3, "too few of the kills came in time");
        assert_eq!(manual, 0, "not every round converged with one plain command");
    }
    subject.place.end();
}

#[test]
fn a_provider_that_is_killed_is_recovered_from() {
    rounds(Client::Terraform, Victim::Provider, &Operation::ALL, 1);
}

#[test]
fn a_client_that_is_killed_is_recovered_from() {
    rounds(Client::OpenTofu, Victim::Client, &Operation::ALL, 1);
}

/// How often the soak kills in each of the six cases.
const SOAK: u32 = 20;

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_create_with_the_provider_killed() {
    rounds(Client::Terraform, Victim::Provider, &[Operation::Create], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_update_with_the_provider_killed() {
    rounds(Client::OpenTofu, Victim::Provider, &[Operation::Update], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_destroy_with_the_provider_killed() {
    rounds(Client::Terraform, Victim::Provider, &[Operation::Destroy], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_create_with_the_client_killed() {
    rounds(Client::OpenTofu, Victim::Client, &[Operation::Create], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_update_with_the_client_killed() {
    rounds(Client::Terraform, Victim::Client, &[Operation::Update], SOAK);
}

#[test]
#[ignore = "a soak of about ten minutes: run by hand, `make test ARGS='soak_ -- --ignored'`"]
fn soak_destroy_with_the_client_killed() {
    rounds(Client::OpenTofu, Victim::Client, &[Operation::Destroy], SOAK);
}

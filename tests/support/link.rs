//! A link between a client and a server that can be slow, hang, and break.

use std::io::Read;
use std::io::Write;
use std::net::Ipv4Addr;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

/// Is a read that can only be a part of a body. Whatever is less passes a link that hangs.
const BODY_READ: u64 = 16 * 1024;

/// Is what the link does to what is sent to the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// How many bytes it still carries, over all connections, before `then` happens.
    pub after: Option<u64>,
    /// What happens then.
    pub then: Then,
    /// How many bytes it carries in a second, over each connection.
    pub rate: Option<u64>,
}

/// Is what happens to a link that has carried enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// No body moves any more; requests without one still pass.
    #[default]
    Hangs,
    /// The connection breaks, so many times, each time after as many bytes again.
    Breaks { times: u32, every: u64 },
}

/// Is such a link, listening until the process ends.
pub struct Link {
    pub url: String,
    faults: Arc<Mutex<Faults>>,
}

impl Link {
    /// Makes a link to a port of this machine, without faults.
    pub fn to(port: u16) -> Self {
        Self::listening_at(Ipv4Addr::LOCALHOST, port)
    }

    /// Makes one that listens on another address than loopback's.
    pub fn listening_at(address: Ipv4Addr, port: u16) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let faults = Arc::new(Mutex::new(Faults::default()));
        let shared = Arc::clone(&faults);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { continue };
                // Nobody there: the client sees its connection closed.
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                carry(&client, &server, &shared);
            }
        });
        Self { url, faults }
    }

    /// Changes what the link does, from now on.
    pub fn set(&self, faults: Faults) {
        *self.faults.lock().unwrap() = faults;
    }
}

fn carry(client: &TcpStream, server: &TcpStream, faults: &Arc<Mutex<Faults>>) {
    for stream in [client, server] {
        stream.set_nodelay(true).unwrap();
    }
    let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let faults = Arc::clone(faults);
    std::thread::spawn(move || copy(from, to, |length| let_through(&faults, length)));
    let (from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || copy(from, to, |_| true));
}

/// Copies until one side ends or `pass` says that the connection breaks.
fn copy(mut from: TcpStream, mut to: TcpStream, pass: impl Fn(u64) -> bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 || !pass(length as u64) || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    // Either may be closed already.
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}

/// Returns once so many bytes may pass; false if the connection is to break.
fn let_through(faults: &Mutex<Faults>, length: u64) -> bool {
    loop {
        {
            let mut faults = faults.lock().unwrap();
            match (faults.after, faults.then) {
                (Some(_), _) if length < BODY_READ => {}
                (Some(after), _) if after >= length => faults.after = Some(after - length),
                (Some(_), Then::Hangs) => {
                    drop(faults);
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                }
                (Some(_), Then::Breaks { times: 0, .. }) => faults.after = None,
                (Some(_), Then::Breaks { times, every }) => {
                    faults.after = Some(every);
                    faults.then = Then::Breaks { times: times - 1, every };
                    return false;
                }
                (None, _) => {}
            }
            if let Some(rate) = faults.rate {
                drop(faults);
                std::thread::sleep(Duration::from_micros(length * 1_000_000 / rate));
            }
        }
        return true;
    }
}

//! Load over HTTP: events and queries at once, at a fixed rate, and what it took.
//!
//! ```sh
//! novelo serve --data D &
//! load() { cargo run --release --example load -- --url http://127.0.0.1:8080 "$@"; }
//! load --fill 100000 --customers 5000 --seconds 20 --events-per-second 5000 --connections 32 --queries-per-second 2000
//! load --customers 5000 --events-per-second 0 --connections 8 --closed-loop     how many queries are answered at all
//! load --writers 64                                  64 senders of one event at a time, beside one
//! load --file events.ndjson --senders 4              a file as fast as it goes, 10,000 events a request
//! cargo run --release --example load -- --yardstick 127.0.0.1:8081              async-graphql with constants, to compare
//! ```
//!
//! At a fixed rate every request has its moment; its latency counts from that moment, not from when a connection was free for
//! it, so a server that stalls does not look fast. The timer is exact to a
//! millisecond, which is in the latency as well. Events at a fixed rate happen when they are sent, but one in fifty, which
//! comes up to a day late. Without arguments it loads a small store of its own for two seconds.

#![expect(clippy::indexing_slicing, reason = "a measurement that fails stops")]

#[path = "load_parts/arguments.rs"]
mod arguments;
#[path = "load_parts/client.rs"]
mod client;
#[path = "load_parts/figures.rs"]
mod figures;
#[path = "world/mod.rs"]
mod world;
#[path = "load_parts/yardstick.rs"]
mod yardstick;

use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use arguments::Arguments;
use client::Client;
use figures::Figures;
use tokio::sync::mpsc;
use world::{Plan, SECOND, World};

/// How many events there are, and their lines.
type Batch = (u64, Vec<u8>);
type Error = Box<dyn std::error::Error + Send + Sync>;

/// What an agent needs of a customer: the last twenty events, counts, preference, open cases.
const CONTEXT: &str = "query Context($kind: String!, $value: String!) {
  customer(by: { identifier: { kind: $kind, value: $value } }) {
    id displayName
    timeline(last: 20) { totalCount nodes { id position kind occurredAt channel direction contact text } }
    channelPreference { preferred stated confidence ranking { channel score contacts } }
    cases(status: OPEN) { id protocol title openedAt dueAt }
    feedback { complaints suggestions praises }
    totals { events contacts openCases }
  }
}";
const NDJSON: &str = "application/x-ndjson";

/// The allocator of the program, so that what is measured is what runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Error> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(address) = &arguments.yardstick {
        return runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(address).await?;
            println!("listening on http://{}", listener.local_addr()?);
            Ok(yardstick::serve(listener).await?)
        });
    }
    match &arguments.host {
        Some(host) => runtime.block_on(load(&arguments, host)),
        None => runtime.block_on(load_own_store(&arguments)),
    }
}

/// A store and a server of its own, gone when this ends.
async fn load_own_store(arguments: &Arguments) -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let (novelo, _) = novelo::engine::Novelo::open(novelo::engine::Options::new(folder.path()), |_, _| {})?;
    let server = novelo::http::Server::bind(Arc::new(novelo), ([127, 0, 0, 1], 0).into()).await?;
    let host = server.address().to_string();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async { drop(stopped.await) }));
    let loaded = load(arguments, &host).await;
    drop(stop);
    serving.await?;
    loaded
}

async fn load(arguments: &Arguments, host: &str) -> Result<(), Error> {
    if let Some(path) = &arguments.file {
        let lines = BufReader::new(std::fs::File::open(path)?).split(b'\n');
        let lines = lines.map(|line| {
            line.map(|mut line| {
                line.push(b'\n');
                line
            })
        });
        return pour(host, lines, arguments.senders).await;
    }
    if arguments.fill > 0 {
        let plan = Plan { seed: arguments.seed, events: arguments.fill, customers: arguments.customers };
        pour(host, World::new(plan).map(Ok), arguments.senders).await?;
    }
    if let Some(writers) = arguments.writers {
        return write_one_by_one(arguments, host, writers).await;
    }
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let (sent, asked) = tokio::join!(send_steadily(arguments, host, until), ask(arguments, host, until));
    let took = Duration::from_secs(arguments.seconds);
    let (mut sent, mut asked) = (sent?, asked?);
    if arguments.events_per_second > 0 {
        sent.print(&format!("events, {} a request", arguments.batch), took);
    }
    if arguments.connections > 0 {
        asked.print(&format!("queries, {} connections", arguments.connections), took);
    }
    match sent.failed() + asked.failed() {
        0 => Ok(()),
        failed => Err(format!("{failed} requests failed").into()),
    }
}

/// Sends lines as fast as they are taken, in requests of up to 10,000 events.
async fn pour(host: &str, lines: impl Iterator<Item = std::io::Result<Vec<u8>>>, senders: usize) -> Result<(), Error> {
    let (batches, waiting) = mpsc::channel::<Batch>(senders);
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..senders).map(|_| tokio::spawn(pour_batches(host.to_owned(), waiting.clone()))).collect();
    drop(waiting);
    let (mut count, mut batch) = (0, Vec::new());
    for line in lines {
        batch.extend_from_slice(&line?);
        count += 1;
        if count == 10_000 || batch.len() > 30 << 20 {
            batches.send((std::mem::take(&mut count), std::mem::take(&mut batch))).await?;
        }
    }
    if count > 0 {
        batches.send((count, batch)).await?;
    }
    drop(batches);
    let mut figures = Figures::default();
    for task in tasks {
        figures.add(task.await??);
    }
    figures.print(&format!("pouring, {senders} senders"), begun.elapsed());
    Ok(())
}

async fn pour_batches(host: String, waiting: Arc<tokio::sync::Mutex<mpsc::Receiver<Batch>>>) -> Result<Figures, Error> {
    let (mut client, mut figures) = (Client::connect(&host).await?, Figures::default());
    loop {
        let next = waiting.lock().await.recv().await;
        let Some((count, batch)) = next else { return Ok(figures) };
        let begun = Instant::now();
        // A server that is busy says so, and when to come back.
        loop {
            let (status, body) = client.post("/v1/events", NDJSON, &batch).await?;
            match status {
                200 if body.ends_with(b"\"rejected\":[]}") => break figures.note(begun, count, Some(body.len())),
                503 => tokio::time::sleep(Duration::from_millis(50)).await,
                _ => return Err(format!("{status}: {}", String::from_utf8_lossy(body)).into()),
            }
        }
    }
}

/// When the requests of one connection are due: its own share of a rate that all have together.
fn schedule(rate: f64, connections: usize, number: usize) -> impl Iterator<Item = Instant> {
    let (begin, gap) = (Instant::now(), connections as f64 / rate);
    (0_u64..).map(move |turn| begin + Duration::from_secs_f64(gap * (turn as f64 + number as f64 / connections as f64)))
}

/// The moment of a line of the world becomes that at which it is sent; one in fifty is up to 25 hours late.
fn happens_now(line: &mut [u8], number: u64) -> Result<(), Error> {
    const TIME: &[u8] = b"\"time\":\"";
    let late = if number % 50 == 49 { (number * 7_919 % 90_000) as i64 * SECOND } else { 0 };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_micros() as i64;
    let mut moment = Vec::new();
    world::line::write_moment(&mut moment, now - late);
    let at = line.windows(TIME.len()).position(|part| part == TIME).ok_or("a line without a time")? + TIME.len();
    line[at..at + moment.len()].copy_from_slice(&moment);
    Ok(())
}

/// Sends events at a fixed rate.
async fn send_steadily(arguments: &Arguments, host: &str, until: Instant) -> Result<Figures, Error> {
    let (Arguments { events_per_second, batch, senders, .. }, mut all) = (arguments, Figures::default());
    if *events_per_second == 0 {
        return Ok(all);
    }
    let rate = *events_per_second as f64 / *batch as f64;
    let events = events_per_second * arguments.seconds * 2 + 10_000;
    let plan = Plan { seed: arguments.seed + 1, events, customers: arguments.customers };
    let world = Arc::new(std::sync::Mutex::new((0..).zip(World::new(plan))));
    let one = |number: usize| {
        let (host, world, batch, times) = (host.to_owned(), world.clone(), *batch, schedule(rate, *senders, number));
        async move {
            let (mut client, mut figures) = (Client::connect(&host).await?, Figures::default());
            for due in times.take_while(|due| *due < until) {
                let mut lines: Vec<(u64, Vec<u8>)> =
                    world.lock().map_err(|_| "a sender panicked")?.by_ref().take(batch).collect();
                tokio::time::sleep_until(due.into()).await;
                lines.iter_mut().try_for_each(|(number, line)| happens_now(line, *number))?;
                let body: Vec<u8> = lines.into_iter().flat_map(|(_, line)| line).collect();
                let (status, answer) = client.post("/v1/events", NDJSON, &body).await?;
                let taken = status == 200 && answer.ends_with(b"\"rejected\":[]}");
                figures.note(due, batch as u64, taken.then_some(answer.len()));
            }
            Ok::<_, Error>(figures)
        }
    };
    let tasks: Vec<_> = (0..*senders).map(|number| tokio::spawn(one(number))).collect();
    for task in tasks {
        all.add(task.await??);
    }
    Ok(all)
}

/// Asks at a fixed rate, or as fast as it is answered.
async fn ask(arguments: &Arguments, host: &str, until: Instant) -> Result<Figures, Error> {
    let document = match arguments.query.as_str() {
        "context" => CONTEXT,
        "panel" => include_str!("../graphql/operations/panel.graphql"),
        other => return Err(format!("there is no query `{other}`; there are context and panel").into()),
    };
    let connections = arguments.connections;
    let one = |number: usize| {
        let (host, from, rate) = (host.to_owned(), 1_000_000 + arguments.from, arguments.queries_per_second);
        let customers = arguments.customers;
        async move {
            let mut client = Client::connect(&host).await?;
            let (mut figures, mut customer) = (Figures::default(), number as u64 * 7_919);
            let mut times = rate.map(|rate| schedule(rate as f64, connections, number));
            loop {
                let due = match &mut times {
                    Some(times) => times.next().ok_or("no time")?,
                    None => Instant::now(),
                };
                if due >= until {
                    return Ok::<_, Error>(figures);
                }
                // Every customer once before any is asked for again, far apart from one to the next.
                customer = (customer + 104_729) % customers;
                let variables = serde_json::json!({"kind": "crm", "value": (from + customer).to_string()});
                let body = serde_json::json!({"query": document, "variables": variables}).to_string();
                // Waiting for a moment that is now takes a millisecond.
                if rate.is_some() {
                    tokio::time::sleep_until(due.into()).await;
                }
                let (status, answer) = client.post("/graphql", "application/json", body.as_bytes()).await?;
                let answered = status == 200 && answer.starts_with(b"{\"data\":{\"customer\":");
                figures.note(due, 1, answered.then_some(answer.len()));
            }
        }
    };
    let tasks: Vec<_> = (0..connections).map(|number| tokio::spawn(one(number))).collect();
    let mut all = Figures::default();
    for task in tasks {
        all.add(task.await??);
    }
    Ok(all)
}

/// One sender of one event at a time, then many at once.
async fn write_one_by_one(arguments: &Arguments, host: &str, writers: usize) -> Result<(), Error> {
    let (took, mut rates) = (Duration::from_secs(arguments.seconds), Vec::new());
    let number = Arc::new(AtomicU64::new(0));
    for many in [1, writers] {
        let until = Instant::now() + took;
        let one = || {
            let (host, number, seed, customers) =
                (host.to_owned(), number.clone(), arguments.seed, arguments.customers);
            async move {
                let (mut client, mut figures) = (Client::connect(&host).await?, Figures::default());
                while Instant::now() < until {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    let event = serde_json::json!({"specversion": "1.0", "id": format!("w-{seed}-{number}"), "source": "load",
                        "type": "novelo.message.sent", "subject": format!("crm:{}", 1_000_000 + number % customers),
                        "time": "2025-06-01T12:00:00Z", "data": {"channel": "chat", "direction": "inbound",
                        "contact": format!("w-{number}"), "text": "Boa tarde, o pedido 88412 ainda não chegou, podem verificar?"}});
                    let begun = Instant::now();
                    let (status, answer) =
                        client.post("/v1/events", "application/cloudevents+json", event.to_string().as_bytes()).await?;
                    figures.note(begun, 1, (status == 200).then_some(answer.len()));
                }
                Ok::<_, Error>(figures)
            }
        };
        let tasks: Vec<_> = (0..many).map(|_| tokio::spawn(one())).collect();
        let mut all = Figures::default();
        for task in tasks {
            all.add(task.await??);
        }
        all.print(&format!("single events, {many} writers"), took);
        rates.push(all.rate(took));
    }
    println!("{writers} writers record {:.1} times as many as one", rates[1] / rates[0]);
    Ok(())
}

//! Synthetic events of any number, as CloudEvents NDJSON on standard output: to measure with, and to try things out.
//!
//! ```sh
//! cargo run --release --example generate -- --events 10000000 --customers 500000 > events.ndjson
//! cargo run --release --example generate -- --events 100000 | novelo import --data D -
//! ```
//!
//! The same arguments give the same bytes. `--seed N` gives another world; without `--customers` there is one for every
//! twenty events. Memory does not grow with the number of events.

#[path = "world/mod.rs"]
mod world;

use std::io::{BufWriter, ErrorKind, Write};

use world::{Plan, World};

/// What is made without arguments.
const FEW: u64 = 3_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = read(std::env::args().skip(1))?;
    let mut output = BufWriter::with_capacity(1 << 18, std::io::stdout().lock());
    for line in World::new(plan) {
        match output.write_all(&line) {
            // Whoever reads has seen enough, as `head` does.
            Err(problem) if problem.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
            result => result?,
        }
    }
    Ok(output.flush()?)
}

/// The plan that the arguments ask for.
fn read(mut arguments: impl Iterator<Item = String>) -> Result<Plan, String> {
    let (mut seed, mut events, mut customers) = (1, FEW, None);
    while let Some(name) = arguments.next() {
        let mut number = || {
            let value = arguments.next().unwrap_or_default();
            value.parse::<u64>().map_err(|_| format!("{name} takes a whole number, not `{value}`"))
        };
        match name.as_str() {
            "--seed" => seed = number()?,
            "--events" => events = number()?,
            "--customers" => customers = Some(number()?),
            _ => return Err(format!("`{name}` is not known; there are --seed N, --events N and --customers N")),
        }
    }
    Ok(Plan { seed, events, customers: customers.unwrap_or(events / 20) })
}

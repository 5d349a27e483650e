//! `novelo demo`

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::demo_world::{self, STAR};
use super::failure::Failure;
use super::{output, serve, store};
use crate::engine::{Expect, KeySource, Novelo, Options, Outcome};
use crate::event::{Draft, Micros, Unfiled};

/// Makes the world in a temporary folder, which goes away with the process, and serves it.
pub(super) fn run(config: &Config) -> Result<ExitCode, Failure> {
    serve::check_address(config)?;
    let playbook = store::playbook(config)?;
    let folder = tempfile::Builder::new()
        .prefix("novelo-demo-")
        .tempdir()
        .map_err(|cause| Failure::new(format!("no temporary folder can be made: {cause}")))?;
    let mut options = Options::new(folder.path());
    options.master_key = KeySource::File(None);
    let (novelo, _) = Novelo::open(options, |_, _| {})?;
    let novelo = Arc::new(novelo);
    let events = fill(&novelo)?;
    let path = folder.path().display().to_string();
    serve::serve(novelo, config, playbook, move |address| output::line(&greeting(&address.to_string(), events, &path)))
}

/// Records the whole world; how many events it has.
fn fill(novelo: &Novelo) -> Result<usize, Failure> {
    let now = Micros::now();
    let today = Micros(now.0 - now.0.rem_euclid(Micros::DAY));
    let file = |flat| -> Result<Draft, Failure> {
        let filed = Unfiled::read(flat).and_then(|unfiled| novelo.filing().file(unfiled, now));
        filed.map_err(|problem| Failure::new(format!("the synthetic world is wrong: {problem}")))
    };
    let drafts = demo_world::events(today).into_iter().map(file).collect::<Result<Vec<_>, _>>()?;
    let events = drafts.len();
    store::runtime()?.block_on(async {
        let outcomes = novelo.record(drafts, Expect::Each).await.map_err(|cause| Failure::new(cause.to_string()))?;
        if let Some(Outcome::Refused(refusal)) = outcomes.iter().find(|outcome| matches!(outcome, Outcome::Refused(_)))
        {
            return Err(Failure::new(format!("the synthetic world is wrong: {refusal}")));
        }
        Ok(novelo.wait_for(novelo.head().next, Duration::from_secs(60)).await?)
    })?;
    Ok(events)
}

/// What to try, as commands that can be pasted.
fn greeting(address: &str, events: usize, folder: &str) -> String {
    let by = format!("by: {{identifier: {{kind: \"whatsapp\", value: \"{}\"}}}}", STAR.whatsapp);
    let panel = format!(
        "{{ customer({by}) {{ displayName \
         continuation {{ channel stoppedAt reason agent channelsSoFar lastMessages {{ text }} openCase {{ protocol title dueAt }} }} \
         facts {{ key value }} channelPreference {{ preferred stated }} feedback {{ complaints praises suggestions }} }} }}"
    );
    let timeline = format!(
        "{{ customer({by}) {{ timeline(last: 10) {{ totalCount nodes {{ occurredAt summary(language: \"pt-BR\") text }} }} }} }}"
    );
    let search =
        "{ customers(search: \"ana\") { nodes { displayName identifiers { kind value } totals { contacts } } } }";
    let curl = |query: &str| {
        let body = serde_json::json!({ "query": query }).to_string();
        format!("  curl -s http://{address}/graphql -H 'content-type: application/json' -d '{body}'")
    };
    format!(
        "Novelo demo: {events} events of customers who are made up, names, numbers, texts and all, in {folder} (gone when this ends).\n\
         Listening on http://{address}\n\n\
         Open http://{address}/tour in a browser: everybody who lives here, and what an agent sees of them.\n\n\
         {name} went from the chatbot to the telephone to e-mail about order {order}. Where did it stop?\n{}\n\n\
         Her last ten entries, in Portuguese:\n{}\n\n\
         Find customers by the beginning of a name (or by {email}, crm:{crm}, protocol {protocol}):\n{}\n\n\
         Ctrl-C ends it.",
        curl(&panel),
        curl(&timeline),
        curl(search),
        name = STAR.name,
        order = STAR.order,
        email = STAR.email,
        crm = STAR.crm,
        protocol = STAR.protocol,
    )
}

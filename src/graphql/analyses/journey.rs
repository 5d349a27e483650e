//! The journey map: made of two analyses.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{ID, Object, SimpleObject};

use crate::engine::{self, Answer, Ask, AskError, Example, Line, Novelo};
use crate::event::Micros;
use crate::graphql::node_id::NodeId;
use crate::graphql::scalars::{DateTime, PositionScalar};
use crate::tally::{Figure, Kept};

/// Stage, touchpoint and department.
type Spot = [Option<String>; 3];

/// The journey map.
#[derive(Debug, SimpleObject)]
pub struct JourneyMap {
    /// All events before this position are counted.
    through: PositionScalar,
    /// Whose days the range is cut by.
    timezone: String,
    /// The stages, in the order in which customers go through them: those that more steps go out of than come in first; null for
    /// what names none.
    stages: Vec<Option<String>>,
    /// The touchpoints, the busiest first; null for what names none.
    touchpoints: Vec<Option<String>>,
    /// The departments, the busiest first; null for what names none.
    departments: Vec<Option<String>>,
    /// What happened where.
    cells: Vec<JourneyCell>,
    /// From where to where customers went.
    flows: Vec<JourneyFlow>,
    /// Whether the range is not over.
    provisional: bool,
}

/// What happened at one place of the journey.
#[derive(Clone, Debug, Default, SimpleObject)]
pub struct JourneyCell {
    /// The stage.
    stage: Option<String>,
    /// The touchpoint.
    touchpoint: Option<String>,
    /// The department.
    department: Option<String>,
    /// Events that customers took part in.
    events: u64,
    /// Contacts in which they were.
    contacts: u64,
    /// Customers to whom they happened.
    customers: u64,
    /// Contacts in a channel that the customer chose.
    chosen: u64,
    /// Contacts in a channel without another.
    imposed: u64,
    /// Complaints.
    complaints: u64,
    /// Suggestions.
    suggestions: u64,
    /// Praises.
    praises: u64,
    /// Questions.
    questions: u64,
    /// Reports.
    reports: u64,
    /// Mean of the answers to surveys, from 0 to 1 of their scale; null without any.
    satisfaction: Option<f64>,
    /// How many answers there were.
    responses: u64,
}

/// From where to where customers went.
#[derive(Clone, Debug, SimpleObject)]
pub struct JourneyFlow {
    /// Along what: `stage`, `touchpoint` or `channel`.
    of: String,
    /// From where; null for the first.
    from: Option<String>,
    /// To where.
    to: String,
    /// How often.
    count: u64,
    /// How many customers.
    customers: u64,
    /// How long they took, on average, in milliseconds.
    mean_elapsed_ms: Option<f64>,
}

/// A customer who was there.
pub struct JourneyExample(pub(super) Example);

/// A customer who was there.
#[Object]
impl JourneyExample {
    /// Who.
    async fn customer(&self) -> ID {
        ID(NodeId::Customer(self.0.customer).to_string())
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// The event that tells of it.
    async fn position(&self) -> PositionScalar {
        self.0.position.into()
    }
}

/// The names that a map is filtered by.
pub(super) const PLACES: [&str; 3] = ["stage", "touchpoint", "department"];

impl JourneyMap {
    /// The map of a range.
    pub(super) fn of(novelo: &Novelo, question: &Ask) -> Result<Self, AskError> {
        let now = Micros::now();
        let by = Some(PLACES.map(str::to_owned).to_vec());
        let asked = Ask { by, ..question.clone() };
        let journey = novelo.analyses().ask("journey", None, asked, now)?;
        let (mut cells, mut provisional) = (BTreeMap::<Spot, JourneyCell>::new(), false);
        for line in &journey.lines {
            provisional |= line.provisional;
            fill(cells.entry(spot(line)).or_default(), &journey, line);
        }
        let flows = flows(novelo, question, now)?;
        let cells: Vec<JourneyCell> = (cells.into_iter())
            .map(|([stage, touchpoint, department], cell)| JourneyCell { stage, touchpoint, department, ..cell })
            .collect();
        Ok(Self {
            through: journey.through.into(),
            timezone: journey.definition.zone_name().to_owned(),
            stages: in_order(&cells, &flows),
            touchpoints: busiest(&cells, |cell| &cell.touchpoint),
            departments: busiest(&cells, |cell| &cell.department),
            cells,
            flows,
            provisional,
        })
    }
}

fn spot(line: &Line) -> Spot {
    let said = |at: usize| line.group.get(at).and_then(|value| value.as_ref().map(ToString::to_string));
    [said(0), said(1), said(2)]
}

fn figures<'a>(answer: &'a Answer, line: &'a Line) -> BTreeMap<&'a str, &'a Figure> {
    answer.definition.figures().zip(&line.figures).collect()
}

fn number(figure: Option<&&Figure>) -> Option<f64> {
    match figure.and_then(|figure| figure.value.as_ref()) {
        Some(Kept::Number(number)) => Some(*number),
        Some(Kept::Truth(_) | Kept::Moment(_) | Kept::Text(_)) | None => None,
    }
}

fn count(figure: Option<&&Figure>) -> u64 {
    number(figure).map_or(0, |number| number as u64)
}

fn fill(cell: &mut JourneyCell, answer: &Answer, line: &Line) {
    let said = figures(answer, line);
    let count = |name: &str| count(said.get(name));
    cell.events = count("events");
    cell.chosen = count("chosen");
    cell.imposed = count("imposed");
    cell.contacts = count("contacts");
    cell.customers = count("customers");
    cell.complaints = count("complaints");
    cell.suggestions = count("suggestions");
    cell.praises = count("praises");
    cell.questions = count("questions");
    cell.reports = count("reports");
    cell.responses = count("responses");
    cell.satisfaction = number(said.get("satisfaction"));
}

/// The flows that fit a question: what it says of a stage or a touchpoint is said of where a flow comes from or goes to.
fn flows(novelo: &Novelo, question: &Ask, now: Micros) -> Result<Vec<JourneyFlow>, AskError> {
    let (ways, only): (Vec<_>, Vec<_>) =
        question.only.iter().cloned().partition(|(name, _)| name == "stage" || name == "touchpoint");
    let by = Some(["of", "from", "to"].map(str::to_owned).to_vec());
    let answer: engine::Answer =
        novelo.analyses().ask("journey_flow", None, Ask { by, only, ..question.clone() }, now)?;
    let mut flows = Vec::new();
    for line in &answer.lines {
        let [Some(of), from, Some(to)] = spot(line) else { continue };
        let fits =
            |(way, wanted): &(String, Option<String>)| *way != of || from == *wanted || Some(&to) == wanted.as_ref();
        if ways.iter().all(fits) {
            let said = figures(&answer, line);
            let (steps, customers) = (count(said.get("steps")), count(said.get("customers")));
            let mean_elapsed_ms = number(said.get("mean_elapsed_ms"));
            flows.push(JourneyFlow { of, from, to, count: steps, customers, mean_elapsed_ms });
        }
    }
    Ok(flows)
}

/// The values at one side of the map, the busiest first and what is not said last.
fn busiest(cells: &[JourneyCell], of: impl Fn(&JourneyCell) -> &Option<String>) -> Vec<Option<String>> {
    let mut events: BTreeMap<&Option<String>, u64> = BTreeMap::new();
    for cell in cells {
        *events.entry(of(cell)).or_default() += cell.events;
    }
    let mut all: Vec<_> = events.into_iter().collect();
    all.sort_by(|(a, x), (b, y)| a.is_none().cmp(&b.is_none()).then(y.cmp(x)).then(a.cmp(b)));
    all.into_iter().map(|(value, _)| value.clone()).collect()
}

/// The stages in the order of the journey: one at a time, that out of which most customers go to those that are left, less those
/// who come from them; of several that are even in that, the one to which most come from those before it.
fn in_order(cells: &[JourneyCell], flows: &[JourneyFlow]) -> Vec<Option<String>> {
    let mut left: BTreeSet<&str> = cells.iter().filter_map(|cell| cell.stage.as_deref()).collect();
    let along: Vec<_> = flows.iter().filter(|flow| flow.of == "stage").collect();
    let mut ordered: Vec<Option<String>> = Vec::new();
    while !left.is_empty() {
        let among = |name: Option<&str>| name.is_some_and(|name| left.contains(name));
        let lead = |stage: &str| -> i64 {
            let out = along.iter().filter(|flow| flow.from.as_deref() == Some(stage) && among(Some(&flow.to)));
            let back = along.iter().filter(|flow| flow.to == stage && among(flow.from.as_deref()));
            out.map(|flow| flow.count as i64).sum::<i64>() - back.map(|flow| flow.count as i64).sum::<i64>()
        };
        let sum = |stage: &str, comes: &dyn Fn(Option<&str>) -> bool| {
            let into = along.iter().filter(|flow| flow.to == stage && comes(flow.from.as_deref()));
            into.map(|flow| flow.count).sum::<u64>()
        };
        let reached = |stage: &str| sum(stage, &|from| from.is_some() && !among(from));
        let begun = |stage: &str| sum(stage, &|from| from.is_none());
        let Some(next) = left.iter().copied().max_by_key(|stage| (lead(stage), reached(stage), begun(stage))) else {
            break;
        };
        left.remove(next);
        ordered.push(Some(next.to_owned()));
    }
    if cells.iter().any(|cell| cell.stage.is_none()) {
        ordered.push(None);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(from: Option<&str>, to: &str, count: u64) -> JourneyFlow {
        let (of, from, to) = ("stage".to_owned(), from.map(str::to_owned), to.to_owned());
        JourneyFlow { of, from, to, count, customers: count, mean_elapsed_ms: None }
    }

    #[test]
    fn a_stage_that_nobody_comes_to_or_leaves_stands_behind_those_that_are_on_one_way() {
        let cell = |stage: Option<&str>| JourneyCell { stage: stage.map(str::to_owned), ..JourneyCell::default() };
        let cells = [None, Some("acquisition"), Some("activation"), Some("revenue")].map(cell);
        let flows = [
            flow(None, "revenue", 8016),
            flow(None, "acquisition", 7999),
            flow(Some("acquisition"), "activation", 841),
            flow(Some("activation"), "acquisition", 1),
        ];
        let expected = [Some("acquisition"), Some("activation"), Some("revenue"), None];
        assert_eq!(in_order(&cells, &flows), expected.map(|stage| stage.map(str::to_owned)));
    }
}

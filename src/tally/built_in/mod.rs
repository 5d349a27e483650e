//! The metrics that every store keeps: definitions as any analyst writes them.

/// The texts of the built-in analyses, in the order in which they are listed.
pub const BUILT_IN: &[&str] = &[
    include_str!("contacts.toml"),
    include_str!("service.toml"),
    include_str!("first_response.toml"),
    include_str!("resolution.toml"),
    include_str!("first_contact_resolution.toml"),
    include_str!("repeat_contacts.toml"),
    include_str!("transfers.toml"),
    include_str!("self_service.toml"),
    include_str!("channel_switches.toml"),
    include_str!("feedback.toml"),
    include_str!("satisfaction.toml"),
    include_str!("funnel.toml"),
    include_str!("milestones.toml"),
    include_str!("campaigns.toml"),
    include_str!("channel_choice.toml"),
    include_str!("data_quality.toml"),
    include_str!("journey.toml"),
    include_str!("journey_flow.toml"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tally::Definition;

    #[test]
    fn every_one_is_right_and_has_its_title_in_three_languages() {
        let mut names = BTreeSet::new();
        for text in BUILT_IN {
            let definition =
                Definition::read(text, "America/Sao_Paulo").unwrap_or_else(|wrong| panic!("{text}\n{wrong}"));
            assert_eq!(definition.check_columns(), Ok(()), "{text}");
            let titles: BTreeSet<&str> = ["pt-BR", "en", "es"].iter().map(|tag| definition.title(tag)).collect();
            assert_eq!(titles.len(), 3, "{}", definition.name());
            assert!(names.insert(definition.name().to_owned()), "{} twice", definition.name());
        }
    }
}

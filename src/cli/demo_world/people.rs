//! Who lives in the synthetic world. Names are made up of frequent ones; numbers and addresses belong to nobody: mobile
//! numbers all begin with 95550, tax numbers with 999000, e-mail is at the domains reserved by RFC 2606.

use crate::event::text::folded_words;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// Counted from 0.
    pub(super) number: u64,
    /// As it stands in the profile.
    pub(super) name: &'static str,
    /// Where they live.
    pub(super) city: &'static str,
    /// The letters of the state.
    pub(super) state: &'static str,
    /// `phone:` and so on: what each channel knows them by.
    pub(super) phone: String,
    /// Their account of WhatsApp.
    pub(super) whatsapp: String,
    /// Their e-mail.
    pub(super) email: String,
    /// Their number in the customer relationship system.
    pub(super) crm: String,
    /// Their tax number.
    pub(super) cpf: String,
}

/// Name, city, state and area code.
const PEOPLE: &[(&str, &str, &str, u8)] = &[
    ("Carlos Eduardo Pimenta", "São Paulo", "SP", 11),
    ("Mariana Alves Teixeira", "Campinas", "SP", 19),
    ("João Vítor Nogueira", "Rio de Janeiro", "RJ", 21),
    ("Luciana Prado Bastos", "Belo Horizonte", "MG", 31),
    ("Paulo Henrique Sampaio", "Curitiba", "PR", 41),
    ("Fernanda Lima Coutinho", "Porto Alegre", "RS", 51),
    ("Rafael Dantas Moreira", "Salvador", "BA", 71),
    ("Patrícia Gomes Aragão", "Recife", "PE", 81),
    ("Thiago Barreto Cunha", "Fortaleza", "CE", 85),
    ("Camila Ribeiro Falcão", "Brasília", "DF", 61),
    ("Gustavo Peixoto Leal", "Goiânia", "GO", 62),
    ("Aline Cardoso Freitas", "Florianópolis", "SC", 48),
    ("Bruno Macedo Vilela", "Vitória", "ES", 27),
    ("Renata Siqueira Paiva", "Natal", "RN", 84),
    ("Diego Antunes Rocha", "Manaus", "AM", 92),
    ("Vanessa Correia Neves", "Belém", "PA", 91),
    ("Marcelo Tavares Brito", "João Pessoa", "PB", 83),
    ("Juliana Castro Meireles", "Maceió", "AL", 82),
    ("Leonardo Xavier Pires", "Aracaju", "SE", 79),
    ("Beatriz Fonseca Duarte", "Teresina", "PI", 86),
    ("André Luiz Camargo", "São Luís", "MA", 98),
    ("Tatiane Moraes Queiroz", "Cuiabá", "MT", 65),
    ("Felipe Azevedo Ramos", "Campo Grande", "MS", 67),
    ("Sabrina Oliveira Guedes", "Palmas", "TO", 63),
    ("Rodrigo Marques Toledo", "Santos", "SP", 13),
    ("Letícia Farias Monteiro", "Niterói", "RJ", 21),
    ("Eduardo Campos Salgado", "Uberlândia", "MG", 34),
    ("Priscila Vieira Rangel", "Londrina", "PR", 43),
    ("Henrique Borges Valente", "Caxias do Sul", "RS", 54),
    ("Daniela Pacheco Serra", "Joinville", "SC", 47),
    ("Otávio Mendes Cavalcanti", "Olinda", "PE", 81),
    ("Simone Batista Lacerda", "Feira de Santana", "BA", 75),
    ("Igor Nascimento Prates", "Sorocaba", "SP", 15),
    ("Cláudia Rezende Torres", "Ribeirão Preto", "SP", 16),
    ("Vinícius Amaral Coelho", "São José dos Campos", "SP", 12),
    ("Elaine Machado Porto", "Osasco", "SP", 11),
];

/// Everybody who has no story of their own.
pub(super) fn everybody() -> Vec<Person> {
    (0..).zip(PEOPLE).map(|(number, &(name, city, state, area))| person(number, name, (city, state, area))).collect()
}

/// A customer whose identifiers follow from their number and name.
pub(super) fn person(number: u64, name: &'static str, (city, state, area): (&'static str, &'static str, u8)) -> Person {
    let mobile = format!("+55{area}95550{:04}", 200 + number);
    Person {
        number,
        name,
        city,
        state,
        phone: format!("phone:{mobile}"),
        whatsapp: format!("whatsapp:{mobile}"),
        email: format!("email:{}", mail_address(name)),
        crm: format!("crm:{}", 9_100 + number),
        cpf: format!("cpf:{}", cpf(999_000_200 + number)),
    }
}

impl Person {
    /// What a channel knows them by.
    pub(super) fn in_channel(&self, channel: &str) -> &str {
        match channel {
            "voice" | "ivr" | "voicemail" | "sms" => &self.phone,
            "whatsapp" => &self.whatsapp,
            "email" | "survey" | "web" => &self.email,
            _ => &self.crm,
        }
    }

    /// Where they live, as a dimension.
    pub(super) fn region(&self) -> &'static str {
        self.state
    }
}

/// First and last name at a domain that belongs to nobody.
fn mail_address(name: &str) -> String {
    let words = folded_words(name);
    let first = words.first().map_or("", String::as_str);
    let last = words.last().map_or("", String::as_str);
    format!("{first}.{last}@example.com.br")
}

/// Nine digits and their two check digits (Receita Federal: weights from 2 up, from the right, modulo 11).
pub(super) fn cpf(base: u64) -> String {
    let mut digits = format!("{base:09}");
    for _ in 0..2 {
        let weights = 2_u32..;
        let sum: u32 = digits.bytes().rev().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let check = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        digits.push_str(&check.to_string());
    }
    digits
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_check_digits_are_those_of_the_examples_in_textbooks() {
        assert_eq!(cpf(123_456_789), "12345678909");
        assert_eq!(cpf(111_444_777), "11144477735");
        assert_eq!(cpf(999_000_142), "99900014219");
    }

    #[test]
    fn nobody_shares_anything() {
        let people = everybody();
        let all = |value: fn(&Person) -> &String| people.iter().map(value).collect::<HashSet<_>>().len();
        let counts = [all(|p| &p.phone), all(|p| &p.email), all(|p| &p.crm), all(|p| &p.cpf)];
        assert_eq!(counts, [36; 4]);
    }

    #[test]
    fn addresses_are_plain_letters_at_a_reserved_domain() {
        let person = person(2, "João Vítor Nogueira", ("Rio de Janeiro", "RJ", 21));
        assert_eq!(person.email, "email:joao.nogueira@example.com.br");
        assert_eq!(person.phone, "phone:+5521955500202");
    }
}

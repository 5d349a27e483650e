//! Who lives in the synthetic world: a customer is a number, and everything about them follows from it.
//!
//! Nobody is meant: telephone numbers begin with 90, which no operator in Brazil has, e-mail is at a domain reserved by
//! RFC 2606, tax numbers begin with 999.

use super::dice::Dice;

/// A customer.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) city: &'static str,
    pub(crate) state: &'static str,
    pub(crate) born: u64,
    /// E.164.
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) crm: String,
    /// Of the first million customers alone: there are not more such numbers.
    pub(crate) cpf: Option<String>,
    /// The channel of most of their contacts.
    pub(crate) favourite: &'static str,
    pub(crate) product: &'static str,
    pub(crate) band: &'static str,
}

const GIVEN: [&str; 40] = [
    "Ana",
    "Maria",
    "José",
    "João",
    "Antônio",
    "Francisco",
    "Carlos",
    "Paulo",
    "Pedro",
    "Lucas",
    "Luiz",
    "Marcos",
    "Gabriel",
    "Rafael",
    "Daniel",
    "Marcelo",
    "Bruno",
    "Eduardo",
    "Felipe",
    "Rodrigo",
    "Adriana",
    "Juliana",
    "Márcia",
    "Fernanda",
    "Patrícia",
    "Aline",
    "Sandra",
    "Camila",
    "Amanda",
    "Bruna",
    "Jéssica",
    "Letícia",
    "Júlia",
    "Luciana",
    "Vanessa",
    "Mariana",
    "Gabriela",
    "Vera",
    "Vitória",
    "Larissa",
];
const FAMILY: [&str; 36] = [
    "Silva",
    "Santos",
    "Oliveira",
    "Souza",
    "Rodrigues",
    "Ferreira",
    "Alves",
    "Pereira",
    "Lima",
    "Gomes",
    "Ribeiro",
    "Carvalho",
    "Barbosa",
    "Martins",
    "Rocha",
    "Almeida",
    "Araújo",
    "Melo",
    "Cardoso",
    "Teixeira",
    "Moura",
    "Cavalcanti",
    "Dias",
    "Castro",
    "Campos",
    "Cardim",
    "Nogueira",
    "Peixoto",
    "Prado",
    "Queiroz",
    "Sampaio",
    "Tavares",
    "Valente",
    "Vieira",
    "Xavier",
    "Zanetti",
];
/// City, state and area code.
const CITIES: [(&str, &str, u64); 20] = [
    ("São Paulo", "SP", 11),
    ("Rio de Janeiro", "RJ", 21),
    ("Belo Horizonte", "MG", 31),
    ("Campinas", "SP", 19),
    ("Salvador", "BA", 71),
    ("Curitiba", "PR", 41),
    ("Porto Alegre", "RS", 51),
    ("Recife", "PE", 81),
    ("Fortaleza", "CE", 85),
    ("Brasília", "DF", 61),
    ("Goiânia", "GO", 62),
    ("Manaus", "AM", 92),
    ("Belém", "PA", 91),
    ("Vitória", "ES", 27),
    ("Florianópolis", "SC", 48),
    ("Natal", "RN", 84),
    ("Santos", "SP", 13),
    ("Londrina", "PR", 43),
    ("Uberlândia", "MG", 34),
    ("Cuiabá", "MT", 65),
];
const FAVOURITES: [&str; 8] = ["whatsapp", "voice", "chat", "email", "app", "web", "sms", "social(instagram)"];
const PRODUCTS: [&str; 7] = ["cartao", "conta", "emprestimo", "seguro", "loja_online", "internet", "consorcio"];

impl Person {
    /// The customer of this number.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut dice = Dice::new(seed, number.wrapping_mul(2) + 1);
        let (given, middle, family) = (dice.lean(&GIVEN), dice.lean(&FAMILY), dice.lean(&FAMILY));
        let at = dice.fraction();
        let (city, state, area) = CITIES[(at * at * CITIES.len() as f64) as usize];
        Self {
            name: if dice.happens(60) { format!("{given} {middle} {family}") } else { format!("{given} {family}") },
            city,
            state,
            born: dice.between(1940, 2006),
            // The area code is not part of what makes it unique, so seven digits of the number must be.
            phone: format!("+55{area}90{:07}", number % 10_000_000),
            email: format!("{}.{number}@example.com.br", plain(given)),
            crm: format!("{}", 1_000_000 + number),
            cpf: (number < 1_000_000 && dice.happens(55)).then(|| cpf(999_000_000 + number)),
            favourite: dice.lean(&FAVOURITES),
            product: dice.lean(&PRODUCTS),
            band: dice.pick(&["A", "B", "C", "D", "E"]),
        }
    }

    /// The identifier by which a channel knows them.
    pub(crate) fn known_in(&self, channel: &str) -> String {
        match channel {
            "whatsapp" => format!("whatsapp:{}", self.phone),
            "voice" | "ivr" | "voicemail" | "sms" => format!("phone:{}", self.phone),
            "email" | "web" => format!("email:{}", self.email),
            _ => format!("crm:{}", self.crm),
        }
    }
}

/// A name in the letters of an address.
fn plain(name: &str) -> String {
    let plain = |letter| match letter {
        'á' | 'ã' | 'â' => 'a',
        'é' | 'ê' => 'e',
        'í' => 'i',
        'ó' | 'ô' => 'o',
        'ú' => 'u',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}

/// The tax number of nine digits with its two check digits.
fn cpf(base: u64) -> String {
    let digits: Vec<u64> = format!("{base:09}").bytes().map(|digit| u64::from(digit - b'0')).collect();
    let check = |digits: &[u64]| {
        let weights = (2..=digits.len() as u64 + 1).rev();
        let sum: u64 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
        sum * 10 % 11 % 10
    };
    let first = check(&digits);
    let second = check(&[digits, vec![first]].concat());
    format!("{base:09}{first}{second}")
}

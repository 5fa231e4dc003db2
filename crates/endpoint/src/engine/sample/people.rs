//! Names, places and plates, made up.

use fastrand::Rng;

const FIRST: [&str; 24] = [
    "Amara", "Bennett", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ingrid", "João", "Katrin", "Luca",
    "Mei", "Nadia", "Olivér", "Priya", "Quinn", "Rosa", "Sören", "Tomás", "Ulla", "Viktor", "Wanda", "Zoë",
];
const LAST: [&str; 24] = [
    "Abara",
    "Bergström",
    "Castillo",
    "Dvořák",
    "Eriksen",
    "Fontaine",
    "Grünwald",
    "Haddad",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "O'Leary",
    "Petrov",
    "Quispe",
    "Rossi",
    "Silva",
    "Tanaka",
    "Usman",
    "Varga",
    "Wójcik",
    "Zimmermann",
];
const STREETS: [&str; 10] =
    ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hawthorn", "Juniper", "Maple", "Willow"];
const CITIES: [(&str, &str); 10] = [
    ("Everett", "WA"),
    ("Tacoma", "WA"),
    ("Olympia", "WA"),
    ("Salem", "OR"),
    ("Eugene", "OR"),
    ("Boise", "ID"),
    ("Fresno", "CA"),
    ("Reno", "NV"),
    ("Provo", "UT"),
    ("Missoula", "MT"),
];
const MAKES: [(&str, &[&str]); 6] = [
    ("Aurora", &["Comet", "Drift"]),
    ("Boreal", &["Summit", "Tundra X"]),
    ("Caravel", &["Merchant", "Sloop"]),
    ("Dynamo", &["E-1", "E-2 \"Lux\""]),
    ("Falke", &["GT", "Kombi"]),
    ("Kestrel", &["Roadster", "Courier"]),
];
const COLORS: [&str; 8] = ["White", "Black", "Silver", "Red", "Blue", "Green", "Yellow", "Grün-metallic"];

/// A random item.
pub(super) fn pick<'a, T>(items: &'a [T], rng: &mut Rng) -> &'a T {
    &items[rng.usize(..items.len())]
}

/// A first and a last name.
pub(super) fn name(rng: &mut Rng) -> (&'static str, &'static str) {
    (*pick(&FIRST, rng), *pick(&LAST, rng))
}

/// A street with its number.
pub(super) fn street(rng: &mut Rng) -> String {
    format!("{} {} Street", rng.u32(1..2000), pick(&STREETS, rng))
}

/// A city and its state.
pub(super) fn city(rng: &mut Rng) -> (&'static str, &'static str) {
    *pick(&CITIES, rng)
}

/// A make and a model.
pub(super) fn model(rng: &mut Rng) -> (&'static str, &'static str) {
    let (make, models) = pick(&MAKES, rng);
    (*make, *pick(models, rng))
}

/// A color.
pub(super) fn color(rng: &mut Rng) -> &'static str {
    COLORS[rng.usize(..COLORS.len())]
}

/// Capital letters and digits following a pattern of `A`, `0` and literal characters.
pub(super) fn code(pattern: &str, rng: &mut Rng) -> String {
    let character = |place: char, rng: &mut Rng| match place {
        'A' => char::from(*pick(b"ABCDEFGHJKLMNPRSTUVWXYZ", rng)),
        '0' => char::from(*pick(b"0123456789", rng)),
        other => other,
    };
    pattern.chars().map(|place| character(place, rng)).collect()
}

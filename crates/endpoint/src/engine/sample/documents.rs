//! The documents of the sample, as Ion text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;

use super::people;

/// The tables.
pub(super) const TABLES: [&str; 4] = [PERSON, VEHICLE, REGISTRATION, LICENSE];
pub(super) const PERSON: &str = "Person";
pub(super) const VEHICLE: &str = "Vehicle";
pub(super) const REGISTRATION: &str = "VehicleRegistration";
pub(super) const LICENSE: &str = "DriversLicense";

/// What a live document contains, as far as later revisions repeat it.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A person.
    Person { first: &'static str, last: &'static str, born: String, gov_id: String },
    /// A vehicle.
    Vehicle { vin: String, year: u32, make: &'static str, model: &'static str },
    /// The registration of a vehicle.
    Registration { vin: String, plate: String, owner: String },
    /// A driver's licence.
    License { number: String, person: String },
}

impl Content {
    /// A new person.
    pub(super) fn person(rng: &mut Rng) -> Self {
        let (first, last) = people::name(rng);
        let born = date(1940..2006, rng);
        Self::Person { first, last, born, gov_id: people::code("AAAA000AA00A", rng) }
    }

    /// A new vehicle.
    pub(super) fn vehicle(rng: &mut Rng) -> Self {
        let (make, model) = people::model(rng);
        Self::Vehicle { vin: people::code("0A0AA00A00A000000", rng), year: rng.u32(1998..2024), make, model }
    }

    /// The registration of a vehicle.
    pub(super) fn registration(vin: &str, owner: &str, rng: &mut Rng) -> Self {
        Self::Registration { vin: vin.to_owned(), plate: people::code("AAA 000A", rng), owner: owner.to_owned() }
    }

    /// A person's licence.
    pub(super) fn license(person: &str, rng: &mut Rng) -> Self {
        Self::License { number: people::code("AAAAAA000AA", rng), person: person.to_owned() }
    }

    /// The table for such documents.
    pub(super) fn table(&self) -> &'static str {
        match self {
            Self::Person { .. } => PERSON,
            Self::Vehicle { .. } => VEHICLE,
            Self::Registration { .. } => REGISTRATION,
            Self::License { .. } => LICENSE,
        }
    }

    /// The current document: what stays, and what a revision changes.
    pub(super) fn render(&self, rng: &mut Rng) -> String {
        match self {
            Self::Person { first, last, born, gov_id } => {
                let ((city, state), street) = (people::city(rng), people::street(rng));
                let id_type = people::pick(&["'Driver License'", "Passport", "'Social Security'"], rng);
                format!(
                    "{{FirstName:\"{first}\",LastName:\"{last}\",DOB:{born},GovId:\"{gov_id}\",GovIdType:{id_type},\
                     Address:\"{street}, {city}, {state}, {}\",Phone:{}}}",
                    people::code("00000", rng),
                    people::pick(&["null", "null.string", "\"+1 555 0100\""], rng),
                )
            }
            Self::Vehicle { vin, year, make, model } => format!(
                "{{VIN:\"{vin}\",Type:{},Year:{year},Make:\"{make}\",Model:{model:?},Color:\"{}\"{}}}",
                people::pick(&["Sedan", "Truck", "Motorcycle", "'Semi-trailer'", "Wagon"], rng),
                people::color(rng),
                details(*year, rng),
            ),
            Self::Registration { vin, plate, owner } => {
                let (city, state) = people::city(rng);
                format!(
                    "{{VIN:\"{vin}\",LicensePlateNumber:\"{plate}\",State:\"{state}\",City:\"{city}\",\
                     PendingPenaltyTicketAmount:{}.{:02},ValidFromDate:{},ValidToDate:{},\
                     Owners:{{PrimaryOwner:{{PersonId:\"{owner}\"}},SecondaryOwners:[]}}}}",
                    rng.u32(..300),
                    rng.u32(..100),
                    date(2015..2021, rng),
                    date(2024..2031, rng),
                )
            }
            Self::License { number, person } => format!(
                "{{PersonId:\"{person}\",LicenseNumber:\"{number}\",LicenseType:{},\
                 ValidFromDate:{},ValidToDate:{},Restrictions:{}}}",
                people::pick(&["Learner", "Full", "Probationary"], rng),
                date(2015..2021, rng),
                date(2024..2031, rng),
                people::pick(&["[]", "[lenses]", "[lenses,daylight::\"until 20:00\"]", "null.list"], rng),
            ),
        }
    }
}

/// A day in a range of years.
fn date(years: std::ops::Range<u32>, rng: &mut Rng) -> String {
    format!("{}-{:02}-{:02}", rng.u32(years), rng.u32(1..13), rng.u32(1..29))
}

/// Details that only some vehicles have: together, they contain every type of Ion.
fn details(year: u32, rng: &mut Rng) -> String {
    let mut text = String::new();
    let mut add = |name: &str, value: String| {
        if rng_bool(rng) {
            // Writing to a string does not fail.
            let _ = write!(text, ",{name}:{value}");
        }
        rng.u64(..)
    };
    let bits = add("Imported", "false".to_owned());
    add("Odometer", format!("km::{}", bits % 300_000));
    add("Emissions", format!("{}e-1", bits % 4000));
    add("Price", format!("{}d2", bits % 900));
    add("TaxWeight", format!("-0.{:03}", bits % 1000));
    add("Serial", format!("{}{bits:020}", bits % 9 + 1));
    add("Built", format!("{year}T"));
    add("Delivered", format!("{year}-{:02}T", bits % 12 + 1));
    add("Inspected", format!("{}-06-{:02}T{:02}:30+02:00", year + 1, bits % 28 + 1, bits % 24));
    add("LastSeen", format!("{}-11-05T07:08:{:02}.{:06}-00:00", year + 1, bits % 60, bits % 1_000_000));
    add("Note", "{{\"scratched \\\"left\\\" door\"}}".to_owned());
    add("Photo", format!("{{{{{}}}}}", STANDARD.encode(bits.to_be_bytes())));
    add("Options", "(and heated (or tow_bar roof_rack) 2)".to_owned());
    add("Recalled", "null.timestamp".to_owned());
    add("Insurance", "{Company:\"Föhn & Söhne\",Since:2020-02-29T,Claims:[1,null.int,3.50,nan]}".to_owned());
    text
}

fn rng_bool(rng: &mut Rng) -> bool {
    rng.u8(..4) == 0
}

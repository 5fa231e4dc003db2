//! The regions of AWS, by partition, and whether a name is one of them.
//!
//! The table is from botocore's partitions. AWS adds regions, and an endpoint other than AWS's may
//! use any name, so a plausible name is not an error.

use super::nearest::{distance, nearest};

/// A partition of AWS: its name in ARNs, and its regions.
const PARTITIONS: [(&str, &[&str]); 8] = [
    (
        "aws",
        &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
    ("aws-cn", &["cn-north-1", "cn-northwest-1"]),
    ("aws-us-gov", &["us-gov-east-1", "us-gov-west-1"]),
    ("aws-eusc", &["eusc-de-east-1"]),
    ("aws-iso", &["us-iso-east-1", "us-iso-west-1"]),
    ("aws-iso-b", &["us-isob-east-1", "us-isob-west-1"]),
    ("aws-iso-e", &["eu-isoe-west-1"]),
    ("aws-iso-f", &["us-isof-east-1", "us-isof-south-1"]),
];

/// The region of S3 and other services with a single global endpoint.
const GLOBAL: &str = "aws-global";

/// The directions in names of regions.
const DIRECTIONS: [&str; 9] =
    ["central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"];

/// How far a name may be from a known one to count as a typing error.
const SLIP: usize = 2;

/// The judgement on a region's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// A region of AWS.
    Known,
    /// Possibly a new region, or one of another endpoint. The nearest known names, if any are similar.
    Unknown(Vec<&'static str>),
    /// No region has such a name. The nearest known names, if any are similar.
    Mistyped(Vec<&'static str>),
}

/// Every known AWS region.
pub fn known_regions() -> impl Iterator<Item = &'static str> {
    PARTITIONS.iter().flat_map(|(_, regions)| regions.iter().copied())
}

/// Judges a region's name.
pub fn judge(name: &str) -> Judgement {
    if name == GLOBAL || known_regions().any(|known| known == name) {
        return Judgement::Known;
    }
    let near = nearest(name, known_regions());
    let is_slip = known_regions().any(|known| distance(name, known) <= SLIP);
    if is_plausible(name) || (!is_slip && is_well_formed(name)) {
        Judgement::Unknown(near)
    } else {
        Judgement::Mistyped(near)
    }
}

/// The partition in ARNs of a region's resources. An unknown region is in the partition that its name suggests, or in
/// AWS's first.
pub fn partition(region: &str) -> &'static str {
    let holds = |(_, regions): &&(&str, &[&str])| regions.contains(&region);
    let begins = |name: &str| region.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    let known = PARTITIONS.iter().find(holds).map(|(name, _)| *name);
    known.unwrap_or_else(|| match region {
        _ if begins("cn") => "aws-cn",
        _ if begins("us-gov") => "aws-us-gov",
        _ => "aws",
    })
}

/// Whether a name can be part of a host name, which is all that the AWS CLI requires.
#[cfg(feature = "sdk")]
pub(crate) fn is_label(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a name follows AWS's pattern, with words that AWS uses: `eu-west-9`, `nz-south-1`.
fn is_plausible(name: &str) -> bool {
    let Some((rest, number)) = name.rsplit_once('-') else { return false };
    let Some((area, direction)) = rest.rsplit_once('-') else { return false };
    let is_number = !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && DIRECTIONS.contains(&direction) && is_area(area)
}

/// Whether a region's name can begin like this: as a known one does, or with two letters that are not a known one's
/// swapped.
fn is_area(area: &str) -> bool {
    let areas = || known_regions().filter_map(|name| name.rsplitn(3, '-').nth(2));
    let is_turned = areas().any(|known| known.bytes().rev().eq(area.bytes()));
    let is_new = area.len() == 2 && area.bytes().all(|byte| byte.is_ascii_lowercase()) && !is_turned;
    is_new || areas().any(|known| known == area)
}

fn is_well_formed(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 63
        && name.bytes().all(fits)
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && name.bytes().last().is_some_and(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_found_with_what_was_meant() {
        for (typed, meant) in [
            ("us-esat-1", "us-east-1"),
            ("eu-wset-1", "eu-west-1"),
            ("ue-west-1", "eu-west-1"),
            ("us-east1", "us-east-1"),
            ("useast1", "us-east-1"),
            ("us_east_1", "us-east-1"),
            ("EU-WEST-1", "eu-west-1"),
            ("us-east-1a", "us-east-1"),
            ("eu-cental-1", "eu-central-1"),
            ("us-east", "us-east-1"),
            ("cn-noth-1", "cn-north-1"),
        ] {
            let Judgement::Mistyped(near) = judge(typed) else { panic!("{typed}: {:?}", judge(typed)) };
            assert_eq!(near.first(), Some(&meant), "{typed}: {near:?}");
        }
        assert_eq!(judge("Ireland"), Judgement::Mistyped(Vec::new()));
    }

    #[test]
    fn a_region_that_may_be_new_is_not_an_error() {
        for name in ["eu-west-9", "us-east-3", "nz-south-1", "sa-west-1", "nowhere-1", "us-gov-central-1"] {
            assert!(matches!(judge(name), Judgement::Unknown(_)), "{name}: {:?}", judge(name));
        }
        assert_eq!(judge("eu-west-9"), Judgement::Unknown(vec!["eu-west-1", "eu-west-2", "eu-west-3"]));
        assert!(known_regions().all(|name| judge(name) == Judgement::Known));
    }

    #[test]
    fn every_region_is_in_its_partition() {
        for (region, name) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-gov-central-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("local", "aws"),
        ] {
            assert_eq!(partition(region), name);
        }
    }
}
